//! Runs Ethereum bytecode with mainnet rules and Fusor's 24 extra opcodes.
//!
//! Everything the extension remembers is storage of reserved system accounts ([`account`]), changed only
//! through revm's journal, so that reverts, proofs and state roots need no code of their own.

pub mod account;
pub mod asm;
pub mod dcrm;
pub mod evm;
pub mod fault;
pub mod genesis;
pub mod hhcm;
mod instruction;
pub mod invariants;
pub mod ledger;
pub mod nested;
pub mod opcode;
pub mod precompile;
pub mod slot;
pub mod statetest;
pub mod store;
pub mod testing;
pub mod triggers;
pub mod usufruct;
mod word;
