//! Credits deposits that came while their vault was not active.

use super::{
    coin::coin,
    deposit::{Kept, credit, worth},
    vault::{Books, State, active, find, vault},
};
use crate::{fault::Fault, store::Store};
use alloy_primitives::B256;

/// Credits a deposit that was held, once its vault is active again; of a retiring vault, once an active vault of its
/// chain holds as much more than it owes, which a sweep brings about. Anyone may ask.
pub fn credit_held(store: &mut dyn Store, id: B256) -> Result<(), Fault> {
    let kept = Kept::load(store, id)?
        .filter(|kept| kept.held)
        .ok_or(Fault::Misuse("no deposit is held by this name"))?;
    let home = vault(store, kept.deposit.vault)?;
    let coin = coin(store, kept.deposit.coin)?;
    let amount = worth(&coin, &kept.deposit);
    let covers = |books: &Books| books.custody.saturating_sub(books.owed()) >= amount;
    let payer = match home.state {
        State::Retiring => find(store, &coin, covers)?
            .ok_or(Fault::Misuse("what arrived at the retiring vault has not moved to another one yet"))?,
        _ => active(store, home.number)?.number,
    };
    if !covers(&Books::load(store, payer, coin.id)?) {
        return Err(Fault::Misuse("the vault does not hold as much above what it owes"));
    }
    Kept { held: false, ..kept }.save(store)?;
    credit(store, &kept.deposit, payer)
}
