//! Spells code as instructions.

use crate::ir::EVM;
use fusor_vm::opcode;
use std::fmt::Write;

/// Spells code as solc does: mnemonics in capitals, immediates behind them, a space behind each.
pub fn opcodes(code: &[u8]) -> String {
    let mut out = String::new();
    let mut at = 0;
    while let Some(byte) = code.get(at) {
        at += 1;
        // writing to a string cannot fail
        let _ = write!(out, "{} ", mnemonic(*byte));
        let length = usize::from(byte.saturating_sub(0x5f));
        if (0x60..=0x7f).contains(byte) {
            let immediate = code.get(at..).map_or(&[][..], |rest| rest.get(..length).unwrap_or(rest));
            let digits = alloy_primitives::hex::encode_upper(immediate);
            let digits = digits.trim_start_matches('0');
            let _ = write!(out, "0x{} ", if digits.is_empty() { "0" } else { digits });
            at += length;
        }
    }
    out
}

/// Returns the name of an instruction; bytes without one are spelled as numbers.
pub(crate) fn mnemonic(byte: u8) -> String {
    match byte {
        0x00 => "STOP".to_owned(),
        0x50 => "POP".to_owned(),
        0x56 => "JUMP".to_owned(),
        0x57 => "JUMPI".to_owned(),
        0x58 => "PC".to_owned(),
        0x5b => "JUMPDEST".to_owned(),
        0x5f..=0x7f => format!("PUSH{}", byte - 0x5f),
        0x80..=0x8f => format!("DUP{}", byte - 0x7f),
        0x90..=0x9f => format!("SWAP{}", byte - 0x8f),
        0xf3 => "RETURN".to_owned(),
        0xfd => "REVERT".to_owned(),
        0xfe => "INVALID".to_owned(),
        0xff => "SELFDESTRUCT".to_owned(),
        _ => {
            let evm = EVM.iter().find(|info| info.byte == byte).map(|info| info.name.to_uppercase());
            let ext = || opcode::by_byte(byte).map(|op| op.name.to_owned());
            evm.or_else(ext).unwrap_or_else(|| format!("{byte:#04X}").replace("0X", "0x"))
        }
    }
}
