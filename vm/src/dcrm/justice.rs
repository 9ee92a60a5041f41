//! Pays custodians for their work and strikes them for proved faults.

use super::{
    custodian::{Standing, custodian},
    event::{self, Struck},
    roll,
    rules::{Purse, Rules, minus, plus},
};
use crate::{fault::Fault, hhcm::BPS, store::Store};
use alloy_primitives::{Address, U256};

/// Gives `operators` equal parts of `amount` wei that are in escrow; what does not divide goes to the pool.
pub(super) fn reward(store: &mut dyn Store, operators: &[Address], amount: u128) -> Result<(), Fault> {
    let mut purse = Purse::load(store)?;
    purse.escrow = minus(purse.escrow, amount)?;
    let each = amount.checked_div(operators.len() as u128).unwrap_or_default();
    let mut rest = amount;
    for operator in operators {
        let mut one = custodian(store, *operator)?;
        one.rewards = plus(one.rewards, each)?;
        one.save(store)?;
        rest = minus(rest, each)?;
    }
    purse.rewards = plus(purse.rewards, minus(amount, rest)?)?;
    purse.pool = plus(purse.pool, rest)?;
    purse.save(store)
}

/// Gives `operator` the reward for being ready in a new group, while the pool has it.
pub(super) fn reward_ready(store: &mut dyn Store, operator: Address) -> Result<(), Fault> {
    let (rules, mut purse) = (Rules::load(store)?, Purse::load(store)?);
    let amount = rules.ready_reward.min(purse.pool);
    let mut one = custodian(store, operator)?;
    one.rewards = plus(one.rewards, amount)?;
    one.save(store)?;
    purse.pool = minus(purse.pool, amount)?;
    purse.rewards = plus(purse.rewards, amount)?;
    purse.save(store)
}

/// Names what a custodian was struck for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offence {
    /// Its dealing held a bad share (whitepaper 3.5.2, equation 5).
    Dealing,
    /// It accused a dealer whose share was good.
    Accusation,
    /// Its extraction does not fit its commitments.
    Extraction,
    /// Its handover held a bad share.
    Handover,
    /// It attested of a deposit what a quorum denies.
    Attestation,
}

impl Offence {
    /// Names the offence in logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dealing => "dealing",
            Self::Accusation => "accusation",
            Self::Extraction => "extraction",
            Self::Handover => "handover",
            Self::Attestation => "attestation",
        }
    }
}

/// Strikes a custodian for a proved fault: it loses the set part of its bond to the pool and is never chosen again. A
/// second proof changes nothing.
pub(super) fn strike(store: &mut dyn Store, operator: Address, offence: Offence) -> Result<(), Fault> {
    let rules = Rules::load(store)?;
    let mut one = custodian(store, operator)?;
    if one.standing == Standing::Struck {
        return Ok(());
    }
    let part: U256 = U256::from(one.bond) * U256::from(rules.slash_bps) / U256::from(BPS);
    let cut: u128 = part.saturating_to();
    one.standing = Standing::Struck;
    one.bond = minus(one.bond, cut)?;
    one.release = store.now().saturating_add(rules.leave_wait);
    one.save(store)?;
    if one.groups == 0 {
        roll::delist(store, &mut one)?;
    }
    let mut purse = Purse::load(store)?;
    purse.bonds = minus(purse.bonds, cut)?;
    purse.pool = plus(purse.pool, cut)?;
    purse.save(store)?;
    event::emit(
        store,
        &Struck { operator, offence: super::row::name(offence.name()), amount: U256::from(cut) },
    )
}
