//! Says what a transaction took out of a vault: what it spent less what it paid back to the vault's own locks.

use super::script;
use crate::{custody::Vault, plan::BitcoinPlan};
use alloy_primitives::U256;

/// Sums what a plan takes from a vault, fee included, in the smallest unit. It follows from the plan alone.
pub(super) fn outflow(plan: &BitcoinPlan, vault: &Vault) -> U256 {
    let own: Vec<_> = vault.locks().iter().filter_map(|lock| script::of_lock(lock).ok()).collect();
    let spent: U256 = plan.inputs.iter().map(|input| U256::from(input.amount)).sum();
    let back = plan.outputs.iter().filter(|output| own.contains(&output.script));
    spent.saturating_sub(back.map(|output| U256::from(output.amount)).sum())
}
