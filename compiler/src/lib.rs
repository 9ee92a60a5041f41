//! Compiles Solidity and description sections to code for the extended EVM.

pub mod abi;
pub mod artifact;
pub mod ast;
pub mod codegen;
pub mod compilation;
pub mod conformance;
pub mod desc;
pub mod diag;
pub mod driver;
pub mod evm_version;
pub mod hir;
pub mod imports;
pub mod inputs;
pub mod ir;
pub mod layout;
pub mod lexer;
pub mod lower;
pub mod opt;
pub mod outputs;
mod parallel;
pub mod parse;
mod sema;
pub mod source;
pub mod split;
mod stack;
pub mod standard_json;
mod stray;
