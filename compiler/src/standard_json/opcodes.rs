//! Writes code as mnemonics in solc's form, `PUSH1 0x80 PUSH1 0x40 MSTORE `.

use alloy_primitives::U256;
use fusor_vm::asm;
use std::fmt::Write as _;

/// Returns the mnemonics of code; bytes that are no instruction are numbers.
pub(super) fn mnemonics(code: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = code;
    while let Some((byte, after)) = rest.split_first() {
        let size = asm::immediate_size(*byte).min(after.len());
        let (immediate, next) = after.split_at(size);
        // Writing to a String cannot fail.
        let _ = match asm::name(*byte) {
            Some(name) if immediate.is_empty() => write!(text, "{name} "),
            Some(name) => write!(text, "{name} 0x{:X} ", U256::from_be_slice(immediate)),
            None => write!(text, "0x{byte:X} "),
        };
        rest = next;
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn mnemonics_are_solcs() {
        assert_eq!(super::mnemonics(&[0x60, 0x80, 0x5f, 0xfe, 0x0c]), "PUSH1 0x80 PUSH0 INVALID 0xC ");
        assert_eq!(super::mnemonics(&[0x61, 0x80]), "PUSH2 0x80 ");
    }
}
