//! Logs, filters that are polled, and subscriptions.

use crate::{
    common::call,
    rig::{PROBE, Rig, number, transfer},
};
use alloy_primitives::{Address, B256, U256};
use fusor_chain_lite::rpc::module;
use serde_json::{Value, json};
use std::time::Duration;

fn topic(n: u64) -> B256 {
    B256::from(U256::from(n))
}

fn emit(rig: &Rig, topic: u64, word: u64) -> Value {
    rig.probe(call::EMIT, &[U256::from(topic), U256::from(word)])
}

fn found(rig: &Rig, filter: Value) -> Vec<u64> {
    let logs = rig.ask("eth_getLogs", json!([filter]));
    logs.as_array().unwrap().iter().map(|log| number(&log["blockNumber"])).collect()
}

#[test]
fn logs_are_found_by_range_address_topic_and_hash() {
    let rig = Rig::new();
    let receipts: Vec<_> = (1..=4).map(|n| emit(&rig, n % 2, n)).collect();
    assert_eq!(found(&rig, json!({})), [4], "the default is the head");
    assert_eq!(found(&rig, json!({ "fromBlock": "earliest" })), [1, 2, 3, 4]);
    assert_eq!(found(&rig, json!({ "fromBlock": "0x2", "toBlock": "0x3" })), [2, 3]);
    assert_eq!(found(&rig, json!({ "fromBlock": "0x0", "topics": [topic(1)] })), [1, 3]);
    assert_eq!(found(&rig, json!({ "fromBlock": "0x0", "topics": [[topic(1), topic(0)]] })), [1, 2, 3, 4]);
    assert!(found(&rig, json!({ "fromBlock": "0x0", "topics": [topic(5)] })).is_empty());
    assert!(found(&rig, json!({ "fromBlock": "0x0", "topics": [null, topic(1)] })).is_empty());
    assert_eq!(found(&rig, json!({ "fromBlock": "0x0", "address": PROBE })), [1, 2, 3, 4]);
    let elsewhere = json!({ "fromBlock": "0x0", "address": [Address::ZERO] });
    assert!(found(&rig, elsewhere).is_empty());
    assert_eq!(found(&rig, json!({ "blockHash": receipts[1]["blockHash"] })), [2]);
    assert!(found(&rig, json!({ "fromBlock": "0x64", "toBlock": "0x65" })).is_empty());
    let logs = rig.ask("eth_getLogs", json!([{ "fromBlock": "0x4" }]));
    assert_eq!(logs, receipts[3]["logs"], "as in the receipt");
    let refused = |filter| rig.refuse("eth_getLogs", json!([filter])).0;
    assert_eq!(refused(json!({ "fromBlock": "0x3", "toBlock": "0x2" })), -32_602);
    assert_eq!(refused(json!({ "blockHash": topic(1) })), -32_000);
    assert_eq!(
        refused(
            json!({ "fromBlock": "0x0", "address": vec![PROBE; 0] , "topics": [(0..1_001).map(topic).collect::<Vec<_>>()] })
        ),
        -32_602
    );
}

#[test]
fn a_query_over_too_many_blocks_is_refused() {
    let rig = Rig::new();
    for _ in 0..10_000 {
        rig.single.seal().unwrap();
    }
    let whole = json!([{ "fromBlock": "0x0" }]);
    assert_eq!(rig.refuse("eth_getLogs", whole).0, -32_005);
    assert!(found(&rig, json!({ "fromBlock": "0x1" })).is_empty());
}

#[test]
fn filters_tell_what_is_new_once() {
    let rig = Rig::new();
    let install = |method, parameters| rig.ask(method, parameters);
    let logs = install("eth_newFilter", json!([{ "topics": [topic(1)] }]));
    let blocks = install("eth_newBlockFilter", json!([]));
    let pending = install("eth_newPendingTransactionFilter", json!([]));
    let changes = |id: &Value| rig.ask("eth_getFilterChanges", json!([id]));
    assert_eq!(changes(&logs), json!([]));
    let first = emit(&rig, 1, 1);
    emit(&rig, 0, 2);
    assert_eq!(changes(&logs), first["logs"]);
    assert_eq!(changes(&logs), json!([]));
    let news = changes(&blocks);
    assert_eq!((news.as_array().unwrap().len(), &news[0]), (2, &first["blockHash"]));
    assert_eq!(changes(&blocks), json!([]));
    let sent = changes(&pending);
    assert_eq!((sent.as_array().unwrap().len(), &sent[0]), (2, &first["transactionHash"]));
    assert_eq!(rig.ask("eth_getFilterLogs", json!([logs])), json!([]), "its own range is the head");
    assert_eq!(rig.refuse("eth_getFilterLogs", json!([blocks])).1, "filter not found");
    assert_eq!(rig.ask("eth_uninstallFilter", json!([logs])), true);
    assert_eq!(rig.ask("eth_uninstallFilter", json!([logs])), false);
    assert_eq!(rig.refuse("eth_getFilterChanges", json!([logs])), (-32_000, "filter not found".into()));
}

#[test]
fn there_is_a_limit_to_filters() {
    let rig = Rig::new();
    let ids: Vec<_> = (0..1_024).map(|_| rig.ask("eth_newBlockFilter", json!([]))).collect();
    assert_eq!(rig.refuse("eth_newBlockFilter", json!([])).0, -32_005);
    rig.ask("eth_uninstallFilter", json!([ids[0]]));
    rig.ask("eth_newBlockFilter", json!([]));
}

fn subscribe(parameters: Value) -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": parameters }).to_string()
}

#[test]
fn subscribers_hear_of_heads_logs_and_pending_transactions() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let rig = Rig::new();
        let module = module(rig.context.clone()).unwrap();
        let mut feeds = Vec::new();
        for parameters in [
            json!(["newHeads"]),
            json!(["logs", { "topics": [topic(1)] }]),
            json!(["newPendingTransactions"]),
            json!(["newPendingTransactions", true]),
        ] {
            let (answer, feed) = module.raw_json_request(&subscribe(parameters), 16).await.unwrap();
            let answer: Value = serde_json::from_str(answer.get()).unwrap();
            assert!(answer["result"].is_string() || answer["result"].is_u64(), "{answer}");
            feeds.push(feed);
        }
        let receipt = emit(&rig, 1, 1);
        let mut told = Vec::new();
        for feed in &mut feeds {
            let notice = tokio::time::timeout(Duration::from_secs(20), feed.recv()).await.unwrap().unwrap();
            let notice: Value = serde_json::from_str(notice.get()).unwrap();
            assert_eq!(notice["method"], "eth_subscription");
            told.push(notice["params"]["result"].clone());
        }
        assert_eq!(told[0]["hash"], receipt["blockHash"]);
        assert_eq!(told[1], receipt["logs"][0]);
        assert_eq!(told[2], receipt["transactionHash"]);
        for (parameters, code) in [
            (json!(["syncing"]), -32_602),
            (json!([]), -32_602),
            (json!(["logs", 5]), -32_602),
            (json!(["newHeads", {}, {}]), -32_602),
        ] {
            let (answer, _) = module.raw_json_request(&subscribe(parameters), 16).await.unwrap();
            let answer: Value = serde_json::from_str(answer.get()).unwrap();
            assert_eq!(answer["error"]["code"], code, "{answer}");
        }
        rig.send(transfer(1, PROBE));
    });
}
