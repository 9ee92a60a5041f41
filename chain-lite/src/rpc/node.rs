//! Serves a node of the network: the last blocks and the state from its ledger, older blocks from its store.

use super::{
    backend::{Backend, ChainView, Change, SubmitError, Syncing},
    network::NetworkView,
};
use crate::{
    block::Block,
    genesis::Genesis,
    ledger::{Ledger, LedgerError, kept_block},
    net::Vitals,
    node::{Counts, GroupStatus, Node, Status, SubmitError as NodeError, Validator},
    pool::Pool,
    receipt::Receipt,
    state::State,
    store::{Store, StoreError},
    tx::Transaction,
};
use alloy_eips::Encodable2718;
use alloy_primitives::B256;
use commonware_utils::sync::MutexGuard;
use std::{borrow::Cow, fmt::Display, sync::Arc};
use tokio::sync::broadcast;

/// Blocks that a node may be behind before it says that it is not up to date.
const BEHIND_MAX: u64 = 2;

/// Is a node behind the RPC server.
#[derive(Debug, Clone)]
pub struct NodeBackend {
    node: Node,
    store: Store,
    vitals: Arc<Vitals>,
    starting: u64,
}

impl NodeBackend {
    /// Serves `node`, whose blocks are kept in `store`.
    pub fn new(node: Node, store: Store, vitals: Arc<Vitals>) -> Self {
        let starting = node.ledger(|ledger| ledger.height());
        Self { node, store, vitals, starting }
    }
}

impl Backend for NodeBackend {
    fn chain(&self) -> Box<dyn ChainView + '_> {
        Box::new(View { ledger: self.node.lock_ledger(), store: &self.store })
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

/// Shows the final chain while nothing is appended.
struct View<'a> {
    ledger: MutexGuard<'a, Ledger>,
    store: &'a Store,
}

impl ChainView for View<'_> {
    fn genesis(&self) -> &Genesis {
        self.ledger.chain().genesis()
    }

    fn state(&self) -> &State {
        self.ledger.chain().state()
    }

    fn height(&self) -> u64 {
        self.ledger.height()
    }

    fn block(&self, number: u64) -> Option<Cow<'_, Block>> {
        match self.ledger.chain().block(number) {
            Some(block) => Some(Cow::Borrowed(block)),
            None if number > self.height() => None,
            None => kept_block(self.store, number).map(Cow::Owned).map_err(unread).ok(),
        }
    }

    fn receipts(&self, number: u64) -> Cow<'_, [Receipt]> {
        match self.ledger.chain().block(number) {
            Some(_) => Cow::Borrowed(self.ledger.chain().receipts(number)),
            None => Cow::Owned(self.store.receipts(number).map_err(unread).unwrap_or_default()),
        }
    }

    fn number_of(&self, block_hash: B256) -> Option<u64> {
        let recent = self.ledger.chain().number_of(block_hash);
        recent.or_else(|| self.kept(self.store.height(block_hash)))
    }

    fn place_of(&self, tx_hash: B256) -> Option<(u64, usize)> {
        self.ledger.chain().place_of(tx_hash).or_else(|| {
            let (height, place) = self.store.place(tx_hash).map_err(unread).ok()??;
            // The store may be one block ahead of the ledger.
            (height <= self.height()).then_some((height, usize::try_from(place).ok()?))
        })
    }
}

impl View<'_> {
    fn kept(&self, height: Result<Option<u64>, StoreError>) -> Option<u64> {
        height.map_err(unread).ok()?.filter(|height| *height <= self.height())
    }
}

fn unread(error: impl Display) {
    tracing::error!(%error, "the store cannot be read");
}
