//! Holds one module per command: its arguments and how it is carried out.

pub(crate) mod bench;
pub(crate) mod opcodes;
