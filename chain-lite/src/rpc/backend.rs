//! Says what a node offers to its RPC server.

use super::network::NetworkView;
use crate::{
    block::Block,
    chain::Chain,
    custody::Board,
    error::InvalidTx,
    genesis::Genesis,
    pool::{Pool, PoolError},
    receipt::Receipt,
    state::{Head, Proof},
    store::StoreError,
    tx::Transaction,
};
use alloy_consensus::Header;
use alloy_primitives::{Address, B256, U256};
use commonware_utils::sync::MutexGuard;
use revm::{bytecode::Bytecode, database_interface::DBErrorMarker};
use std::{borrow::Cow, ops::Deref, sync::Arc};
use thiserror::Error;
use tokio::sync::broadcast;

/// Says that what is on disk cannot be read.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct Unread(#[from] pub StoreError);

impl DBErrorMarker for Unread {}

/// Shows a chain as it stands; nothing changes in a view while it is held.
pub trait ChainView {
    /// Returns the genesis.
    fn genesis(&self) -> &Genesis;
    /// Returns an account at the head, without its storage; none if it does not exist.
    fn account(&self, address: Address) -> Result<Option<Head>, Unread>;
    /// Returns a storage word at the head.
    fn word(&self, address: Address, key: U256) -> Result<U256, Unread>;
    /// Returns the code with a hash; empty if there is none.
    fn code(&self, hash: B256) -> Result<Bytecode, Unread>;
    /// Returns what BLOCKHASH gives for a block below the one after the head; zero if it is not known.
    fn block_hash(&self, number: u64) -> Result<B256, Unread>;
    /// Proves an account and words of its storage against the head's state root; none if the root is not at hand
    /// now.
    fn prove(&self, address: Address, keys: &[U256]) -> Option<Proof>;
    /// Returns the height of the head.
    fn height(&self) -> u64;
    /// Returns a block.
    fn block(&self, number: u64) -> Option<Cow<'_, Block>>;
    /// Returns the receipts of a block; none if there is no such block.
    fn receipts(&self, number: u64) -> Cow<'_, [Receipt]>;
    /// Returns the height of the block with that hash.
    fn number_of(&self, block_hash: B256) -> Option<u64>;
    /// Returns in which block a transaction stands and where in it.
    fn place_of(&self, tx_hash: B256) -> Option<(u64, usize)>;

    /// Returns the header of a block.
    fn header(&self, number: u64) -> Option<Cow<'_, Header>> {
        self.block(number).map(|block| match block {
            Cow::Borrowed(block) => Cow::Borrowed(&block.header),
            Cow::Owned(block) => Cow::Owned(block.header),
        })
    }
}

impl<C: Deref<Target = Chain>> ChainView for C {
    fn genesis(&self) -> &Genesis {
        self.deref().genesis()
    }

    fn account(&self, address: Address) -> Result<Option<Head>, Unread> {
        Ok(self.deref().state().head(address))
    }

    fn word(&self, address: Address, key: U256) -> Result<U256, Unread> {
        Ok(self.deref().state().word(address, key))
    }

    fn code(&self, hash: B256) -> Result<Bytecode, Unread> {
        Ok(self.deref().state().code_of(hash))
    }

    fn block_hash(&self, number: u64) -> Result<B256, Unread> {
        Ok(self.deref().state().block_hash_at(number))
    }

    fn prove(&self, address: Address, keys: &[U256]) -> Option<Proof> {
        self.deref().state().prove(address, keys)
    }

    fn height(&self) -> u64 {
        self.deref().height()
    }

    fn block(&self, number: u64) -> Option<Cow<'_, Block>> {
        self.deref().block(number).map(Cow::Borrowed)
    }

    fn receipts(&self, number: u64) -> Cow<'_, [Receipt]> {
        Cow::Borrowed(self.deref().receipts(number))
    }

    fn number_of(&self, block_hash: B256) -> Option<u64> {
        self.deref().number_of(block_hash)
    }

    fn place_of(&self, tx_hash: B256) -> Option<(u64, usize)> {
        self.deref().place_of(tx_hash)
    }
}

/// Tells subscribers what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A block with that height is the head now.
    Block(u64),
    /// A transaction came into the pool.
    Pending(B256),
}

/// Says how far a node is that follows others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Syncing {
    /// Height at which it began.
    pub starting: u64,
    /// Height of its head.
    pub current: u64,
    /// Height that it knows of.
    pub highest: u64,
}

/// Says why a node does not take a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SubmitError {
    /// The pool refuses it.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// Execution refuses it.
    #[error(transparent)]
    Invalid(#[from] InvalidTx),
    /// The node cannot take any now.
    #[error("{0}")]
    Unavailable(String),
}

/// Is what answers RPC. Nobody asks for a view while holding the pool. What leaves the pool for a block is in views
/// that are taken afterwards, so whoever looks into both looks into the pool first.
pub trait Backend: Send + Sync + 'static {
    /// Shows the chain. A node of a network makes blocks while the view is held, a chain of one node does not. Errors:
    /// the disk cannot be read.
    fn chain(&self) -> Result<Box<dyn ChainView + '_>, Unread>;
    /// Locks the pool, for a moment.
    fn pool(&self) -> MutexGuard<'_, Pool>;
    /// Takes a transaction. Errors: the transaction is refused.
    fn submit(&self, tx: Transaction) -> Result<B256, SubmitError>;
    /// Returns a feed of what happens from now on.
    fn changes(&self) -> broadcast::Receiver<Change>;

    /// Shows the network that makes the blocks; none for a chain of one node.
    fn network(&self) -> Option<Arc<dyn NetworkView>> {
        None
    }

    /// Shows what the custodian beside this node knows; none if there is none.
    fn custody(&self) -> Option<Arc<Board>> {
        None
    }

    /// Returns the number of nodes that this one is connected with.
    fn peers(&self) -> usize {
        0
    }

    /// Says how far this node is; none if it has caught up.
    fn syncing(&self) -> Option<Syncing> {
        None
    }
}
