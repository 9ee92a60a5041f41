//! Is what a package says of its execution: everything that it touched, as an access list of EIP-7928, and how its
//! transactions ended. Whoever runs the group on the same parent finds the same, or the package is thrown away.

use crate::group::{Attempt, Attempts, Change, Key};
use alloy_eips::eip7928::{
    AccountChanges, BalanceChange, BlockAccessIndex, CodeChange, NonceChange, SlotChanges, StorageChange,
};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::Encodable;
use std::collections::{BTreeMap, BTreeSet};

/// Is what a package says of its execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The access list, RLP of EIP-7928; transaction `i` of the package has index `i + 1`.
    pub access: Bytes,
    /// Commits to how each transaction ended.
    pub outcome_root: B256,
    /// Gas used.
    pub gas: u64,
}

/// Gathers what one account saw.
#[derive(Default)]
struct Seen {
    reads: BTreeSet<U256>,
    slots: BTreeMap<U256, Vec<StorageChange>>,
    balances: Vec<BalanceChange>,
    nonces: Vec<NonceChange>,
    codes: Vec<CodeChange>,
}

impl Claims {
    /// Reads off what a group's run did.
    pub(crate) fn of(attempts: &Attempts) -> Self {
        let mut accounts: BTreeMap<Address, Seen> = BTreeMap::new();
        let mut endings = Vec::new();
        for (attempt, index) in attempts.iter().zip(1..) {
            note(&mut accounts, &attempt, BlockAccessIndex(index));
            endings.push(ending(&attempt));
        }
        let list: Vec<AccountChanges> =
            accounts.into_iter().map(|(address, seen)| seen.close(address)).collect();
        let gas = attempts.iter().filter_map(|attempt| attempt.done).map(|done| done.gas_used).sum();
        let outcome_root = keccak256(alloy_rlp::encode(endings));
        Self { access: alloy_rlp::encode(list).into(), outcome_root, gas }
    }

    /// Commits to the access list.
    pub fn touched_root(&self) -> B256 {
        keccak256(&self.access)
    }
}

/// Encodes how a transaction ended: refused, failed or succeeded, and its gas.
fn ending(attempt: &Attempt<'_>) -> Bytes {
    let mut out = Vec::new();
    let (status, gas): (u8, u64) = match attempt.done {
        None => (0, 0),
        Some(done) => (if done.ending.success { 2 } else { 1 }, done.gas_used),
    };
    attempt.tx.hash().encode(&mut out);
    status.encode(&mut out);
    gas.encode(&mut out);
    out.into()
}

fn note(accounts: &mut BTreeMap<Address, Seen>, attempt: &Attempt<'_>, index: BlockAccessIndex) {
    for key in attempt.reads {
        match *key {
            Key::Account(address) => drop(accounts.entry(address).or_default()),
            Key::Word(address, word) => drop(accounts.entry(address).or_default().reads.insert(word)),
        }
    }
    let changes = attempt.steps;
    let codes: BTreeMap<B256, Bytes> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Code(hash, code) => Some((*hash, code.original_bytes())),
            _ => None,
        })
        .collect();
    for change in changes {
        match change {
            Change::Remove(address) => accounts.entry(*address).or_default().head(index, U256::ZERO, 0),
            Change::Head(address, head) => {
                let seen = accounts.entry(*address).or_default();
                seen.head(index, head.balance, head.nonce);
                if let Some(code) = codes.get(&head.code_hash) {
                    seen.codes.push(CodeChange { block_access_index: index, new_code: code.clone() });
                }
            }
            Change::Word(address, key, value) => {
                let change = StorageChange { block_access_index: index, new_value: *value };
                accounts.entry(*address).or_default().slots.entry(*key).or_default().push(change);
            }
            Change::Wipe(_) | Change::Code(..) => {}
        }
    }
}

impl Seen {
    fn head(&mut self, index: BlockAccessIndex, balance: U256, nonce: u64) {
        if self.balances.last().is_none_or(|last| last.post_balance != balance) {
            self.balances.push(BalanceChange { block_access_index: index, post_balance: balance });
        }
        if self.nonces.last().is_none_or(|last| last.new_nonce != nonce) {
            self.nonces.push(NonceChange { block_access_index: index, new_nonce: nonce });
        }
    }

    fn close(self, address: Address) -> AccountChanges {
        let Self { reads, slots, balances, nonces, codes } = self;
        AccountChanges {
            address,
            storage_reads: reads.into_iter().filter(|word| !slots.contains_key(word)).collect(),
            storage_changes: slots.into_iter().map(|(slot, changes)| SlotChanges { slot, changes }).collect(),
            balance_changes: balances,
            nonce_changes: nonces,
            code_changes: codes,
        }
    }
}
