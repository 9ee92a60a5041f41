//! Watches solvency: what members see outside against what the books owe (hard line 6).

use super::{
    coin::coin,
    event::{self, Observed},
    group::{Group, group, member_of},
    rails::halt,
    row::Row,
    rules::Counts,
    vault::{Books, State, Vault, vault, vault_coins},
};
use crate::{fault::Fault, slot::Table, store::Store, word::from_address};
use alloy_primitives::{Address, B256, U256};

fn row(vault: u64, coin: B256, operator: Address) -> Row {
    Row::new(Table::DcrmObserved, &[U256::from(vault), coin.into(), from_address(operator)])
}

/// Says what a member sees confirmed of `coin` at a vault's addresses, when that is less than the books owe, or no longer
/// is. What is kept is how much it lacks now, which later deposits and lock-outs do not change. When a quorum sees a
/// shortfall, the vault is halted in the same block.
pub fn observe(
    store: &mut dyn Store,
    operator: Address,
    number: u64,
    id: B256,
    amount: U256,
) -> Result<(), Fault> {
    let mut vault = vault(store, number)?;
    let (group, index) = member_of(store, &vault, operator)?;
    if coin(store, id)?.chain != vault.chain {
        return Err(Fault::Misuse("coin is not of the vault's chain"));
    }
    let owed = Books::load(store, number, id)?.owed();
    row(number, id, operator).set(store, 0, owed.saturating_sub(amount))?;
    event::emit(store, &Observed { vault: number, coin: id, member: index, amount })?;
    match seen(store, &vault, &group, id)? {
        Some(shortfall) => halt(store, &mut vault, id, shortfall),
        None => Ok(()),
    }
}

/// Returns what `operator` said last to be lacking of `coin` at a vault, zero once it said that nothing is.
pub fn reported(store: &mut dyn Store, vault: u64, coin: B256, operator: Address) -> Result<U256, Fault> {
    row(vault, coin, operator).get(store, 0)
}

/// Returns the shortfall of `coin` that a quorum of a group saw; of what they saw, the least that t of them agree on.
/// Nothing is lacking where nothing is owed.
fn seen(store: &mut dyn Store, vault: &Vault, group: &Group, id: B256) -> Result<Option<U256>, Fault> {
    let owed = Books::load(store, vault.number, id)?.owed();
    if owed.is_zero() {
        return Ok(None);
    }
    let mut lacks = Vec::new();
    for operator in &group.members {
        let lack = row(vault.number, id, *operator).get(store, 0)?.min(owed);
        lacks.extend(Some(lack).filter(|lack| !lack.is_zero()));
    }
    lacks.sort_unstable_by(|a, b| b.cmp(a));
    Ok(usize::from(group.threshold).checked_sub(1).and_then(|place| lacks.get(place).copied()))
}

/// Returns the first coin that a vault lacks, by its books or by what a quorum sees, and how much.
pub fn shortfall(store: &mut dyn Store, vault: &Vault) -> Result<Option<(B256, U256)>, Fault> {
    if !vault.keyed() {
        return Ok(None);
    }
    let group = group(store, vault.group)?;
    for coin in vault_coins(store, vault)? {
        let booked = Books::load(store, vault.number, coin.id)?.shortfall();
        let lack = booked.max(seen(store, vault, &group, coin.id)?.unwrap_or_default());
        if !lack.is_zero() {
            return Ok(Some((coin.id, lack)));
        }
    }
    Ok(None)
}

/// Checks every active vault at the end of a block and halts those that lack coin. Nothing happens on a chain without
/// custody.
pub fn close(store: &mut dyn Store) -> Result<(), Fault> {
    let count = Counts::load(store)?.vaults;
    for number in 1..=count {
        let Some(mut vault) = Vault::load(store, number)? else { continue };
        if vault.state != State::Active {
            continue;
        }
        if let Some((coin, lack)) = shortfall(store, &vault)? {
            halt(store, &mut vault, coin, lack)?;
        }
    }
    Ok(())
}
