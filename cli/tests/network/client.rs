//! Is a user who submits transfers to whichever node answers, and knows which were taken.

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::Encodable2718;
use alloy_primitives::{Address, TxKind, U256, hex};
use fusor_chain_lite::founding::dev::{ACCOUNT_KEYS, ACCOUNTS};
use k256::ecdsa::SigningKey;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Asks a node; none if it does not answer or refuses.
pub fn ask(rpc: SocketAddr, method: &str, params: &Value) -> Option<Value> {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
    let mut stream = TcpStream::connect_timeout(&rpc, Duration::from_millis(500)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let len = body.len();
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {len}\r\n\r\n{body}"
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let answer: Value = serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()?;
    answer.get("result").filter(|result| !result.is_null()).cloned()
}

pub fn number(value: &Value) -> Option<u64> {
    u64::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok()
}

/// Returns a node's height; none if it does not answer.
pub fn height(rpc: SocketAddr) -> Option<u64> {
    number(&ask(rpc, "eth_blockNumber", &json!([]))?)
}

/// Submits transfers of all development accounts in turn.
#[derive(Default)]
pub struct Client {
    next: usize,
    nonces: [u64; ACCOUNTS.len()],
    /// Hashes that a node said it took.
    pub taken: Vec<String>,
}

impl Client {
    /// Has the next account send a transfer to a node.
    pub fn send(&mut self, rpc: SocketAddr) -> bool {
        let account = self.next % ACCOUNTS.len();
        self.next += 1;
        let raw = transfer(account, self.nonces[account]);
        match ask(rpc, "eth_sendRawTransaction", &json!([raw])) {
            Some(hash) => {
                self.taken.push(hash.as_str().unwrap().to_owned());
                self.nonces[account] += 1;
                true
            }
            None => {
                // The node may have taken it and died before it said so: another node is asked for the nonce.
                false
            }
        }
    }

    /// Learns from a node how far the accounts are, as answers may have been lost.
    pub fn learn(&mut self, rpc: SocketAddr) {
        for (nonce, account) in self.nonces.iter_mut().zip(ACCOUNTS) {
            let known = ask(rpc, "eth_getTransactionCount", &json!([account, "pending"]));
            *nonce = known.and_then(|known| number(&known)).unwrap_or(0).max(*nonce);
        }
    }
}

fn transfer(account: usize, nonce: u64) -> String {
    sign(
        account,
        TxEip1559 {
            nonce,
            gas_limit: 30_000,
            to: TxKind::Call(Address::repeat_byte(0x77)),
            value: U256::from(1),
            ..TxEip1559::default()
        },
    )
}

/// Signs a transaction of a development account for the development chain.
pub fn sign(account: usize, tx: TxEip1559) -> String {
    let key = SigningKey::from_slice(ACCOUNT_KEYS[account].as_slice()).unwrap();
    let tx =
        TxEip1559 { chain_id: 1_337, max_fee_per_gas: 100_000_000_000, max_priority_fee_per_gas: 1, ..tx };
    let signature = key.sign_prehash_recoverable(tx.signature_hash().as_slice()).unwrap();
    hex::encode_prefixed(TxEnvelope::from(tx.into_signed(signature.into())).encoded_2718())
}

/// Returns the blocks of a node from 1 to `height`: their hashes, and how often each transaction stands in them.
pub fn history(rpc: SocketAddr, height: u64) -> (Vec<Value>, BTreeMap<String, u32>) {
    let (mut hashes, mut times) = (Vec::new(), BTreeMap::new());
    for number in 1..=height {
        let block = ask(rpc, "eth_getBlockByNumber", &json!([format!("{number:#x}"), false])).unwrap();
        hashes.push(block["hash"].clone());
        for hash in block["transactions"].as_array().unwrap() {
            *times.entry(hash.as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    (hashes, times)
}
