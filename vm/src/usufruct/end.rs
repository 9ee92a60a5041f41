//! Ends grants before their windows do, and removes records that are over.

use super::{
    Action,
    event::{Cleaned, Ended, emit},
    grant::{self, Flags, Grant, Head, State},
    list::List,
    native::release,
    query::state_now,
};
use crate::{
    account::USUFRUCT,
    fault::Fault,
    ledger::{
        self, guard_write,
        holding::{Holding, inconsistent},
    },
    store::Store,
};
use alloy_primitives::{Address, U256};

/// Is what a grantor leaves with the usufruct account for each record, in wei: a thousandth of a coin.
pub const GRANT_DEPOSIT: U256 = U256::from_limbs([1_000_000_000_000_000, 0, 0, 0]);

/// Takes the deposit for a record; `None` when the balance does not cover it.
pub(super) fn take_deposit(store: &mut dyn Store, payer: Address) -> Result<Option<U256>, Fault> {
    let paid = store.move_native(payer, USUFRUCT, GRANT_DEPOSIT)?;
    Ok(paid.then_some(GRANT_DEPOSIT))
}

/// Gives the right `gid` back to its grantor; false when `actor` is not its user, it is not in force, or part
/// of it is sublet.
pub fn give_back(store: &mut dyn Store, actor: Address, gid: U256) -> Result<bool, Fault> {
    guard_write(store)?;
    let grant = Grant::read(store, gid)?;
    if grant.user != actor || !grant.head.is_live(store.now()) {
        return Ok(false);
    }
    if !List::children(gid).settle(store)?.is_empty() {
        return Ok(false);
    }
    end_tree(store, gid, Action::GiveBack)?;
    detach(store, gid, &grant)?;
    Ok(true)
}

/// Withdraws the offer `gid`, or ends it with all its sub-grants where it is revocable; false when `actor` is
/// not its grantor or it stands no longer.
pub fn revoke(store: &mut dyn Store, actor: Address, gid: U256) -> Result<bool, Fault> {
    guard_write(store)?;
    let grant = Grant::read(store, gid)?;
    if grant.grantor != actor {
        return Ok(false);
    }
    let state = state_now(store, &grant)?;
    let allowed = match state {
        State::Offered => true,
        State::Accepted => grant.head.flags.contains(Flags::REVOCABLE),
        _ => false,
    };
    if !allowed {
        return Ok(false);
    }
    end_tree(store, gid, Action::Revoke)?;
    if state == State::Accepted {
        detach(store, gid, &grant)?;
    }
    Ok(true)
}

/// Writes the end of a grant and of its live sub-grants. Their other lists drop them when next settled.
fn end_tree(store: &mut dyn Store, gid: U256, reason: Action) -> Result<(), Fault> {
    let mut open = vec![gid];
    while let Some(gid) = open.pop() {
        let head = Head::read(store, gid)?;
        Head { state: State::Ended, ..head }.write(store, gid)?;
        emit(store, &Ended { gid: gid.into(), reason: reason as u8 })?;
        let children = List::children(gid).live(store)?;
        open.extend(children.iter().map(|entry| entry.gid));
    }
    Ok(())
}

/// Takes a grant that is over off the lists it stands on, and releases native coin.
fn detach(store: &mut dyn Store, gid: U256, grant: &Grant) -> Result<(), Fault> {
    List::user(grant.id, grant.user).remove(store, gid)?;
    if !grant.head.is_root() {
        List::children(grant.parent).remove(store, gid)?;
        List::sublet(grant.id, grant.grantor).remove(store, gid)?;
        return Ok(());
    }
    if List::owner(grant.id, grant.grantor).remove(store, gid)? == 0 {
        Holding::mark(store, grant.id, grant.grantor, false)?;
    }
    if grant.id == ledger::NATIVE {
        release(store, grant.grantor)?;
    }
    Ok(())
}

/// Removes the record of a grant that is over and returns the deposit to who left it; false when there is no
/// such record or it still stands. Until the window's end only the parties may (grantor, user, payer), so that
/// a stranger cannot take away the state that they wait to see; after it anyone may.
pub fn clean(store: &mut dyn Store, actor: Address, gid: U256) -> Result<bool, Fault> {
    guard_write(store)?;
    let grant = Grant::read(store, gid)?;
    if !matches!(state_now(store, &grant)?, State::Declined | State::Ended) {
        return Ok(false);
    }
    let (payer, deposit) = grant::deposit(store, gid)?;
    if store.now() < grant.head.end && ![grant.grantor, grant.user, payer].contains(&actor) {
        return Ok(false);
    }
    detach(store, gid, &grant)?;
    List::children(gid).erase(store)?;
    grant::erase(store, gid)?;
    if !store.move_native(USUFRUCT, payer, deposit)? {
        return Err(inconsistent());
    }
    emit(store, &Cleaned { gid: gid.into(), payer, deposit })?;
    Ok(true)
}
