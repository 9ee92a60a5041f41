//! Is what the pool holds of one sender, by nonce.

use super::entry::Entry;
use alloy_primitives::U256;
use std::collections::BTreeMap;

/// Holds a sender's transactions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Queue {
    /// The account's next nonce when it was last looked at.
    pub(super) next: u64,
    pub(super) entries: BTreeMap<u64, Entry>,
}

impl Queue {
    /// Lists what can run one after another from the account's next nonce on.
    pub(super) fn pending(&self) -> impl Iterator<Item = &Entry> {
        let from = self.next;
        self.entries.range(from..).zip(from..).take_while(|((nonce, _), n)| *nonce == n).map(|((_, e), _)| e)
    }

    /// Lists what waits for a nonce that is missing.
    pub(super) fn queued(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().skip(self.pending().count())
    }

    /// Returns the nonce after all that can run.
    pub(super) fn pending_nonce(&self) -> u64 {
        self.next.saturating_add(self.pending().count() as u64)
    }

    /// Returns the bytes of all.
    pub(super) fn bytes(&self) -> usize {
        self.entries.values().map(|entry| entry.bytes).sum()
    }

    /// Sums what transactions from nonce `from` on can cost, the one at `except` left out; none if no account can
    /// hold so much.
    pub(super) fn cost(&self, from: u64, except: u64) -> Option<U256> {
        let others = self.entries.range(from..).filter(|(nonce, _)| **nonce != except);
        others.map(|(_, entry)| entry.cost).try_fold(U256::ZERO, |sum, cost| sum.checked_add(cost?))
    }

    /// Takes out what the account has passed and what its balance no longer covers.
    pub(super) fn refresh(&mut self, next: u64, balance: U256) -> Vec<Entry> {
        let kept = self.entries.split_off(&next);
        let mut gone: Vec<Entry> = std::mem::replace(&mut self.entries, kept).into_values().collect();
        self.next = next;
        let mut sum = Some(U256::ZERO);
        let beyond = self.entries.iter().find_map(|(nonce, entry)| {
            sum = sum.zip(entry.cost).and_then(|(sum, cost)| sum.checked_add(cost));
            sum.is_none_or(|sum| sum > balance).then_some(*nonce)
        });
        if let Some(nonce) = beyond {
            gone.extend(self.entries.split_off(&nonce).into_values());
        }
        gone
    }
}
