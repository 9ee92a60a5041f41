//! Calls and estimates.

use crate::{
    common::{call, input},
    rig::{BURNER, CLEARER, GWEI, MIRROR, NESTER, PROBE, REFUSER, Rig, address, bytes, number, transfer},
};
use alloy_consensus::TxEip1559;
use alloy_primitives::{Address, Bytes, TxKind, U256};
use fusor_chain_lite::rpc::{RpcError, answer};
use serde_json::{Value, json};

fn words(value: &Value) -> Vec<U256> {
    bytes(value).chunks(32).map(U256::from_be_slice).collect()
}

#[test]
fn a_call_sees_the_head_and_changes_nothing() {
    let rig = Rig::new();
    rig.single.seal().unwrap();
    let free = words(&rig.ask("eth_call", json!([{ "to": MIRROR }])));
    assert_eq!(free, [0, 0, 0, 0, 1].map(U256::from), "without a price the base fee is zero");
    let sender = address();
    let priced = json!([{ "from": sender, "to": MIRROR, "value": "0x5", "maxFeePerGas": "0x77359400", "maxPriorityFeePerGas": "0x1" }]);
    let priced = words(&rig.ask("eth_call", priced));
    let base_fee = U256::from(875_000_000);
    let expected =
        [sender.into_word().into(), base_fee + U256::from(1), base_fee, U256::from(5), U256::from(1)];
    assert_eq!(priced, expected);
    let root = rig.ask("eth_getBlockByNumber", json!(["latest"]))["stateRoot"].clone();
    rig.ask("eth_call", json!([{ "to": PROBE, "data": input(call::TICK, &[]) }]));
    assert_eq!(rig.ask("eth_getStorageAt", json!([PROBE, "0x0", "latest"])), json!(format!("0x{:064x}", 0)));
    rig.single.seal().unwrap();
    assert_eq!(rig.ask("eth_getBlockByNumber", json!(["latest"]))["stateRoot"], root);
}

#[test]
fn init_code_runs_and_contracts_may_ask() {
    let rig = Rig::new();
    let init = crate::common::init_code("", &[0x5f, 0x5f]);
    assert_eq!(rig.ask("eth_call", json!([{ "input": init }])), "0x5f5f");
    let asked = words(&rig.ask("eth_call", json!([{ "from": PROBE, "to": MIRROR }])));
    assert_eq!(asked[0], U256::from_be_bytes(PROBE.into_word().0), "the sender has code");
}

#[test]
fn failures_say_why() {
    let rig = Rig::new();
    let parameters = json!([{ "to": REFUSER }]).to_string();
    let reverted = answer(&rig.context, "eth_call", Some(&parameters)).unwrap_err();
    assert_eq!((reverted.code(), reverted.to_string()), (3, "execution reverted: no".into()));
    let RpcError::Reverted(data) = &reverted else { panic!("{reverted:?}") };
    assert_eq!(data[..4], [0x08, 0xc3, 0x79, 0xa0]);
    assert_eq!(rig.refuse("eth_estimateGas", json!([{ "to": REFUSER }])).0, 3);
    let bare = json!([{ "to": PROBE, "data": input(call::FAIL, &[]) }]);
    assert_eq!(rig.refuse("eth_call", bare), (3, "execution reverted".into()));
    let message = |parameters: Value| rig.refuse("eth_call", parameters).1;
    assert_eq!(message(json!([{ "to": BURNER, "gas": "0xffff" }])), "out of gas");
    assert!(message(json!([{ "to": MIRROR, "gas": "0x1" }])).contains("intrinsic gas too low"));
    let poor = Address::repeat_byte(3);
    assert!(message(json!([{ "from": poor, "to": MIRROR, "value": "0x1" }])).contains("insufficient funds"));
    let cheap = json!([{ "from": address(), "to": MIRROR, "gasPrice": "0x1" }]);
    assert!(message(cheap).contains("less than block base fee"));
    let (code, text) = rig.refuse("eth_estimateGas", json!([{ "to": BURNER }]));
    assert_eq!((code, text), (-32_000, "gas required exceeds allowance (16777216)".into()));
    for bad in [
        json!([{ "to": MIRROR, "chainId": "0x1" }]),
        json!([{ "to": MIRROR, "gasPrice": "0x1", "maxFeePerGas": "0x1" }]),
        json!([{ "to": MIRROR, "data": "0x01", "input": "0x02" }]),
        json!([{ "to": MIRROR, "blobVersionedHashes": [U256::from(1)] }]),
        json!([{ "to": MIRROR }, "latest", { (MIRROR.to_string()): { "balance": "0x1" } }]),
    ] {
        assert_eq!(rig.refuse("eth_call", bad).0, -32_602);
    }
}

#[test]
fn an_estimate_is_enough_and_one_less_is_not() {
    let rig = Rig::new();
    let probe = |selector, args: &[u64]| {
        let args: Vec<_> = args.iter().map(|arg| U256::from(*arg)).collect();
        (TxKind::Call(PROBE), input(selector, &args), 0u64)
    };
    let create = |runtime: &[u8]| (TxKind::Create, crate::common::init_code("", runtime), 0u64);
    let cases: Vec<(TxKind, Bytes, u64)> = vec![
        (TxKind::Call(Address::repeat_byte(1)), Bytes::new(), 1),
        (TxKind::Call(Address::repeat_byte(2)), vec![1; 3_000].into(), 1),
        (TxKind::Call(CLEARER), Bytes::new(), 0),
        (TxKind::Call(NESTER), Bytes::new(), 0),
        probe(call::TICK, &[]),
        probe(call::SET, &[7, 7]),
        probe(call::EMIT, &[1, 2]),
        probe(call::AT, &[2_000_000, call::TICK.into(), 200_000, 0]),
        create(&[0x5f; 100]),
    ];
    for (to, input, value) in cases {
        let to_text = to.to().map(ToString::to_string);
        let asked = json!([{ "from": address(), "to": to_text, "data": input, "value": U256::from(value) }]);
        let gas = number(&rig.ask("eth_estimateGas", asked.clone()));
        let mut enough = asked;
        enough[0]["gas"] = json!(format!("{gas:#x}"));
        rig.ask("eth_call", enough.clone());
        enough[0]["gas"] = json!(format!("{:#x}", gas - 1));
        rig.refuse("eth_call", enough);
        let nonce = rig.single.read().nonce(address());
        let tx = TxEip1559 {
            to,
            input,
            gas_limit: gas,
            value: U256::from(value),
            ..transfer(nonce, Address::ZERO)
        };
        assert_eq!(rig.send(tx)["status"], "0x1", "{gas} of gas are enough");
    }
}

#[test]
fn an_estimate_asks_no_more_than_the_sender_can_pay() {
    let rig = Rig::new();
    let poor = Address::repeat_byte(0x77);
    rig.send(TxEip1559 { value: U256::from(30_000 * GWEI), ..transfer(0, poor) });
    let asked = |to: Address| json!([{ "from": poor, "to": to, "gasPrice": format!("{GWEI:#x}") }]);
    assert_eq!(rig.ask("eth_estimateGas", asked(Address::repeat_byte(1))), json!(format!("{:#x}", 21_000)));
    let (_, message) = rig.refuse("eth_estimateGas", asked(BURNER));
    assert_eq!(message, "gas required exceeds allowance (30000)");
}
