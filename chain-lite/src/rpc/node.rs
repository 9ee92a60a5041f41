//! Serves a node of the network from its store, as of the last commit, so that no call holds up consensus.

use super::{
    backend::{Backend, ChainView, Change, SubmitError, Syncing, Unread},
    network::NetworkView,
};
use crate::{
    block::Block,
    custody::Board,
    genesis::Genesis,
    ledger::{LedgerError, kept_block},
    net::Vitals,
    node::{Counts, GroupStatus, Node, Status, SubmitError as NodeError, Validator},
    pool::Pool,
    receipt::Receipt,
    state::{Head, Proof},
    store::{Reading, Store, StoreError},
    tx::Transaction,
};
use alloy_eips::Encodable2718;
use alloy_primitives::{Address, B256, U256};
use commonware_utils::sync::MutexGuard;
use revm::bytecode::Bytecode;
use std::{borrow::Cow, fmt::Display, sync::Arc};
use tokio::sync::broadcast;

/// Blocks that a node may be behind before it says that it is not up to date.
const BEHIND_MAX: u64 = 2;

/// Is a node behind the RPC server.
#[derive(Debug, Clone)]
pub struct NodeBackend {
    node: Node,
    store: Store,
    genesis: Arc<Genesis>,
    vitals: Arc<Vitals>,
    starting: u64,
    custody: Option<Arc<Board>>,
}

impl NodeBackend {
    /// Serves `node`, whose blocks are kept in `store`.
    pub fn new(node: Node, store: Store, vitals: Arc<Vitals>) -> Self {
        let (starting, genesis) =
            node.ledger(|ledger| (ledger.height(), Arc::new(ledger.chain().genesis().clone())));
        Self { node, store, genesis, vitals, starting, custody: None }
    }

    /// Tells too what the custodian beside the node knows.
    pub fn with_custody(self, board: Arc<Board>) -> Self {
        Self { custody: Some(board), ..self }
    }
}

impl Backend for NodeBackend {
    fn chain(&self) -> Result<Box<dyn ChainView + '_>, Unread> {
        let reading = self.store.read()?;
        let height = reading.head()?.ok_or(StoreError::Empty)?.height;
        Ok(Box::new(View { backend: self, reading, height }))
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.node.lock_pool()
    }

    fn submit(&self, tx: Transaction) -> Result<B256, SubmitError> {
        match self.node.submit_raw(&tx.encoded_2718()) {
            Ok(added) => Ok(added.hash),
            Err(NodeError::Pool(error)) => Err(error.into()),
            Err(NodeError::Invalid(error)) => Err(error.into()),
            Err(error @ NodeError::Unsafe(_)) => Err(SubmitError::Unavailable(error.to_string())),
        }
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.vitals.changes()
    }

    fn network(&self) -> Option<Arc<dyn NetworkView>> {
        Some(Arc::new(self.clone()))
    }

    fn custody(&self) -> Option<Arc<Board>> {
        self.custody.clone()
    }

    fn peers(&self) -> usize {
        usize::try_from(self.vitals.peers()).unwrap_or(usize::MAX)
    }

    fn syncing(&self) -> Option<Syncing> {
        let (current, highest) = (self.node.ledger(|ledger| ledger.height()), self.node.highest());
        let starting = self.starting;
        (highest > current + BEHIND_MAX).then_some(Syncing { starting, current, highest })
    }
}

impl NetworkView for NodeBackend {
    fn status(&self) -> Result<Status, LedgerError> {
        self.node.status()
    }

    fn groups(&self) -> Result<Vec<GroupStatus>, LedgerError> {
        self.node.groups()
    }

    fn validators(&self) -> Result<Vec<Validator>, LedgerError> {
        self.node.validators()
    }

    fn heard(&self) -> Counts {
        self.node.book(|book| book.counts())
    }

    fn latency_ms(&self) -> u64 {
        self.vitals.latency_ms()
    }

    fn worked_us(&self) -> u64 {
        self.vitals.worked_us()
    }

    fn cheats(&self) -> u64 {
        self.vitals.cheats()
    }
}

/// Shows the final chain as the store's last commit has it; consensus does not wait for who looks at it.
struct View<'a> {
    backend: &'a NodeBackend,
    reading: Reading,
    height: u64,
}

impl ChainView for View<'_> {
    fn genesis(&self) -> &Genesis {
        &self.backend.genesis
    }

    fn account(&self, address: Address) -> Result<Option<Head>, Unread> {
        Ok(self.reading.account(address)?)
    }

    fn word(&self, address: Address, key: U256) -> Result<U256, Unread> {
        Ok(self.reading.word(address, key)?)
    }

    fn code(&self, hash: B256) -> Result<Bytecode, Unread> {
        Ok(self.reading.code(hash)?)
    }

    fn block_hash(&self, number: u64) -> Result<B256, Unread> {
        Ok(self.reading.hash(number)?.unwrap_or_default())
    }

    fn prove(&self, address: Address, keys: &[U256]) -> Option<Proof> {
        // Tries are in the ledger only. It may be a block before or behind the store.
        self.backend
            .node
            .ledger(|ledger| (ledger.height() == self.height).then(|| ledger.prove(address, keys)).flatten())
    }

    fn height(&self) -> u64 {
        self.height
    }

    fn block(&self, number: u64) -> Option<Cow<'_, Block>> {
        match number > self.height {
            true => None,
            false => kept_block(&self.reading, number).map(Cow::Owned).map_err(unread).ok(),
        }
    }

    fn receipts(&self, number: u64) -> Cow<'_, [Receipt]> {
        Cow::Owned(self.reading.receipts(number).map_err(unread).unwrap_or_default())
    }

    fn number_of(&self, block_hash: B256) -> Option<u64> {
        self.reading.height(block_hash).map_err(unread).ok()?
    }

    fn place_of(&self, tx_hash: B256) -> Option<(u64, usize)> {
        let (height, place) = self.reading.place(tx_hash).map_err(unread).ok()??;
        Some((height, usize::try_from(place).ok()?))
    }
}

fn unread(error: impl Display) {
    tracing::error!(%error, "the store cannot be read");
}
