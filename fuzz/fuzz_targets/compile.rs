//! Compiles any text: what is accepted gives code or a coded error, never a panic.
#![no_main]

use fusor_compiler::driver::{Options, compile_source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for optimize in [false, true] {
        let _ = compile_source("fuzz.sol", text, &Options { optimize, ..Options::default() });
    }
});
