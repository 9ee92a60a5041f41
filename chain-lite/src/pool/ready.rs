//! Chooses what the next block should try, and in which order.

use super::{Pool, entry::Entry};
use crate::{group::group_of_sender, tx::Transaction};
use alloy_primitives::Address;
use std::{cmp::Reverse, collections::BinaryHeap};

/// Bounds a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Most gas that the gas limits may sum up to.
    pub gas: u64,
    /// Wei per gas that each must cover.
    pub base_fee: u64,
    /// Most transactions.
    pub count: usize,
}

/// Restricts a choice to the senders of one group (design 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The group.
    pub group: u32,
    /// How many groups there are.
    pub groups: u32,
}

impl Group {
    fn has(self, sender: Address) -> bool {
        group_of_sender(sender, self.groups) == self.group
    }
}

impl Pool {
    /// Returns what can run: each sender's in the order of nonces, senders by what they pay the author and then by
    /// arrival. What does not fit or does not cover the base fee holds back its sender's later ones.
    pub fn ready(&self, choice: Choice) -> Vec<Transaction> {
        self.choose(choice, |_| true)
    }

    /// Returns what can run of one group's senders.
    pub fn ready_of_group(&self, choice: Choice, group: Group) -> Vec<Transaction> {
        self.choose(choice, |sender| group.has(sender))
    }

    fn choose(&self, choice: Choice, admits: impl Fn(Address) -> bool) -> Vec<Transaction> {
        let Choice { mut gas, base_fee, count } = choice;
        let senders = self.senders.iter().filter(|(sender, _)| admits(**sender));
        let mut queues: Vec<_> = senders.map(|(_, queue)| queue.pending()).collect();
        let rank = |entry: &Entry, place: usize| {
            entry.bid.effective(base_fee).map(|tip| (tip, Reverse(entry.arrival), place))
        };
        let mut next: Vec<Option<&Entry>> = queues.iter_mut().map(Iterator::next).collect();
        let ranks = next.iter().zip(0..).filter_map(|(entry, place)| rank((*entry)?, place));
        let mut heap: BinaryHeap<_> = ranks.collect();
        let mut chosen = Vec::new();
        while let Some((_, _, place)) = heap.pop().filter(|_| chosen.len() < count) {
            let (Some(queue), Some(slot)) = (queues.get_mut(place), next.get_mut(place)) else { continue };
            let Some(entry) = slot.take_if(|entry| entry.tx.gas() <= gas) else { continue };
            gas = gas.saturating_sub(entry.tx.gas());
            chosen.push(entry.tx.clone());
            *slot = queue.next();
            heap.extend(slot.and_then(|entry| rank(entry, place)));
        }
        chosen
    }
}
