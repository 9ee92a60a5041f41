//! Compiles Solidity and description sections to code for the extended EVM.

pub mod artifact;
pub mod driver;
pub mod hir;
pub mod ir;
pub mod lower;
pub mod source;
