//! Holds a whole state in ordered maps, as a database for the EVM, and computes its root.

use alloy_primitives::{Address, B256, KECCAK256_EMPTY, U256, keccak256, map::AddressMap};
use alloy_trie::{
    TrieAccount,
    root::{state_root_unhashed, storage_root_unhashed},
};
use revm::{
    Database, DatabaseCommit,
    bytecode::Bytecode,
    state::{Account as Touched, AccountInfo},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
};

/// Is an account with its storage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Nonce, balance and code.
    pub info: AccountInfo,
    /// Words that are not zero.
    pub storage: BTreeMap<U256, U256>,
}

/// Is a whole state. Block hashes are keccak256 of the number in decimal, as state tests want them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct World {
    /// The accounts by address.
    pub accounts: BTreeMap<Address, Account>,
}

impl World {
    /// Computes the state root from scratch.
    pub fn root(&self) -> B256 {
        state_root_unhashed(self.accounts.iter().map(|(address, account)| (*address, account.leaf())))
    }

    /// Lists the accounts that have storage but neither code nor nonce (EIP-7610).
    pub fn storage_only(&self) -> BTreeSet<Address> {
        let vacant = |account: &Account| account.info.nonce == 0 && account.info.is_empty_code_hash();
        let found = self.accounts.iter().filter(|(_, a)| !a.storage.is_empty() && vacant(a));
        found.map(|(address, _)| *address).collect()
    }

    fn apply(&mut self, address: Address, touched: Touched) {
        if !touched.is_touched() {
            return;
        }
        if touched.is_selfdestructed() || (touched.is_empty() && !touched.is_created()) {
            self.accounts.remove(&address);
            return;
        }
        let account = self.accounts.entry(address).or_default();
        if touched.is_created() {
            account.storage.clear();
        }
        account.info = touched.info;
        for (key, slot) in touched.storage {
            match slot.present_value.is_zero() {
                true => drop(account.storage.remove(&key)),
                false => drop(account.storage.insert(key, slot.present_value)),
            }
        }
    }
}

impl Account {
    fn leaf(&self) -> TrieAccount {
        let storage = self.storage.iter().map(|(key, value)| (B256::from(*key), *value));
        let code_hash = match self.info.code_hash.is_zero() {
            true => KECCAK256_EMPTY,
            false => self.info.code_hash,
        };
        TrieAccount {
            nonce: self.info.nonce,
            balance: self.info.balance,
            storage_root: storage_root_unhashed(storage),
            code_hash,
        }
    }
}

impl Database for World {
    type Error = Infallible;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        Ok(self.accounts.get(&address).map(|account| account.info.clone()))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Infallible> {
        let codes = self.accounts.values().filter(|account| account.info.code_hash == hash);
        Ok(codes.filter_map(|account| account.info.code.clone()).next().unwrap_or_default())
    }

    fn storage(&mut self, address: Address, key: U256) -> Result<U256, Infallible> {
        let word = self.accounts.get(&address).and_then(|account| account.storage.get(&key));
        Ok(word.copied().unwrap_or_default())
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Infallible> {
        Ok(keccak256(number.to_string()))
    }
}

impl DatabaseCommit for World {
    fn commit(&mut self, changes: AddressMap<Touched>) {
        for (address, touched) in changes {
            self.apply(address, touched);
        }
    }
}
