//! Shows what a running custodian knows, and takes what its operator decides, for the node's RPC.

use super::decide::Decision;
use alloy_primitives::Address;
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Shows what a running custodian knows; others ask it.
#[derive(Debug, Default)]
pub struct Board(Mutex<Posted>);

#[derive(Debug, Default)]
pub(super) struct Posted {
    pub(super) operator: Address,
    pub(super) waits: BTreeMap<u64, String>,
    pub(super) troubles: BTreeMap<String, String>,
    pub(super) asks: BTreeMap<u64, Option<bool>>,
    /// Decisions that the custodian has not taken up.
    pub(super) decisions: Vec<Decision>,
}

impl Board {
    pub(super) fn lock(&self) -> MutexGuard<'_, Posted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the custodian's account.
    pub fn operator(&self) -> Address {
        self.lock().operator
    }

    /// Says what a lock-out waits for.
    pub fn waits_for(&self, request: u64) -> Option<String> {
        self.lock().waits.get(&request).cloned()
    }

    /// Says what is wrong with outer nodes, by chain.
    pub fn troubles(&self) -> BTreeMap<String, String> {
        self.lock().troubles.clone()
    }

    /// Lists the open lock-outs that the operator decides about, with what was decided.
    pub fn asks(&self) -> BTreeMap<u64, Option<bool>> {
        self.lock().asks.clone()
    }

    /// Hands the custodian a decision of its operator; false if it asks about no such lock-out, or has been told.
    pub fn decide(&self, decision: Decision) -> bool {
        let mut posted = self.lock();
        let asked = posted.asks.get(&decision.request) == Some(&None);
        if asked {
            posted.asks.insert(decision.request, Some(decision.agrees));
            posted.decisions.push(decision);
        }
        asked
    }
}
