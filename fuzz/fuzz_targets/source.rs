//! Checks any text as a source file with a description section: no panic, no hang.
#![no_main]

use fusor_compiler::compilation::{Compilation, DiskProvider};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let provider =
        DiskProvider { embedded: fusor_stdlib::find, roots: Vec::new(), remappings: Vec::new() };
    let mut compilation = Compilation::new(provider);
    compilation.add_text("fuzz.csc", text);
    let found = compilation.check().clone();
    let _ = found.render(compilation.source_map(), false);
});
