//! Runs a node and deploys what the tests need on it.

use crate::common::{Key, anvil, free_port, missing};
use alloy_primitives::{Address, U256, hex, keccak256};
use fusor_outer::{
    Asset, ChainConfig, Cursor, Deposit, Observation, OuterChain, Plan, Request, Scheme, Signed, Vault, View,
    connect,
};
use serde_json::{Value, json};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub(crate) const CONFIRMATIONS: u64 = 3;
pub(crate) const GWEI: u64 = 1_000_000_000;
/// The first account of anvil.
const RICH: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

pub(crate) struct Node {
    child: Child,
    port: u16,
    automine: AtomicBool,
    pub(crate) chain: Box<dyn OuterChain>,
    pub(crate) token: Address,
    pub(crate) old: Address,
    pub(crate) forwarder: Address,
    pub(crate) moody: Address,
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn config(port: u16, chain_id: u64, tokens: &[Address]) -> Box<dyn OuterChain> {
    let tokens: Vec<_> =
        tokens.iter().map(|token| json!({"address": token.to_checksum(None), "deposit_min": 10})).collect();
    let config = json!({
        "kind": "ethereum", "chain_id": chain_id, "node": {"url": format!("http://127.0.0.1:{port}")},
        "confirmations": CONFIRMATIONS, "max_fee_cap": 200 * GWEI, "priority_fee": GWEI, "coin_gas_max": 60_000,
        "token_gas_max": 200_000, "fund_max": 50_000_000 * GWEI, "deposit_min": 1000, "tokens": tokens,
    });
    connect(ChainConfig::from_json(&config.to_string()).unwrap()).unwrap()
}

/// Writes a call with words as arguments.
pub(crate) fn call(signature: &str, words: &[U256]) -> Vec<u8> {
    let words = words.iter().flat_map(|word| word.to_be_bytes::<32>());
    keccak256(signature)[..4].iter().copied().chain(words).collect()
}

pub(crate) fn word(address: Address) -> U256 {
    U256::from_be_bytes(address.into_word().0)
}

pub(crate) fn units(amount: u64) -> U256 {
    U256::from(amount)
}

impl Node {
    /// Starts a node with the contracts; none if there is no anvil.
    pub(crate) fn start() -> Option<Self> {
        let Some(binary) = anvil() else {
            missing("anvil (FUSOR_NODE_MODULES)");
            return None;
        };
        let port = free_port();
        let child = Command::new(binary)
            .args(["--port", &port.to_string(), "--silent", "--chain-id", "31337"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let zero = Address::ZERO;
        let chain = config(port, 31_337, &[]);
        let mut node = Self {
            child,
            port,
            automine: AtomicBool::new(true),
            chain,
            token: zero,
            old: zero,
            forwarder: zero,
            moody: zero,
        };
        node.wait();
        node.token = node.deploy(include_str!("contracts/Token.hex"));
        node.old = node.deploy(include_str!("contracts/OldToken.hex"));
        node.forwarder = node.deploy(include_str!("contracts/Forwarder.hex"));
        node.moody = node.deploy(include_str!("contracts/Moody.hex"));
        node.chain = config(port, 31_337, &[node.token, node.old]);
        Some(node)
    }

    /// Shows the same node under another chain id.
    pub(crate) fn misconfigured(&self) -> Box<dyn OuterChain> {
        config(self.port, 1, &[])
    }

    fn wait(&self) {
        for _ in 0..300 {
            if self.chain.check_network().is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("anvil does not come up: {:?}", self.chain.check_network());
    }

    pub(crate) fn rpc(&self, method: &str, params: Value) -> Value {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
        let mut response = ureq::post(format!("http://127.0.0.1:{}", self.port))
            .header("content-type", "application/json")
            .send(body.as_bytes())
            .unwrap();
        let answer: Value = serde_json::from_slice(&response.body_mut().read_to_vec().unwrap()).unwrap();
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Waits until a transaction is in a block, unless blocks are made by hand: anvil answers before it mines.
    pub(crate) fn settle(&self, hash: &str) -> Value {
        for _ in 0..300 {
            let receipt = self.rpc("eth_getTransactionReceipt", json!([hash]));
            if !receipt.is_null() || !self.automine.load(Ordering::Relaxed) {
                return receipt;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{hash} is not mined");
    }

    /// Sends what is expected to be taken.
    pub(crate) fn broadcast(&self, signed: &Signed) {
        assert_eq!(self.chain.broadcast(signed).unwrap(), fusor_outer::Broadcast::Accepted);
    }

    fn deploy(&self, code: &str) -> Address {
        let hash =
            self.rpc("eth_sendTransaction", json!([{"from": RICH, "data": format!("0x{}", code.trim())}]));
        let receipt = self.settle(hash.as_str().unwrap());
        receipt["contractAddress"].as_str().unwrap().parse().unwrap()
    }

    /// Has a stranger send coin and call code.
    pub(crate) fn send(&self, to: Address, value: u64, data: &[u8]) {
        let call = json!({"from": RICH, "to": to.to_checksum(None), "value": format!("{value:#x}"),
            "data": hex::encode_prefixed(data), "gas": "0x493e0"});
        let hash = self.rpc("eth_sendTransaction", json!([call]));
        self.settle(hash.as_str().unwrap());
    }

    pub(crate) fn mint(&self, token: Address, to: &Key, amount: u64) {
        self.send(token, 0, &call("mint(address,uint256)", &[word(self.account(to)), units(amount)]));
    }

    pub(crate) fn account(&self, key: &Key) -> Address {
        self.chain.address(&key.lock.key, Scheme::Ecdsa).unwrap().parse().unwrap()
    }

    pub(crate) fn mine(&self, count: u64) {
        self.rpc("anvil_mine", json!([format!("{count:#x}")]));
    }

    pub(crate) fn automine(&self, on: bool) {
        self.automine.store(on, Ordering::Relaxed);
        self.rpc("evm_setAutomine", json!([on]));
    }

    pub(crate) fn held(&self, asset: Asset, account: Address) -> U256 {
        let text = |address: Address| address.to_checksum(None);
        let answer = match asset {
            Asset::Native => self.rpc("eth_getBalance", json!([text(account), "latest"])),
            Asset::Token(token) => {
                let data = hex::encode_prefixed(call("balanceOf(address)", &[word(account)]));
                self.rpc("eth_call", json!([{"to": text(token), "data": data}, "latest"]))
            }
        };
        answer.as_str().unwrap().parse().unwrap()
    }

    /// Reads on until nothing is left; fails on a reorganisation.
    pub(crate) fn drain(&self, vault: &Vault, cursor: &mut Cursor) -> Vec<Deposit> {
        let mut all = Vec::new();
        loop {
            match self.chain.observe(vault, cursor).unwrap() {
                Observation::Progress { cursor: next, deposits, behind } => {
                    *cursor = next;
                    all.extend(deposits);
                    if behind == 0 {
                        return all;
                    }
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// Plans, checks, signs and sends; returns what was sent.
    pub(crate) fn carry_out(&self, request: &Request, view: &View, keys: &[Key]) -> Signed {
        let plan = self.chain.plan(request, view).unwrap();
        self.chain.check(&plan, request, view, &[]).unwrap();
        let signed = self.sign(&plan, keys);
        self.broadcast(&signed);
        self.settle(&hex::encode_prefixed(signed.txid));
        signed
    }

    pub(crate) fn sign(&self, plan: &Plan, keys: &[Key]) -> Signed {
        crate::common::sign(self.chain.as_ref(), plan, keys)
    }
}

/// Makes a vault with a main key and two deposit keys.
pub(crate) fn keys() -> (Vec<Key>, Vault) {
    let keys: Vec<_> = ["main", "first", "second"].map(|name| Key::new(name, Scheme::Ecdsa)).into();
    let deposits = keys[1..].iter().map(|key| key.lock).collect();
    let vault = Vault { main: keys[0].lock, deposits };
    (keys, vault)
}
