//! Holds assembly: EVM instructions with symbolic pushes and labels.

use crate::ir::{FuncId, ImmutableId, LibraryId, Span, SymbolId, VerbatimId};
use alloy_primitives::U256;

/// Names a place in the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(pub u32);

/// Is one assembly item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Item {
    /// An instruction without immediate.
    Op(u8),
    /// Pushes a constant with the shortest instruction.
    Push(U256),
    /// Pushes the offset of a label.
    PushLabel(Label),
    /// Is a place that a jump may lead to.
    Label(Label),
    /// Pushes the offset of a symbol.
    SymbolOffset(SymbolId),
    /// Pushes the length of a symbol.
    SymbolSize(SymbolId),
    /// Pushes an immutable, 32 bytes wide.
    Immutable(ImmutableId),
    /// Pushes a library's address, 20 bytes wide.
    Library(LibraryId),
    /// Is raw code.
    Raw(VerbatimId),
    /// Pushes the first byte of memory above the spill frames.
    MemStart,
    /// Pushes the address of a spill slot.
    Slot(FuncId, u32),
}

/// Tells debuggers whether a jump enters or leaves a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum JumpKind {
    /// Stays within the function.
    #[default]
    Regular,
    /// Calls a function.
    Into,
    /// Returns from a function.
    OutOf,
}

/// Is an item with its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsmInst {
    /// The item.
    pub item: Item,
    /// The source.
    pub span: Span,
    /// The kind of jump.
    pub jump: JumpKind,
}

/// Names the bytes of instructions that the back end emits on its own.
pub mod byte {
    #![allow(missing_docs)]
    pub const STOP: u8 = 0x00;
    pub const ADD: u8 = 0x01;
    pub const SUB: u8 = 0x03;
    pub const GT: u8 = 0x11;
    pub const EQ: u8 = 0x14;
    pub const ISZERO: u8 = 0x15;
    pub const POP: u8 = 0x50;
    pub const MLOAD: u8 = 0x51;
    pub const MSTORE: u8 = 0x52;
    pub const JUMP: u8 = 0x56;
    pub const JUMPI: u8 = 0x57;
    pub const JUMPDEST: u8 = 0x5b;
    pub const PUSH0: u8 = 0x5f;
    pub const DUP1: u8 = 0x80;
    pub const SWAP1: u8 = 0x90;
    pub const RETURN: u8 = 0xf3;
    pub const REVERT: u8 = 0xfd;
    pub const INVALID: u8 = 0xfe;
    pub const SELFDESTRUCT: u8 = 0xff;
}

impl Item {
    /// Is true when control never goes on to the next item.
    pub fn ends_flow(self) -> bool {
        matches!(
            self,
            Self::Op(
                byte::STOP | byte::JUMP | byte::RETURN | byte::REVERT | byte::INVALID | byte::SELFDESTRUCT
            )
        )
    }
}
