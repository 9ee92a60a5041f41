//! Prints assembly as text.

use super::asm::{AsmInst, Item};
use crate::ir::{EVM, Module};
use fusor_vm::opcode;
use std::fmt::Write;

/// Prints the instructions of a module, labels as `L1:`.
pub(super) fn listing(module: &Module, code: &[AsmInst]) -> String {
    let mut out = format!("; {}\n", module.name);
    for inst in code {
        let text = match inst.item {
            Item::Op(byte) => mnemonic(byte),
            Item::Push(constant) => format!("PUSH {constant:#x}"),
            Item::PushLabel(label) => format!("PUSH L{}", label.0),
            Item::Label(label) => format!("L{}: JUMPDEST", label.0),
            Item::SymbolOffset(symbol) => format!("PUSH offset({:?})", module.symbols[symbol].name()),
            Item::SymbolSize(symbol) => format!("PUSH size({:?})", module.symbols[symbol].name()),
            Item::Immutable(id) => format!("PUSH immutable({:?})", module.immutables[id]),
            Item::Library(id) => format!("PUSH library({:?})", module.libraries[id]),
            Item::Raw(id) => format!("RAW {}", alloy_primitives::hex::encode(&module.verbatims[id])),
            Item::MemStart => "PUSH memstart".to_owned(),
            Item::Slot(_, slot) => format!("PUSH slot({slot})"),
        };
        let indent = if matches!(inst.item, Item::Label(_)) { "" } else { "  " };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{indent}{text}");
    }
    out
}

fn mnemonic(byte: u8) -> String {
    match byte {
        0x00 => "STOP".to_owned(),
        0x50 => "POP".to_owned(),
        0x56 => "JUMP".to_owned(),
        0x57 => "JUMPI".to_owned(),
        0x80..=0x8f => format!("DUP{}", byte - 0x7f),
        0x90..=0x9f => format!("SWAP{}", byte - 0x8f),
        0xf3 => "RETURN".to_owned(),
        0xfd => "REVERT".to_owned(),
        0xfe => "INVALID".to_owned(),
        0xff => "SELFDESTRUCT".to_owned(),
        _ => {
            let evm = EVM.iter().find(|info| info.byte == byte).map(|info| info.name.to_uppercase());
            let ext = || opcode::by_byte(byte).map(|op| op.name.to_owned());
            evm.or_else(ext).unwrap_or_else(|| format!("{byte:#04x}"))
        }
    }
}
