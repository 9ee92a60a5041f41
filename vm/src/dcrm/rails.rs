//! Keeps vaults safe: halts them, lets them go on, retires them.

use super::{
    coin::{coin, steward},
    event::{self, Covered, Dismissed, Halted, Resumed, Retired},
    group::{GroupState, group, hold, member_of},
    rules::Rules,
    vault::{Books, State, Vault, active, vault, vault_coins},
};
use crate::{fault::Fault, ledger, store::Store};
use alloy_primitives::{Address, B256, U256};

/// Halts a vault: nothing is credited, planned or signed until it is resumed.
pub fn halt_vault(store: &mut dyn Store, caller: Address, number: u64) -> Result<(), Fault> {
    steward(store, caller)?;
    let mut vault = active(store, number)?;
    halt(store, &mut vault, B256::ZERO, U256::ZERO)
}

/// Halts a vault that lacks `shortfall` of `coin`.
pub(super) fn halt(
    store: &mut dyn Store,
    vault: &mut Vault,
    coin: B256,
    shortfall: U256,
) -> Result<(), Fault> {
    if vault.state != State::Active {
        return Ok(());
    }
    vault.state = State::Halted;
    vault.save(store)?;
    event::emit(store, &Halted { vault: vault.number, coin, shortfall })
}

/// Lets a halted vault go on. Misuse while its books, or a quorum of its members, see a shortfall.
pub fn resume(store: &mut dyn Store, caller: Address, number: u64) -> Result<(), Fault> {
    steward(store, caller)?;
    let mut vault = vault(store, number)?;
    if vault.state != State::Halted {
        return Err(Fault::Misuse("the vault is not halted"));
    }
    if super::watch::shortfall(store, &vault)?.is_some() {
        return Err(Fault::Misuse("the vault still lacks coin"));
    }
    vault.state = State::Active;
    vault.save(store)?;
    event::emit(store, &Resumed { vault: number })
}

/// Begins to retire a vault, for example on suspicion of its key: its members sweep what it holds to the chain's newest
/// active vault.
pub fn retire(store: &mut dyn Store, caller: Address, number: u64) -> Result<(), Fault> {
    steward(store, caller)?;
    let mut vault = vault(store, number)?;
    if !matches!(vault.state, State::Active | State::Halted) {
        return Err(Fault::Misuse("the vault is not in use"));
    }
    vault.state = State::Retiring;
    vault.save(store)?;
    event::emit(store, &Retired { vault: number })
}

/// Lets the members of a retiring vault go, once it owes nothing of any coin. Its addresses take no more deposits: nobody
/// watches them.
pub fn dismiss(store: &mut dyn Store, caller: Address, number: u64) -> Result<(), Fault> {
    steward(store, caller)?;
    let mut vault = vault(store, number)?;
    if vault.state != State::Retiring || !vault.keyed() || vault.next != 0 {
        return Err(Fault::Misuse("only a retiring vault without a group in the making is dismissed"));
    }
    for coin in vault_coins(store, &vault)? {
        if !Books::load(store, number, coin.id)?.circulating.is_zero() {
            return Err(Fault::Misuse("the vault's coin still circulates"));
        }
    }
    let mut past = group(store, vault.group)?;
    past.state = GroupState::Past;
    past.save(store)?;
    hold(store, &past, false)?;
    vault.group = 0;
    vault.save(store)?;
    event::emit(store, &Dismissed { vault: number })
}

/// Holds `caller` to be one who may [`shift`]: the steward, or a member of the retiring vault's group. What a vault holds
/// above what it owes pays outer fees, so that not everyone may use it up.
pub fn may_shift(store: &mut dyn Store, caller: Address, from: u64) -> Result<(), Fault> {
    if Rules::load(store)?.steward == caller {
        return Ok(());
    }
    let source = vault(store, from)?;
    member_of(store, &source, caller).map(|_| ())
}

/// Destroys `amount` of the caller's free units of `id` to cover what a vault lacks, or to fill the reserve that its fees
/// are paid from. Misuse if the vault owes less, or the caller holds less.
pub fn cover(
    store: &mut dyn Store,
    caller: Address,
    number: u64,
    id: B256,
    amount: U256,
) -> Result<(), Fault> {
    vault(store, number)?;
    let mut books = Books::load(store, number, id)?;
    if amount.is_zero() || amount > books.owed() {
        return Err(Fault::Misuse("the vault owes less than that"));
    }
    books.circulating = books.circulating.saturating_sub(amount);
    books.save(store, number, id)?;
    let asset = coin(store, id)?.asset();
    if !ledger::burn(store, caller, asset, amount)? {
        return Err(Fault::Misuse("less than that is held and free"));
    }
    event::emit(store, &Covered { vault: number, coin: id, by: caller, amount })
}

/// Moves what circulates from the books of a retiring vault to those of `to`, as far as `to` holds more than it owes;
/// returns the units.
pub fn shift(store: &mut dyn Store, from: u64, to: u64, id: B256) -> Result<U256, Fault> {
    let (source, target) = (vault(store, from)?, active(store, to)?);
    if source.state != State::Retiring || source.chain != target.chain {
        return Err(Fault::Misuse("only a retiring vault's coin moves, and to a vault of its chain"));
    }
    let (mut out, mut into) = (Books::load(store, from, id)?, Books::load(store, to, id)?);
    let moved = out.owed().min(into.custody.saturating_sub(into.owed()));
    out.circulating = out.circulating.saturating_sub(moved);
    into.circulating = into.circulating.saturating_add(moved);
    out.save(store, from, id)?;
    into.save(store, to, id)?;
    Ok(moved)
}
