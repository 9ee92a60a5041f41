//! Separates what groups did independently of each other from what must run once more.

use super::{
    access::Key,
    attempts::{Attempt, Attempts},
    changes::written,
    threads::each,
    writers::Writers,
};
use alloy_primitives::map::HashSet;

/// Says of each group's transactions whether their outcomes stand. These come first in a block, group by group; the
/// others run after them, one by one in the same order.
pub(crate) type Flags = Vec<Vec<bool>>;

/// Merges groups in their order. `gas` is what they may use together; a transaction whose limit does not fit any
/// more, as it would not in a sequential block, goes to the tail.
pub(crate) fn merge(groups: &[Attempts], gas: u64, threads: usize) -> Flags {
    let suspects = suspects(groups, threads);
    let mut merge = Merge { groups, gas, settled: HashSet::default(), taken: 0, flags: Vec::new() };
    for (group, suspects) in groups.iter().zip(suspects) {
        merge.group(group, &suspects);
    }
    merge.flags
}

/// Says of each transaction whether it read what an earlier group may have written, whatever became of that. Most
/// read nothing of the kind, and this runs on all threads.
fn suspects(groups: &[Attempts], threads: usize) -> Flags {
    let writers = Writers::of(groups, threads);
    each(threads, groups.iter().zip(0..).collect(), |(group, index)| {
        let suspect = |attempt: Attempt<'_>| attempt.reads.iter().any(|key| writers.before(key, index));
        group.iter().map(suspect).collect()
    })
}

/// Is a merge under way.
struct Merge<'a> {
    groups: &'a [Attempts],
    gas: u64,
    /// What transactions that stand wrote in the first `taken` groups: it is gathered once somebody asks.
    settled: HashSet<Key>,
    taken: usize,
    /// What is known of groups so far.
    flags: Flags,
}

impl Merge<'_> {
    fn group(&mut self, group: &Attempts, suspects: &[bool]) {
        let mut stale: HashSet<Key> = HashSet::default();
        let mut flags = Vec::with_capacity(suspects.len());
        for (attempt, suspect) in group.iter().zip(suspects) {
            let used = attempt.done.map(|done| done.gas_used).filter(|_| attempt.tx.gas() <= self.gas);
            // Whatever is written was read before.
            let fresh = || stale.is_empty() || !attempt.reads.iter().any(|key| stale.contains(key));
            let used = used.filter(|_| fresh() && !(*suspect && self.settled(attempt.reads)));
            match used {
                Some(used) => self.gas = self.gas.saturating_sub(used),
                None => stale.extend(attempt.steps.iter().filter_map(written)),
            }
            flags.push(used.is_some());
        }
        self.flags.push(flags);
    }

    /// Says whether a transaction of an earlier group that stands wrote one of `keys`.
    fn settled(&mut self, keys: &[Key]) -> bool {
        for (group, flags) in self.groups.iter().zip(&self.flags).skip(self.taken) {
            let stand = group.iter().zip(flags).filter(|(_, stands)| **stands);
            self.settled.extend(stand.flat_map(|(attempt, _)| attempt.steps.iter().filter_map(written)));
        }
        self.taken = self.flags.len();
        keys.iter().any(|key| self.settled.contains(key))
    }
}

/// Keeps all that groups did, whatever they did to each other: wrong on purpose, see [`crate::ledger::Sabotage`].
pub(crate) fn merge_blindly(groups: &[Attempts]) -> Flags {
    groups.iter().map(|group| group.iter().map(|attempt| attempt.done.is_some()).collect()).collect()
}
