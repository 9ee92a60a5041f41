//! Holds each contract's pot, from which its triggers are paid.

use crate::{
    account::TRIGGERS,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
};
use alloy_primitives::{Address, U256};

fn record(contract: Address) -> Record {
    Record::new(Table::TriggerPot, &[contract.into_word().into()])
}

/// Returns the pot of `contract` in wei.
pub fn pot(store: &mut dyn Store, contract: Address) -> Result<U256, Fault> {
    store.get(TRIGGERS, record(contract).word(0))
}

/// Credits the pot of `contract` with `amount` wei that the TRIGGERS account already received. Errors:
/// misuse when the pot would overflow.
pub fn fund(store: &mut dyn Store, contract: Address, amount: U256) -> Result<(), Fault> {
    let key = record(contract).word(0);
    let sum = store.get(TRIGGERS, key)?.checked_add(amount).ok_or(Fault::Misuse("pot overflows"))?;
    store.set(TRIGGERS, key, sum)
}

/// Pays `amount` wei out of the pot to the contract's balance; false when the pot holds less.
pub fn withdraw(store: &mut dyn Store, contract: Address, amount: U256) -> Result<bool, Fault> {
    let key = record(contract).word(0);
    let Some(rest) = store.get(TRIGGERS, key)?.checked_sub(amount) else { return Ok(false) };
    if !store.move_native(TRIGGERS, contract, amount)? {
        return Ok(false);
    }
    store.set(TRIGGERS, key, rest)?;
    Ok(true)
}

/// Takes `amount` wei from the pot and, where it is short, from the contract's own balance; false, with
/// nothing changed, when both are short.
pub(super) fn reserve(store: &mut dyn Store, contract: Address, amount: u128) -> Result<bool, Fault> {
    let key = record(contract).word(0);
    let pot = store.get(TRIGGERS, key)?;
    let amount = U256::from(amount);
    let short = amount.saturating_sub(pot);
    if !short.is_zero() && !store.move_native(contract, TRIGGERS, short)? {
        return Ok(false);
    }
    let rest = pot.saturating_sub(amount);
    if rest != pot {
        store.set(TRIGGERS, key, rest)?;
    }
    Ok(true)
}

/// Returns the gas that the round robin owes `contract` from earlier blocks.
pub fn deficit(store: &mut dyn Store, contract: Address) -> Result<u64, Fault> {
    let word = store.get(TRIGGERS, record(contract).word(1))?;
    Ok(word.saturating_to())
}

/// Remembers the gas that the round robin owes `contract`.
pub fn set_deficit(store: &mut dyn Store, contract: Address, gas: u64) -> Result<(), Fault> {
    store.set(TRIGGERS, record(contract).word(1), U256::from(gas))
}
