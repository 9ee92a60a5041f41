//! Judges a plan by one's own view before one signs it.

use super::{
    Ethereum,
    build::{Amount, COIN_GAS, Job, outbid},
    token,
};
use crate::{
    custody::View,
    deposit::Asset,
    error::Refusal,
    plan::{EthereumPlan, Plan},
    request::Request,
};
use alloy_primitives::{Address, U256};

impl Ethereum {
    /// Refuses all that is not exactly what the request and the policy allow.
    pub(super) fn judge(
        &self,
        plan: &EthereumPlan,
        request: &Request,
        view: &View,
        approved: &[Plan],
    ) -> Result<(), Refusal> {
        let job = self.job(request, view)?;
        if plan.from != job.from {
            return Err(Refusal::ForeignInput);
        }
        let sent = sent(plan, &job)?;
        judge_amount(plan, &job, sent)?;
        self.judge_gas(plan, &job)?;
        judge_funds(plan, &job, sent, view)?;
        judge_nonce(plan, view, approved)?;
        approved.iter().try_for_each(|earlier| judge_earlier(plan, earlier))
    }

    fn judge_gas(&self, plan: &EthereumPlan, job: &Job) -> Result<(), Refusal> {
        let (gas_max, cap) = (self.gas_max(job.asset), u128::from(self.config.max_fee_cap));
        if !(COIN_GAS..=gas_max).contains(&plan.gas_limit) {
            return Err(Refusal::Policy("the gas limit is not within the policy"));
        }
        if plan.max_priority > plan.max_fee {
            return Err(Refusal::Policy("the priority fee exceeds the fee"));
        }
        match (1..=cap).contains(&plan.max_fee) {
            true => Ok(()),
            false => Err(Refusal::Fee {
                fee: U256::from(plan.max_fee),
                least: U256::from(1),
                most: U256::from(cap),
            }),
        }
    }
}

/// Returns how much of the asset goes to the right place; nothing else may go anywhere.
fn sent(plan: &EthereumPlan, job: &Job) -> Result<U256, Refusal> {
    let to_right = |to: Address| match to == job.to {
        true => Ok(()),
        false => Err(Refusal::WrongPayment("the destination differs")),
    };
    match job.asset {
        Asset::Native => {
            to_right(plan.to)?;
            match plan.data.is_empty() {
                true => Ok(plan.value),
                false => Err(Refusal::WrongPayment("it calls code")),
            }
        }
        Asset::Token(contract) if plan.to != contract => Err(Refusal::WrongPayment("it is another token")),
        Asset::Token(_) if !plan.value.is_zero() => Err(Refusal::WrongPayment("coin goes along")),
        Asset::Token(_) => {
            let call = token::read_transfer(&plan.data);
            let (to, amount) = call.ok_or(Refusal::WrongPayment("it is no transfer"))?;
            to_right(to)?;
            Ok(amount)
        }
    }
}

fn judge_amount(plan: &EthereumPlan, job: &Job, sent: U256) -> Result<(), Refusal> {
    let right = match job.amount {
        Amount::Exact(amount) => sent == amount,
        Amount::LessFee(amount) => sent.checked_add(plan.fee_max()) == Some(amount),
        Amount::All => true,
    };
    match right && !sent.is_zero() {
        true => Ok(()),
        false => Err(Refusal::WrongPayment("the amount differs")),
    }
}

fn judge_funds(plan: &EthereumPlan, job: &Job, sent: U256, view: &View) -> Result<(), Refusal> {
    let path = &job.from.path;
    let coin = (view.held(path, Asset::Native), plan.value.saturating_add(plan.fee_max()));
    let asset = (view.held(path, job.asset), sent);
    match [coin, asset].into_iter().find(|(have, need)| have < need) {
        Some((have, need)) => Err(Refusal::Short { have, need }),
        None => Ok(()),
    }
}

/// The first plan takes the next nonce; a replacement keeps the earlier one's while it is not used.
fn judge_nonce(plan: &EthereumPlan, view: &View, approved: &[Plan]) -> Result<(), Refusal> {
    let next = view.nonce(&plan.from.path).ok_or(Refusal::ForeignInput)?;
    let right = match approved {
        [] => plan.nonce == next,
        _ => plan.nonce >= next,
    };
    match right {
        true => Ok(()),
        false => Err(Refusal::Nonce { have: plan.nonce, want: next }),
    }
}

fn judge_earlier(plan: &EthereumPlan, earlier: &Plan) -> Result<(), Refusal> {
    let Plan::Ethereum(earlier) = earlier else { return Err(Refusal::WrongChain) };
    if plan == earlier {
        return Ok(());
    }
    let place = |plan: &EthereumPlan| (plan.chain_id, plan.from, plan.nonce);
    if place(plan) != place(earlier) {
        return Err(Refusal::NoConflict);
    }
    match plan.max_fee >= outbid(earlier.max_fee) && plan.max_priority >= outbid(earlier.max_priority) {
        true => Ok(()),
        false => Err(Refusal::NotHigher),
    }
}
