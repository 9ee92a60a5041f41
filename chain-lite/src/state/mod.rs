//! Holds the chain's state in memory with its Merkle roots, and undoes changes to any earlier mark.

mod apply;
mod changes;
mod hashes;
mod load;
mod store;
mod trie;

pub use changes::Changeset;
pub use store::BlockStore;
pub use trie::Trie;

use alloy_primitives::{
    Address, B256, Bytes, KECCAK256_EMPTY as KECCAK_EMPTY, U256, keccak256,
    map::{AddressMap, AddressSet, B256Map, U256Map, U256Set, hash_map::Entry as Place},
};
use alloy_trie::TrieAccount;
use revm::{
    Database, DatabaseCommit,
    bytecode::Bytecode,
    state::{Account, AccountInfo},
};
use std::{collections::BTreeMap, convert::Infallible};

/// Holds accounts, storage and code. Order of iteration never reaches anything that consensus sees: roots
/// depend on content only.
#[derive(Debug, Default)]
pub struct State {
    accounts: AddressMap<Entry>,
    codes: B256Map<Bytecode>,
    trie: Trie,
    dirty: Dirty,
    undo: Vec<Undo>,
    /// Undo entries that were forgotten; marks count from before them.
    forgotten: usize,
    hashes: hashes::Hashes,
}

#[derive(Debug, Default)]
struct Entry {
    head: Head,
    words: U256Map<U256>,
    trie: Trie,
    dirty: U256Set,
    /// True only if the account is among the state's dirty ones.
    listed: bool,
}

/// Is the accounts that changed since the last root.
#[derive(Debug, Default)]
struct Dirty(AddressSet);

impl Dirty {
    /// Adds an account, unless its entry says that it is here.
    fn list<'a>(&mut self, address: Address, entry: &'a mut Entry) -> &'a mut Entry {
        if !std::mem::replace(&mut entry.listed, true) {
            self.0.insert(address);
        }
        entry
    }
}

/// Is an account without its storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Wei.
    pub balance: U256,
    /// Transactions sent or contracts created.
    pub nonce: u64,
    /// Hash of the code.
    pub code_hash: B256,
}

impl Default for Head {
    fn default() -> Self {
        Self { balance: U256::ZERO, nonce: 0, code_hash: KECCAK_EMPTY }
    }
}

#[derive(Debug)]
enum Undo {
    Head(Address, Option<Head>),
    Word(Address, U256, U256),
    Removed(Address, Box<Entry>),
}

/// Proves an account and words of its storage: lists of trie nodes from the root on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Nodes of the state trie.
    pub account: Vec<Bytes>,
    /// Root of the account's storage trie.
    pub storage_root: B256,
    /// Nodes of the storage trie for each key.
    pub words: Vec<Vec<Bytes>>,
}

/// Marks a moment in the history of a state; it stays the same moment when older ones are forgotten. The default
/// is the empty state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(usize);

impl State {
    /// Returns an account without its storage; none if it does not exist.
    pub fn head(&self, address: Address) -> Option<Head> {
        self.accounts.get(&address).map(|entry| entry.head)
    }

    /// Returns a storage word.
    pub fn word(&self, address: Address, key: U256) -> U256 {
        self.accounts.get(&address).and_then(|entry| entry.words.get(&key)).copied().unwrap_or_default()
    }

    /// Returns all storage words of an account in the order of their keys.
    pub fn words(&self, address: Address) -> BTreeMap<U256, U256> {
        let words = self.accounts.get(&address).map(|entry| &entry.words);
        words.into_iter().flatten().map(|(key, value)| (*key, *value)).collect()
    }

    /// Returns the code of an account; empty if it has none.
    pub fn code(&self, address: Address) -> Bytecode {
        self.code_of(self.head(address).unwrap_or_default().code_hash)
    }

    /// Returns the code with a hash; empty if it is not known.
    pub(crate) fn code_of(&self, hash: B256) -> Bytecode {
        self.codes.get(&hash).cloned().unwrap_or_default()
    }

    /// Returns the hash of block `number`; zero if it is not known.
    pub(crate) fn block_hash_at(&self, number: u64) -> B256 {
        self.hashes.get(number).unwrap_or_default()
    }

    /// Makes room for so many more writes.
    pub(crate) fn expect(&mut self, writes: usize) {
        self.undo.reserve(writes);
    }

    /// Writes an account without touching its storage.
    pub fn set_head(&mut self, address: Address, head: Head) {
        let before = match self.accounts.entry(address) {
            Place::Occupied(place) if place.get().head == head => return,
            Place::Occupied(place) => {
                let entry = self.dirty.list(address, place.into_mut());
                Some(std::mem::replace(&mut entry.head, head))
            }
            Place::Vacant(place) => {
                self.dirty.list(address, place.insert(Entry::default())).head = head;
                None
            }
        };
        self.undo.push(Undo::Head(address, before));
    }

    /// Writes a storage word; the account comes into being if it does not exist.
    pub fn set_word(&mut self, address: Address, key: U256, value: U256) {
        let entry = match self.accounts.entry(address) {
            Place::Occupied(place) => place.into_mut(),
            Place::Vacant(_) if value.is_zero() => return,
            Place::Vacant(place) => {
                self.undo.push(Undo::Head(address, None));
                place.insert(Entry::default())
            }
        };
        let before = entry.put(key, value);
        if before != value {
            self.dirty.list(address, entry);
            self.undo.push(Undo::Word(address, key, before));
        }
    }

    /// Keeps code; returns its hash.
    pub fn add_code(&mut self, code: Bytecode) -> B256 {
        let hash = code.hash_slow();
        self.codes.entry(hash).or_insert(code);
        hash
    }

    /// Keeps code with a known hash.
    pub(crate) fn put_code(&mut self, hash: B256, code: Bytecode) {
        self.codes.entry(hash).or_insert(code);
    }

    /// Removes the storage of an account, which is about to be created anew.
    pub(crate) fn wipe(&mut self, address: Address) {
        if !self.words_empty(address) {
            self.remove(address);
        }
    }

    /// Removes an account and its storage.
    pub fn remove(&mut self, address: Address) {
        if let Some(entry) = self.accounts.remove(&address) {
            self.dirty.0.insert(address);
            self.undo.push(Undo::Removed(address, Box::new(entry)));
        }
    }

    /// Marks this moment.
    pub fn mark(&self) -> Mark {
        Mark(self.forgotten.saturating_add(self.undo.len()))
    }

    /// Says whether the state can still return to `mark`.
    pub fn remembers(&self, mark: Mark) -> bool {
        mark.0 >= self.forgotten && mark <= self.mark()
    }

    /// Forgets how to return to moments before `mark`; does nothing if that lies ahead. Without it the history
    /// grows with each block.
    pub fn forget_before(&mut self, mark: Mark) {
        if self.remembers(mark) {
            self.undo.drain(..mark.0 - self.forgotten);
            self.forgotten = mark.0;
        }
    }

    /// Returns to the state at `mark`; does nothing if that lies ahead or is forgotten.
    pub fn undo_to(&mut self, mark: Mark) {
        if !self.remembers(mark) {
            return;
        }
        while self.mark() > mark {
            match self.undo.pop() {
                Some(Undo::Head(address, head)) => self.put_head(address, head),
                Some(Undo::Word(address, key, value)) => self.put_word(address, key, value),
                Some(Undo::Removed(address, entry)) => self.put_entry(address, *entry),
                None => return,
            }
        }
    }

    /// Lists the storage keys of `address` that were written since `mark`, in order, each once.
    pub fn written_since(&self, mark: Mark, address: Address) -> Vec<U256> {
        let written = self.undo_since(mark).iter().filter_map(|undo| match undo {
            Undo::Word(account, key, _) if *account == address => Some(*key),
            _ => None,
        });
        let mut keys: Vec<U256> = written.collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Returns the state root; costs by what changed since the last time.
    pub fn root(&mut self) -> B256 {
        for address in std::mem::take(&mut self.dirty.0) {
            let value = self.accounts.get_mut(&address).map(Entry::leaf).unwrap_or_default();
            self.trie.set(keccak256(address), &value);
        }
        self.trie.root()
    }

    /// Proves an account, and words of its storage, against the state root. None if something has changed since the
    /// root was computed.
    pub fn prove(&self, address: Address, keys: &[U256]) -> Option<Proof> {
        let account = self.trie.prove(keccak256(address)).filter(|_| self.dirty.0.is_empty())?;
        let none = Trie::default();
        let storage = self.accounts.get(&address).map_or(&none, |entry| &entry.trie);
        let words = keys.iter().map(|key| storage.prove(keccak256(key.to_be_bytes::<32>())));
        Some(Proof { account, storage_root: storage.known_root()?, words: words.collect::<Option<_>>()? })
    }

    /// Appends the hash of the next block, for BLOCKHASH.
    pub fn push_block_hash(&mut self, hash: B256) {
        self.hashes.push(hash);
    }

    /// Forgets the hashes of blocks from height `len` on.
    pub(crate) fn truncate_block_hashes(&mut self, len: usize) {
        self.hashes.truncate(len);
    }

    /// Forgets the hashes of blocks below height `first`. BLOCKHASH asks for 256 blocks before the one that runs,
    /// so a state that may return `n` blocks has to keep `256 + n`.
    pub fn forget_block_hashes(&mut self, first: u64) {
        self.hashes.forget_below(first);
    }

    /// Returns what was changed since `mark`, the newest last.
    fn undo_since(&self, mark: Mark) -> &[Undo] {
        self.undo.get(mark.0.saturating_sub(self.forgotten)..).unwrap_or_default()
    }

    fn put_head(&mut self, address: Address, head: Option<Head>) {
        match head {
            Some(head) => {
                let entry = self.accounts.entry(address).or_default();
                self.dirty.list(address, entry).head = head;
            }
            None => {
                self.accounts.remove(&address);
                self.dirty.0.insert(address);
            }
        }
    }

    fn put_word(&mut self, address: Address, key: U256, value: U256) {
        let entry = self.accounts.entry(address).or_default();
        self.dirty.list(address, entry).put(key, value);
    }

    fn put_entry(&mut self, address: Address, entry: Entry) {
        self.dirty.0.insert(address);
        self.accounts.insert(address, Entry { listed: true, ..entry });
    }

    fn commit_account(&mut self, address: Address, account: Account) {
        let touched = account.is_touched();
        if touched && (account.is_selfdestructed() || account.is_empty()) {
            self.remove(address);
            return;
        }
        if touched && account.is_created() {
            self.wipe(address);
        }
        let written = account.storage.iter().any(|(_, slot)| slot.is_changed());
        if touched || written {
            self.commit_head(address, &account.info);
        }
        for (key, slot) in account.storage {
            if slot.original_value != slot.present_value {
                self.set_word(address, key, slot.present_value);
            }
        }
    }

    fn commit_head(&mut self, address: Address, info: &AccountInfo) {
        if let Some(code) = &info.code
            && !self.codes.contains_key(&info.code_hash)
            && info.code_hash != KECCAK_EMPTY
        {
            self.codes.insert(info.code_hash, code.clone());
        }
        self.set_head(address, Head { balance: info.balance, nonce: info.nonce, code_hash: info.code_hash });
    }

    fn words_empty(&self, address: Address) -> bool {
        self.accounts.get(&address).is_none_or(|entry| entry.words.is_empty())
    }
}

impl Entry {
    /// Writes a word; returns what it was.
    fn put(&mut self, key: U256, value: U256) -> U256 {
        let before = match value.is_zero() {
            true => self.words.remove(&key),
            false => self.words.insert(key, value),
        };
        let before = before.unwrap_or_default();
        if before != value {
            self.dirty.insert(key);
        }
        before
    }

    /// Brings the storage trie up to date and returns the account's leaf in the state trie.
    fn leaf(&mut self) -> Vec<u8> {
        self.listed = false;
        for key in std::mem::take(&mut self.dirty) {
            let value = self.words.get(&key).map(alloy_rlp::encode).unwrap_or_default();
            self.trie.set(keccak256(key.to_be_bytes::<32>()), &value);
        }
        let Head { balance, nonce, code_hash } = self.head;
        alloy_rlp::encode(TrieAccount { nonce, balance, storage_root: self.trie.root(), code_hash })
    }
}

impl Database for State {
    type Error = Infallible;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        Ok(self.head(address).map(|head| AccountInfo {
            balance: head.balance,
            nonce: head.nonce,
            code_hash: head.code_hash,
            code: None,
            ..AccountInfo::default()
        }))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Infallible> {
        Ok(self.code_of(hash))
    }

    fn storage(&mut self, address: Address, key: U256) -> Result<U256, Infallible> {
        Ok(self.word(address, key))
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Infallible> {
        Ok(self.block_hash_at(number))
    }
}

impl DatabaseCommit for State {
    fn commit(&mut self, changes: AddressMap<Account>) {
        for (address, account) in changes {
            self.commit_account(address, account);
        }
    }
}

#[cfg(test)]
mod tests;
