//! Books time slots: each block's worth of time has room for a quarter of a block's gas, and costs more the
//! fuller it is.

use super::{
    param::Params,
    pot,
    record::{Kind, Trigger},
};
use crate::{
    account::TRIGGERS,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
};
use alloy_primitives::U256;

/// Wei per gas in an empty slot and rent in wei of an occurrence, on chains that do not say otherwise. The compiler
/// judges by them whether a description is funded.
pub const USUAL_PRICE: u64 = 1_000_000_000;
/// See [`USUAL_PRICE`].
pub const USUAL_RENT: u64 = 1_000_000_000_000;
/// Gas that every firing costs on top of its handler, like a transaction's own.
pub const FIRING_GAS: u64 = 21_000;
/// Gas that every poll of a guard costs on top of the call that a guard may make.
pub const POLL_GAS: u64 = 10_000;
/// Gas for the call that a guard may make when it is polled.
pub(super) const GUARD_CALL_GAS: u64 = 100_000;
/// How many times the base price is added while a slot fills up.
const SURGE: u128 = 3;

/// Returns the gas that a firing with `gas` for its handler takes from its slot.
pub fn weight(gas: u64) -> u64 {
    gas.saturating_add(FIRING_GAS)
}

/// Returns the price in wei, rent included, of one firing with `gas` at time `t`; 0 when that moment is full
/// or the gas exceeds a quarter of a block. Times before now count as now.
pub fn quote(store: &mut dyn Store, t: U256, gas: U256) -> Result<U256, Fault> {
    let (Ok(t), Ok(gas)) = (u64::try_from(t), u64::try_from(gas)) else { return Ok(U256::ZERO) };
    let params = Params::load(store)?;
    let weight = weight(gas);
    let t = t.max(store.now());
    let load = load(store, slot(&params, t))?;
    if load.saturating_add(weight) > params.capacity() {
        return Ok(U256::ZERO);
    }
    let cost = cost(&params, weight, price(&params, load));
    Ok(cost.map(U256::from).unwrap_or_default())
}

/// Reserves money and, for timing triggers, room in the slot of `wake` for the pending occurrence. A full
/// slot is no refusal: the occurrence is carried over to the first block with room, at the highest price.
/// False, with nothing changed, when the price is above the policy's cap or cannot be paid.
pub(super) fn book(
    store: &mut dyn Store,
    params: &Params,
    trigger: &mut Trigger,
    wake: u64,
) -> Result<bool, Fault> {
    let weight = trigger.weight();
    let now = store.now();
    let timed = matches!(trigger.kind, Kind::At | Kind::Every);
    let slot = slot(params, wake.max(now));
    let load = if timed { load(store, slot)? } else { 0 };
    let price = price(params, load);
    let cap = trigger.policy()?.cap;
    let Some(cost) = cost(params, weight, price).filter(|_| cap == 0 || price <= cap) else {
        return Ok(false);
    };
    if !pot::reserve(store, trigger.contract, cost)? {
        return Ok(false);
    }
    let total = load.saturating_add(weight);
    trigger.booked = timed && wake > now && total <= params.capacity();
    if trigger.booked {
        store.set(TRIGGERS, slot.word(0), U256::from(total))?;
    }
    trigger.wake = wake;
    trigger.price = price;
    trigger.escrow = cost;
    Ok(true)
}

/// Gives the room that the trigger booked back to its slot.
pub(super) fn unbook(store: &mut dyn Store, params: &Params, trigger: &mut Trigger) -> Result<(), Fault> {
    if trigger.booked {
        let slot = slot(params, trigger.wake);
        let load = load(store, slot)?.saturating_sub(trigger.weight());
        store.set(TRIGGERS, slot.word(0), U256::from(load))?;
        trigger.booked = false;
    }
    Ok(())
}

fn slot(params: &Params, t: u64) -> Record {
    let bucket = t.saturating_sub(params.origin).div_ceil(params.block_time.max(1));
    Record::new(Table::TriggerLoad, &[U256::from(bucket)])
}

fn load(store: &mut dyn Store, slot: Record) -> Result<u64, Fault> {
    Ok(store.get(TRIGGERS, slot.word(0))?.saturating_to())
}

/// Rises from the base price in an empty slot to four times it in a full one.
fn price(params: &Params, load: u64) -> u64 {
    let base = u128::from(params.base_price);
    let filled = u128::from(load.min(params.capacity()));
    let surge = (base * SURGE).saturating_mul(filled) / u128::from(params.capacity().max(1));
    u64::try_from(base.saturating_add(surge)).unwrap_or(u64::MAX)
}

fn cost(params: &Params, weight: u64, price: u64) -> Option<u128> {
    u128::from(weight).checked_mul(price.into())?.checked_add(params.rent.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::MemStore;

    fn store() -> MemStore {
        let mut store = MemStore::at(1_000);
        let params = Params {
            block_gas_limit: 4_000_000,
            block_time: 10,
            base_price: 8,
            origin: 1_000,
            rent: 5,
            ..Params::default()
        };
        params.save(&mut store).unwrap();
        store
    }

    #[test]
    fn the_price_rises_from_base_to_four_times_base() {
        let params = Params { block_gas_limit: 4_000, base_price: 8, ..Params::default() };
        assert_eq!([0, 500, 1_000, 9_999].map(|load| price(&params, load)), [8, 20, 32, 32]);
        let greedy = Params { block_gas_limit: u64::MAX, base_price: u64::MAX, ..Params::default() };
        assert_eq!(price(&greedy, u64::MAX), u64::MAX);
    }

    #[test]
    fn a_quote_is_zero_only_where_there_is_no_room() {
        let mut store = store();
        let far = U256::from(u64::MAX);
        let quoted = quote(&mut store, far, U256::from(100)).unwrap();
        assert_eq!(quoted, U256::from(21_100 * 8 + 5));
        assert_eq!(quote(&mut store, far, U256::from(1_000_000)).unwrap(), U256::ZERO);
        assert_eq!(quote(&mut store, U256::MAX, U256::from(1)).unwrap(), U256::ZERO);
        assert_eq!(quote(&mut store, far, U256::MAX).unwrap(), U256::ZERO);
    }

    #[test]
    fn slots_end_on_the_grid_of_blocks() {
        let params = Params { block_time: 10, origin: 1_000, ..Params::default() };
        assert_eq!(slot(&params, 1_001), slot(&params, 1_010));
        assert_ne!(slot(&params, 1_010), slot(&params, 1_011));
        assert_eq!(slot(&params, 0), slot(&params, 1_000));
    }
}
