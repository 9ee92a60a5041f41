//! Sends transactions and finds out what became of them, without a transaction index.

use super::{Bitcoin, hash_to_hex, node::BlockJson};
use crate::{
    deposit::OutPoint,
    error::OuterError,
    plan::{BitcoinPlan, Plan},
    rpc::{Fault, clip},
    sign::Signed,
    status::{Broadcast, Status},
};
use alloy_primitives::hex;
use serde::de::IgnoredAny;
use serde_json::json;

/// Blocks that are searched for a spent input, newest first.
const SEARCH_MAX: u64 = 2_016;
/// RPC_INVALID_ADDRESS_OR_KEY: not in the pool.
const NOT_FOUND: i64 = -5;
/// RPC_VERIFY_ALREADY_IN_CHAIN.
const IN_CHAIN: i64 = -27;

impl Bitcoin {
    /// Sends a transaction unless the node knows it.
    pub(super) fn send(&self, signed: &Signed) -> Result<Broadcast, OuterError> {
        let Plan::Bitcoin(plan) = &signed.plan else { return Err(OuterError::Foreign) };
        if self.in_pool(&signed.txid)? {
            return Ok(Broadcast::AlreadyKnown);
        }
        let raw = hex::encode(&signed.raw);
        match self.rpc.attempt::<String>("sendrawtransaction", json!([raw, 0]))? {
            Ok(_) => Ok(Broadcast::Accepted),
            Err(fault) => self.judge_fault(signed, plan, fault),
        }
    }

    fn judge_fault(
        &self,
        signed: &Signed,
        plan: &BitcoinPlan,
        fault: Fault,
    ) -> Result<Broadcast, OuterError> {
        let text = fault.message.to_ascii_lowercase();
        let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
        match fault.code {
            IN_CHAIN => Ok(Broadcast::AlreadyKnown),
            _ if has(&["missing", "spent", "inputs-missingorspent"]) => {
                match self.trace(&signed.txid, plan)? {
                    Status::Included { .. } | Status::Mempool => Ok(Broadcast::AlreadyKnown),
                    _ => Ok(Broadcast::Conflicting),
                }
            }
            _ if has(&["insufficient fee", "min fee not met", "min relay fee", "rejecting replacement"]) => {
                Ok(Broadcast::FeeTooLow(clip(&fault.message)))
            }
            _ if has(&["mempool-conflict"]) => Ok(Broadcast::Conflicting),
            _ => Ok(Broadcast::Rejected(clip(&fault.message))),
        }
    }

    fn in_pool(&self, txid: &[u8; 32]) -> Result<bool, OuterError> {
        match self.rpc.attempt::<IgnoredAny>("getmempoolentry", json!([hash_to_hex(txid)]))? {
            Ok(_) => Ok(true),
            Err(fault) if fault.code == NOT_FOUND => Ok(false),
            Err(fault) => Err(self.rpc.fault("getmempoolentry", fault)),
        }
    }

    /// Finds a transaction: by its unspent outputs, in the pool, or by who spent its inputs.
    pub(super) fn trace(&self, txid: &[u8; 32], plan: &BitcoinPlan) -> Result<Status, OuterError> {
        let tip = self.best()?.0;
        let outputs = (0u32..).zip(&plan.outputs).map(|(vout, _)| OutPoint { txid: *txid, vout });
        if let Some(out) = self.unspent(outputs, false)?.into_iter().flatten().next() {
            let confirmations = out.confirmations;
            let height = tip.saturating_add(1).saturating_sub(confirmations);
            return Ok(Status::Included { height, confirmations });
        }
        if self.in_pool(txid)? {
            return Ok(Status::Mempool);
        }
        let inputs = plan.inputs.iter().map(|input| input.outpoint);
        match self.unspent(inputs, false)?.iter().all(Option::is_some) {
            true => Ok(Status::Unknown),
            false => self.spender(txid, plan, tip),
        }
    }

    /// Searches the blocks since the plan was made for the transaction or for one that took an input of it.
    fn spender(&self, txid: &[u8; 32], plan: &BitcoinPlan, tip: u64) -> Result<Status, OuterError> {
        let oldest = u64::from(plan.lock_time).max(tip.saturating_sub(SEARCH_MAX)).saturating_add(1);
        for height in (oldest..=tip).rev() {
            if let Some(by) = conflict(&self.block(height)?, plan) {
                let confirmations = tip.saturating_add(1).saturating_sub(height);
                return Ok(match by == *txid {
                    true => Status::Included { height, confirmations },
                    false => Status::Replaced { by: Some(by) },
                });
            }
        }
        Ok(Status::Unknown)
    }
}

/// Returns the transaction of a block that spends an input of the plan.
fn conflict(block: &BlockJson, plan: &BitcoinPlan) -> Option<[u8; 32]> {
    let spends = |outpoint: &OutPoint| {
        block.tx.iter().find(|tx| tx.vin.iter().any(|input| input.spends(outpoint))).map(|tx| tx.txid.0)
    };
    plan.inputs.iter().find_map(|input| spends(&input.outpoint))
}
