//! Checks the rules that every live grant keeps, for [`crate::invariants`].

use super::{
    grant::{DEPTH_MAX, Grant},
    list::{Entry, List, windows},
    window::level,
};
use crate::{
    fault::Fault,
    invariants::Violation,
    ledger::{NATIVE, holding::Holding},
    store::Store,
};
use alloy_primitives::{Address, U256};

/// Checks the grants that `who` takes part in, and returns every instant from now on at which one starts or
/// ends.
pub(crate) fn check_rights(store: &mut dyn Store, id: U256, who: Address) -> Result<Vec<u64>, Violation> {
    let owner = List::owner(id, who).live(store)?;
    let user = List::user(id, who).live(store)?;
    let sublet = List::sublet(id, who).live(store)?;
    check_flag(store, id, who, &owner)?;
    for entry in &owner {
        let grant = Grant::read(store, entry.gid)?;
        let own = grant.grantor == who && grant.id == id && grant.head.is_root();
        rule(own, entry.gid, "stands on another owner's list")?;
        rule(lists(store, List::user(id, grant.user), entry.gid)?, entry.gid, "is not on its user's list")?;
    }
    for entry in &user {
        check_user(store, id, who, entry.gid)?;
    }
    for entry in &sublet {
        let grant = Grant::read(store, entry.gid)?;
        let own = grant.grantor == who && grant.id == id && !grant.head.is_root();
        rule(own, entry.gid, "stands on another sublessor's list")?;
        rule(lists(store, List::user(id, grant.user), entry.gid)?, entry.gid, "is not on its user's list")?;
    }
    let now = store.now();
    let edges = owner.iter().chain(&user).chain(&sublet).flat_map(|e| [e.window.start, e.window.end]);
    Ok(edges.filter(|edge| *edge >= now).collect())
}

/// Returns the largest amount granted away at any start of a live grant, and now.
pub(crate) fn largest_granted(store: &mut dyn Store, id: U256, who: Address) -> Result<U256, Fault> {
    let windows = windows(&List::owner(id, who).live(store)?);
    let now = store.now();
    let instants = windows.iter().map(|window| window.start.max(now));
    Ok(instants.map(|at| level(&windows, at)).max().unwrap_or_default())
}

fn check_flag(store: &mut dyn Store, id: U256, who: Address, owner: &[Entry]) -> Result<(), Violation> {
    let holding = Holding::read(store, id, who)?;
    let Some(first) = owner.first() else { return Ok(()) };
    rule(holding.encumbered, first.gid, "encumbers a holding that is not marked")?;
    let kept = id != NATIVE || holding.amount >= largest_granted(store, id, who)?;
    rule(kept, first.gid, "is on native coin that the ledger account does not keep")
}

fn check_user(store: &mut dyn Store, id: U256, who: Address, gid: U256) -> Result<(), Violation> {
    let grant = Grant::read(store, gid)?;
    rule(grant.user == who && grant.id == id, gid, "stands on another user's list")?;
    let children = windows(&List::children(gid).live(store)?);
    for at in children.iter().map(|child| child.start) {
        rule(level(&children, at) <= grant.amount, gid, "is sublet beyond its amount")?;
    }
    match grant.head.is_root() {
        true => rule(lists(store, List::owner(id, grant.grantor), gid)?, gid, "is not on its owner's list"),
        false => check_sub(store, id, gid, &grant),
    }
}

fn check_sub(store: &mut dyn Store, id: U256, gid: U256, grant: &Grant) -> Result<(), Violation> {
    let parent = Grant::read(store, grant.parent)?;
    rule(parent.head.is_live(store.now()), gid, "outlives its parent")?;
    rule(parent.user == grant.grantor && parent.id == id, gid, "was not its sublessor's to give")?;
    let within = parent.head.start <= grant.head.start && grant.head.end <= parent.head.end;
    rule(within && grant.amount <= parent.amount, gid, "exceeds its parent")?;
    let depth = grant.head.depth == parent.head.depth.saturating_add(1) && grant.head.depth <= DEPTH_MAX;
    rule(depth, gid, "is too deep")?;
    rule(lists(store, List::children(grant.parent), gid)?, gid, "is not among its parent's children")?;
    rule(lists(store, List::sublet(id, grant.grantor), gid)?, gid, "is not on its sublessor's list")
}

fn lists(store: &mut dyn Store, list: List, gid: U256) -> Result<bool, Fault> {
    Ok(list.gids(store)?.contains(&gid))
}

fn rule(holds: bool, gid: U256, rule: &'static str) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::Grant { gid, rule }) }
}
