//! Shows one group the state: the block's state below, what the group wrote above.

use super::{
    access::Key,
    changes::{self, Change},
};
use crate::state::{Head, State};
use alloy_primitives::{
    Address, B256, U256,
    map::{AddressMap, AddressSet, B256Map, U256Map},
};
use revm::{
    Database,
    bytecode::Bytecode,
    state::{AccountInfo, EvmState},
};
use std::convert::Infallible;

/// Is the state as one group sees it; it records what is read.
#[derive(Debug)]
pub(crate) struct View<'a> {
    base: &'a State,
    heads: AddressMap<Option<Head>>,
    words: AddressMap<U256Map<U256>>,
    codes: B256Map<Bytecode>,
    /// Accounts whose storage below no longer counts.
    wiped: AddressSet,
    reads: Vec<Key>,
}

impl<'a> View<'a> {
    /// Shows `base` to a group of so many transactions; what they are likely to need has its room from the start.
    pub(super) fn new(base: &'a State, transactions: usize) -> Self {
        Self {
            base,
            heads: AddressMap::with_capacity_and_hasher(2 * transactions, Default::default()),
            words: AddressMap::default(),
            codes: B256Map::default(),
            wiped: AddressSet::default(),
            reads: Vec::with_capacity(8 * transactions),
        }
    }

    /// Returns what was read, in order.
    pub(super) fn reads(&self) -> &[Key] {
        &self.reads
    }

    /// Returns what was read, once nothing more is.
    pub(super) fn into_reads(self) -> Vec<Key> {
        self.reads
    }

    /// Keeps what a transaction did, and appends it to `steps`.
    pub(super) fn keep(&mut self, state: EvmState, steps: &mut Vec<Change>) {
        let before = steps.len();
        changes::append(steps, state, |address| self.head(address));
        steps.iter().skip(before).for_each(|change| self.follow(change));
    }

    fn head(&self, address: Address) -> Option<Head> {
        self.heads.get(&address).copied().unwrap_or_else(|| self.base.head(address))
    }

    fn follow(&mut self, change: &Change) {
        match change {
            Change::Remove(address) => {
                self.heads.insert(*address, None);
                self.wipe(*address);
            }
            Change::Wipe(address) => self.wipe(*address),
            Change::Head(address, head) => drop(self.heads.insert(*address, Some(*head))),
            Change::Word(address, key, value) => {
                self.words.entry(*address).or_default().insert(*key, *value);
            }
            Change::Code(hash, code) => drop(self.codes.entry(*hash).or_insert_with(|| code.clone())),
        }
    }

    fn wipe(&mut self, address: Address) {
        self.wiped.insert(address);
        self.words.remove(&address);
    }
}

impl Database for View<'_> {
    type Error = Infallible;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        self.reads.push(Key::Account(address));
        Ok(self.head(address).map(|Head { balance, nonce, code_hash }| AccountInfo {
            balance,
            nonce,
            code_hash,
            code: None,
            ..AccountInfo::default()
        }))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Infallible> {
        Ok(self.codes.get(&hash).cloned().unwrap_or_else(|| self.base.code_of(hash)))
    }

    fn storage(&mut self, address: Address, key: U256) -> Result<U256, Infallible> {
        self.reads.push(Key::Word(address, key));
        let above = self.words.get(&address).and_then(|words| words.get(&key)).copied();
        Ok(above.unwrap_or_else(|| match self.wiped.contains(&address) {
            true => U256::ZERO,
            false => self.base.word(address, key),
        }))
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Infallible> {
        Ok(self.base.block_hash_at(number))
    }
}
