//! Keeps the list of custodians, and whose each node key and each encryption key is.

use super::{
    custodian::{Custodian, Profile, custodian},
    row::{Point, Row, split},
    rules::Counts,
};
use crate::{
    fault::Fault,
    slot::Table,
    store::Store,
    word::{from_address, to_address},
};
use alloy_primitives::{Address, B256, U256};

fn list(place: u32) -> Row {
    Row::new(Table::DcrmList, &[U256::ZERO, U256::from(place)])
}

/// Names whose node key it is.
fn by_node(node: B256) -> Row {
    Row::new(Table::DcrmList, &[U256::from(2), node.into()])
}

/// Names whose encryption key it is. A key and its negative share their x, and count as one.
fn by_encryption(key: &Point) -> Row {
    Row::new(Table::DcrmList, &[U256::from(3), split(key).0])
}

/// Lists the operators of all custodians that are bonded, in no order that means anything.
pub fn operators(store: &mut dyn Store) -> Result<Vec<Address>, Fault> {
    let count = Counts::load(store)?.custodians;
    (0..count).map(|place| Ok(to_address(list(place).get(store, 0)?))).collect()
}

/// Puts `operator` on the list; returns its place, counted from 1.
pub(super) fn enlist(store: &mut dyn Store, operator: Address) -> Result<u32, Fault> {
    let mut counts = Counts::load(store)?;
    if counts.custodians >= super::CUSTODIANS_MAX {
        return Err(Fault::Misuse("the list of custodians is full"));
    }
    list(counts.custodians).set(store, 0, from_address(operator))?;
    counts.custodians = counts.custodians.saturating_add(1);
    counts.save(store)?;
    Ok(counts.custodians)
}

/// Takes a custodian off the list, so that its place is free; the last one moves there. Its keys stay its own.
pub(super) fn delist(store: &mut dyn Store, gone: &mut Custodian) -> Result<(), Fault> {
    let Some(place) = gone.place.checked_sub(1) else { return Ok(()) };
    let mut counts = Counts::load(store)?;
    let last = counts.custodians.checked_sub(1).ok_or_else(super::group::broken)?;
    let moved = to_address(list(last).get(store, 0)?);
    if moved != gone.operator {
        list(place).set(store, 0, from_address(moved))?;
        let mut moved = custodian(store, moved)?;
        moved.place = gone.place;
        moved.save(store)?;
    }
    list(last).set(store, 0, U256::ZERO)?;
    counts.custodians = last;
    counts.save(store)?;
    gone.place = 0;
    gone.save(store)
}

/// Says whether another custodian has, or had, one of the keys of `profile`.
pub(super) fn taken(store: &mut dyn Store, operator: Address, profile: &Profile) -> Result<bool, Fault> {
    for row in [by_node(profile.node), by_encryption(&profile.encryption)] {
        let owner = row.get(store, 0)?;
        if !owner.is_zero() && owner != from_address(operator) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Notes that the keys of `profile` are `operator`'s.
pub(super) fn claim_keys(store: &mut dyn Store, operator: Address, profile: &Profile) -> Result<(), Fault> {
    by_node(profile.node).set(store, 0, from_address(operator))?;
    by_encryption(&profile.encryption).set(store, 0, from_address(operator))
}
