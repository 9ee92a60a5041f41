//! Reads and writes what an account holds of an asset.

use super::{NATIVE, erc20::Transfer};
use crate::{
    account::{self, LEDGER},
    fault::Fault,
    slot::{Record, Table},
    store::Store,
    usufruct, word,
};
use alloy_primitives::{Address, U256};
use alloy_sol_types::SolEvent;

/// Is the largest supply of an asset, 2^255 - 1.
pub const AMOUNT_MAX: U256 = U256::from_limbs([u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 1]);

/// Is the word of a holding, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holding {
    /// The slot; kept because finding it takes a hash.
    key: U256,
    /// Units owned; for the native coin those that the ledger account keeps for the owner.
    pub(crate) amount: U256,
    /// Whether the owner's list of grants is not empty.
    pub(crate) encumbered: bool,
}

impl Holding {
    /// Reads what `who` holds of `id`.
    pub(crate) fn read(store: &mut dyn Store, id: U256, who: Address) -> Result<Self, Fault> {
        let key = key(id, who);
        let word = store.get(LEDGER, key)?;
        Ok(Self { key, amount: word & AMOUNT_MAX, encumbered: word.bit(255) })
    }

    /// Writes the holding where it was read.
    pub(crate) fn write(self, store: &mut dyn Store) -> Result<(), Fault> {
        let flag = U256::from(self.encumbered) << 255;
        store.set(LEDGER, self.key, (self.amount & AMOUNT_MAX) | flag)
    }

    /// Writes the flag where it differs.
    pub(crate) fn mark(store: &mut dyn Store, id: U256, who: Address, encumbered: bool) -> Result<(), Fault> {
        let holding = Self::read(store, id, who)?;
        match holding.encumbered == encumbered {
            true => Ok(()),
            false => Self { encumbered, ..holding }.write(store),
        }
    }

    /// Adds units.
    pub(crate) fn plus(self, amount: U256) -> Result<Self, Fault> {
        let sum = self.amount.checked_add(amount).filter(|sum| *sum <= AMOUNT_MAX);
        sum.map(|amount| Self { amount, ..self }).ok_or_else(inconsistent)
    }

    /// Takes units away.
    pub(crate) fn minus(self, amount: U256) -> Result<Self, Fault> {
        let rest = self.amount.checked_sub(amount);
        rest.map(|amount| Self { amount, ..self }).ok_or_else(inconsistent)
    }
}

/// Says that storage breaks the ledger's invariants, which no operation can bring about.
pub(crate) fn inconsistent() -> Fault {
    Fault::Database("the ledger's storage breaks its invariants".into())
}

fn key(id: U256, who: Address) -> U256 {
    Record::new(Table::Holding, &[id, word::from_address(who)]).word(0)
}

/// Returns what `who` owns of `id`, units under grants included. The ledger account owns no native coin: what
/// it keeps counts as its owners'.
pub fn owned(store: &mut dyn Store, id: U256, who: Address) -> Result<U256, Fault> {
    let amount = Holding::read(store, id, who)?.amount;
    owned_with(store, id, who, amount)
}

/// Returns what `who` owns of `id`, the word of the holding being known.
pub(crate) fn owned_with(store: &mut dyn Store, id: U256, who: Address, amount: U256) -> Result<U256, Fault> {
    match id == NATIVE {
        false => Ok(amount),
        true if who == LEDGER => Ok(U256::ZERO),
        true => Ok(store.balance(who)?.saturating_add(amount)),
    }
}

/// Returns what `who` may send of `id` now: what it owns less the largest encumbrance from now on. Native
/// coin whose grant is over counts, though the balance shows it only after [`usufruct::release`].
pub fn free(store: &mut dyn Store, id: U256, who: Address) -> Result<U256, Fault> {
    let holding = Holding::read(store, id, who)?;
    let owned = owned_with(store, id, who, holding.amount)?;
    match holding.encumbered {
        false => Ok(owned),
        true => owned.checked_sub(usufruct::encumbrance(store, id, who)?).ok_or_else(inconsistent),
    }
}

/// Returns the native coin that the ledger account keeps for `who` under grants.
pub fn locked(store: &mut dyn Store, who: Address) -> Result<U256, Fault> {
    Ok(Holding::read(store, NATIVE, who)?.amount)
}

/// Emits `Transfer` at the asset's ERC-20 view. An amount of zero and a transfer to oneself are logged too.
pub(crate) fn log_transfer(
    store: &mut dyn Store,
    id: U256,
    from: Address,
    to: Address,
    value: U256,
) -> Result<(), Fault> {
    let log = Transfer { from, to, value }.encode_log_data();
    store.log(account::erc20_address(id), log.topics(), log.data.clone())
}
