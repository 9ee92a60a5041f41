//! Shows a vault as the node's set of unspent outputs has it.

use super::{
    Bitcoin,
    node::{ScanJson, TxOutJson, UnspentJson},
    script,
};
use crate::{
    chain::OuterChain,
    custody::{Coin, FeeQuote, Holding, Lock, Vault, View},
    deposit::{Asset, OutPoint},
    error::OuterError,
    plan::BitcoinPlan,
    scan::COINBASE_MATURITY,
};
use alloy_primitives::{U256, hex};
use serde_json::json;
use std::collections::BTreeMap;

/// Milliseconds between asking whether a scan for somebody else is over, and how often that is asked.
const BUSY_MS: u64 = 50;
const BUSY_MAX: u32 = 60;
/// The error of a node that is scanning for somebody else (RPC_INVALID_PARAMETER, scantxoutset).
const BUSY: i64 = -8;

impl Bitcoin {
    /// Has the node scan; it scans for one client at a time.
    fn scan(&self, wanted: &[String]) -> Result<ScanJson, OuterError> {
        for _ in 0..BUSY_MAX {
            match self.rpc.attempt("scantxoutset", json!(["start", wanted]))? {
                Ok(scan) => return Ok(scan),
                Err(fault) if fault.code == BUSY && fault.message.contains("in progress") => {
                    std::thread::sleep(std::time::Duration::from_millis(BUSY_MS));
                }
                Err(fault) => return Err(self.rpc.fault("scantxoutset", fault)),
            }
        }
        self.rpc.call("scantxoutset", json!(["start", wanted]))
    }

    /// Scans all unspent outputs. Coins that are fresh, immature or dust are left out.
    pub(super) fn full_view(&self, vault: &Vault) -> Result<View, OuterError> {
        let scripts = scripts(vault)?;
        let wanted: Vec<_> = scripts.keys().map(|script| format!("raw({})", hex::encode(script))).collect();
        let scan = self.scan(&wanted)?;
        if !scan.success {
            return Err(self.rpc.nonsense("scantxoutset", "the scan was cut short"));
        }
        let is_deep = |unspent: &UnspentJson| {
            scan.height.saturating_add(1).saturating_sub(unspent.height) >= self.config.confirmations
        };
        let worth = scan.unspents.iter().filter(|unspent| unspent.amount.0 >= self.config.deposit_min);
        let (found, fresh): (Vec<_>, Vec<_>) = worth.partition(|unspent| is_deep(unspent));
        let immature = self.immature(&found, scan.height)?;
        let coin = |unspent: &UnspentJson| {
            let lock = scripts.get(&hex::decode(&unspent.script).ok()?)?;
            Some(Coin { outpoint: outpoint(unspent), path: lock.path, amount: unspent.amount.0 })
        };
        let coins = found.into_iter().filter_map(coin).filter(|coin| !immature.contains(&coin.outpoint));
        let fresh = fresh.into_iter().filter_map(coin).collect();
        let mut view = self.show(vault, (scan.height, scan.bestblock.0), coins.collect())?;
        view.fresh = fresh;
        Ok(view)
    }

    /// Lists outputs among these that are newly mined and cannot be spent yet; a node's scan does not say.
    fn immature(&self, found: &[&UnspentJson], height: u64) -> Result<Vec<OutPoint>, OuterError> {
        let young: Vec<_> = found
            .iter()
            .filter(|unspent| unspent.height.saturating_add(COINBASE_MATURITY) > height.saturating_add(1))
            .map(|unspent| outpoint(unspent))
            .collect();
        let answers = self.unspent(young.iter().copied(), false)?;
        let usable = |answer: &Option<TxOutJson>| answer.as_ref().is_some_and(|out| !out.coinbase);
        Ok(young.into_iter().zip(answers).filter(|(_, answer)| !usable(answer)).map(|(at, _)| at).collect())
    }

    /// Looks up the inputs of a plan and nothing else.
    pub(super) fn narrow_view(&self, vault: &Vault, plan: &BitcoinPlan) -> Result<View, OuterError> {
        let (scripts, (height, best)) = (scripts(vault)?, self.best()?);
        let outpoints: Vec<_> = plan.inputs.iter().map(|input| input.outpoint).collect();
        let answers = self.unspent(outpoints.iter().copied(), false)?;
        if answers.iter().flatten().any(|out| out.bestblock.0 != best) {
            return Err(OuterError::Moved { height });
        }
        let coins = outpoints
            .into_iter()
            .zip(answers)
            .filter_map(|(outpoint, answer)| {
                let out = answer.filter(|out| self.is_deep(out))?;
                let lock = scripts.get(&out.script.bytes()?)?;
                Some(Coin { outpoint, path: lock.path, amount: out.value.0 })
            })
            .collect();
        self.show(vault, (height, best), coins)
    }

    fn is_deep(&self, out: &TxOutJson) -> bool {
        let needed = match out.coinbase {
            true => self.config.confirmations.max(COINBASE_MATURITY),
            false => self.config.confirmations,
        };
        out.confirmations >= needed && out.value.0 >= self.config.deposit_min
    }

    fn show(&self, vault: &Vault, at: (u64, [u8; 32]), coins: Vec<Coin>) -> Result<View, OuterError> {
        let mut sums: BTreeMap<[u8; 32], U256> = BTreeMap::new();
        for coin in &coins {
            let sum = sums.entry(coin.path).or_default();
            *sum = sum.saturating_add(U256::from(coin.amount));
        }
        let total = sums.values().fold(U256::ZERO, |sum, amount| sum.saturating_add(*amount));
        let holdings =
            sums.into_iter().map(|(path, amount)| Holding { path, asset: Asset::Native, amount }).collect();
        Ok(View {
            chain: self.identity(),
            height: at.0,
            block_hash: at.1,
            vault: vault.clone(),
            holdings,
            confirmed: BTreeMap::from([(Asset::Native, total)]),
            coins,
            fresh: Vec::new(),
            nonces: Vec::new(),
            fee: FeeQuote::PerKilobyte(self.rate()?),
        })
    }
}

fn outpoint(unspent: &UnspentJson) -> OutPoint {
    OutPoint { txid: unspent.txid.0, vout: unspent.vout }
}

fn scripts(vault: &Vault) -> Result<BTreeMap<Vec<u8>, Lock>, OuterError> {
    vault.locks().into_iter().map(|lock| Ok((script::of_lock(&lock)?, lock))).collect()
}
