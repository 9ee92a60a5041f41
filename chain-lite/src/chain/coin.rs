//! Counts native coin, for checks of conservation.

use super::Chain;
use crate::state::Mark;
use alloy_primitives::U256;

impl Chain {
    /// Returns the wei of all accounts; costs by the size of the state. Only for a chain that has forgotten nothing.
    pub fn coin(&self) -> U256 {
        let everything = self.state.changes_since(Mark::default()).unwrap_or_default();
        let balances = everything.accounts.iter().filter_map(|(_, head)| head.map(|head| head.balance));
        balances.fold(U256::ZERO, |sum, balance| sum.saturating_add(balance))
    }

    /// Returns the wei that base fees of the blocks kept have burnt.
    pub fn burnt(&self) -> U256 {
        let blocks = self.blocks.iter().zip(&self.receipts);
        blocks.fold(U256::ZERO, |sum, (block, receipts)| {
            let fee = U256::from(block.header.base_fee_per_gas.unwrap_or_default());
            // Firings are paid from escrow at their own price, which is not burnt.
            let users = receipts.iter().filter(|receipt| receipt.firing.is_none());
            let gas: u64 = users.map(|receipt| receipt.gas_used).sum();
            sum.saturating_add(fee.saturating_mul(U256::from(gas)))
        })
    }
}
