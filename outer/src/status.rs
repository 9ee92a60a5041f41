//! Says what became of a transaction.

/// Says how the network took a transaction. Sending twice is harmless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broadcast {
    /// It waits in the node's pool now.
    Accepted,
    /// It was already there, or is in a block.
    AlreadyKnown,
    /// Another transaction took its inputs or nonce.
    Conflicting,
    /// The fee is too low to be relayed or to replace: bump it.
    FeeTooLow(String),
    /// The network refuses it for another reason.
    Rejected(String),
}

/// Says where a transaction stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// The node does not know it: send it (again).
    Unknown,
    /// It waits for a block.
    Mempool,
    /// It is in a block of the main chain.
    Included {
        /// The block's height.
        height: u64,
        /// Blocks from there to the tip, both counted.
        confirmations: u64,
    },
    /// A block holds another transaction with its input or nonce.
    Replaced {
        /// Which one, if it could be found; order of bytes as in [`crate::Signed::txid`].
        by: Option<[u8; 32]>,
    },
    /// It is in a block and moved nothing.
    Failed {
        /// The block's height.
        height: u64,
        /// Blocks from there to the tip, both counted.
        confirmations: u64,
        /// Why.
        failure: Failure,
    },
}

/// Says why a transaction in a block moved nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Its receipt says so.
    Reverted,
    /// Its receipt claims success, and no token balance moved.
    NotMoved,
}
