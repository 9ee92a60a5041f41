//! Pays a block's author and its delegators.

use super::{
    pack::{minus, plus, share},
    params::{BPS, Params},
    position::Position,
    stake::pay,
    state::Totals,
    validator::{EARNED_BITS, Validator},
};
use crate::{
    account::{COLLECTOR, HHCM},
    fault::Fault,
    store::Store,
};
use alloy_primitives::{Address, U256};

/// Takes the fees from the collector into the pool; returns the author's part and the reward, which the pool
/// gives up again, in wei.
pub(super) fn collect(
    store: &mut dyn Store,
    totals: &mut Totals,
    params: &Params,
    fees: u128,
    worked: bool,
) -> Result<u128, Fault> {
    if fees > 0 && !store.move_native(COLLECTOR, HHCM, U256::from(fees))? {
        return Err(Fault::Misuse("the collector holds less than the fees"));
    }
    let own = share(fees, params.fee_author_bps.into(), BPS.into());
    let reward = if worked { params.block_reward.min(totals.pool) } else { 0 };
    totals.pool = plus(minus(totals.pool, reward)?, minus(fees, own)?)?;
    plus(own, reward)
}

/// Splits `income` wei between the author and its delegators; returns what was paid out to whom.
pub(super) fn split(
    store: &mut dyn Store,
    totals: &mut Totals,
    author: &mut Validator,
    income: u128,
) -> Result<Vec<(Address, U256)>, Fault> {
    let own = Position::load(store, author, author.owner)?.shares;
    let delegated = minus(author.shares, own)?;
    let commission = share(income, author.commission_bps.into(), BPS.into());
    let others = share(minus(income, commission)?, delegated, author.shares);
    if others > 0 {
        let scaled: U256 = U256::from(others) << EARNED_BITS;
        let per_share = scaled.checked_div(U256::from(delegated)).unwrap_or_default();
        author.earned = author.earned.saturating_add(per_share);
        totals.unclaimed = plus(totals.unclaimed, others)?;
    }
    let paid = minus(income, others)?;
    pay(store, author.payout, paid)?;
    Ok(if paid > 0 { vec![(author.payout, U256::from(paid))] } else { Vec::new() })
}
