//! Tells from packages' access lists how many of their transactions would run twice if the groups were merged, so
//! that a block's author can choose the faster order before it runs anything.
//!
//! The lists name the transactions that write, not those that only read; a package whose transactions read what an
//! earlier one writes is counted by its writers alone. Lists are claims: a false one costs time, never validity.

use super::Package;
use crate::group::Key;
use alloy_eips::eip7928::{AccountChanges, BlockAccessIndex};
use alloy_primitives::map::HashSet;
use alloy_rlp::Decodable;
use std::collections::BTreeSet;

/// Counts the transactions of `packages` that write what the package of an earlier group wrote. A list that does not
/// decode counts all of its package's.
pub(crate) fn overlap<'a>(packages: impl Iterator<Item = &'a Package>) -> usize {
    let mut settled = HashSet::default();
    let mut again = 0;
    for package in packages {
        again += match Vec::<AccountChanges>::decode(&mut package.access.as_ref()) {
            Ok(list) => of_group(&list, &mut settled),
            Err(_) => package.transactions.len(),
        };
    }
    again
}

/// Counts a group's transactions that write what is settled, and settles what the group writes.
fn of_group(list: &[AccountChanges], settled: &mut HashSet<Key>) -> usize {
    let mut stale: BTreeSet<BlockAccessIndex> = BTreeSet::new();
    let mut own = Vec::new();
    for account in list {
        let key = Key::Account(account.address);
        let balances = account.balance_changes.iter().map(|change| change.block_access_index);
        let nonces = account.nonce_changes.iter().map(|change| change.block_access_index);
        note(key, balances.chain(nonces), settled, &mut stale, &mut own);
        for slot in &account.storage_changes {
            let key = Key::Word(account.address, slot.slot);
            let writers = slot.changes.iter().map(|change| change.block_access_index);
            note(key, writers, settled, &mut stale, &mut own);
        }
    }
    settled.extend(own);
    stale.len()
}

fn note(
    key: Key,
    writers: impl Iterator<Item = BlockAccessIndex>,
    settled: &HashSet<Key>,
    stale: &mut BTreeSet<BlockAccessIndex>,
    own: &mut Vec<Key>,
) {
    let mut writers = writers.peekable();
    if writers.peek().is_none() {
        return;
    }
    match settled.contains(&key) {
        true => stale.extend(writers),
        false => own.push(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_eips::eip7928::{BalanceChange, SlotChanges, StorageChange};
    use alloy_primitives::{Address, U256};

    fn holder(group: u8, n: u64) -> Address {
        Address::from_word(U256::from(n + 1_000 * u64::from(group)).into())
    }

    /// Is the list of a group whose transactions 1 to `count` each write a word of a contract and their sender.
    fn list(group: u8, count: u64, word: impl Fn(u64) -> u64) -> Vec<AccountChanges> {
        let mut contract = AccountChanges::new(Address::with_last_byte(1));
        let mut senders = Vec::new();
        for n in 1..=count {
            let index = BlockAccessIndex(n);
            let change = StorageChange::new(index, U256::from(n));
            let slot = U256::from(word(n));
            match contract.storage_changes.iter_mut().find(|known| known.slot == slot) {
                Some(known) => known.push(change),
                None => contract.storage_changes.push(SlotChanges::new(slot, vec![change])),
            }
            let mut sender = AccountChanges::new(holder(group, n));
            sender.balance_changes.push(BalanceChange::new(index, U256::ZERO));
            senders.push(sender);
        }
        senders.push(contract);
        senders
    }

    fn total(lists: &[Vec<AccountChanges>]) -> usize {
        let mut settled = HashSet::default();
        lists.iter().map(|list| of_group(list, &mut settled)).sum()
    }

    #[test]
    fn one_hot_word_makes_all_groups_but_the_first_run_twice() {
        assert_eq!(total(&[list(1, 9, |_| 0), list(2, 7, |_| 0), list(3, 5, |_| 0)]), 12);
        assert_eq!(total(&[list(1, 9, |n| n), list(2, 7, |n| 100 + n)]), 0);
        assert_eq!(total(&[list(1, 9, |n| n), list(2, 7, |n| n / 7 * 3)]), 1);
    }
}
