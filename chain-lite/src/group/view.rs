//! Shows one group the state: the block's state below, what the group wrote above.

use super::access::Key;
use crate::state::{Head, State};
use alloy_primitives::{
    Address, B256, KECCAK256_EMPTY, U256,
    map::{AddressMap, AddressSet, B256Map, HashMap},
};
use revm::{
    Database,
    bytecode::Bytecode,
    state::{Account, AccountInfo, EvmState},
};
use std::convert::Infallible;

/// Is the state as one group sees it; it records what is read.
#[derive(Debug)]
pub(super) struct View<'a> {
    base: &'a State,
    heads: AddressMap<Option<Head>>,
    words: HashMap<(Address, U256), U256>,
    codes: B256Map<Bytecode>,
    /// Accounts whose storage below no longer counts.
    wiped: AddressSet,
    reads: Vec<Key>,
}

impl<'a> View<'a> {
    pub(super) fn new(base: &'a State) -> Self {
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

    /// Keeps what a transaction did; returns what it wrote.
    pub(super) fn keep(&mut self, changes: &EvmState) -> Vec<Key> {
        let mut writes = Vec::new();
        for (address, account) in changes {
            self.keep_account(*address, account, &mut writes);
        }
        writes
    }

    fn head(&self, address: Address) -> Option<Head> {
        self.heads.get(&address).copied().unwrap_or_else(|| self.base.head(address))
    }

    fn keep_account(&mut self, address: Address, account: &Account, writes: &mut Vec<Key>) {
        if account.is_touched() && (account.is_selfdestructed() || account.is_empty()) {
            self.put_head(address, None, writes);
            self.wipe(address);
            return;
        }
        if account.is_touched() && account.is_created() {
            self.wipe(address);
        }
        let written = account.storage.values().any(|slot| slot.is_changed());
        if account.is_touched() || written {
            self.keep_code(&account.info);
            let AccountInfo { balance, nonce, code_hash, .. } = account.info;
            self.put_head(address, Some(Head { balance, nonce, code_hash }), writes);
        }
        for (key, slot) in account.storage.iter().filter(|(_, slot)| slot.is_changed()) {
            self.words.insert((address, *key), slot.present_value);
            writes.push(Key::Word(address, *key));
        }
    }

    fn put_head(&mut self, address: Address, head: Option<Head>, writes: &mut Vec<Key>) {
        if self.head(address) != head {
            self.heads.insert(address, head);
            writes.push(Key::Account(address));
        }
    }

    fn keep_code(&mut self, info: &AccountInfo) {
        if let Some(code) = &info.code
            && info.code_hash != KECCAK256_EMPTY
            && !self.base.has_code(info.code_hash)
        {
            self.codes.entry(info.code_hash).or_insert_with(|| code.clone());
        }
    }

    fn wipe(&mut self, address: Address) {
        self.words.retain(|(account, _), _| *account != address);
        self.wiped.insert(address);
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
