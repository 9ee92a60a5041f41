//! Is what arrives.

use crate::cursor::Cursor;
use alloy_primitives::{Address, U256};
use std::fmt;

/// Names an asset of an outer chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asset {
    /// The chain's own coin.
    Native,
    /// A token by its contract.
    Token(Address),
}

/// Names an output of a transaction of the Bitcoin family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutPoint {
    /// The transaction's id in the order of its bytes: explorers show it reversed.
    pub txid: [u8; 32],
    /// The output's place.
    pub vout: u32,
}

impl fmt::Display for OutPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut txid = self.txid;
        txid.reverse();
        write!(f, "{}:{}", alloy_primitives::hex::encode(txid), self.vout)
    }
}

/// Is an amount that arrived, deep enough and spendable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposit {
    /// Identifies it for good: a hash of chain and outpoint, or of chain, address, asset and block.
    pub id: [u8; 32],
    /// What arrived.
    pub asset: Asset,
    /// Path of the lock it arrived at.
    pub path: [u8; 32],
    /// The lock's address.
    pub address: String,
    /// How much, in the smallest unit.
    pub amount: U256,
    /// The block's height.
    pub height: u64,
    /// The block's hash in the order of its bytes.
    pub block_hash: [u8; 32],
    /// Whether it is newly mined; it is reported when it can be spent.
    pub coinbase: bool,
    /// Whether it is below the configured limit: spending it costs more than it is worth.
    pub dust: bool,
    /// The output, in the Bitcoin family.
    pub outpoint: Option<OutPoint>,
}

/// Is what a step of observing brought. Either way the returned cursor replaces the given one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// Blocks were read, or there was none to read.
    Progress {
        /// Where to go on.
        cursor: Cursor,
        /// What arrived, by height and place.
        deposits: Vec<Deposit>,
        /// Blocks that are deep enough and not read yet: ask again at once if there are some.
        behind: u64,
    },
    /// Blocks that were read are no longer in the chain.
    Reorg {
        /// Where to go on: before the first vanished block.
        cursor: Cursor,
        /// Height of the first vanished block.
        from_height: u64,
        /// Ids of reported deposits in vanished blocks. They may come again, with the same id where the same
        /// output is mined again.
        vanished: Vec<[u8; 32]>,
    },
}
