//! Measures what users pay for: transfers, triggers that are due at once, state roots.

pub(crate) mod asend;
mod solc;

use fusor_vm::fault::Fault;
use thiserror::Error;

/// Says why a measurement could not be taken.
#[derive(Debug, Error)]
pub(crate) enum BenchError {
    #[error("a transaction failed: {0}")]
    Transaction(String),
    #[error("the ledger refused: {0}")]
    Ledger(#[from] Fault),
}
