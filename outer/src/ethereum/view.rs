//! Shows a vault as the node's state has it.

use super::{Ethereum, account, node::Quantity};
use crate::{
    chain::OuterChain,
    custody::{FeeQuote, Holding, Next, Vault, View},
    deposit::Asset,
    error::OuterError,
};
use alloy_primitives::U256;
use serde_json::json;
use std::collections::BTreeMap;

/// Is what each account holds, and what all hold together.
type Held = (Vec<Holding>, BTreeMap<Asset, U256>);

impl Ethereum {
    /// Reads balances, nonces and fees. An account holds what it held at the confirmed depth, less what left since.
    pub(super) fn view_of(&self, vault: &Vault) -> Result<View, OuterError> {
        let head = self.head()?;
        let height = head.number.low();
        let (holdings, confirmed) = self.holdings(vault, height, &head.hash.0)?;
        Ok(View {
            chain: self.identity(),
            height,
            block_hash: head.hash.0,
            vault: vault.clone(),
            holdings,
            confirmed,
            coins: Vec::new(),
            fresh: Vec::new(),
            nonces: self.nonces(vault)?,
            fee: self.quote(head.base_fee_per_gas.map_or(U256::ZERO, |fee| fee.0))?,
        })
    }

    fn holdings(&self, vault: &Vault, height: u64, newest: &[u8; 32]) -> Result<Held, OuterError> {
        let Some(deep) = height.saturating_add(1).checked_sub(self.config.confirmations) else {
            return Ok(Default::default());
        };
        let deep = self.head_at(deep)?.hash.0;
        let mut held = Vec::new();
        for lock in vault.locks() {
            let account = account(&lock)?;
            held.extend(self.assets().map(|(asset, _)| (lock.path, account, asset)));
        }
        let keys: Vec<_> = held.iter().map(|(_, account, asset)| (*account, *asset)).collect();
        let (then, now) = (self.balances(&keys, &deep)?, self.balances(&keys, newest)?);
        let mut holdings = Vec::new();
        let mut sums: BTreeMap<Asset, (U256, U256)> = BTreeMap::new();
        for ((path, _, asset), (then, now)) in held.into_iter().zip(then.into_iter().zip(now)) {
            let (then, now) = (then.unwrap_or_default(), now.unwrap_or_default());
            holdings.push(Holding { path, asset, amount: then.min(now) });
            let sum = sums.entry(asset).or_default();
            *sum = (sum.0.saturating_add(then), sum.1.saturating_add(now));
        }
        holdings.retain(|held| !held.amount.is_zero());
        Ok((holdings, sums.into_iter().map(|(asset, (then, now))| (asset, then.min(now))).collect()))
    }

    fn nonces(&self, vault: &Vault) -> Result<Vec<Next>, OuterError> {
        let mut accounts = Vec::new();
        for lock in vault.locks() {
            accounts.push((lock.path, account(&lock)?));
        }
        let params: Vec<_> =
            accounts.iter().map(|(_, account)| json!([account.to_checksum(None), "latest"])).collect();
        let nonces: Vec<Quantity> = self.rpc.batch("eth_getTransactionCount", &params)?;
        let next = accounts.into_iter().zip(nonces);
        Ok(next.map(|((path, account), nonce)| Next { path, account, nonce: nonce.low() }).collect())
    }

    /// Quotes twice the base fee and the tip, within the cap: six full blocks may follow before it is too low.
    fn quote(&self, base: U256) -> Result<FeeQuote, OuterError> {
        let cap = u128::from(self.config.max_fee_cap);
        let asked = match self.rpc.attempt::<Quantity>("eth_maxPriorityFeePerGas", json!([]))? {
            Ok(tip) => tip.0.saturating_to::<u128>(),
            Err(_) => 0,
        };
        let max_priority = asked.max(self.config.priority_fee.into()).min(cap);
        let wanted = base.saturating_to::<u128>().saturating_mul(2).saturating_add(max_priority);
        Ok(FeeQuote::PerGas { max_fee: wanted.min(cap), max_priority })
    }
}
