//! Judges a plan by one's own view before one signs it.

use super::{
    Bitcoin,
    build::{INPUTS_MAX, Job, SEQUENCE, by_rate, size},
    script,
};
use crate::{
    custody::View,
    error::{PlanError, Refusal},
    plan::{BitcoinPlan, Input, Output, Plan},
    request::{FeeFrom, Request},
};
use alloy_primitives::U256;
use std::collections::BTreeSet;

/// Blocks that the planner's node may be ahead of one's own.
const AHEAD_MAX: u64 = 3;

impl Bitcoin {
    /// Refuses all that is not exactly what the request and the policy allow.
    pub(super) fn judge(
        &self,
        plan: &BitcoinPlan,
        request: &Request,
        view: &View,
        approved: &[Plan],
    ) -> Result<(), Refusal> {
        let job = self.job(request, view)?;
        judge_form(plan, view)?;
        judge_inputs(plan, &job, view)?;
        let fee = plan.fee().ok_or(Refusal::Policy("the outputs exceed the inputs"))?;
        let main = script::of_lock(&view.vault.main).map_err(PlanError::from)?;
        self.judge_outputs(plan, &job, &main, fee)?;
        self.judge_fee(plan, fee)?;
        approved.iter().try_for_each(|earlier| self.judge_earlier(plan, earlier))
    }

    fn judge_outputs(&self, plan: &BitcoinPlan, job: &Job, main: &[u8], fee: u64) -> Result<(), Refusal> {
        let (first, change) = match plan.outputs.as_slice() {
            [first] => (first, None),
            [first, change] => (first, Some(change)),
            _ => return Err(Refusal::WrongPayment("it has not one output and change")),
        };
        if let Some(change) = change {
            self.judge_change(change, main)?;
        }
        match job {
            Job::Sweep { .. } if change.is_some() => Err(Refusal::WrongPayment("a sweep has one output")),
            Job::Sweep { .. } if first.script != main => Err(Refusal::WrongPayment("it leaves the vault")),
            Job::Sweep { .. } => Ok(()),
            Job::Pay { script, .. } if first.script != *script => {
                Err(Refusal::WrongPayment("the destination differs"))
            }
            Job::Pay { amount, fee_from, .. } => self.judge_amount(first, *amount, *fee_from, (fee, main)),
        }
    }

    fn judge_change(&self, change: &Output, main: &[u8]) -> Result<(), Refusal> {
        match (change.script == main, change.amount >= self.network.dust(main)) {
            (false, _) => Err(Refusal::ForeignChange),
            (true, false) => Err(Refusal::Policy("change is dust")),
            (true, true) => Ok(()),
        }
    }

    fn judge_amount(
        &self,
        paid: &Output,
        amount: u64,
        fee_from: FeeFrom,
        (fee, main): (u64, &[u8]),
    ) -> Result<(), Refusal> {
        let borne = amount.checked_sub(paid.amount).ok_or(Refusal::WrongPayment("it pays too much"))?;
        let right = match fee_from {
            FeeFrom::Vault => borne == 0,
            FeeFrom::Amount => {
                borne > 0 && fee.checked_sub(borne).is_some_and(|rest| rest < self.network.dust(main))
            }
        };
        match right && paid.amount >= self.network.dust(&paid.script) {
            true => Ok(()),
            false => Err(Refusal::WrongPayment("the amount differs")),
        }
    }

    fn judge_fee(&self, plan: &BitcoinPlan, fee: u64) -> Result<(), Refusal> {
        let (least, most) = self.fee_range(plan);
        match (least..=most).contains(&fee) {
            true => Ok(()),
            false => {
                Err(Refusal::Fee { fee: U256::from(fee), least: U256::from(least), most: U256::from(most) })
            }
        }
    }

    fn judge_earlier(&self, plan: &BitcoinPlan, earlier: &Plan) -> Result<(), Refusal> {
        let Plan::Bitcoin(earlier) = earlier else { return Err(Refusal::WrongChain) };
        let first = |plan: &BitcoinPlan| plan.inputs.first().map(|input| input.outpoint);
        if plan == earlier {
            return Ok(());
        }
        if first(plan) != first(earlier) || earlier.chain != plan.chain {
            return Err(Refusal::NoConflict);
        }
        let scripts: Vec<&[u8]> = plan.outputs.iter().map(|output| output.script.as_slice()).collect();
        let increment = by_rate(self.network.increment, size(&plan.inputs, &scripts));
        match earlier.fee().and_then(|fee| fee.checked_add(increment)) <= plan.fee() {
            true => Ok(()),
            false => Err(Refusal::NotHigher),
        }
    }
}

fn judge_form(plan: &BitcoinPlan, view: &View) -> Result<(), Refusal> {
    match plan {
        _ if plan.inputs.is_empty() => Err(Refusal::Policy("it spends nothing")),
        _ if plan.inputs.len() > INPUTS_MAX => Err(Refusal::Policy("it has too many inputs")),
        _ if plan.sequence != SEQUENCE => Err(Refusal::Policy("it cannot be replaced")),
        _ if u64::from(plan.lock_time) > view.height.saturating_add(AHEAD_MAX) => {
            Err(Refusal::Policy("it is locked into the future"))
        }
        _ => Ok(()),
    }
}

fn judge_inputs(plan: &BitcoinPlan, job: &Job, view: &View) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    plan.inputs.iter().try_for_each(|input| match seen.insert(input.outpoint) {
        true => judge_input(input, job, view),
        false => Err(Refusal::DoubledInput(input.outpoint)),
    })
}

fn judge_input(input: &Input, job: &Job, view: &View) -> Result<(), Refusal> {
    if view.vault.lock(&input.lock.path) != Some(input.lock) {
        return Err(Refusal::ForeignInput);
    }
    if matches!(job, Job::Sweep { from } if input.lock.path != *from) {
        return Err(Refusal::WrongPayment("it sweeps another lock"));
    }
    let coin = view.coins.iter().find(|coin| coin.outpoint == input.outpoint);
    match coin {
        None => Err(Refusal::MissingInput(input.outpoint)),
        Some(coin) if coin.path != input.lock.path => Err(Refusal::ForeignInput),
        Some(coin) if coin.amount != input.amount => Err(Refusal::WrongAmount(input.outpoint)),
        Some(_) => Ok(()),
    }
}
