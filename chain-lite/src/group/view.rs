//! Shows one group the state: the block's state below, what the group wrote above.

use super::{
    access::Key,
    changes::{Change, Changes},
};
use crate::state::{Head, State};
use alloy_primitives::{
    Address, B256, U256,
    map::{AddressMap, AddressSet, B256Map, HashMap},
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
    words: HashMap<(Address, U256), U256>,
    codes: B256Map<Bytecode>,
    /// Accounts whose storage below no longer counts.
    wiped: AddressSet,
    reads: Vec<Key>,
}

impl<'a> View<'a> {
    pub(crate) fn new(base: &'a State) -> Self {
        Self {
            base,
            heads: AddressMap::default(),
            words: HashMap::default(),
            codes: B256Map::default(),
            wiped: AddressSet::default(),
            reads: Vec::new(),
        }
    }

    /// Returns what was read since the last time.
    pub(super) fn take_reads(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.reads)
    }

    /// Keeps what a transaction did.
    pub(super) fn keep(&mut self, state: EvmState) -> Changes {
        let changes = Changes::of(state, |address| self.head(address));
        changes.steps().iter().for_each(|change| self.follow(change));
        changes
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
            Change::Word(address, key, value) => drop(self.words.insert((*address, *key), *value)),
            Change::Code(hash, code) => drop(self.codes.entry(*hash).or_insert_with(|| code.clone())),
        }
    }

    fn wipe(&mut self, address: Address) {
        if self.wiped.insert(address) || !self.words.is_empty() {
            self.words.retain(|(account, _), _| *account != address);
        }
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
        let above = self.words.get(&(address, key)).copied();
        Ok(above.unwrap_or_else(|| match self.wiped.contains(&address) {
            true => U256::ZERO,
            false => self.base.word(address, key),
        }))
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Infallible> {
        Ok(self.base.block_hash_at(number))
    }
}
