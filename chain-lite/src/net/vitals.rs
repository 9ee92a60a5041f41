//! Is what a node is seen doing.

use crate::{
    ledger::Final,
    node::{Reason, Watch},
    rpc::Change,
};
use alloy_primitives::B256;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::sync::{broadcast, watch};

/// Changes that a slow subscriber may fall behind before it has to catch up by height.
const CHANGES_KEPT: usize = 1_024;

/// Is what a node is seen doing since it started.
#[derive(Debug)]
pub struct Vitals {
    changes: broadcast::Sender<Change>,
    stopped: watch::Sender<Option<Reason>>,
    peers: AtomicU64,
    latency_ms: AtomicU64,
    worked_us: AtomicU64,
    cheats: AtomicU64,
    transactions: AtomicU64,
}

impl Default for Vitals {
    fn default() -> Self {
        Self {
            changes: broadcast::Sender::new(CHANGES_KEPT),
            stopped: watch::Sender::new(None),
            peers: AtomicU64::default(),
            latency_ms: AtomicU64::default(),
            worked_us: AtomicU64::default(),
            cheats: AtomicU64::default(),
            transactions: AtomicU64::default(),
        }
    }
}

impl Vitals {
    /// Returns a feed of what happens from now on.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Waits until the node cannot go on, and says why.
    pub async fn stopped(&self) -> Reason {
        let mut stopped = self.stopped.subscribe();
        loop {
            if let Some(reason) = stopped.borrow_and_update().clone() {
                return reason;
            }
            // The sender lives as long as `self`.
            let _ = stopped.changed().await;
        }
    }

    /// Returns the number of connected peers.
    pub fn peers(&self) -> u64 {
        self.peers.load(Ordering::Relaxed)
    }

    /// Returns the milliseconds from the last final block's own time until it was final here.
    pub fn latency_ms(&self) -> u64 {
        self.latency_ms.load(Ordering::Relaxed)
    }

    /// Returns the microseconds that this node's last offer took.
    pub fn worked_us(&self) -> u64 {
        self.worked_us.load(Ordering::Relaxed)
    }

    /// Counts cheats that were seen.
    pub fn cheats(&self) -> u64 {
        self.cheats.load(Ordering::Relaxed)
    }

    /// Counts transactions that became final here.
    pub fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }

    pub(super) fn set_peers(&self, peers: u64) {
        self.peers.store(peers, Ordering::Relaxed);
    }

    fn tell(&self, change: Change) {
        // Nobody may be listening.
        let _ = self.changes.send(change);
    }
}

/// Notes what a node does, and logs it.
#[derive(Debug, Clone)]
pub struct Watcher {
    /// The node's name in its process.
    pub name: String,
    /// Where it is noted.
    pub vitals: Arc<Vitals>,
}

impl Watch for Watcher {
    fn finalized(&self, last: &Final) {
        let header = &last.block.header;
        let time = UNIX_EPOCH.checked_add(Duration::from_secs(header.timestamp)).unwrap_or(UNIX_EPOCH);
        let latency = SystemTime::now().duration_since(time).unwrap_or_default();
        let latency_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        let transactions = last.block.transactions.len();
        self.vitals.latency_ms.store(latency_ms, Ordering::Relaxed);
        self.vitals.transactions.fetch_add(transactions as u64, Ordering::Relaxed);
        tracing::info!(node = self.name, height = header.number, hash = %last.block.hash, transactions, latency_ms, "final");
    }

    fn stopped(&self, reason: &Reason) {
        tracing::error!(node = self.name, %reason, "node stops");
        self.vitals.stopped.send_replace(Some(reason.clone()));
    }

    fn cheat(&self, author: B256, what: &str) {
        tracing::warn!(node = self.name, %author, what, "cheat");
        self.vitals.cheats.fetch_add(1, Ordering::Relaxed);
    }

    fn settled(&self, height: u64) {
        self.vitals.tell(Change::Block(height));
    }

    fn pooled(&self, hash: B256) {
        self.vitals.tell(Change::Pending(hash));
    }

    fn worked(&self, took: Duration) {
        self.vitals.worked_us.store(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}
