//! Separates what groups did independently of each other from what must run once more.

use super::{
    access::Key,
    run::{Attempt, Done},
};
use crate::tx::Transaction;
use alloy_primitives::map::HashSet;

/// Is a transaction whose outcome stands.
#[derive(Debug)]
pub(crate) struct Clean {
    pub(crate) tx: Transaction,
    pub(crate) done: Done,
}

/// Is the order of a block's transactions.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    /// Transactions whose outcomes stand, in this order.
    pub(crate) clean: Vec<Clean>,
    /// Transactions that run after them, one by one.
    pub(crate) tail: Vec<Transaction>,
}

/// Merges groups in their order. `gas` is what they may use together; a transaction whose limit does not fit any
/// more, as it would not in a sequential block, goes to the tail.
pub(crate) fn merge(groups: Vec<Vec<Attempt>>, mut gas: u64) -> Merged {
    let mut merged = Merged::default();
    let mut settled: HashSet<Key> = HashSet::default();
    for group in groups {
        let mut own: Vec<Key> = Vec::new();
        let mut stale: HashSet<Key> = HashSet::default();
        for Attempt { tx, done, reads } in group {
            let fits = tx.gas() <= gas;
            // Whatever is written was read before.
            let apart = || reads.iter().all(|key| !settled.contains(key) && !stale.contains(key));
            match done {
                Some(done) if fits && apart() => {
                    gas = gas.saturating_sub(done.result.tx_gas_used());
                    own.extend(done.changes.keys());
                    merged.clean.push(Clean { tx, done });
                }
                done => {
                    stale.extend(done.iter().flat_map(|done| done.changes.keys()));
                    merged.tail.push(tx);
                }
            }
        }
        settled.extend(own);
    }
    merged
}

/// Keeps all that groups did, whatever they did to each other: wrong on purpose, see [`crate::ledger::Sabotage`].
pub(crate) fn merge_blindly(groups: Vec<Vec<Attempt>>) -> Merged {
    let attempts = groups.into_iter().flatten();
    let done = attempts.filter_map(|Attempt { tx, done, .. }| Some(Clean { tx, done: done? }));
    Merged { clean: done.collect(), tail: Vec::new() }
}
