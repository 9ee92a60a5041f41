//! Sees what every honest node makes final, and says what does not hold.

use crate::{
    hhcm::Seal,
    ledger::Final,
    node::{Reason, Watch},
    sim::Made,
    tx::Transaction,
};
use alloy_primitives::B256;
use commonware_utils::sync::Mutex;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::SystemTime,
};

/// Is what all honest nodes have seen together.
#[derive(Debug, Default)]
pub(super) struct Witness {
    /// Final blocks by height: hash and state root.
    finals: BTreeMap<u64, (B256, B256)>,
    /// Heights in which a transaction is final.
    pub(super) included: BTreeMap<B256, Vec<u64>>,
    /// Height of each node.
    pub(super) heights: BTreeMap<u32, u64>,
    pub(super) violations: Vec<String>,
    pub(super) cheats: BTreeSet<(B256, String)>,
    /// Final blocks with their authors' keys, by height.
    pub(super) made: BTreeMap<u64, (B256, Made)>,
    /// Milliseconds from certificate to finality.
    pub(super) finality_ms: Vec<u64>,
}

impl Witness {
    fn note(&mut self, node: u32, last: &Final) {
        let (height, hash) = (last.block.header.number, last.block.hash);
        let before = self.heights.insert(node, height);
        if before.is_some_and(|before| height != before + 1) {
            self.fail(format!("node {node} went from height {before:?} to {height}"));
        }
        let root = last.block.header.state_root;
        match self.finals.insert(height, (hash, root)) {
            None => self.count(last),
            Some(known) if known == (hash, root) => {}
            Some(known) => {
                self.fail(format!("node {node} has {hash} at height {height}, others {}", known.0))
            }
        }
    }

    /// Notes where a node stands when it starts: a write of which the disk said that it failed may be there.
    pub(super) fn start(&mut self, node: u32, height: u64, hash: B256) {
        if self.at(height).is_some_and(|known| known != hash) {
            self.fail(format!(
                "node {node} starts at {hash}, height {height}, others have another block there"
            ));
        }
        let before = self.heights.insert(node, height);
        if before.is_some_and(|before| height < before || height > before + 1) {
            self.fail(format!("node {node} was at height {before:?} and starts at {height}"));
        }
    }

    fn count(&mut self, last: &Final) {
        let height = last.block.header.number;
        if let Ok(seal) = Seal::decode(&last.block.header.extra_data) {
            let users = last.block.transactions.iter().filter(|tx| !matches!(tx, Transaction::System(_)));
            let made = Made {
                height,
                x: seal.x,
                transactions: users.count(),
                gas_used: last.block.header.gas_used,
                hostile: false,
                worked: seal.worked,
            };
            self.made.insert(height, (seal.author, made));
        }
        for tx in &last.block.transactions {
            self.included.entry(tx.hash()).or_default().push(height);
        }
    }

    pub(super) fn fail(&mut self, violation: String) {
        self.violations.push(violation);
    }

    /// Returns the final block at a height.
    pub(super) fn at(&self, height: u64) -> Option<B256> {
        self.finals.get(&height).map(|(hash, _)| *hash)
    }
}

/// Watches one node.
pub(super) struct Watcher {
    pub(super) node: u32,
    pub(super) honest: bool,
    pub(super) witness: Arc<Mutex<Witness>>,
    /// Whether the node was stopped by a crash, after which its words count for nothing.
    pub(super) crashed: Arc<Mutex<bool>>,
    /// Tells the simulated time.
    pub(super) clock: Clock,
    /// When blocks were certified that are not final yet.
    pub(super) certified: Mutex<BTreeMap<B256, SystemTime>>,
}

/// Tells the simulated time.
pub(super) type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

impl Watcher {
    /// Returns the milliseconds since a block was certified here; none if it became final without.
    fn since_certified(&self, hash: B256) -> Option<u64> {
        let at = self.certified.lock().remove(&hash)?;
        let since = (self.clock)().duration_since(at).unwrap_or_default();
        u64::try_from(since.as_millis()).ok()
    }
}

impl Watch for Watcher {
    fn finalized(&self, last: &Final) {
        if self.honest {
            let mut witness = self.witness.lock();
            witness.note(self.node, last);
            witness.finality_ms.extend(self.since_certified(last.block.hash));
        }
    }

    fn certified(&self, hash: B256) {
        let now = (self.clock)();
        self.certified.lock().entry(hash).or_insert(now);
    }

    fn stopped(&self, reason: &Reason) {
        let disk = matches!(reason, Reason::Store(_));
        if self.honest && !disk && !*self.crashed.lock() {
            self.witness.lock().fail(format!("node {} stopped: {reason}", self.node));
        }
    }

    fn cheat(&self, author: B256, what: &str) {
        if self.honest {
            self.witness.lock().cheats.insert((author, what.to_owned()));
        }
    }
}
