//! Names what can go wrong with transactions, blocks and the simulated clock.

use alloy_primitives::{Address, B256, Bytes, U256};
use thiserror::Error;

/// Says why a transaction is refused; nothing of it is in the state.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidTx {
    /// The bytes are no transaction.
    #[error("not a transaction: {0}")]
    Encoding(String),
    /// The signature does not recover to an address.
    #[error("signature does not recover to a sender")]
    Signature,
    /// The chain does not take this type.
    #[error("unsupported: {0}")]
    Unsupported(&'static str),
    /// Unsigned transactions are not allowed by the genesis.
    #[error("unsigned transactions are not allowed on this chain")]
    Unsigned,
    /// The block has less gas left than the transaction may use.
    #[error("gas limit {wanted} exceeds the {left} left in the block")]
    BlockGas {
        /// Gas limit of the transaction.
        wanted: u64,
        /// Gas left in the block.
        left: u64,
    },
    /// The rules of the EVM refuse it, for example a wrong nonce or too little balance.
    #[error("refused by the EVM's rules: {0}")]
    Rules(String),
}

/// Says why the chain cannot go on as asked; the state is as it was before.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChainError {
    /// A transaction is refused.
    #[error(transparent)]
    Tx(#[from] InvalidTx),
    /// A block's time is not after its parent's.
    #[error("block time {time} is not after its parent's {parent}")]
    Time {
        /// The block's time.
        time: u64,
        /// Its parent's time.
        parent: u64,
    },
    /// A block's time is further from its parent's than the genesis allows.
    #[error("block time {time} is more than {most} s after its parent's")]
    TimeStep {
        /// The block's time.
        time: u64,
        /// Most seconds between blocks.
        most: u64,
    },
    /// No later time exists.
    #[error("the clock stands at the last moment that 64 bits can name")]
    ClockExhausted,
    /// A block lacks an occurrence that was due.
    #[error("block lacks the due occurrence of trigger {tid} at position {position}")]
    MissingSystem {
        /// The trigger.
        tid: U256,
        /// Position in the block.
        position: usize,
    },
    /// A block holds an occurrence that was not due, or not like this.
    #[error("block holds a system transaction that is not due at position {position}")]
    NotDue {
        /// Position in the block.
        position: usize,
    },
    /// A member's dealing for the committee's key is not good, or the chain does not take it.
    #[error(transparent)]
    Dealing(crate::hhcm::DealingError),
    /// A field of the header differs from what execution gives.
    #[error("header field {0} differs from execution")]
    Header(&'static str),
    /// A release failed: the constructor reverted, or could not register what its description asks for.
    #[error("release failed: {reason}")]
    Release {
        /// Revert data or halt reason.
        reason: String,
        /// What the constructor returned.
        output: Bytes,
    },
    /// A call reverted or halted.
    #[error("call to {to} failed: {reason}")]
    Call {
        /// The callee.
        to: Address,
        /// Halt reason, or `reverted`.
        reason: String,
        /// Revert data.
        output: Bytes,
    },
    /// No block, transaction or snapshot has that name.
    #[error("unknown {what}")]
    Unknown {
        /// What was looked for.
        what: &'static str,
    },
    /// The genesis cannot be used.
    #[error("genesis: {0}")]
    Genesis(&'static str),
    /// The genesis describes validators or rules that no chain can run with.
    #[error("genesis, consensus: {0}")]
    Consensus(String),
    /// The genesis describes custody that no chain can run with.
    #[error("genesis, custody: {0}")]
    Custody(String),
    /// A proof that a node cheated proves nothing.
    #[error("proof of a cheat: {0}")]
    Evidence(String),
    /// The state contradicts itself; a bug.
    #[error("internal: {0}")]
    Internal(String),
    /// A block does not follow the head.
    #[error("block's parent {parent} is not the head")]
    Parent {
        /// The parent's hash.
        parent: B256,
    },
}
