//! Says why an operation of the extension halts its frame.

use thiserror::Error;

/// Halts the executing frame exceptionally. Failures that a contract can handle are not faults: those
/// operations return zero.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The frame's gas does not cover the work.
    #[error("out of gas")]
    OutOfGas,
    /// A write was tried under STATICCALL (EIP-214).
    #[error("state change during static call")]
    StaticWrite,
    /// An operand breaks the operation's contract, for example an empty window or an unknown flag.
    #[error("misuse: {0}")]
    Misuse(&'static str),
    /// The database below the journal failed; the block cannot be executed here.
    #[error("database: {0}")]
    Database(String),
}
