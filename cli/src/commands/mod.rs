//! Holds one module per command: its arguments and how it is carried out.

pub(crate) mod asm;
pub(crate) mod bench;
pub(crate) mod opcodes;
pub(crate) mod statetest;
