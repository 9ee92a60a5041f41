//! Asks every method once, and then those that read what transactions did.

use crate::{
    common::call,
    rig::{GWEI, MIRROR, PROBE, Rig, address, bytes, hash, number, raw, transfer},
};
use alloy_consensus::TxEip1559;
use alloy_primitives::{Address, B256, TxKind, U256, keccak256};
use alloy_rpc_types_eth::EIP1186AccountProofResponse;
use alloy_trie::{Nibbles, TrieAccount, proof::verify_proof};
use fusor_chain_lite::rpc::{Backend, METHODS};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn every_method_answers_and_refuses_nonsense() {
    let rig = Rig::new();
    let receipt = rig.probe(call::EMIT, &[U256::from(9), U256::from(8)]);
    let (tx, block) = (receipt["transactionHash"].clone(), receipt["blockHash"].clone());
    let who = address();
    let filter = rig.ask("eth_newFilter", json!([{}]));
    let requests: Vec<(&str, Value)> = vec![
        ("web3_clientVersion", json!([])),
        ("web3_sha3", json!(["0x68656c6c6f"])),
        ("net_version", json!([])),
        ("net_listening", json!([])),
        ("net_peerCount", json!([])),
        ("eth_chainId", json!([])),
        ("eth_syncing", json!([])),
        ("eth_accounts", json!([])),
        ("eth_blockNumber", json!([])),
        ("eth_getBlockByNumber", json!(["0x1", true])),
        ("eth_getBlockByHash", json!([block, false])),
        ("eth_getBlockTransactionCountByNumber", json!(["latest"])),
        ("eth_getBlockTransactionCountByHash", json!([block])),
        ("eth_getUncleCountByBlockNumber", json!(["0x1"])),
        ("eth_getUncleCountByBlockHash", json!([block])),
        ("eth_getBlockReceipts", json!(["0x1"])),
        ("eth_getTransactionByHash", json!([tx])),
        ("eth_getTransactionByBlockNumberAndIndex", json!(["0x1", "0x0"])),
        ("eth_getTransactionByBlockHashAndIndex", json!([block, "0x0"])),
        ("eth_getRawTransactionByHash", json!([tx])),
        ("eth_getTransactionReceipt", json!([tx])),
        ("eth_getBalance", json!([who, "latest"])),
        ("eth_getTransactionCount", json!([who, "pending"])),
        ("eth_getCode", json!([PROBE, "latest"])),
        ("eth_getStorageAt", json!([PROBE, "0x0", "latest"])),
        ("eth_getProof", json!([PROBE, ["0x0"], "latest"])),
        ("eth_call", json!([{ "to": MIRROR }, "latest"])),
        ("eth_estimateGas", json!([{ "to": MIRROR }])),
        ("eth_gasPrice", json!([])),
        ("eth_maxPriorityFeePerGas", json!([])),
        ("eth_feeHistory", json!(["0x5", "latest", [10.0, 50.0]])),
        ("eth_getLogs", json!([{ "fromBlock": "earliest" }])),
        ("eth_newFilter", json!([{ "address": PROBE }])),
        ("eth_newBlockFilter", json!([])),
        ("eth_newPendingTransactionFilter", json!([])),
        ("eth_getFilterChanges", json!([filter])),
        ("eth_getFilterLogs", json!([filter])),
        ("eth_uninstallFilter", json!([filter])),
        ("eth_sendRawTransaction", json!([raw(transfer(1, who))])),
        ("txpool_status", json!([])),
        ("txpool_content", json!([])),
    ];
    let asked: BTreeSet<_> = requests.iter().map(|(name, _)| *name).collect();
    // What only a network can tell is asked of one in `tests/net`; a chain of one node says that it is none. One without
    // custody says that too.
    let (of_network, of_all): (BTreeSet<_>, BTreeSet<_>) =
        METHODS.iter().map(|method| method.name).partition(|name| name.starts_with("fusor_"));
    assert_eq!(asked, of_all);
    assert_eq!(of_network.len(), 10);
    for name in of_network {
        let parameters = match name {
            "fusor_dcrmDecide" => json!(["0x1", "agree", format!("0x{}1b", "11".repeat(64))]),
            "fusor_dcrmRequest" => json!(["0x1"]),
            "fusor_dcrmRequests" => json!([who]),
            _ => json!([]),
        };
        let (code, message) = rig.refuse(name, parameters);
        assert_eq!(code, -32_000, "{name}: {message}");
    }
    for (name, parameters) in requests {
        let answered = rig.ask(name, parameters.clone());
        assert!(!answered.is_null(), "{name}");
        assert_eq!(rig.refuse(name, json!({ "a": 1 })).0, -32_602, "{name}: parameters by name");
        let most = METHODS.iter().find(|method| method.name == name).unwrap().parameters_max;
        assert_eq!(rig.refuse(name, json!(vec![0; most + 1])).0, -32_602, "{name}: too many");
        for position in 0..parameters.as_array().unwrap().len() {
            let mut bad = parameters.clone();
            bad[position] = json!({ "nonsense": ["0xzz"] });
            // A call or a filter is any object; others say which parameter is wrong.
            if let Err((code, message)) = rig.try_ask(name, bad) {
                assert_eq!(code, -32_602, "{name}: {message}");
                assert!(message.contains(&(position + 1).to_string()), "{name}: {message}");
            }
        }
    }
    let (code, message) = rig.refuse("eth_mine", json!([]));
    assert_eq!((code, message.contains("eth_mine")), (-32_601, true));
    let (code, message) = rig.refuse("eth_getBalance", json!([]));
    assert_eq!((code, message.contains("expected an address")), (-32_602, true), "{message}");
}

#[test]
fn constants_are_as_tools_expect() {
    let rig = Rig::new();
    assert_eq!(rig.ask("eth_chainId", json!([])), "0x539");
    assert_eq!(rig.ask("net_version", json!([])), "1337");
    assert_eq!(rig.ask("eth_syncing", json!([])), false);
    assert_eq!(rig.ask("eth_accounts", json!([])), json!([]));
    assert_eq!(rig.ask("eth_blockNumber", Value::Null), "0x0");
    assert_eq!(rig.ask("web3_sha3", json!(["0x68656c6c6f"])), json!(keccak256("hello")));
    assert!(rig.ask("web3_clientVersion", json!([])).as_str().unwrap().starts_with("fusor/v"));
}

#[test]
fn a_transaction_is_sent_and_everything_about_it_can_be_read() {
    let rig = Rig::new();
    let to = Address::repeat_byte(0x55);
    let value = U256::from(10u64).pow(U256::from(18));
    let receipt = rig.send(TxEip1559 { value, ..transfer(0, to) });
    assert_eq!((&receipt["status"], &receipt["type"]), (&json!("0x1"), &json!("0x2")));
    assert_eq!((number(&receipt["gasUsed"]), number(&receipt["blockNumber"])), (21_000, 1));
    let (base_fee, tip) = (875_000_000, GWEI as u64 / 2);
    assert_eq!(number(&receipt["effectiveGasPrice"]), base_fee + tip);
    assert_eq!((&receipt["contractAddress"], &receipt["logs"]), (&Value::Null, &json!([])));
    let tx = rig.ask("eth_getTransactionByHash", json!([receipt["transactionHash"]]));
    assert_eq!(tx["from"], json!(address()));
    assert_eq!((&tx["value"], &tx["nonce"]), (&json!("0xde0b6b3a7640000"), &json!("0x0")));
    assert_eq!(number(&tx["gasPrice"]), base_fee + tip);
    let by_index = rig.ask("eth_getTransactionByBlockNumberAndIndex", json!(["latest", "0x0"]));
    assert_eq!(by_index, tx);
    assert_eq!(rig.ask("eth_getBalance", json!([to, "latest"])), "0xde0b6b3a7640000");
    assert_eq!(rig.ask("eth_getTransactionCount", json!([address(), "latest"])), "0x1");
    let block = rig.ask("eth_getBlockByHash", json!([receipt["blockHash"], true]));
    assert_eq!(block["transactions"], json!([tx]));
    assert_eq!(rig.ask("eth_getBlockReceipts", json!([receipt["blockHash"]])), json!([receipt]));
    let raw = bytes(&rig.ask("eth_getRawTransactionByHash", json!([receipt["transactionHash"]])));
    assert_eq!(keccak256(raw), hash(&tx["hash"]));
}

#[test]
fn a_creation_names_its_contract_even_where_it_fails() {
    let rig = Rig::new();
    let fails =
        rig.send(TxEip1559 { to: TxKind::Create, input: vec![0xfe].into(), ..transfer(0, Address::ZERO) });
    assert_eq!((&fails["status"], &fails["to"]), (&json!("0x0"), &Value::Null));
    assert_eq!(fails["contractAddress"], json!(address().create(0)));
    let input = crate::common::init_code("", &[0x5f]);
    let made = rig.send(TxEip1559 { to: TxKind::Create, input, ..transfer(1, Address::ZERO) });
    assert_eq!((&made["status"], &made["contractAddress"]), (&json!("0x1"), &json!(address().create(1))));
    assert_eq!(rig.ask("eth_getCode", json!([address().create(1), "latest"])), "0x5f");
}

#[test]
fn what_is_unknown_is_null_and_what_is_gone_is_an_error() {
    let rig = Rig::new();
    let none = B256::repeat_byte(1);
    for (method, parameters) in [
        ("eth_getBlockByNumber", json!(["0x7", false])),
        ("eth_getBlockByHash", json!([none, false])),
        ("eth_getTransactionByHash", json!([none])),
        ("eth_getTransactionReceipt", json!([none])),
        ("eth_getBlockReceipts", json!(["0x7"])),
        ("eth_getBlockTransactionCountByNumber", json!(["0xffffffffffffffff"])),
        ("eth_getTransactionByBlockNumberAndIndex", json!(["latest", "0xffffffffffffffff"])),
        ("eth_getUncleCountByBlockHash", json!([none])),
    ] {
        assert!(rig.ask(method, parameters).is_null(), "{method}");
    }
    rig.single.seal().unwrap();
    let (code, message) = rig.refuse("eth_getBalance", json!([address(), "0x0"]));
    assert_eq!(code, -32_000);
    assert_eq!(message, "state of block 0 is not kept; only the latest");
    let genesis = rig.ask("eth_getBlockByNumber", json!(["earliest", false]));
    let old = json!([{ "to": PROBE }, { "blockHash": genesis["hash"] }]);
    assert_eq!(rig.refuse("eth_call", old).1, message);
    assert_eq!(rig.refuse("eth_getCode", json!([PROBE, "0x9"])).1, "header not found");
    for head in [json!("0x1"), json!("safe"), json!("finalized"), json!("pending"), Value::Null] {
        rig.ask("eth_getBalance", json!([address(), head]));
    }
}

#[test]
fn the_pool_speaks_as_others_do() {
    let rig = Rig::new();
    let refused = |tx| rig.refuse("eth_sendRawTransaction", json!([raw(tx)]));
    let to = Address::repeat_byte(1);
    let waits = raw(transfer(1, to));
    let waiting = rig.ask("eth_sendRawTransaction", json!([waits]));
    assert_eq!(rig.ask("txpool_status", json!([])), json!({ "pending": "0x0", "queued": "0x1" }));
    let shown = rig.ask("txpool_content", json!([]));
    assert_eq!(shown["queued"][address().to_checksum(None)]["1"]["hash"], waiting);
    let pending = rig.ask("eth_getTransactionByHash", json!([waiting]));
    assert_eq!((&pending["blockHash"], &pending["blockNumber"]), (&Value::Null, &Value::Null));
    assert!(rig.ask("eth_getTransactionReceipt", json!([waiting])).is_null());
    assert_eq!(refused(transfer(1, to)), (-32_000, "already known".into()));
    rig.send(transfer(0, to));
    assert_eq!(rig.ask("eth_getTransactionCount", json!([address(), "latest"])), "0x2", "both ran");
    assert!(rig.single.pool().is_empty());
    assert!(refused(transfer(0, to)).1.contains("nonce too low"));
    assert!(refused(TxEip1559 { chain_id: 1, ..transfer(2, to) }).1.contains("invalid chain id"));
    assert!(refused(TxEip1559 { gas_limit: 20_000, ..transfer(2, to) }).1.contains("intrinsic gas too low"));
    let whole = TxEip1559 { value: U256::from(10u64).pow(U256::from(20)), ..transfer(2, to) };
    assert!(refused(whole).1.contains("insufficient funds"));
    let later = TxEip1559 { max_fee_per_gas: 1, max_priority_fee_per_gas: 1, ..transfer(2, to) };
    let hash = rig.ask("eth_sendRawTransaction", json!([raw(later)]));
    assert!(rig.ask("eth_getTransactionReceipt", json!([hash])).is_null(), "below the base fee it waits");
    assert_eq!(rig.ask("eth_getTransactionCount", json!([address(), "pending"])), "0x3");
    assert_eq!(rig.send(transfer(2, to))["status"], "0x1", "it replaces the one that waits");
    assert!(rig.single.pool().is_empty());
}

#[test]
fn fees_follow_what_was_paid() {
    let rig = Rig::new();
    assert_eq!(rig.ask("eth_maxPriorityFeePerGas", json!([])), json!("0x3b9aca00"), "nobody has paid yet");
    for nonce in 0..3 {
        rig.send(transfer(nonce, PROBE));
    }
    let tip = number(&rig.ask("eth_maxPriorityFeePerGas", json!([])));
    assert_eq!(u128::from(tip), GWEI / 2);
    let history = rig.ask("eth_feeHistory", json!(["0x2", "latest", [0.0, 100.0]]));
    assert_eq!(number(&history["oldestBlock"]), 2);
    let fees = history["baseFeePerGas"].as_array().unwrap();
    assert_eq!((fees.len(), history["gasUsedRatio"].as_array().unwrap().len()), (3, 2));
    assert_eq!(history["reward"], json!([["0x1dcd6500", "0x1dcd6500"], ["0x1dcd6500", "0x1dcd6500"]]));
    let price = number(&rig.ask("eth_gasPrice", json!([])));
    assert_eq!(price, number(&fees[2]) + tip);
    let next = rig.send(transfer(3, PROBE));
    let block = rig.ask("eth_getBlockByHash", json!([next["blockHash"]]));
    assert_eq!(block["baseFeePerGas"], fees[2], "the forecast comes true");
    for bad in [json!([50.0, 10.0]), json!([101.0]), json!([-1.0]), json!(vec![1.0; 101])] {
        assert_eq!(rig.refuse("eth_feeHistory", json!(["0x2", "latest", bad])).0, -32_602);
    }
    assert_eq!(rig.refuse("eth_feeHistory", json!(["0x2", "0x63", []])).0, -32_000);
    let all = rig.ask("eth_feeHistory", json!(["0xffffffffffffffff", "latest"]));
    assert_eq!((number(&all["oldestBlock"]), all.get("reward")), (0, None));
    assert_eq!(rig.ask("eth_feeHistory", json!(["0x0", "latest"]))["gasUsedRatio"], json!([]));
}

#[test]
fn the_documentation_names_every_method() {
    let page = include_str!("../../../docs/rpc.md");
    for method in METHODS {
        assert!(page.contains(&format!("`{}`", method.name)), "{}", method.name);
    }
}

#[test]
fn proofs_hold_against_the_state_root() {
    let rig = Rig::new();
    rig.probe(call::SET, &[U256::from(7), U256::from(70)]);
    let block = rig.ask("eth_getBlockByNumber", json!(["latest"]));
    for who in [PROBE, address(), Address::repeat_byte(0x99)] {
        let printed = rig.ask("eth_getProof", json!([who, ["0x7", "0x8"], "latest"]));
        let proof: EIP1186AccountProofResponse = serde_json::from_value(printed).unwrap();
        let account = TrieAccount {
            nonce: proof.nonce,
            balance: proof.balance,
            storage_root: proof.storage_hash,
            code_hash: proof.code_hash,
        };
        let exists = rig.single.read().state().head(who).is_some();
        let value = exists.then(|| alloy_rlp::encode(account));
        verify_proof(hash(&block["stateRoot"]), path(who), value, &proof.account_proof).unwrap();
        let set = if who == PROBE { 70 } else { 0 };
        assert_eq!([proof.storage_proof[0].value, proof.storage_proof[1].value], [set, 0].map(U256::from));
        for word in proof.storage_proof {
            let value = (!word.value.is_zero()).then(|| alloy_rlp::encode(word.value));
            verify_proof(proof.storage_hash, path(word.key.as_b256()), value, &word.proof).unwrap();
        }
    }
    assert_eq!(rig.refuse("eth_getProof", json!([PROBE, vec!["0x0"; 1_025]])).0, -32_602);
}

fn path(key: impl AsRef<[u8]>) -> Nibbles {
    Nibbles::unpack(keccak256(key))
}
