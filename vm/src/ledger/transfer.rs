//! Mints, burns and sends units. None of these runs code of the receiver.

use super::{
    NATIVE, asset,
    asset::Asset,
    asset_id, erc20, guard_write,
    holding::{Holding, inconsistent, log_transfer},
};
use crate::{account::LEDGER, fault::Fault, store::Store, usufruct};
use alloy_primitives::{Address, U256};

/// Mints `amount` of `issuer`'s asset `sub` to `to` and returns the asset's id; 0 when the supply would reach
/// 2^255, `to` is the zero address, or another asset answers at the ERC-20 view. The first mint, also of
/// nothing, fixes the metadata and registers the view.
pub fn mint(
    store: &mut dyn Store,
    issuer: Address,
    sub: U256,
    to: Address,
    amount: U256,
) -> Result<U256, Fault> {
    guard_write(store)?;
    let id = asset_id(issuer, sub);
    let Some(supply) = asset::grown_supply(store, id, amount)? else { return Ok(U256::ZERO) };
    if to.is_zero() || !open(store, issuer, id, sub)? {
        return Ok(U256::ZERO);
    }
    if !amount.is_zero() {
        asset::set_supply(store, id, supply)?;
        Holding::read(store, id, to)?.plus(amount)?.write(store)?;
    }
    log_transfer(store, id, Address::ZERO, to, amount)?;
    Ok(id)
}

/// Opens an asset at its first mint; false when its view is taken.
fn open(store: &mut dyn Store, issuer: Address, id: U256, sub: U256) -> Result<bool, Fault> {
    let asset = Asset::read(store, id)?.unwrap_or(Asset::new(issuer));
    if asset.is_minted() {
        return Ok(true);
    }
    if !erc20::claim(store, id)? {
        return Ok(false);
    }
    asset.open(store, id, sub)?;
    Ok(true)
}

/// Destroys `amount` of `who`'s free units; false when it has fewer, for the native coin, and for an asset
/// never minted.
pub fn burn(store: &mut dyn Store, who: Address, id: U256, amount: U256) -> Result<bool, Fault> {
    guard_write(store)?;
    if id == NATIVE || !asset::exists(store, id)? {
        return Ok(false);
    }
    let Some(holding) = spendable(store, who, id, amount)? else { return Ok(false) };
    if !amount.is_zero() {
        let supply = asset::supply(store, id)?.checked_sub(amount).ok_or_else(inconsistent)?;
        holding.minus(amount)?.write(store)?;
        asset::set_supply(store, id, supply)?;
    }
    log_transfer(store, id, who, Address::ZERO, amount)?;
    Ok(true)
}

/// Sends `amount` of `from`'s free units to `to` without running code; false when it has fewer, or when `to`
/// cannot own: the zero address (but for the native coin, as in Ethereum) and, of the native coin, the ledger
/// account. Sending nothing and sending to oneself succeed within the free amount and are logged.
pub fn send(
    store: &mut dyn Store,
    from: Address,
    id: U256,
    to: Address,
    amount: U256,
) -> Result<bool, Fault> {
    guard_write(store)?;
    match id == NATIVE {
        true => send_native(store, from, to, amount),
        false => send_asset(store, from, id, to, amount),
    }
}

fn send_native(store: &mut dyn Store, from: Address, to: Address, amount: U256) -> Result<bool, Fault> {
    if to == LEDGER || from == LEDGER {
        return Ok(false);
    }
    usufruct::release(store, from)?;
    store.move_native(from, to, amount)
}

fn send_asset(
    store: &mut dyn Store,
    from: Address,
    id: U256,
    to: Address,
    amount: U256,
) -> Result<bool, Fault> {
    // A holding that covers a positive amount proves that the asset was minted.
    if to.is_zero() || (amount.is_zero() && !asset::exists(store, id)?) {
        return Ok(false);
    }
    let Some(holding) = spendable(store, from, id, amount)? else { return Ok(false) };
    if !amount.is_zero() && from != to {
        holding.minus(amount)?.write(store)?;
        Holding::read(store, id, to)?.plus(amount)?.write(store)?;
    }
    log_transfer(store, id, from, to, amount)?;
    Ok(true)
}

/// Returns the holding that covers `amount` of free units, and drops grants that are over from its list;
/// `None` when the free units fall short.
fn spendable(store: &mut dyn Store, who: Address, id: U256, amount: U256) -> Result<Option<Holding>, Fault> {
    let holding = Holding::read(store, id, who)?;
    if amount > holding.amount {
        return Ok(None);
    }
    if !holding.encumbered {
        return Ok(Some(holding));
    }
    let encumbrance = usufruct::settled_encumbrance(store, id, who)?;
    let free = holding.amount.checked_sub(encumbrance).ok_or_else(inconsistent)?;
    match amount <= free {
        true => Holding::read(store, id, who).map(Some),
        false => Ok(None),
    }
}

/// Adds up the amounts of equal ids, in order of first appearance; `None` where a sum overflows.
pub fn merge_pairs(pairs: &[(U256, U256)]) -> Option<Vec<(U256, U256)>> {
    let mut merged: Vec<(U256, U256)> = Vec::with_capacity(pairs.len());
    for (id, amount) in pairs {
        match merged.iter_mut().find(|(known, _)| known == id) {
            Some((_, sum)) => *sum = sum.checked_add(*amount)?,
            None => merged.push((*id, *amount)),
        }
    }
    Some(merged)
}

/// Sends every pair from `from` to `to`, or none; `false` when one cannot be covered. The native coin is
/// skipped: the call carries it as CALLVALUE. `pairs` must hold each id once ([`merge_pairs`]).
pub fn move_pairs(
    store: &mut dyn Store,
    from: Address,
    to: Address,
    pairs: &[(U256, U256)],
) -> Result<bool, Fault> {
    guard_write(store)?;
    for (id, amount) in pairs.iter().filter(|(id, _)| *id != NATIVE) {
        if to.is_zero() || !asset::exists(store, *id)? || spendable(store, from, *id, *amount)?.is_none() {
            return Ok(false);
        }
    }
    for (id, amount) in pairs.iter().filter(|(id, _)| *id != NATIVE) {
        if !send_asset(store, from, *id, to, *amount)? {
            return Err(inconsistent());
        }
    }
    Ok(true)
}
