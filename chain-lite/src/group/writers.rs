//! Finds quickly whether an earlier group wrote something: one table that all threads fill and read.

use super::{access::Key, attempts::Attempts, changes::written, threads::each};
use alloy_primitives::map::DefaultHashBuilder;
use std::{
    hash::BuildHasher,
    sync::atomic::{AtomicU64, Ordering},
};

/// Bits of a slot that hold the group, counted from one; the others are of the key's hash.
const GROUP: u64 = 0xffff;

/// Is, for each key that was written, the first group that wrote it. Keys are known by 48 bits of a hash with a secret
/// seed, so it may take one key for another; it never misses one.
pub(super) struct Writers {
    slots: Vec<AtomicU64>,
    hasher: DefaultHashBuilder,
}

impl Writers {
    /// Notes what each group wrote.
    pub(super) fn of(groups: &[Attempts], threads: usize) -> Self {
        let steps: usize = groups.iter().map(|group| group.steps.len()).sum();
        // Half of the slots stay empty, so that each search ends soon.
        let len = (2 * steps).next_power_of_two().max(16);
        let slots = std::iter::repeat_with(AtomicU64::default).take(len).collect();
        let writers = Self { slots, hasher: DefaultHashBuilder::default() };
        each(threads, groups.iter().zip(0..).collect(), |(group, index)| {
            group.steps.iter().filter_map(written).for_each(|key| writers.note(&key, index));
        });
        writers
    }

    /// Says whether a group before `group` wrote `key`.
    pub(super) fn before(&self, key: &Key, group: u64) -> bool {
        let (tag, chain) = self.chain(key);
        let own = place(group);
        for slot in chain {
            match slot.load(Ordering::Relaxed) {
                0 => return false,
                known if known & !GROUP == tag => return known & GROUP < own || own == GROUP,
                _ => {}
            }
        }
        false
    }

    fn note(&self, key: &Key, group: u64) {
        let (tag, chain) = self.chain(key);
        let own = tag | place(group);
        for slot in chain {
            let known = match slot.compare_exchange(0, own, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return,
                Err(known) => known,
            };
            if known & !GROUP == tag {
                slot.fetch_min(own, Ordering::Relaxed);
                return;
            }
        }
    }

    /// Returns what marks a key, and the slots where it can be, in order.
    fn chain(&self, key: &Key) -> (u64, impl Iterator<Item = &AtomicU64>) {
        let hash = self.hasher.hash_one(key);
        let first = hash as usize & (self.slots.len() - 1);
        let (before, from) = self.slots.split_at_checked(first).unwrap_or_default();
        (hash & !GROUP, from.iter().chain(before))
    }
}

/// Returns what stands for a group in a slot; groups from 65,534 on look alike.
fn place(group: u64) -> u64 {
    group.saturating_add(1).min(GROUP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::Change;
    use alloy_primitives::{Address, U256};

    fn word(n: u64) -> Change {
        Change::Word(Address::with_last_byte((n % 3) as u8), U256::from(n), U256::ONE)
    }

    #[test]
    fn the_first_group_that_wrote_is_known_for_each_key() {
        // Group g writes the multiples of g + 2.
        let writes = |group: u64| (1..400u64).filter(move |n| n % (group + 2) == 0);
        let group = |group| Attempts { steps: writes(group).map(word).collect(), ..Attempts::default() };
        let groups: Vec<_> = (0..6).map(group).collect();
        for threads in [1, 2] {
            let writers = Writers::of(&groups, threads);
            for (n, reader) in (1..400).flat_map(|n| (0..8).map(move |reader| (n, reader))) {
                let expected = (0..6).any(|group| group < reader && n % (group + 2) == 0);
                assert_eq!(writers.before(&written(&word(n)).unwrap(), reader), expected, "{n} {reader}");
            }
        }
    }

    #[test]
    fn groups_too_many_to_tell_apart_suspect_each_other() {
        let mut groups: Vec<_> = (0..65_537).map(|_| Attempts::default()).collect();
        groups[65_535].steps.push(word(1));
        let writers = Writers::of(&groups, 2);
        let key = written(&word(1)).unwrap();
        assert!(writers.before(&key, 65_536) && !writers.before(&key, 65_000));
        assert!(!writers.before(&written(&word(2)).unwrap(), 65_536));
    }
}
