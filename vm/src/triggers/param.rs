//! Keeps the chain parameters of the calling list, written at genesis.

use super::record::{lane, lanes};
use crate::{
    account::TRIGGERS,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
};
use alloy_primitives::{Address, U256};
use std::sync::LazyLock;

/// Holds what booking and scheduling need to know of the chain. All zero without a genesis: every booking is
/// then refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Params {
    /// Gas limit of a block; triggers use at most a quarter.
    pub block_gas_limit: u64,
    /// Seconds between blocks; also the width of a time slot.
    pub block_time: u64,
    /// Price of gas in an empty slot, in wei.
    pub base_price: u64,
    /// Timestamp of the genesis block, where the grid of slots is anchored.
    pub origin: u64,
    /// Rent of an occurrence on the calling list, in wei.
    pub rent: u64,
    /// Most occurrences that the logs of one block start.
    pub fanout_max: u32,
    /// Most event triggers that start each other in a row.
    pub depth_max: u32,
    /// Most event triggers registered for one emitter.
    pub listeners_max: u32,
}

/// Names the global record `part`; the few there are hashed once.
pub(super) fn global(part: Global) -> Record {
    static RECORDS: LazyLock<[Record; 3]> =
        LazyLock::new(|| [0, 1, 2].map(|part| Record::new(Table::TriggerGlobal, &[U256::from(part)])));
    let [params, firing, turn] = *RECORDS;
    match part {
        Global::Params => params,
        Global::Firing => firing,
        Global::Turn => turn,
    }
}

/// Names the calling list's global records.
pub(super) enum Global {
    Params,
    Firing,
    Turn,
}

impl Params {
    /// Reads the parameters.
    pub fn load(store: &mut dyn Store) -> Result<Self, Fault> {
        let record = global(Global::Params);
        let first = store.get(TRIGGERS, record.word(0))?;
        let second = store.get(TRIGGERS, record.word(1))?;
        Ok(Self {
            block_gas_limit: lane(first, 0),
            block_time: lane(first, 1),
            base_price: lane(first, 2),
            origin: lane(first, 3),
            rent: lane(second, 0),
            fanout_max: lane(second, 1) as u32,
            depth_max: lane(second, 2) as u32,
            listeners_max: lane(second, 3) as u32,
        })
    }

    /// Writes the parameters; only genesis does.
    pub fn save(&self, store: &mut dyn Store) -> Result<(), Fault> {
        let record = global(Global::Params);
        let first = lanes([self.block_gas_limit, self.block_time, self.base_price, self.origin]);
        let second =
            lanes([self.rent, self.fanout_max.into(), self.depth_max.into(), self.listeners_max.into()]);
        store.set(TRIGGERS, record.word(0), first)?;
        store.set(TRIGGERS, record.word(1), second)
    }

    /// Returns the gas that triggers may use in a block: a quarter of its limit.
    pub fn capacity(&self) -> u64 {
        self.block_gas_limit / 4
    }
}

/// Returns the contract that the round robin of carried-over work served last.
pub fn cursor(store: &mut dyn Store) -> Result<Address, Fault> {
    Ok(Address::from_word(store.get(TRIGGERS, global(Global::Turn).word(0))?.into()))
}

/// Remembers the contract that the round robin served last.
pub fn set_cursor(store: &mut dyn Store, contract: Address) -> Result<(), Fault> {
    store.set(TRIGGERS, global(Global::Turn).word(0), contract.into_word().into())
}
