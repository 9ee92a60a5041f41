//! Keeps what is not any validator's own: sums of money, the epoch, X, and the load.

use super::pack::{halves, pair};
use crate::{
    account::HHCM,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
    word::small,
};
use alloy_primitives::{B256, U256};
use std::sync::LazyLock;

/// Names the global records.
#[derive(Debug, Clone, Copy)]
pub(super) enum Global {
    Params,
    Totals,
    Chain,
    Elected,
    Tickets,
    Beacon,
}

/// Names the global record `part`; the few there are hashed once.
pub(super) fn global(part: Global) -> Record {
    static RECORDS: LazyLock<[Record; 6]> =
        LazyLock::new(|| [0, 1, 2, 3, 4, 5].map(|part| Record::new(Table::HhcmGlobal, &[U256::from(part)])));
    let [params, totals, chain, elected, tickets, beacon] = *RECORDS;
    match part {
        Global::Params => params,
        Global::Totals => totals,
        Global::Chain => chain,
        Global::Elected => elected,
        Global::Tickets => tickets,
        Global::Beacon => beacon,
    }
}

/// Sums up the money that the system account holds, in wei.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// What block rewards are paid from.
    pub pool: u128,
    /// Delegators' rewards that nobody has claimed yet.
    pub unclaimed: u128,
    /// Bonded and delegated.
    pub staked: u128,
    /// On its way out.
    pub unbonding: u128,
}

impl Totals {
    /// Reads the sums.
    pub fn load(store: &mut dyn Store) -> Result<Self, Fault> {
        let record = global(Global::Totals);
        let (pool, unclaimed) = halves(store.get(HHCM, record.word(0))?);
        let (staked, unbonding) = halves(store.get(HHCM, record.word(1))?);
        Ok(Self { pool, unclaimed, staked, unbonding })
    }

    pub(super) fn save(&self, store: &mut dyn Store) -> Result<(), Fault> {
        let record = global(Global::Totals);
        store.set(HHCM, record.word(0), pair(self.pool, self.unclaimed))?;
        store.set(HHCM, record.word(1), pair(self.staked, self.unbonding))
    }

    /// Returns the balance that the sums call for.
    pub fn sum(&self) -> U256 {
        [self.pool, self.unclaimed, self.staked, self.unbonding].into_iter().map(U256::from).sum()
    }
}

/// Says where the chain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Chain {
    /// The current epoch.
    pub(super) epoch: u64,
    /// The number of groups.
    pub(super) x: u32,
    /// Validators on the list.
    pub(super) listed: u32,
    /// Members of the current committee.
    pub(super) members: u32,
    /// Gas used in the epoch so far.
    pub(super) used: u128,
    /// Gas that the epoch's blocks allowed so far.
    pub(super) capacity: u128,
}

impl Chain {
    pub(super) fn load(store: &mut dyn Store) -> Result<Self, Fault> {
        let record = global(Global::Chain);
        let head = store.get(HHCM, record.word(0))?;
        let (used, capacity) = halves(store.get(HHCM, record.word(1))?);
        let count = |low| small(head, low, 32) as u32;
        Ok(Self {
            epoch: small(head, 0, 64),
            x: count(64),
            listed: count(96),
            members: count(128),
            used,
            capacity,
        })
    }

    pub(super) fn save(&self, store: &mut dyn Store) -> Result<(), Fault> {
        let record = global(Global::Chain);
        let head = U256::from(self.epoch)
            | U256::from(self.x) << 64
            | U256::from(self.listed) << 96
            | U256::from(self.members) << 128;
        store.set(HHCM, record.word(0), head)?;
        store.set(HHCM, record.word(1), pair(self.used, self.capacity))
    }
}

/// Says whether the chain was founded with stake.
pub fn founded(store: &mut dyn Store) -> Result<bool, Fault> {
    Ok(!store.get(HHCM, global(Global::Params).word(0))?.is_zero())
}

/// Returns the current epoch.
pub fn epoch(store: &mut dyn Store) -> Result<u64, Fault> {
    Ok(Chain::load(store)?.epoch)
}

/// Returns X, the number of groups of the block under execution and of the next one within the epoch.
pub fn groups(store: &mut dyn Store) -> Result<u32, Fault> {
    Ok(Chain::load(store)?.x)
}

/// Lists validators that may enter the next committee, in no meaningful order.
pub(super) fn listed(store: &mut dyn Store, place: u32) -> Result<B256, Fault> {
    Ok(store.get(HHCM, place_record(place).word(0))?.into())
}

pub(super) fn set_listed(store: &mut dyn Store, place: u32, key: B256) -> Result<(), Fault> {
    store.set(HHCM, place_record(place).word(0), key.into())
}

fn place_record(place: u32) -> Record {
    Record::new(Table::HhcmList, &[U256::from(place)])
}
