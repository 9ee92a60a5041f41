//! Says what a transaction took out of a vault, by its receipt.

use super::{Ethereum, account, token};
use crate::{custody::Vault, deposit::Asset, error::OuterError, plan::EthereumPlan};
use alloy_primitives::{Address, U256};

impl Ethereum {
    /// Sums what an included transaction took from a vault: gas, and what it paid to others if it did not fail. None if
    /// the node has no receipt of it.
    pub(super) fn outflow(
        &self,
        txid: &[u8; 32],
        plan: &EthereumPlan,
        vault: &Vault,
    ) -> Result<Option<Vec<(Asset, U256)>>, OuterError> {
        let Some(receipt) = self.receipt(txid)? else { return Ok(None) };
        let own: Vec<Address> = vault.locks().iter().filter_map(|lock| account(lock).ok()).collect();
        let gas = receipt.gas_used.0.saturating_mul(receipt.effective_gas_price.0);
        let (mut coin, mut flows) = (gas, Vec::new());
        if receipt.succeeded() {
            if !own.contains(&plan.to) {
                coin = coin.saturating_add(plan.value);
            }
            let moved = token::read_transfer(&plan.data).filter(|(to, _)| !own.contains(to));
            flows.extend(moved.map(|(_, amount)| (Asset::Token(plan.to), amount)));
        }
        flows.insert(0, (Asset::Native, coin));
        Ok(Some(flows))
    }
}
