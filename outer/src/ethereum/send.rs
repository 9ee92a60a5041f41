//! Sends transactions and finds out what became of them.

use super::{
    Ethereum, account,
    node::{Bytes, LogJson, ReceiptJson, number, transfer_topic},
    token,
};
use crate::{
    deposit::Asset,
    error::OuterError,
    plan::{EthereumPlan, Plan},
    rpc::clip,
    sign::Signed,
    status::{Broadcast, Failure, Status},
};
use alloy_primitives::{Address, hex};
use serde::de::IgnoredAny;
use serde_json::json;

/// Blocks that are searched for a used nonce: what a node keeps the state of.
const SEARCH_MAX: u64 = 120;

impl Ethereum {
    /// Sends a transaction unless the node knows it.
    pub(super) fn send(&self, signed: &Signed) -> Result<Broadcast, OuterError> {
        let Plan::Ethereum(plan) = &signed.plan else { return Err(OuterError::Foreign) };
        if self.is_known(&signed.txid)? {
            return Ok(Broadcast::AlreadyKnown);
        }
        let raw = hex::encode_prefixed(&signed.raw);
        let fault = match self.rpc.attempt::<Bytes<32>>("eth_sendRawTransaction", json!([raw]))? {
            Ok(txid) if txid.0 == signed.txid => return Ok(Broadcast::Accepted),
            Ok(_) => {
                return Err(self.rpc.nonsense("eth_sendRawTransaction", "it is another transaction's id"));
            }
            Err(fault) => fault.message,
        };
        let text = fault.to_ascii_lowercase();
        let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
        match () {
            _ if has(&["already known", "already imported", "known transaction"]) => {
                Ok(Broadcast::AlreadyKnown)
            }
            _ if has(&["underpriced", "less than block base fee", "fee too low", "max fee per gas"]) => {
                Ok(Broadcast::FeeTooLow(clip(&fault)))
            }
            _ if has(&["nonce too low"]) || self.is_nonce_used(plan)? => Ok(Broadcast::Conflicting),
            _ => Ok(Broadcast::Rejected(clip(&fault))),
        }
    }

    fn is_known(&self, txid: &[u8; 32]) -> Result<bool, OuterError> {
        let known: Option<IgnoredAny> =
            self.rpc.call("eth_getTransactionByHash", json!([hex::encode_prefixed(txid)]))?;
        Ok(known.is_some())
    }

    fn is_nonce_used(&self, plan: &EthereumPlan) -> Result<bool, OuterError> {
        Ok(self.nonce_at(&account(&plan.from)?, "latest")? > plan.nonce)
    }

    /// Finds a transaction by its receipt, in the pool, or by who took its nonce.
    pub(super) fn trace(&self, txid: &[u8; 32], plan: &EthereumPlan) -> Result<Status, OuterError> {
        if let Some(receipt) = self.receipt(txid)? {
            return self.judge_receipt(txid, plan, &receipt);
        }
        if self.is_nonce_used(plan)? {
            return Ok(match self.nonce_user(plan)? {
                Some(by) if by == *txid => Status::Unknown,
                by => Status::Replaced { by },
            });
        }
        Ok(match self.is_known(txid)? {
            true => Status::Mempool,
            false => Status::Unknown,
        })
    }

    fn judge_receipt(
        &self,
        txid: &[u8; 32],
        plan: &EthereumPlan,
        receipt: &ReceiptJson,
    ) -> Result<Status, OuterError> {
        let (tip, height) = (self.head()?.number.low(), receipt.block_number.low());
        let confirmations = tip.saturating_add(1).saturating_sub(height);
        if self.head_at(height)?.hash != receipt.block_hash {
            return Err(OuterError::Moved { height });
        }
        let failure = match receipt.succeeded() {
            false => Some(Failure::Reverted),
            true if self.has_moved(txid, plan, receipt)? => None,
            true => Some(Failure::NotMoved),
        };
        Ok(match failure {
            None => Status::Included { height, confirmations },
            Some(failure) => Status::Failed { height, confirmations, failure },
        })
    }

    /// Says whether a token truly moved: the sender lost or the receiver gained. Where other transfers of the block
    /// touch one of them, balances prove nothing, and the receipt is believed: paying twice would be worse.
    fn has_moved(
        &self,
        txid: &[u8; 32],
        plan: &EthereumPlan,
        receipt: &ReceiptJson,
    ) -> Result<bool, OuterError> {
        let Some((to, _)) = token::read_transfer(&plan.data) else { return Ok(true) };
        let (from, contract) = (account(&plan.from)?, plan.to);
        let block = self.block(receipt.block_number.low())?;
        let held = [(from, Asset::Token(contract)), (to, Asset::Token(contract))];
        let before = self.balances(&held, &block.parent_hash.0)?;
        let after = self.balances(&held, &block.hash.0)?;
        let moved = before != after || from == to;
        Ok(moved || self.others_touch(txid, contract, &block.hash.0, &[from, to])?)
    }

    fn others_touch(
        &self,
        txid: &[u8; 32],
        contract: Address,
        block: &[u8; 32],
        accounts: &[Address],
    ) -> Result<bool, OuterError> {
        let filter = json!([{
            "address": contract.to_checksum(None),
            "blockHash": hex::encode_prefixed(block),
            "topics": [hex::encode_prefixed(transfer_topic())],
        }]);
        let logs: Vec<LogJson> = self.rpc.call("eth_getLogs", filter)?;
        let others = logs.iter().filter(|log| log.transaction_hash != Some(Bytes(*txid)));
        Ok(others
            .filter_map(|log| log.transfer(contract))
            .any(|transfer| accounts.contains(&transfer.from) || accounts.contains(&transfer.to)))
    }

    /// Finds the transaction that used a plan's nonce, by bisecting the recent blocks.
    fn nonce_user(&self, plan: &EthereumPlan) -> Result<Option<[u8; 32]>, OuterError> {
        let from = account(&plan.from)?;
        let mut high = self.head()?.number.low();
        let mut low = high.saturating_sub(SEARCH_MAX);
        let used = |height: u64| Ok::<_, OuterError>(self.nonce_at(&from, &number(height))? > plan.nonce);
        if used(low)? {
            return Ok(None);
        }
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            match used(middle)? {
                true => high = middle,
                false => low = middle,
            }
        }
        let block = self.block(high)?;
        let user =
            block.transactions.iter().find(|tx| tx.from.account() == from && tx.nonce.low() == plan.nonce);
        Ok(user.map(|tx| tx.hash.0))
    }
}
