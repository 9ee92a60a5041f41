//! Holds an in-memory [`Store`] for tests of operations without an EVM around them.

use crate::{fault::Fault, store::Store};
use alloy_primitives::{Address, B256, Bytes, U256};
use std::collections::BTreeMap;

/// Is a log that an operation emitted into a [`MemStore`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemLog {
    /// The emitting account.
    pub address: Address,
    /// Up to four topics.
    pub topics: Vec<B256>,
    /// The unindexed part.
    pub data: Bytes,
}

/// Is the part of a [`MemStore`] that a revert undoes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemState {
    /// Storage words that are not zero, by account and key.
    pub words: BTreeMap<(Address, U256), U256>,
    /// Native balances in wei.
    pub balances: BTreeMap<Address, U256>,
    /// Code set by [`Store::set_code_once`].
    pub codes: BTreeMap<Address, Bytes>,
    /// Logs in the order of emission.
    pub logs: Vec<MemLog>,
}

/// Keeps the world of a test in ordered maps. Gas is counted by a flat scale: 100 a read, 5000 a write,
/// LOG costs for logs.
#[derive(Debug, Clone)]
pub struct MemStore {
    /// The state as it stands.
    pub state: MemState,
    /// The block's timestamp in seconds.
    pub now: u64,
    /// The block's height.
    pub height: u64,
    /// Whether writes are refused with [`Fault::StaticWrite`].
    pub is_static: bool,
    /// Gas left; `u64::MAX` at the start unless bounded.
    pub gas_left: u64,
    snapshots: Vec<MemState>,
}

impl Default for MemStore {
    fn default() -> Self {
        Self {
            state: MemState::default(),
            now: 0,
            height: 0,
            is_static: false,
            gas_left: u64::MAX,
            snapshots: Vec::new(),
        }
    }
}

impl MemStore {
    /// Makes an empty world at timestamp `now` with unlimited gas.
    pub fn at(now: u64) -> Self {
        Self { now, ..Self::default() }
    }

    /// Bounds the gas that operations may still use.
    pub fn with_gas(mut self, gas: u64) -> Self {
        self.gas_left = gas;
        self
    }

    /// Gives `who` a native balance, replacing the one before.
    pub fn set_balance(&mut self, who: Address, amount: U256) {
        self.state.balances.insert(who, amount);
    }

    /// Remembers the state and returns the number of open snapshots before it.
    pub fn snapshot(&mut self) -> usize {
        self.snapshots.push(self.state.clone());
        self.snapshots.len() - 1
    }

    /// Returns to the state of snapshot `id` and forgets it and later ones; false for an unknown id.
    pub fn revert(&mut self, id: usize) -> bool {
        self.snapshots.truncate(id.saturating_add(1));
        match self.snapshots.len() == id.saturating_add(1) {
            true => self.snapshots.pop().map(|state| self.state = state).is_some(),
            false => false,
        }
    }

    /// Keeps the state and forgets snapshot `id` and later ones.
    pub fn commit(&mut self, id: usize) {
        self.snapshots.truncate(id);
    }

    /// Runs `operation` like a frame: an error undoes what it wrote.
    pub fn frame<T>(&mut self, operation: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let id = self.snapshot();
        let result = operation(self);
        match result {
            Ok(_) => self.commit(id),
            Err(_) => drop(self.revert(id)),
        }
        result
    }

    fn guard_write(&self) -> Result<(), Fault> {
        if self.is_static { Err(Fault::StaticWrite) } else { Ok(()) }
    }
}

impl Store for MemStore {
    fn get(&mut self, account: Address, key: U256) -> Result<U256, Fault> {
        self.charge(100)?;
        Ok(self.state.words.get(&(account, key)).copied().unwrap_or_default())
    }

    fn set(&mut self, account: Address, key: U256, value: U256) -> Result<(), Fault> {
        self.guard_write()?;
        self.charge(5_000)?;
        match value.is_zero() {
            true => drop(self.state.words.remove(&(account, key))),
            false => drop(self.state.words.insert((account, key), value)),
        }
        Ok(())
    }

    fn balance(&mut self, account: Address) -> Result<U256, Fault> {
        self.charge(100)?;
        Ok(self.state.balances.get(&account).copied().unwrap_or_default())
    }

    fn move_native(&mut self, from: Address, to: Address, amount: U256) -> Result<bool, Fault> {
        self.guard_write()?;
        let Some(rest) = self.balance(from)?.checked_sub(amount) else { return Ok(false) };
        if from == to {
            return Ok(true);
        }
        let Some(sum) = self.balance(to)?.checked_add(amount) else { return Ok(false) };
        self.state.balances.insert(from, rest);
        self.state.balances.insert(to, sum);
        Ok(true)
    }

    fn set_code_once(&mut self, address: Address, code: Bytes) -> Result<(), Fault> {
        self.guard_write()?;
        if !self.state.codes.contains_key(&address) {
            self.charge((code.len() as u64).saturating_mul(200))?;
            self.state.codes.insert(address, code);
        }
        Ok(())
    }

    fn log(&mut self, address: Address, topics: &[B256], data: Bytes) -> Result<(), Fault> {
        self.guard_write()?;
        if topics.len() > 4 {
            return Err(Fault::Misuse("more than four topics"));
        }
        let work = (topics.len() as u64 + 1).saturating_mul(375);
        self.charge(work.saturating_add((data.len() as u64).saturating_mul(8)))?;
        self.state.logs.push(MemLog { address, topics: topics.to_vec(), data });
        Ok(())
    }

    fn charge(&mut self, gas: u64) -> Result<(), Fault> {
        self.gas_left = self.gas_left.checked_sub(gas).ok_or(Fault::OutOfGas)?;
        Ok(())
    }

    fn now(&self) -> u64 {
        self.now
    }

    fn height(&self) -> u64 {
        self.height
    }

    fn is_static(&self) -> bool {
        self.is_static
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHO: Address = Address::repeat_byte(1);
    const PEER: Address = Address::repeat_byte(2);

    #[test]
    fn an_error_undoes_the_frame() {
        let mut store = MemStore::at(7);
        store.set_balance(WHO, U256::from(10));
        let before = store.state.clone();
        let failed: Result<(), Fault> = store.frame(|s| {
            s.set(WHO, U256::from(1), U256::from(2))?;
            assert!(s.move_native(WHO, PEER, U256::from(4))?);
            Err(Fault::Misuse("test"))
        });
        assert_eq!(failed, Err(Fault::Misuse("test")));
        assert_eq!(store.state, before);
    }

    #[test]
    fn snapshots_nest() {
        let mut store = MemStore::default();
        let outer = store.snapshot();
        store.set(WHO, U256::ZERO, U256::from(1)).unwrap();
        let inner = store.snapshot();
        store.set(WHO, U256::ZERO, U256::from(2)).unwrap();
        assert!(store.revert(inner));
        assert_eq!(store.get(WHO, U256::ZERO).unwrap(), U256::from(1));
        assert!(store.revert(outer));
        assert!(store.state.words.is_empty());
        assert!(!store.revert(outer));
    }

    #[test]
    fn native_coin_never_overdraws_or_overflows() {
        let mut store = MemStore::default();
        store.set_balance(WHO, U256::MAX);
        store.set_balance(PEER, U256::from(1));
        assert!(!store.move_native(PEER, WHO, U256::from(1)).unwrap());
        assert!(!store.move_native(PEER, WHO, U256::from(2)).unwrap());
        assert!(store.move_native(WHO, WHO, U256::MAX).unwrap());
    }

    #[test]
    fn static_and_bounded_stores_refuse() {
        let mut store = MemStore { is_static: true, ..MemStore::default() };
        assert_eq!(store.set(WHO, U256::ZERO, U256::ZERO), Err(Fault::StaticWrite));
        let mut store = MemStore::default().with_gas(150);
        assert!(store.get(WHO, U256::ZERO).is_ok());
        assert_eq!(store.get(WHO, U256::ZERO), Err(Fault::OutOfGas));
    }
}
