//! Disassembles any bytes, and assembles the text back to the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|code: &[u8]| {
    let text = fusor_vm::asm::disassemble(code);
    let _ = fusor_vm::asm::assemble(&text);
    let _ = fusor_vm::asm::assemble(&String::from_utf8_lossy(code));
});
