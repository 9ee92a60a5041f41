//! Puts deliberate faults into the storage below the ledger, to prove that the property tests see them.

use alloy_primitives::{Address, B256, Bytes, U256};
use fusor_vm::{
    fault::Fault,
    slot::{Record, Table},
    store::Store,
    testing::MemStore,
};

/// Says which fault to put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sabotage {
    /// None: the ledger works.
    None,
    /// A write that lowers a holding is lost: units are sent, and kept.
    LostDebit,
    /// A write that marks a holding as encumbered is lost: units under a grant can be sent.
    LostMark,
    /// A write that ends a grant is lost: a revoked right goes on.
    LostEnd,
    /// A write that puts a grant on a user's list is lost.
    LostEntry,
    /// The seventh write of each operation is lost, whatever it is.
    LostSeventh,
}

/// Wraps stores to put the fault in.
#[derive(Debug, Clone, Copy)]
pub struct Saboteur(pub Sabotage);

/// Is a store that loses some writes.
pub struct Sabotaged<'a> {
    store: &'a mut MemStore,
    kind: Sabotage,
    writes: usize,
}

impl Saboteur {
    /// Wraps a store for one operation.
    pub fn wrap<'a>(&self, store: &'a mut MemStore) -> Sabotaged<'a> {
        Sabotaged { store, kind: self.0, writes: 0 }
    }
}

impl Sabotaged<'_> {
    fn loses(&self, key: U256, before: U256, after: U256) -> bool {
        let tag = Record::of_slot(key).tag();
        let word = key.byte(0);
        let state = |value: U256| (value >> 128usize).byte(0);
        match self.kind {
            Sabotage::None => false,
            Sabotage::LostDebit => {
                tag == Table::Holding as u8 && before.bit(255) == after.bit(255) && after < before
            }
            Sabotage::LostMark => tag == Table::Holding as u8 && !before.bit(255) && after.bit(255),
            Sabotage::LostEnd => {
                tag == Table::Grant as u8 && word == 0 && state(before) == 2 && state(after) == 4
            }
            Sabotage::LostEntry => tag == Table::UserIndex as u8 && word == 0 && after > before,
            Sabotage::LostSeventh => self.writes == 7,
        }
    }
}

impl Store for Sabotaged<'_> {
    fn get(&mut self, account: Address, key: U256) -> Result<U256, Fault> {
        self.store.get(account, key)
    }

    fn set(&mut self, account: Address, key: U256, value: U256) -> Result<(), Fault> {
        self.writes += 1;
        let before = self.store.get(account, key)?;
        match self.loses(key, before, value) {
            true => Ok(()),
            false => self.store.set(account, key, value),
        }
    }

    fn balance(&mut self, account: Address) -> Result<U256, Fault> {
        self.store.balance(account)
    }

    fn move_native(&mut self, from: Address, to: Address, amount: U256) -> Result<bool, Fault> {
        self.store.move_native(from, to, amount)
    }

    fn set_code_once(&mut self, address: Address, code: Bytes) -> Result<(), Fault> {
        self.store.set_code_once(address, code)
    }

    fn log(&mut self, address: Address, topics: &[B256], data: Bytes) -> Result<(), Fault> {
        self.store.log(address, topics, data)
    }

    fn charge(&mut self, gas: u64) -> Result<(), Fault> {
        self.store.charge(gas)
    }

    fn now(&self) -> u64 {
        self.store.now()
    }

    fn height(&self) -> u64 {
        self.store.height()
    }

    fn is_static(&self) -> bool {
        self.store.is_static()
    }
}
