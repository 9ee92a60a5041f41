//! Chooses inputs, change and fee. The same request and view give the same plan.

use super::{Bitcoin, script, transaction};
use crate::{
    chain::OuterChain,
    custody::{Coin, FeeQuote, View},
    deposit::Asset,
    error::PlanError,
    plan::{BitcoinPlan, Input, Output},
    request::{FeeFrom, Request},
};
use alloy_primitives::U256;

/// Says that a replacement is allowed (BIP-125) and the lock time holds.
pub(super) const SEQUENCE: u32 = 0xffff_fffd;
/// Most inputs of one transaction: each needs a signing round of its own.
pub(super) const INPUTS_MAX: usize = 200;

/// Is what a request means here.
pub(super) enum Job {
    /// Pays an amount to a script.
    Pay { script: Vec<u8>, amount: u64, fee_from: FeeFrom },
    /// Moves all of a lock to the main script.
    Sweep { from: [u8; 32] },
}

/// Says how the fee is reckoned: by rate, and not below what a replaced transaction paid plus the increment.
#[derive(Clone, Copy)]
pub(super) struct Fees {
    /// Smallest units per 1,000 virtual bytes.
    pub(super) rate: u64,
    /// Fee of the transaction to replace.
    pub(super) replaced: Option<u64>,
    /// What a replacement pays on top, per 1,000 virtual bytes.
    pub(super) increment: u64,
}

impl Fees {
    fn of(&self, inputs: &[Input], outputs: &[&[u8]]) -> u64 {
        let size = size(inputs, outputs);
        let replacing = self.replaced.map_or(0, |fee| fee.saturating_add(by_rate(self.increment, size)));
        by_rate(self.rate, size).max(replacing)
    }
}

/// Returns virtual bytes with the longest signatures.
pub(super) fn size(inputs: &[Input], outputs: &[&[u8]]) -> u64 {
    let schemes: Vec<_> = inputs.iter().map(|input| input.lock.scheme).collect();
    transaction::weight(&schemes, outputs).div_ceil(4)
}

/// Returns the fee of a size at a rate, rounded up.
pub(super) fn by_rate(rate: u64, size: u64) -> u64 {
    rate.saturating_mul(size).div_ceil(1_000)
}

/// Sums inputs; saturating, as no chain has that many coins.
pub(super) fn total(inputs: &[Input]) -> u64 {
    inputs.iter().fold(0, |sum, input| sum.saturating_add(input.amount))
}

impl Bitcoin {
    /// Plans the first transaction for a request.
    pub(super) fn build(&self, request: &Request, view: &View) -> Result<BitcoinPlan, PlanError> {
        let FeeQuote::PerKilobyte(rate) = view.fee else { return Err(PlanError::Foreign) };
        let fees = Fees { rate, replaced: None, increment: self.network.increment };
        let lock_time = u32::try_from(view.height).unwrap_or_default();
        self.fit(&self.job(request, view)?, view, Vec::new(), fees, lock_time)
    }

    /// Reads a request.
    pub(super) fn job(&self, request: &Request, view: &View) -> Result<Job, PlanError> {
        if view.chain != self.identity() {
            return Err(PlanError::Foreign);
        }
        match request {
            Request::LockOut { asset: Asset::Native, to, amount, fee_from } => {
                let script = self.parse_destination(to)?.script;
                let least = self.network.dust(&script);
                let short = PlanError::Short { have: U256::ZERO, need: *amount };
                match u64::try_from(*amount).map_err(|_| short)? {
                    small if small < least => {
                        Err(PlanError::Dust { amount: *amount, least: U256::from(least) })
                    }
                    amount => Ok(Job::Pay { script, amount, fee_from: *fee_from }),
                }
            }
            Request::Sweep { asset: Asset::Native, from } => {
                view.vault.lock(from).ok_or(PlanError::UnknownLock)?;
                Ok(Job::Sweep { from: *from })
            }
            Request::Fund { .. } => Err(PlanError::NoGas),
            Request::LockOut { .. } | Request::Sweep { .. } => Err(PlanError::UnknownAsset),
        }
    }

    /// Fits inputs and outputs together; `inputs` are those that must be spent.
    pub(super) fn fit(
        &self,
        job: &Job,
        view: &View,
        mut inputs: Vec<Input>,
        fees: Fees,
        lock_time: u32,
    ) -> Result<BitcoinPlan, PlanError> {
        let change = script::of_lock(&view.vault.main)?;
        let mut spare = spare_coins(job, view, &inputs);
        let outputs = match job {
            Job::Sweep { .. } => {
                let room = INPUTS_MAX.saturating_sub(inputs.len());
                inputs.extend(spare.by_ref().take(room));
                vec![self.swept(&inputs, change, fees)?]
            }
            Job::Pay { script, amount, fee_from } => loop {
                match self.paid(&inputs, (script, *amount, *fee_from), &change, fees)? {
                    Ok(outputs) => break outputs,
                    Err(_) if inputs.len() >= INPUTS_MAX => return Err(PlanError::TooManyInputs(INPUTS_MAX)),
                    Err(need) => inputs.push(spare.next().ok_or_else(|| short(&inputs, need))?),
                }
            },
        };
        let plan = BitcoinPlan { chain: self.identity(), inputs, outputs, sequence: SEQUENCE, lock_time };
        self.hold_caps(&plan)?;
        Ok(plan)
    }

    fn swept(&self, inputs: &[Input], script: Vec<u8>, fees: Fees) -> Result<Output, PlanError> {
        let (have, fee) = (total(inputs), fees.of(inputs, &[&script]));
        let least = self.network.dust(&script);
        match have.checked_sub(fee).filter(|amount| *amount >= least) {
            Some(amount) => Ok(Output { script, amount }),
            None => Err(short(inputs, fee.saturating_add(least))),
        }
    }

    /// Returns the outputs, or what the inputs must hold at least.
    fn paid(
        &self,
        inputs: &[Input],
        (script, amount, fee_from): (&[u8], u64, FeeFrom),
        change: &[u8],
        fees: Fees,
    ) -> Result<Result<Vec<Output>, u64>, PlanError> {
        let (fee, fee_alone) = (fees.of(inputs, &[script, change]), fees.of(inputs, &[script]));
        let on_top = |fee: u64| match fee_from {
            FeeFrom::Vault => amount.saturating_add(fee),
            FeeFrom::Amount => amount,
        };
        let payment = |fee: u64| match fee_from {
            FeeFrom::Vault => Ok(Output { script: script.to_vec(), amount }),
            FeeFrom::Amount => self.reduced(script, amount, fee),
        };
        let least = self.network.dust(change);
        if let Some(rest) = total(inputs).checked_sub(on_top(fee)).filter(|rest| *rest >= least) {
            let change = Output { script: change.to_vec(), amount: rest };
            return Ok(Ok(vec![payment(fee)?, change]));
        }
        match !inputs.is_empty() && total(inputs) >= on_top(fee_alone) {
            true => Ok(Ok(vec![payment(fee_alone)?])),
            false => Ok(Err(on_top(fee_alone))),
        }
    }

    fn reduced(&self, script: &[u8], amount: u64, fee: u64) -> Result<Output, PlanError> {
        let (left, least) = (amount.saturating_sub(fee), self.network.dust(script));
        match left >= least {
            true => Ok(Output { script: script.to_vec(), amount: left }),
            false => Err(PlanError::Dust { amount: U256::from(left), least: U256::from(least) }),
        }
    }

    fn hold_caps(&self, plan: &BitcoinPlan) -> Result<(), PlanError> {
        let (fee, most) = (plan.fee().unwrap_or(u64::MAX), self.fee_range(plan).1);
        match fee <= most {
            true => Ok(()),
            false => Err(PlanError::FeeCap { fee: U256::from(fee), cap: U256::from(most) }),
        }
    }

    /// Returns the least and most that a plan may pay. What is dust as change may be added to the fee.
    pub(super) fn fee_range(&self, plan: &BitcoinPlan) -> (u64, u64) {
        let scripts: Vec<&[u8]> = plan.outputs.iter().map(|output| output.script.as_slice()).collect();
        let size = size(&plan.inputs, &scripts);
        let least = by_rate(self.config.fee_rate_min, size);
        (least, by_rate(self.config.fee_rate_max, size).min(self.config.fee_max))
    }
}

fn short(inputs: &[Input], need: u64) -> PlanError {
    PlanError::Short { have: U256::from(total(inputs)), need: U256::from(need) }
}

/// Lists the coins that may be added, largest first, then by outpoint.
fn spare_coins(job: &Job, view: &View, taken: &[Input]) -> std::vec::IntoIter<Input> {
    let fits = |coin: &&Coin| match job {
        Job::Sweep { from } => coin.path == *from,
        Job::Pay { .. } => true,
    };
    let mut spare: Vec<_> = view
        .coins
        .iter()
        .filter(fits)
        .filter(|coin| taken.iter().all(|input| input.outpoint != coin.outpoint))
        .filter_map(|coin| {
            let lock = view.vault.lock(&coin.path)?;
            Some(Input { outpoint: coin.outpoint, amount: coin.amount, lock })
        })
        .collect();
    spare.sort_by_key(|input| (std::cmp::Reverse(input.amount), input.outpoint));
    spare.into_iter()
}
