//! Reads any text as IR; what is read prints to text that reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(module) = fusor_compiler::ir::parse(text) {
        let printed = fusor_compiler::ir::print(&module);
        let again = fusor_compiler::ir::parse(&printed).map(|module| fusor_compiler::ir::print(&module));
        assert_eq!(again.ok(), Some(printed));
    }
});
