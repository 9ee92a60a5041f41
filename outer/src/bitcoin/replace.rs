//! Outbids a transaction that waits too long (BIP-125).
//!
//! Litecoin's nodes take replacements only when started with `-mempoolreplacement=1`; without it a replacement is
//! answered as conflicting, and the first transaction has to be waited for.

use super::{
    Bitcoin,
    build::{Fees, size},
};
use crate::{
    custody::{FeeQuote, View},
    error::PlanError,
    plan::BitcoinPlan,
    request::Request,
};
use alloy_primitives::U256;

impl Bitcoin {
    /// Plans a transaction with all inputs of the earlier one, in order, and a higher fee and rate.
    pub(super) fn rebuild(
        &self,
        earlier: &BitcoinPlan,
        request: &Request,
        view: &View,
        wished: Option<u128>,
    ) -> Result<BitcoinPlan, PlanError> {
        let FeeQuote::PerKilobyte(quoted) = view.fee else { return Err(PlanError::Foreign) };
        let least = self.outbidding_rate(earlier);
        let rate = match wished.map(|rate| u64::try_from(rate).unwrap_or(u64::MAX)) {
            Some(rate) if rate < least => {
                return Err(PlanError::NotHigher { fee: U256::from(rate), least: U256::from(least) });
            }
            Some(rate) => rate,
            None => quoted.max(least),
        };
        let fees = Fees { rate, replaced: earlier.fee(), increment: self.network.increment };
        self.fit(&self.job(request, view)?, view, earlier.inputs.clone(), fees, earlier.lock_time)
    }

    /// Returns the least rate that replaces a plan.
    pub(super) fn outbidding_rate(&self, plan: &BitcoinPlan) -> u64 {
        let scripts: Vec<&[u8]> = plan.outputs.iter().map(|output| output.script.as_slice()).collect();
        let size = size(&plan.inputs, &scripts).max(1);
        let rate = plan.fee().unwrap_or(u64::MAX).saturating_mul(1_000).div_ceil(size);
        rate.saturating_add(self.network.increment)
    }
}
