//! Checks that the books of the stake add up.

use super::{
    state::Chain,
    state::{Totals, listed},
    validator::Validator,
};
use crate::{account::HHCM, fault::Fault, store::Store};
use alloy_primitives::{B256, U256};
use thiserror::Error;

/// Names the rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unsound {
    /// The system account does not hold what the sums call for.
    #[error("the stake's account holds {balance} wei, its books call for {sum}")]
    Balance {
        /// The balance.
        balance: U256,
        /// The sum of stake, stake on its way out, pool and unclaimed rewards.
        sum: U256,
    },
    /// Validators' stakes do not add up to the sum.
    #[error("validators hold {staked} and {unbonding} wei, the sums are {totals:?}")]
    Stakes {
        /// What validators have bonded.
        staked: u128,
        /// What is on its way out of them.
        unbonding: u128,
        /// The sums.
        totals: Totals,
    },
    /// The list of validators is broken at a place.
    #[error("place {place} of the list names another validator")]
    List {
        /// The place, from 0.
        place: u32,
    },
    /// A read failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Checks balance, sums and list. `keys` must name every validator that was ever registered. Coin forced on the
/// account by SELFDESTRUCT makes the balance larger, which is sound.
pub fn audit(store: &mut dyn Store, keys: &[B256]) -> Result<(), Unsound> {
    let totals = Totals::load(store)?;
    let (balance, sum) = (store.balance(HHCM)?, totals.sum());
    if balance < sum {
        return Err(Unsound::Balance { balance, sum });
    }
    let (mut staked, mut unbonding) = (0u128, 0u128);
    for key in keys {
        let Some(validator) = Validator::load(store, *key)? else { continue };
        staked = staked.saturating_add(validator.stake);
        unbonding = unbonding.saturating_add(validator.leaving);
    }
    if (staked, unbonding) != (totals.staked, totals.unbonding) {
        return Err(Unsound::Stakes { staked, unbonding, totals });
    }
    check_list(store)
}

fn check_list(store: &mut dyn Store) -> Result<(), Unsound> {
    for place in 0..Chain::load(store)?.listed {
        let key = listed(store, place)?;
        match Validator::load(store, key)? {
            Some(validator) if validator.place == place + 1 && !validator.jailed => {}
            _ => return Err(Unsound::List { place }),
        }
    }
    Ok(())
}
