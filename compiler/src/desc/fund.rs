//! Checks that a description is funded: its escrow pays at least the firings that are known beforehand.

use super::fold::fold;
use super::synth::Synth;
use crate::diag::codes;
use alloy_primitives::U256;
use fusor_vm::triggers::{USUAL_PRICE, USUAL_RENT, weight};

/// Sums what is known to fire.
#[derive(Debug, Default)]
pub(super) struct Bill {
    gas: U256,
    firings: u64,
}

impl Bill {
    /// Adds a trigger that fires at least `firings` times with `gas` for its handler.
    pub(super) fn add(&mut self, gas: u64, firings: u64) {
        let firings = firings.max(1);
        self.gas = self.gas.saturating_add(U256::from(weight(gas)) * U256::from(firings));
        self.firings = self.firings.saturating_add(firings);
    }
}

impl Synth<'_> {
    /// Returns the escrow of the policy in wei; 0 without one.
    pub(super) fn escrow(&self) -> U256 {
        self.description.policy.escrow.as_ref().and_then(fold).unwrap_or_default()
    }

    /// Reports a description whose triggers nobody pays for.
    pub(super) fn check_funding(&mut self) {
        if self.bill.firings == 0 {
            return;
        }
        let description = self.description;
        let Some(escrow) = &description.policy.escrow else {
            let help = "add `escrow 1 ether;` to its policy: what the release deposits for the triggers";
            return self.error(
                codes::DESC_NOT_FUNDED,
                description.name.span,
                format!("nobody pays for the triggers of `{}`", description.name.name),
                help,
            );
        };
        let Some(amount) = fold(escrow) else {
            let help = "write an amount such as 0.2 ether";
            return self.error(codes::DESC_POLICY, escrow.span, "expected a constant amount here", help);
        };
        // A fuller slot costs up to four times as much.
        let rent = U256::from(self.bill.firings) * U256::from(USUAL_RENT);
        let least = self.bill.gas.saturating_mul(U256::from(USUAL_PRICE)).saturating_add(rent);
        if amount < least {
            let message = format!("the escrow of {amount} wei does not pay the firings known so far");
            let help = format!(
                "{} gas and rent cost at least {least} wei at the usual price of 1 gwei; raise the escrow or lower the gas",
                self.bill.gas
            );
            self.error(codes::DESC_NOT_FUNDED, escrow.span, message, &help);
        }
    }
}
