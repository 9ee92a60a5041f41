//! Any text is answered as a request in standard JSON: with JSON, without a panic.
#![no_main]

use fusor_compiler::standard_json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let answer = standard_json::run(text, &standard_json::no_files);
    assert!(answer.starts_with('{') && !answer.contains("\"InternalCompilerError\""), "{answer}");
});
