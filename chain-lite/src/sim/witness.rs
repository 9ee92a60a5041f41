//! Sees what every honest node makes final, and says what does not hold.

use crate::{
    hhcm::Seal,
    ledger::Final,
    node::{Reason, Watch},
};
use alloy_primitives::B256;
use commonware_utils::sync::Mutex;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
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
    /// Authors of blocks by key.
    pub(super) authors: BTreeMap<B256, u64>,
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

    fn count(&mut self, last: &Final) {
        let height = last.block.header.number;
        if let Ok(seal) = Seal::decode(&last.block.header.extra_data) {
            *self.authors.entry(seal.author).or_default() += 1;
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
}

impl Watch for Watcher {
    fn finalized(&self, last: &Final) {
        if self.honest {
            self.witness.lock().note(self.node, last);
        }
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
