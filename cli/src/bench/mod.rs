//! Measures what users pay for: transfers, triggers that are due at once, state roots, and blocks run in groups.

pub(crate) mod asend;
pub(crate) mod compiler;
pub(crate) mod groups;
pub(crate) mod root;
mod solc;
pub(crate) mod triggers;

use fusor_vm::fault::Fault;
use thiserror::Error;

/// Says why a measurement could not be taken.
#[derive(Debug, Error)]
pub(crate) enum BenchError {
    #[error("a transaction failed: {0}")]
    Transaction(String),
    #[error("the ledger refused: {0}")]
    Ledger(#[from] Fault),
    #[error(transparent)]
    Chain(#[from] fusor_chain_lite::ChainError),
    #[error(transparent)]
    Compare(#[from] compiler::CompareError),
    #[error(transparent)]
    Asm(#[from] fusor_vm::asm::AsmError),
    #[error("{ran} of {wanted} triggers ran")]
    Incomplete { wanted: u64, ran: alloy_primitives::U256 },
    #[error("nothing was measured")]
    Empty,
    #[error("the block changed {0} slots instead of 1000")]
    Changed(usize),
}
