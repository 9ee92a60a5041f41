//! Keeps native coin under grants with the ledger account, since a balance can leave by any CALL.

use super::{
    event::{Released, emit},
    query::settled_encumbrance,
};
use crate::{
    account::LEDGER,
    fault::Fault,
    ledger::{
        NATIVE, guard_write,
        holding::{Holding, inconsistent},
    },
    store::Store,
};
use alloy_primitives::{Address, U256};

/// Takes native coin from `who`'s balance until the ledger account keeps `target`; the caller has made sure
/// that `who` owns it.
pub(super) fn lock(store: &mut dyn Store, who: Address, target: U256) -> Result<(), Fault> {
    let held = Holding::read(store, NATIVE, who)?;
    let missing = target.saturating_sub(held.amount);
    if missing.is_zero() {
        return Ok(());
    }
    if !store.move_native(who, LEDGER, missing)? {
        return Err(inconsistent());
    }
    held.plus(missing)?.write(store)
}

/// Returns to `who`'s balance what the ledger account keeps beyond the largest encumbrance from now on, and
/// says how much. Anyone may ask for it; it runs no code.
pub fn release(store: &mut dyn Store, who: Address) -> Result<U256, Fault> {
    guard_write(store)?;
    if Holding::read(store, NATIVE, who)?.amount.is_zero() {
        return Ok(U256::ZERO);
    }
    let needed = settled_encumbrance(store, NATIVE, who)?;
    let held = Holding::read(store, NATIVE, who)?;
    let surplus = held.amount.checked_sub(needed).ok_or_else(inconsistent)?;
    if surplus.is_zero() {
        return Ok(surplus);
    }
    held.minus(surplus)?.write(store)?;
    if !store.move_native(LEDGER, who, surplus)? {
        return Err(inconsistent());
    }
    emit(store, &Released { owner: who, amount: surplus })?;
    Ok(surplus)
}
