//! Has the bond of `examples/bond` run on a network from its release to its last payment, in simulated time.

use crate::{
    client::{ask, number, sign},
    common::{Folder, fusor},
    devnet::Devnet,
};
use alloy_consensus::TxEip1559;
use alloy_primitives::{Address, Bytes, TxKind, U256, hex};
use alloy_sol_types::{SolCall, SolValue, sol};
use fusor_chain_lite::founding::dev::ACCOUNTS;
use fusor_vm::{account, ledger, precompile::ILedger};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

sol! {
    function subscribe(uint256 amount);
    function deposit();
    function status() returns (uint256);
    function outstanding() returns (uint256);
    function nextEventTime() returns (uint256);
}

/// Status date of the bond: 1 January 2026, in seconds since 1970.
pub const STATUS_DATE: u64 = 1_767_225_600;

const BANK: usize = 0;
const CITY: usize = 1;
const ALICE: usize = 2;
const BOB: usize = 3;

/// Returns so many thousands of an asset with 18 decimals.
fn thousands(count: u64) -> U256 {
    U256::from(count) * U256::from(10u64).pow(U256::from(21))
}

/// Is a chain on which the accounts act one after the other.
struct Stage {
    rpc: SocketAddr,
    nonces: [u64; 4],
}

impl Stage {
    /// Sends a transaction, waits until it is final, and checks that it succeeded.
    #[track_caller]
    fn act(&mut self, who: usize, to: TxKind, value: U256, input: Vec<u8>) -> Value {
        let (nonce, input) = (self.nonces[who], Bytes::from(input));
        self.nonces[who] += 1;
        let tx = TxEip1559 { nonce, gas_limit: 16_000_000, to, value, input, ..TxEip1559::default() };
        let hash = ask(self.rpc, "eth_sendRawTransaction", &json!([sign(who, tx)])).expect("taken");
        let over = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(receipt) = ask(self.rpc, "eth_getTransactionReceipt", &json!([hash])) {
                assert_eq!(receipt["status"], "0x1", "{receipt:#}");
                return receipt;
            }
            assert!(Instant::now() < over, "no receipt");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Calls the ledger.
    #[track_caller]
    fn book(&mut self, who: usize, input: Vec<u8>) {
        self.act(who, TxKind::Call(account::LEDGER), U256::ZERO, input);
    }

    /// Calls the bond with coins of the bank's asset.
    #[track_caller]
    fn pay(&mut self, who: usize, bond: Address, amount: U256, data: Vec<u8>) {
        let (ids, amounts) = (vec![usd()], vec![amount]);
        self.book(who, ILedger::acallCall { to: bond, ids, amounts, data: data.into() }.abi_encode());
    }

    fn read(&self, bond: Address, input: Vec<u8>) -> U256 {
        let answer = ask(
            self.rpc,
            "eth_call",
            &json!([{ "to": bond, "data": hex::encode_prefixed(input) }, "latest"]),
        );
        answer.expect("an answer").as_str().unwrap().parse().unwrap()
    }

    fn time(&self) -> u64 {
        number(&ask(self.rpc, "eth_getBlockByNumber", &json!(["latest", false])).unwrap()["timestamp"])
            .unwrap()
    }

    #[track_caller]
    fn until_status(&self, bond: Address, status: u64) {
        let over = Instant::now() + Duration::from_secs(90);
        while self.read(bond, statusCall {}.abi_encode()) != U256::from(status) {
            assert!(Instant::now() < over, "status {status} is not reached, time is {}", self.time());
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn usd() -> U256 {
    ledger::asset_id(ACCOUNTS[BANK], U256::from(1))
}

/// Compiles the example and returns its creation code with arguments.
fn creation() -> Vec<u8> {
    let out = Folder::new();
    fusor(&["build", "examples/bond", "--out", out.path().to_str().unwrap()]).succeeds();
    let path = out.path().join("bond.csc/BridgeBond.json");
    let artifact: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let code = artifact["bytecode"]["object"].as_str().or(artifact["bytecode"].as_str()).unwrap();
    [hex::decode(code).unwrap(), (ACCOUNTS[CITY], usd()).abi_encode()].concat()
}

#[test]
fn the_bond_runs_to_its_end_on_four_nodes() {
    let devnet = Devnet::start(&["--time-warp", "--start", "2026-01-01"]);
    runs_to_its_end(devnet.rpc);
}

/// Releases the bond on a chain that began at `STATUS_DATE`, has it bought, and follows it until it has paid all back.
#[track_caller]
pub fn runs_to_its_end(rpc: SocketAddr) {
    let creation = creation();
    let mut stage = Stage { rpc, nonces: [0; 4] };
    let one = U256::from(1);
    let describe = ILedger::describeCall {
        sub: one,
        name: "US dollar".into(),
        symbol: "USD".into(),
        decimals: 18,
        flags: 0,
    };
    stage.book(BANK, describe.abi_encode());
    for (to, count) in [(CITY, 300 + 1_000), (ALICE, 700), (BOB, 400)] {
        let mint = ILedger::amintCall { sub: one, to: ACCOUNTS[to], amount: thousands(count) };
        stage.book(BANK, mint.abi_encode());
    }
    let coin = U256::from(10u64).pow(U256::from(18));
    let released = stage.act(CITY, TxKind::Create, coin, creation);
    let bond: Address = released["contractAddress"].as_str().unwrap().parse().unwrap();
    stage.pay(ALICE, bond, thousands(594), subscribeCall { amount: thousands(600) }.abi_encode());
    stage.pay(BOB, bond, thousands(396), subscribeCall { amount: thousands(400) }.abi_encode());
    stage.pay(CITY, bond, thousands(230), depositCall {}.abi_encode());
    assert!(stage.time() < 1_767_312_000, "nothing was leapt over: 2 January 2026");

    stage.until_status(bond, 1);
    stage.pay(CITY, bond, thousands(1_000), depositCall {}.abi_encode());
    stage.until_status(bond, 3);
    assert_eq!(stage.read(bond, outstandingCall {}.abi_encode()), U256::ZERO);
    assert_eq!(stage.read(bond, nextEventTimeCall {}.abi_encode()), U256::ZERO);
    assert!(stage.time() >= 1_929_000_000, "five years have passed: {}", stage.time());
    let height = number(&ask(stage.rpc, "eth_blockNumber", &json!([])).unwrap()).unwrap();
    println!("the bond ended at height {height}");
}
