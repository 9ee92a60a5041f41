//! Writes policies: gas, and the policy word that the calling list keeps with a trigger.

use super::ast::{Failure, Late, Missed};
use super::fold::fold;
use super::synth::{Clause, Synth, selector};
use crate::ast::Expr;
use crate::diag::codes;
use alloy_primitives::U256;

/// Is what a clause is booked with.
pub(super) struct Terms {
    pub gas: u64,
    pub policy: U256,
    pub is_late_bound: bool,
}

impl Synth<'_> {
    /// Gathers gas and policy word of a clause; none when something is wrong, which is then reported.
    pub(super) fn terms(&mut self, clause: Clause<'_>) -> Option<Terms> {
        let options = &clause.trigger.options;
        let description = self.description;
        let gas = options.gas.as_ref().or(description.policy.gas.as_ref());
        let Some(gas) = gas else {
            let help = "add `policy { gas 300_000; escrow 1 ether; }` to the description";
            self.error(
                codes::DESC_NOT_FUNDED,
                clause.trigger.span,
                "no gas is bought for this trigger",
                help,
            );
            return None;
        };
        let gas_amount = self.constant(gas, 64)?;
        if gas_amount == 0 {
            let help = "a handler needs gas; 21,000 for the start come on top";
            self.error(codes::DESC_NOT_FUNDED, gas.span, "no gas is bought for this trigger", help);
            return None;
        }
        let late = options.late.as_ref().or(description.policy.late.as_ref());
        let policy = self.policy_word(clause, late)?;
        Some(Terms { gas: gas_amount, policy, is_late_bound: late.is_some() })
    }

    fn policy_word(&mut self, clause: Clause<'_>, late: Option<&Late>) -> Option<U256> {
        let options = &clause.trigger.options;
        let policy = &self.description.policy;
        let mut word = U256::ZERO;
        let mut put = |value: u64, bit: usize| word |= U256::from(value) << bit;
        match &options.missed {
            None | Some(Missed::Skip) => {}
            Some(Missed::Once) => put(1, 0),
            Some(Missed::All(most)) => {
                put(2, 0);
                put(most.as_ref().map_or(Some(0), |most| self.constant(most, 8))?, 8);
            }
        }
        match &options.failure {
            None | Some(Failure::Drop) => {}
            Some(Failure::Retry { times, every }) => {
                put(1, 16);
                put(self.constant(times, 8)?, 24);
                put(every.as_ref().map_or(Some(0), |every| self.constant(every, 32))?, 32);
            }
            Some(Failure::Pause) => put(2, 16),
        }
        if let Some(late) = late {
            put(self.positive(&late.bound, 32)?, 64);
            let name = format!("{}_late()", self.prefix(clause));
            put(u32::from_be_bytes(selector(&name)).into(), 128);
        }
        put(policy.poll.as_ref().map_or(Some(0), |poll| self.constant(poll, 32))?, 96);
        put(policy.price.as_ref().map_or(Some(0), |price| self.constant(price, 64))?, 160);
        Some(word)
    }

    /// Returns a constant that fits `bits`; reports it otherwise.
    pub(super) fn constant(&mut self, expr: &Expr, bits: u32) -> Option<u64> {
        let most = if bits >= 64 { u64::MAX } else { (1 << bits) - 1 };
        let value = fold(expr).and_then(|value| u64::try_from(value).ok()).filter(|value| *value <= most);
        if value.is_none() {
            let message = "expected a constant number here";
            let help =
                format!("write a whole number of at most {most}; units such as 10m or 1 gwei are allowed");
            self.error(codes::DESC_POLICY, expr.span, message, &help);
        }
        value
    }

    pub(super) fn positive(&mut self, expr: &Expr, bits: u32) -> Option<u64> {
        let value = self.constant(expr, bits)?;
        if value == 0 {
            self.error(codes::DESC_POLICY, expr.span, "expected more than 0", "give a duration such as 10m");
            return None;
        }
        Some(value)
    }

    /// Writes the entry that runs instead of a handler that came too late.
    pub(super) fn late(&mut self, clause: Clause<'_>, terms: &Terms, fired: &str) {
        if !terms.is_late_bound {
            return;
        }
        let name = format!("{}_late", self.prefix(clause));
        match &clause.trigger.options.late {
            Some(late) => {
                let holes = vec![("__C", late.call.clone())];
                self.entry(late.call.span, &name, false, &format!("{fired}\n__C;"), holes);
            }
            None => {
                let body = format!("{fired}\n__fusor_late_{}();", self.description.name.name);
                self.entry(clause.trigger.span, &name, false, &body, Vec::new());
            }
        }
    }

    /// Writes what the policy does for every trigger that came too late.
    pub(super) fn write_late(&mut self) {
        let description = self.description;
        let Some(late) = &description.policy.late else { return };
        let text = format!("function __fusor_late_{}() internal {{ __C; }}", description.name.name);
        self.check_handler(&late.call);
        self.piece(late.call.span, text, vec![("__C", late.call.clone())]);
    }
}
