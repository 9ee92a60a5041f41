//! Sells the bare ownership under a grant. The right of use stays with the user.

use super::{
    event::{OwnershipDeclined, OwnershipMoved, OwnershipOffered, emit},
    grant::{Grant, buyer, set_buyer, set_grantor},
    list::{Entry, LIST_MAX, List, windows},
    native::{self, release},
    window::peak,
};
use crate::{
    account::LEDGER,
    fault::Fault,
    ledger::{self, NATIVE, guard_write, holding::Holding, log_transfer},
    store::Store,
};
use alloy_primitives::{Address, U256};

/// Offers the bare ownership of the units under the root grant `gid` to `to`, in place of an earlier offer;
/// the zero address withdraws it. False when `actor` is not the owner, `to` already is, the grant is not in
/// force, or there is nothing to withdraw.
pub fn move_ownership(store: &mut dyn Store, actor: Address, gid: U256, to: Address) -> Result<bool, Fault> {
    guard_write(store)?;
    let grant = Grant::read(store, gid)?;
    let movable = grant.grantor == actor && grant.head.is_root() && grant.head.is_live(store.now());
    if !movable || to == actor || (to.is_zero() && buyer(store, gid)?.is_zero()) {
        return Ok(false);
    }
    set_buyer(store, gid, to)?;
    emit(store, &OwnershipOffered { gid: gid.into(), from: actor, to })?;
    Ok(true)
}

/// Refuses the bare ownership under `gid`; false when it is not offered to `actor`.
pub fn decline_ownership(store: &mut dyn Store, actor: Address, gid: U256) -> Result<bool, Fault> {
    if offered_to(store, actor, gid)?.is_none() {
        return Ok(false);
    }
    set_buyer(store, gid, Address::ZERO)?;
    emit(store, &OwnershipDeclined { gid: gid.into(), to: actor })?;
    Ok(true)
}

/// Takes the bare ownership under `gid`: the units and the encumbrance on them move to `actor`. False when it
/// is not offered to `actor`, its list is full, or the seller's other grants need the units too (grants over
/// different windows may share them).
pub fn accept_ownership(store: &mut dyn Store, actor: Address, gid: U256) -> Result<bool, Fault> {
    let Some(grant) = offered_to(store, actor, gid)? else { return Ok(false) };
    let (id, seller) = (grant.id, grant.grantor);
    if List::owner(id, actor).settle(store)?.len() >= LIST_MAX {
        return Ok(false);
    }
    let others = others_of(store, gid, &grant)?;
    let needed = peak(&windows(&others), store.now(), u64::MAX);
    let rest = ledger::owned(store, id, seller)?.saturating_sub(grant.amount);
    if rest < needed {
        return Ok(false);
    }
    if id == NATIVE {
        // What the other grants need must stay behind when the units leave.
        native::lock(store, seller, needed.saturating_add(grant.amount))?;
    }
    Holding::read(store, id, seller)?.minus(grant.amount)?.write(store)?;
    Holding::read(store, id, actor)?.plus(grant.amount)?.write(store)?;
    relist(store, gid, &grant, actor)?;
    emit(store, &OwnershipMoved { gid: gid.into(), from: seller, to: actor })?;
    match id == NATIVE {
        true => release(store, seller).and_then(|_| release(store, actor)).map(|_| true),
        false => log_transfer(store, id, seller, actor, grant.amount).map(|()| true),
    }
}

/// Returns the seller's other live grants.
fn others_of(store: &mut dyn Store, gid: U256, grant: &Grant) -> Result<Vec<Entry>, Fault> {
    let mut entries = List::owner(grant.id, grant.grantor).settle(store)?;
    entries.retain(|entry| entry.gid != gid);
    Ok(entries)
}

/// Puts the grant on the buyer's list in place of the seller's.
fn relist(store: &mut dyn Store, gid: U256, grant: &Grant, to: Address) -> Result<(), Fault> {
    if List::owner(grant.id, grant.grantor).remove(store, gid)? == 0 {
        Holding::mark(store, grant.id, grant.grantor, false)?;
    }
    List::owner(grant.id, to).push(store, gid)?;
    Holding::mark(store, grant.id, to, true)?;
    set_grantor(store, gid, to)?;
    set_buyer(store, gid, Address::ZERO)
}

fn offered_to(store: &mut dyn Store, actor: Address, gid: U256) -> Result<Option<Grant>, Fault> {
    guard_write(store)?;
    let grant = Grant::read(store, gid)?;
    let stands =
        grant.head.is_live(store.now()) && !actor.is_zero() && actor != LEDGER && buyer(store, gid)? == actor;
    Ok(stands.then_some(grant))
}
