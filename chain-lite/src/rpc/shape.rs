//! Prints blocks, transactions, receipts and logs as Ethereum's clients do.
//!
//! A system or an unsigned transaction keeps its own type byte and looks like a legacy one without signature: `v`,
//! `r` and `s` are zero. What only this chain knows stands in fields that tools do not look at.

use crate::{block::Block, receipt::Receipt, tx::Transaction};
use alloy_consensus::{Eip658Value, ReceiptWithBloom, transaction::Recovered};
use alloy_eips::eip2718::{Encodable2718, Typed2718};
use alloy_primitives::{Address, B256, Log, U64, U128, U256};
use alloy_rlp::Encodable;
use alloy_rpc_types_eth::{
    AnyReceiptEnvelope, BlockTransactions, Header, Log as RpcLog, Transaction as RpcTransaction,
    TransactionInfo, TransactionReceipt, Withdrawals,
};
use fusor_vm::triggers::Cause;
use serde_json::{Value, json};

/// Names the place of a transaction in a chain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    block_hash: B256,
    number: u64,
    time: u64,
    index: usize,
    base_fee: u64,
}

impl Place {
    /// Names the transaction at `index` of a block.
    pub(super) fn new(block: &Block, index: usize) -> Self {
        let header = &block.header;
        let base_fee = header.base_fee_per_gas.unwrap_or_default();
        Self { block_hash: block.hash, number: header.number, time: header.timestamp, index, base_fee }
    }

    fn info(self) -> TransactionInfo {
        TransactionInfo {
            hash: None,
            index: Some(self.index as u64),
            block_hash: Some(self.block_hash),
            block_number: Some(self.number),
            base_fee: Some(self.base_fee),
            block_timestamp: Some(self.time),
        }
    }
}

/// Prints any value; it cannot fail, since all are maps with text keys.
pub(super) fn print(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// Prints a number as a quantity.
pub(super) fn quantity(value: u64) -> Value {
    print(U64::from(value))
}

/// Prints a block with whole transactions or their hashes.
pub(super) fn block(block: &Block, full: bool) -> Value {
    let transactions = match full {
        false => BlockTransactions::Hashes(block.transactions.iter().map(Transaction::hash).collect()),
        true => {
            let numbered = block.transactions.iter().zip(0..);
            let print = |(tx, index)| transaction(tx, Some(Place::new(block, index)));
            BlockTransactions::Full(numbered.map(print).collect())
        }
    };
    let header = Header { size: Some(U256::from(size(block))), ..header_of(block) };
    print(alloy_rpc_types_eth::Block {
        header,
        uncles: Vec::new(),
        transactions,
        withdrawals: Some(Withdrawals::default()),
    })
}

/// Prints the header alone, as subscribers get it.
pub(super) fn header(block: &Block) -> Value {
    print(header_of(block))
}

fn header_of(block: &Block) -> Header {
    Header { hash: block.hash, inner: block.header.clone(), total_difficulty: None, size: None }
}

/// Returns the length of the block's encoding: a list of header, transactions, no uncles and no withdrawals.
fn size(block: &Block) -> usize {
    let list = |payload: usize| alloy_rlp::length_of_length(payload) + payload;
    let transactions = block.transactions.iter().map(|tx| match tx.encode_2718_len() {
        bytes if tx.ty() == 0 => bytes,
        bytes => list(bytes),
    });
    let empty = 1;
    list(block.header.length() + list(transactions.sum()) + 2 * empty)
}

/// Prints a transaction; one that no block holds has no place.
pub(super) fn transaction(tx: &Transaction, place: Option<Place>) -> Value {
    match tx {
        Transaction::Signed { envelope, sender } => {
            let recovered = Recovered::new_unchecked(envelope.as_ref().clone(), *sender);
            let info = place.map(Place::info).unwrap_or_default();
            print(RpcTransaction::from_transaction(recovered, info))
        }
        tx => unsigned(tx, place),
    }
}

fn unsigned(tx: &Transaction, place: Option<Place>) -> Value {
    let mut printed = json!({
        "type": quantity(tx.ty().into()),
        "hash": tx.hash(),
        "nonce": quantity(tx.nonce()),
        "blockHash": place.map(|place| place.block_hash),
        "blockNumber": place.map(|place| quantity(place.number)),
        "blockTimestamp": place.map(|place| quantity(place.time)),
        "transactionIndex": place.map(|place| quantity(place.index as u64)),
        "from": tx.sender(),
        "to": tx.to(),
        "value": tx.value(),
        "gas": quantity(tx.gas()),
        "gasPrice": U128::from(tx.price(place.map_or(0, |place| place.base_fee))),
        "input": tx.input(),
        "v": "0x0",
        "r": "0x0",
        "s": "0x0",
    });
    if let (Some(fields), Transaction::System(tx)) = (printed.as_object_mut(), tx) {
        fields.insert("triggerId".into(), print(B256::from(tx.tid)));
        fields.insert("due".into(), quantity(tx.due));
        fields.insert("attempt".into(), quantity(tx.attempt.into()));
        fields.insert("cause".into(), json!(cause(tx.cause)));
    }
    printed
}

fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Time => "time",
        Cause::Retry => "retry",
        Cause::Event { .. } => "event",
        Cause::Poll => "poll",
        Cause::Deadline => "deadline",
        Cause::Report => "report",
    }
}

/// Prints the receipts of a block in order.
pub(super) fn receipts(block: &Block, receipts: &[Receipt]) -> Vec<Value> {
    let mut first_log = 0;
    let rows = block.transactions.iter().zip(receipts).zip(0..);
    let print = |((tx, receipt), index): ((&Transaction, &Receipt), usize)| {
        let printed = self::receipt(tx, receipt, Place::new(block, index), first_log);
        first_log += receipt.logs.len();
        printed
    };
    rows.map(print).collect()
}

/// Prints a receipt; `first_log` is the number of logs in the block before it.
pub(super) fn receipt(tx: &Transaction, receipt: &Receipt, place: Place, first_log: usize) -> Value {
    let number = receipt.logs.iter().zip(first_log..);
    let logs = number.map(|(log, index)| self::log(log, place, receipt.tx_hash, index)).collect();
    let inner = alloy_consensus::Receipt {
        status: Eip658Value::Eip658(receipt.success),
        cumulative_gas_used: receipt.cumulative_gas_used,
        logs,
    };
    let inner = ReceiptWithBloom { receipt: inner, logs_bloom: receipt.bloom() };
    let mut printed = print(TransactionReceipt {
        inner: AnyReceiptEnvelope { inner, r#type: receipt.tx_type },
        transaction_hash: receipt.tx_hash,
        transaction_index: Some(place.index as u64),
        block_hash: Some(place.block_hash),
        block_number: Some(place.number),
        gas_used: receipt.gas_used,
        effective_gas_price: tx.price(place.base_fee),
        blob_gas_used: None,
        blob_gas_price: None,
        from: receipt.from,
        to: receipt.to,
        contract_address: created(tx),
    });
    if let (Some(fields), Some(extra)) = (printed.as_object_mut(), firing(receipt)) {
        fields.insert("firing".into(), extra);
    }
    printed
}

/// Returns where a creation puts its contract, whether or not it succeeds.
fn created(tx: &Transaction) -> Option<Address> {
    tx.to().is_none().then(|| tx.sender().create(tx.nonce()))
}

fn firing(receipt: &Receipt) -> Option<Value> {
    let firing = receipt.firing.as_ref()?;
    Some(json!({
        "triggerId": B256::from(firing.tid),
        "contract": firing.contract,
        "number": quantity(firing.number),
        "cause": cause(firing.cause),
        "due": quantity(firing.due),
        "ranAt": quantity(firing.ran_at),
        "attempt": quantity(firing.attempt.into()),
        "outcome": format!("{:?}", firing.outcome).to_lowercase(),
        "gasUsed": quantity(firing.gas_used),
        "cost": U128::from(firing.cost),
        "refund": U128::from(firing.refund),
        "state": format!("{:?}", firing.state).to_lowercase(),
        "next": firing.next.map(quantity),
        "skipped": firing.skipped.map(|skipped| json!({
            "firstDue": quantity(skipped.first_due),
            "count": quantity(skipped.count),
        })),
    }))
}

/// Shapes a log; `index` counts in the block.
pub(super) fn log(log: &Log, place: Place, tx_hash: B256, index: usize) -> RpcLog {
    RpcLog {
        inner: log.clone(),
        block_hash: Some(place.block_hash),
        block_number: Some(place.number),
        block_timestamp: Some(place.time),
        transaction_hash: Some(tx_hash),
        transaction_index: Some(place.index as u64),
        log_index: Some(index as u64),
        removed: false,
    }
}
