//! Prints assembly as text.

use super::asm::{AsmInst, Item};
use crate::ir::Module;
use crate::outputs::opcodes::mnemonic;
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
