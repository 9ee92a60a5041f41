//! Reads what is printed back by alloy's types, as other tools do.

use crate::{
    common::{GAS, call},
    rig::{MIRROR, PROBE, Rig, envelope, number, transfer},
};
use alloy_consensus::TxEnvelope;
use alloy_primitives::{B256, U256};
use alloy_rlp::Encodable;
use alloy_rpc_types_eth::{Block, TransactionReceipt};
use serde_json::{Value, json};

#[test]
fn a_block_reads_back_to_its_hash_and_size() {
    let rig = Rig::new();
    let tx = transfer(0, MIRROR);
    rig.send(tx.clone());
    let printed = rig.ask("eth_getBlockByNumber", json!(["0x1", true]));
    for absent in ["totalDifficulty", "blockAccessListHash"] {
        assert!(printed.get(absent).is_none(), "{absent}");
    }
    assert_eq!((&printed["uncles"], &printed["withdrawals"]), (&json!([]), &json!([])));
    let block: Block = serde_json::from_value(printed.clone()).unwrap();
    assert_eq!(block.header.inner.hash_slow(), block.header.hash);
    let body = alloy_consensus::BlockBody::<TxEnvelope> {
        transactions: vec![envelope(tx)],
        ommers: vec![],
        withdrawals: Some(Default::default()),
    };
    let whole = alloy_consensus::Block { header: block.header.inner.clone(), body };
    assert_eq!(number(&printed["size"]), whole.length() as u64);
    let genesis: Block = serde_json::from_value(rig.ask("eth_getBlockByNumber", json!(["0x0"]))).unwrap();
    assert_eq!(block.header.parent_hash, genesis.header.hash);
    let receipt = rig.ask(
        "eth_getTransactionReceipt",
        json!([block.transactions.as_transactions().unwrap()[0].inner.tx_hash()]),
    );
    let receipt: TransactionReceipt = serde_json::from_value(receipt).unwrap();
    assert_eq!(receipt.block_hash, Some(block.header.hash));
}

#[test]
fn firings_look_like_legacy_transactions() {
    let rig = Rig::new();
    let at = rig.single.read().time() + 30;
    rig.probe(call::AT, &[U256::from(at), U256::from(call::TICK), U256::from(GAS), U256::ZERO]);
    while rig.single.read().time() < at {
        rig.single.seal().unwrap();
    }
    let block = rig.ask("eth_getBlockByNumber", json!(["latest", true]));
    let tx = &block["transactions"][0];
    assert_eq!((&tx["type"], &tx["nonce"], &tx["gasPrice"]), (&json!("0x46"), &json!("0x0"), &json!("0x0")));
    assert_eq!((&tx["to"], number(&tx["due"]), &tx["cause"]), (&json!(PROBE), at, &json!("time")));
    for field in ["v", "r", "s"] {
        assert_eq!(tx[field], "0x0");
    }
    let receipt = rig.ask("eth_getTransactionReceipt", json!([tx["hash"]]));
    assert_eq!((&receipt["type"], &receipt["status"]), (&json!("0x46"), &json!("0x1")));
    assert_eq!((&receipt["firing"]["outcome"], number(&receipt["firing"]["due"])), (&json!("executed"), at));
    assert_eq!(receipt["firing"]["triggerId"], tx["triggerId"]);
    assert_eq!(rig.ask("eth_getBlockReceipts", json!(["latest"])), json!([receipt]));
    let hashes = rig.ask("eth_getBlockByNumber", json!(["latest", false]))["transactions"].clone();
    assert_eq!(hashes, json!([tx["hash"]]));
}

#[test]
fn unsigned_transactions_keep_their_type_and_price() {
    let mut chain = fusor_chain_lite::Chain::new(crate::rig::genesis()).unwrap();
    let sent = chain.send_from(crate::common::OWNER, MIRROR, U256::from(3), Default::default()).unwrap();
    let rig = Rig::of(chain);
    let tx = rig.ask("eth_getTransactionByHash", json!([sent.tx_hash]));
    assert_eq!(
        (&tx["type"], &tx["value"], &tx["from"]),
        (&json!("0x47"), &json!("0x3"), &json!(crate::common::OWNER))
    );
    assert_eq!((number(&tx["gasPrice"]), tx.get("triggerId")), (875_000_000, None));
    let receipt = rig.ask("eth_getTransactionReceipt", json!([sent.tx_hash]));
    assert_eq!((&receipt["type"], receipt.get("firing")), (&json!("0x47"), None));
    assert_eq!(number(&receipt["effectiveGasPrice"]), 875_000_000);
}

#[test]
fn log_indices_count_through_the_block() {
    let mut chain = fusor_chain_lite::Chain::new(crate::rig::genesis()).unwrap();
    for nonce in 0..3 {
        let input = crate::common::input(call::EMIT, &[U256::from(nonce % 2), U256::from(nonce)]);
        let tx = alloy_consensus::TxEip1559 { input, ..transfer(nonce, PROBE) };
        let raw = alloy_eips::Encodable2718::encoded_2718(&envelope(tx));
        chain.submit(fusor_chain_lite::Transaction::decode_signed(&raw).unwrap());
    }
    chain.seal().unwrap();
    let rig = Rig::of(chain);
    let receipts = rig.ask("eth_getBlockReceipts", json!(["0x1"]));
    let found: Vec<Value> = receipts
        .as_array()
        .unwrap()
        .iter()
        .zip(0u64..)
        .map(|(receipt, index)| {
            let log = receipt["logs"][0].clone();
            assert_eq!((number(&log["logIndex"]), number(&log["transactionIndex"])), (index, index));
            assert_eq!(rig.ask("eth_getTransactionReceipt", json!([receipt["transactionHash"]])), *receipt);
            log
        })
        .collect();
    let even = json!([{ "topics": [B256::ZERO] }]);
    assert_eq!(rig.ask("eth_getLogs", even), json!([found[0], found[2]]), "those between count too");
}
