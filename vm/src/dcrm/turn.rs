//! Has groups take turns: starts the next one, lets it take over when it is ready, gives it up when it stalls.

use super::{
    custodian::{Standing, custodian, standing, unstruck},
    event,
    group::{Group, GroupState, bit, group, hold, start},
    justice::reward_ready,
    rules::Rules,
    vault::{State as VaultState, Vault, vault},
};
use crate::{fault::Fault, store::Store};
use alloy_primitives::Address;

/// Starts the re-sharing of a vault's key to a new group, or its generation anew after a failure. Any custodian may ask;
/// misuse unless the key is due, or a member left or was struck, or no key came about.
pub fn regroup(store: &mut dyn Store, caller: Address, number: u64) -> Result<(), Fault> {
    let rules = Rules::load(store)?;
    let mut vault = vault(store, number)?;
    if caller != rules.steward {
        custodian(store, caller)?;
    }
    if vault.next != 0 {
        return Err(Fault::Misuse("a group is in the making"));
    }
    let due = caller == rules.steward
        || !vault.keyed()
        || store.height().saturating_sub(vault.renewed) >= rules.renew.into()
        || bereft(store, &vault)?;
    let dismissed = vault.state == VaultState::Retiring && !vault.keyed();
    if !due || dismissed {
        return Err(Fault::Misuse("the vault's shares are not due to be made anew"));
    }
    start(store, &mut vault)?;
    vault.save(store)
}

/// Says whether a member of a vault's group left or was struck.
pub fn bereft(store: &mut dyn Store, vault: &Vault) -> Result<bool, Fault> {
    for operator in group(store, vault.group)?.members {
        if standing(store, operator)? != Some(Standing::Active) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Says that member `operator` of a finished group holds its share. With enough of them the group takes over its vault.
pub fn ready(store: &mut dyn Store, operator: Address, number: u64) -> Result<(), Fault> {
    let mut group = group(store, number)?;
    let index = group.index_of(operator).ok_or(Fault::Misuse("not a member of this group"))?;
    if !matches!(group.state, GroupState::Made | GroupState::Holding) || group.ready & bit(index) != 0 {
        return Err(Fault::Misuse("nothing to be ready for"));
    }
    unstruck(store, operator)?;
    group.ready |= bit(index);
    reward_ready(store, operator)?;
    let size = group.members.len() as u32;
    let enough = size.saturating_sub(u32::from(group.threshold) - 1).max(group.threshold.into());
    if group.state == GroupState::Made && group.ready.count_ones() >= enough {
        take_over(store, &mut group)?;
    }
    group.save(store)?;
    event::emit(store, &event::Ready { group: number, member: index })
}

fn take_over(store: &mut dyn Store, next: &mut Group) -> Result<(), Fault> {
    let mut vault = vault(store, next.vault)?;
    if vault.keyed() {
        let mut past = group(store, vault.group)?;
        past.state = GroupState::Past;
        past.save(store)?;
        hold(store, &past, false)?;
    }
    next.state = GroupState::Holding;
    vault.group = next.number;
    vault.next = 0;
    vault.epoch = vault.epoch.saturating_add(1);
    vault.key = next.key;
    vault.renewed = store.height();
    if vault.state == VaultState::Opening {
        vault.state = VaultState::Active;
    }
    vault.save(store)?;
    event::emit(store, &event::TookOver { vault: vault.number, group: next.number, epoch: vault.epoch })
}

/// Gives up a group that did not come about in ten phases; any custodian may say so.
pub fn give_up(store: &mut dyn Store, caller: Address, number: u64) -> Result<(), Fault> {
    custodian(store, caller)?;
    let mut group = group(store, number)?;
    let open = matches!(group.state, GroupState::Making | GroupState::Made);
    if !open || group.phase_at(store.height()) < 10 {
        return Err(Fault::Misuse("this group may still come about"));
    }
    group.state = GroupState::Failed;
    group.save(store)?;
    hold(store, &group, false)?;
    let mut vault = vault(store, group.vault)?;
    vault.next = 0;
    vault.save(store)?;
    event::emit(store, &event::GroupFailed { group: number })
}
