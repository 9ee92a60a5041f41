//! Compiles Solidity and description sections to code for the extended EVM.

pub mod hir;
pub mod source;
