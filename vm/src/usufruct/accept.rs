//! Lets the user take or refuse an offer.

use super::{
    Action,
    event::{Accepted, Ended, emit},
    grant::{DESCENDANTS_MAX, Grant, Head, State},
    list::{Entry, LIST_MAX, List, windows},
    native,
    query::state_now,
    window::peak,
};
use crate::{
    fault::Fault,
    ledger::{
        self, guard_write,
        holding::{Holding, inconsistent},
    },
    store::Store,
};
use alloy_primitives::{Address, U256};

/// Accepts the offer `gid`; false when `actor` is not its user, the offer stands no longer, the units are not
/// there for the whole window, or a list is full.
pub fn accept(store: &mut dyn Store, actor: Address, gid: U256) -> Result<bool, Fault> {
    let Some(grant) = offered_to(store, actor, gid)? else { return Ok(false) };
    let users = List::user(grant.id, grant.user);
    if users.settle(store)?.len() >= LIST_MAX {
        return Ok(false);
    }
    let taken = match grant.head.is_root() {
        true => encumber_holding(store, gid, &grant)?,
        false => encumber_parent(store, gid, &grant)?,
    };
    if !taken {
        return Ok(false);
    }
    Head { state: State::Accepted, ..grant.head }.write(store, gid)?;
    users.push(store, gid)?;
    emit(store, &Accepted { gid: gid.into(), grantor: grant.grantor, user: actor })?;
    Ok(true)
}

/// Refuses the offer `gid`; false when `actor` is not its user or the offer stands no longer.
pub fn decline(store: &mut dyn Store, actor: Address, gid: U256) -> Result<bool, Fault> {
    let Some(grant) = offered_to(store, actor, gid)? else { return Ok(false) };
    Head { state: State::Declined, ..grant.head }.write(store, gid)?;
    emit(store, &Ended { gid: gid.into(), reason: Action::Decline as u8 })?;
    Ok(true)
}

fn offered_to(store: &mut dyn Store, actor: Address, gid: U256) -> Result<Option<Grant>, Fault> {
    guard_write(store)?;
    let grant = Grant::read(store, gid)?;
    let stands = grant.user == actor && state_now(store, &grant)? == State::Offered;
    Ok(stands.then_some(grant))
}

/// Says whether `bound` units cover the grant beside `entries` at every instant of its window.
fn is_backed(store: &dyn Store, grant: &Grant, entries: &[Entry], bound: U256) -> bool {
    let window = grant.window_from(store.now());
    let taken = peak(&windows(entries), window.start, window.end);
    taken.checked_add(grant.amount).is_some_and(|needed| needed <= bound)
}

/// Lists a root grant with its owner and locks native coin; false when the holding does not back it.
fn encumber_holding(store: &mut dyn Store, gid: U256, grant: &Grant) -> Result<bool, Fault> {
    let owners = List::owner(grant.id, grant.grantor);
    let mut entries = owners.settle(store)?;
    let owned = ledger::owned(store, grant.id, grant.grantor)?;
    if entries.len() >= LIST_MAX || !is_backed(store, grant, &entries, owned) {
        return Ok(false);
    }
    entries.push(Entry { gid, window: grant.window_from(store.now()) });
    if grant.id == ledger::NATIVE {
        let needed = peak(&windows(&entries), store.now(), u64::MAX);
        native::lock(store, grant.grantor, needed)?;
    }
    owners.push(store, gid)?;
    Holding::mark(store, grant.id, grant.grantor, true)?;
    Ok(true)
}

/// Lists a sub-grant with its parent and sublessor; false when the parent's amount does not cover it.
fn encumber_parent(store: &mut dyn Store, gid: U256, grant: &Grant) -> Result<bool, Fault> {
    let parent = Grant::read(store, grant.parent)?;
    let children = List::children(grant.parent);
    let siblings = children.settle(store)?;
    let sublets = List::sublet(grant.id, grant.grantor);
    if siblings.len() >= LIST_MAX || sublets.settle(store)?.len() >= LIST_MAX {
        return Ok(false);
    }
    if !is_backed(store, grant, &siblings, parent.amount) || !count_descendant(store, grant)? {
        return Ok(false);
    }
    children.push(store, gid)?;
    sublets.push(store, gid)?;
    Ok(true)
}

/// Counts one more descendant of the root; false when it has [`DESCENDANTS_MAX`] alive.
fn count_descendant(store: &mut dyn Store, grant: &Grant) -> Result<bool, Fault> {
    let root = root_of(store, grant)?;
    let mut head = Head::read(store, root)?;
    if head.descendants >= DESCENDANTS_MAX {
        head.descendants = live_descendants(store, root)?;
    }
    let fits = head.descendants < DESCENDANTS_MAX;
    head.descendants += u16::from(fits);
    head.write(store, root)?;
    Ok(fits)
}

fn root_of(store: &mut dyn Store, grant: &Grant) -> Result<U256, Fault> {
    let mut gid = grant.parent;
    for _ in 1..grant.head.depth {
        gid = Grant::read(store, gid)?.parent;
    }
    match gid.is_zero() {
        true => Err(inconsistent()),
        false => Ok(gid),
    }
}

/// Counts the live sub-grants under `root`, settling the lists it walks. A sub-grant is never alive under one
/// that is over, so the walk meets live grants only, [`DESCENDANTS_MAX`] at most.
fn live_descendants(store: &mut dyn Store, root: U256) -> Result<u16, Fault> {
    let mut open = vec![root];
    let mut count = 0u16;
    while let Some(gid) = open.pop() {
        let live = List::children(gid).settle(store)?;
        count = count.saturating_add(live.len() as u16);
        open.extend(live.iter().map(|entry| entry.gid));
    }
    Ok(count)
}
