//! Names why the pool refuses a transaction; the pool is then as it was.

use alloy_primitives::U256;
use thiserror::Error;

/// Says why a transaction is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PoolError {
    /// The pool holds it.
    #[error("already known")]
    AlreadyKnown,
    /// The account has used that nonce.
    #[error("nonce too low: next nonce {next}, tx nonce {nonce}")]
    NonceTooLow {
        /// Nonce of the transaction.
        nonce: u64,
        /// Next nonce of the account.
        next: u64,
    },
    /// The nonce is further ahead than the pool keeps for one sender.
    #[error("nonce too high: next nonce {next}, tx nonce {nonce}, at most {ahead_max} ahead are kept")]
    NonceTooHigh {
        /// Nonce of the transaction.
        nonce: u64,
        /// Next nonce of the account.
        next: u64,
        /// Nonces that are kept for one sender.
        ahead_max: u64,
    },
    /// Another transaction has that nonce, and this one does not pay a tenth more in fee and tip.
    #[error("replacement transaction underpriced")]
    ReplacementUnderpriced,
    /// The sender cannot pay for all that it has in the pool and this.
    #[error("insufficient funds for gas * price + value: balance {balance}, cost with all pending {cost}")]
    InsufficientFunds {
        /// The sender's balance in wei.
        balance: U256,
        /// Most wei that the sender's transactions can cost together.
        cost: U256,
    },
    /// The gas limit is more than any transaction may have.
    #[error("exceeds block gas limit: gas limit {gas} is above {most}")]
    GasLimit {
        /// Gas limit of the transaction.
        gas: u64,
        /// Most gas of one transaction.
        most: u64,
    },
    /// The gas limit does not pay for the transaction's bytes.
    #[error("intrinsic gas too low: have {gas}, want {least}")]
    IntrinsicGas {
        /// Gas limit of the transaction.
        gas: u64,
        /// Gas before anything runs.
        least: u64,
    },
    /// The encoded transaction is too long.
    #[error("oversized data: {bytes} bytes are more than {most}")]
    Oversized {
        /// Bytes of the transaction.
        bytes: usize,
        /// Most bytes of one transaction.
        most: usize,
    },
    /// The init code is longer than EIP-3860 allows.
    #[error("max initcode size exceeded: {bytes} bytes are more than {most}")]
    InitCode {
        /// Bytes of init code.
        bytes: usize,
        /// Most bytes of init code.
        most: usize,
    },
    /// The transaction is for another chain.
    #[error("invalid chain id for signer: have {have}, want {want}")]
    ChainId {
        /// Chain id of the transaction.
        have: u64,
        /// Chain id of this chain.
        want: u64,
    },
    /// The tip is higher than the whole fee.
    #[error("max priority fee per gas higher than max fee per gas: {tip} is above {fee}")]
    TipAboveFee {
        /// Most wei per gas for the author.
        tip: u128,
        /// Most wei per gas.
        fee: u128,
    },
    /// The chain does not take this type from users.
    #[error("transaction type not supported: {0}")]
    Unsupported(&'static str),
    /// Unsigned transactions are not allowed by the genesis.
    #[error("unsigned transactions are not allowed on this chain")]
    Unsigned,
    /// The sender's transactions fill its share of the pool.
    #[error("sender has {bytes} bytes in the pool, more than {most} are not kept")]
    SenderFull {
        /// Bytes that the sender would have.
        bytes: usize,
        /// Most bytes of one sender.
        most: usize,
    },
    /// The pool is full of transactions that pay as much.
    #[error("transaction pool is full and the transaction underpriced")]
    Full,
}
