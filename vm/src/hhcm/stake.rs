//! Bonds and delegates, unbonds, withdraws and claims. An owner's own stake and delegations move alike.
//!
//! Coin that comes in has arrived at the system account before; what goes out is moved from it.

use super::{
    committee::unlist,
    event::{self, Bonded, Paid, Unbonded},
    pack::{minus, plus, share, share_up},
    params::Params,
    position::position,
    registry::enter,
    state::{Chain, Totals},
    validator::Validator,
};
use crate::{account::HHCM, fault::Fault, store::Store};
use alloy_primitives::{Address, B256, U256};

/// Adds `amount` wei that have arrived to what `holder` has at the validator `key`. A validator that lost its
/// place takes one again if its stake suffices.
pub fn bond(store: &mut dyn Store, holder: Address, key: B256, amount: u128) -> Result<(), Fault> {
    let (mut validator, mut held) = position(store, key, holder)?;
    if validator.jailed {
        return Err(Fault::Misuse("this validator was slashed and takes no stake"));
    }
    held.settle(&validator)?;
    let shares = match validator.shares {
        0 => amount,
        all => share(amount, all, validator.stake),
    };
    if shares == 0 {
        return Err(Fault::Misuse("nothing to bond"));
    }
    held.shares = plus(held.shares, shares)?;
    held.save(store)?;
    grow(&mut validator, amount, shares, store.now())?;
    let mut totals = Totals::load(store)?;
    totals.staked = plus(totals.staked, amount)?;
    totals.save(store)?;
    enter(store, &mut validator)?;
    validator.save(store)?;
    event::emit(store, &Bonded { key, holder, amount: U256::from(amount) })
}

/// Adds stake; new stake has not been held yet, so the time of holding shrinks in proportion.
pub(super) fn grow(validator: &mut Validator, amount: u128, shares: u128, now: u64) -> Result<(), Fault> {
    let stake = plus(validator.stake, amount)?;
    let held = share(now.saturating_sub(validator.since).into(), validator.stake, stake);
    validator.since = now.saturating_sub(u64::try_from(held).unwrap_or(u64::MAX));
    validator.stake = stake;
    validator.shares = plus(validator.shares, shares)?;
    Ok(())
}

/// Starts the withdrawal of `amount` wei of what `holder` has at the validator `key`. It waits `unbond_wait`
/// seconds and is slashed meanwhile as if it were still bonded. Below the least stake the validator leaves at
/// the end of the epoch.
pub fn unbond(store: &mut dyn Store, holder: Address, key: B256, amount: u128) -> Result<(), Fault> {
    let params = Params::load(store)?;
    let (mut validator, mut held) = position(store, key, holder)?;
    held.settle(&validator)?;
    let value = held.value(&validator);
    if amount == 0 || amount > value {
        return Err(Fault::Misuse("less than that is bonded"));
    }
    let burnt = match amount == value {
        true => held.shares,
        false => share_up(amount, validator.shares, validator.stake).min(held.shares),
    };
    held.shares = minus(held.shares, burnt)?;
    validator.stake = minus(validator.stake, amount)?;
    validator.shares = minus(validator.shares, burnt)?;
    let leaving = leave(&mut validator, amount)?;
    let release = store.now().saturating_add(params.unbond_wait);
    held.push(store, leaving, release)?;
    held.save(store)?;
    let mut totals = Totals::load(store)?;
    totals.staked = minus(totals.staked, amount)?;
    totals.unbonding = plus(totals.unbonding, amount)?;
    totals.save(store)?;
    validator.save(store)?;
    event::emit(store, &Unbonded { key, holder, amount: U256::from(amount), release })?;
    match validator.stake < params.min_stake && validator.place > 0 {
        true => give_up_place(store, validator),
        false => Ok(()),
    }
}

/// Adds to what leaves a validator; returns its shares.
fn leave(validator: &mut Validator, amount: u128) -> Result<u128, Fault> {
    let shares = match validator.leaving_shares {
        0 => amount,
        all => share(amount, all, validator.leaving),
    };
    if shares == 0 {
        return Err(Fault::Misuse("too little to withdraw"));
    }
    validator.leaving = plus(validator.leaving, amount)?;
    validator.leaving_shares = plus(validator.leaving_shares, shares)?;
    Ok(shares)
}

pub(super) fn give_up_place(store: &mut dyn Store, validator: Validator) -> Result<(), Fault> {
    let mut chain = Chain::load(store)?;
    unlist(store, &mut chain, validator)?;
    chain.save(store)
}

/// Pays `to` what of `holder`'s withdrawals at the validator `key` has waited long enough; returns the wei.
pub fn withdraw(store: &mut dyn Store, holder: Address, key: B256, to: Address) -> Result<u128, Fault> {
    let (mut validator, mut held) = position(store, key, holder)?;
    let (now, mut sum) = (store.now(), 0);
    while let Some(shares) = held.pop(store, now)? {
        let amount = validator.leaving_value(shares);
        validator.leaving = minus(validator.leaving, amount)?;
        validator.leaving_shares = minus(validator.leaving_shares, shares)?;
        sum = plus(sum, amount)?;
    }
    held.save(store)?;
    validator.save(store)?;
    let mut totals = Totals::load(store)?;
    totals.unbonding = minus(totals.unbonding, sum)?;
    totals.save(store)?;
    pay(store, to, sum)?;
    event::emit(store, &Paid { key, holder, to, amount: U256::from(sum) })?;
    Ok(sum)
}

/// Pays `to` the rewards that `holder` has earned by delegating to the validator `key`; returns the wei.
pub fn claim(store: &mut dyn Store, holder: Address, key: B256, to: Address) -> Result<u128, Fault> {
    let (validator, mut held) = position(store, key, holder)?;
    held.settle(&validator)?;
    let sum = std::mem::take(&mut held.pending);
    held.save(store)?;
    let mut totals = Totals::load(store)?;
    totals.unclaimed = minus(totals.unclaimed, sum)?;
    totals.save(store)?;
    pay(store, to, sum)?;
    event::emit(store, &Paid { key, holder, to, amount: U256::from(sum) })?;
    Ok(sum)
}

/// Moves coin out of the system account.
pub(super) fn pay(store: &mut dyn Store, to: Address, amount: u128) -> Result<(), Fault> {
    match amount == 0 || store.move_native(HHCM, to, U256::from(amount))? {
        true => Ok(()),
        false => Err(Fault::Misuse("the stake's account cannot pay")),
    }
}
