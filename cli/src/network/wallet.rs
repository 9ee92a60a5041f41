//! Sends transactions of one account to a node.

use super::client::Client;
use crate::error::{CliError, Outcome};
use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_eips::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256, hex};
use fusor_chain_lite::founding::{ACCOUNT_KEYS, ACCOUNTS};
use k256::ecdsa::{SigningKey, signature::hazmat::PrehashSigner};
use serde_json::{Value, json};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Longest time for a transaction to be final.
const FINAL_MAX: Duration = Duration::from_secs(120);

/// Is an account that can sign.
pub(crate) struct Wallet {
    client: Client,
    key: SigningKey,
    chain_id: u64,
}

/// Reads a number that a node gave.
pub(crate) fn number(value: &Value) -> Option<U256> {
    value.as_str().and_then(|text| text.parse().ok())
}

/// Reads a private key: 32 bytes in hexadecimal in a file, or `dev:N` for an account that everybody knows.
pub(crate) fn read_key(text: &str) -> Outcome<SigningKey> {
    let fail = |message: String| CliError::Option { option: "--from", message };
    let bytes = match text.strip_prefix("dev:") {
        Some(index) => {
            let key = index.parse().ok().and_then(|index: usize| ACCOUNT_KEYS.get(index));
            let last = ACCOUNTS.len() - 1;
            key.copied().ok_or_else(|| fail(format!("expected dev:0 to dev:{last}, found `{text}`")))?
        }
        None => {
            let read = std::fs::read_to_string(Path::new(text));
            let read = read.map_err(|error| fail(format!("cannot read the key file {text}: {error}")))?;
            let key = read.trim().parse::<B256>();
            key.map_err(|_| fail(format!("{text}: expected a private key of 64 hexadecimal digits")))?
        }
    };
    SigningKey::from_slice(bytes.as_slice()).map_err(|_| fail(format!("{text}: not a private key")))
}

impl Wallet {
    /// Makes a wallet of a key at a node.
    pub(crate) fn new(client: Client, key: SigningKey) -> Outcome<Self> {
        let chain_id = number(&client.ask("eth_chainId", &json!([]))?).unwrap_or_default().saturating_to();
        Ok(Self { client, key, chain_id })
    }

    /// Returns its account.
    pub(crate) fn address(&self) -> Address {
        Address::from_private_key(&self.key)
    }

    /// Calls without sending, and returns the output.
    pub(crate) fn view(&self, to: Address, data: &[u8]) -> Outcome<Bytes> {
        let call =
            json!([{ "to": to, "from": self.address(), "data": hex::encode_prefixed(data) }, "latest"]);
        let answer = self.client.ask("eth_call", &call)?;
        let bytes = answer.as_str().and_then(|text| text.parse().ok());
        bytes.ok_or_else(|| self.client.refuse("eth_call gave no bytes"))
    }

    /// Sends a transaction and waits until it is in a block; returns its receipt. Errors: it would fail, or fails.
    pub(crate) fn send(&self, to: TxKind, value: U256, data: &[u8]) -> Outcome<Value> {
        let (from, input) = (self.address(), hex::encode_prefixed(data));
        let mut request = json!({ "from": from, "value": value, "data": input });
        if let (TxKind::Call(to), Some(fields)) = (to, request.as_object_mut()) {
            fields.insert("to".into(), json!(to));
        }
        let ask = |method: &str, params: Value| -> Outcome<U256> {
            let answer = self.client.ask(method, &params)?;
            number(&answer).ok_or_else(|| self.client.refuse(format!("{method} gave no number")))
        };
        let gas: u64 = ask("eth_estimateGas", json!([request]))?.saturating_to();
        let price: u128 = ask("eth_gasPrice", json!([]))?.saturating_to();
        let tx = TxEip1559 {
            chain_id: self.chain_id,
            nonce: ask("eth_getTransactionCount", json!([from, "pending"]))?.saturating_to(),
            gas_limit: gas.saturating_add(gas / 4),
            max_fee_per_gas: price.saturating_mul(2).max(1),
            max_priority_fee_per_gas: price.min(1_000_000_000),
            to,
            value,
            input: Bytes::copy_from_slice(data),
            ..TxEip1559::default()
        };
        let hash = tx.signature_hash();
        let signed: Result<(k256::ecdsa::Signature, k256::ecdsa::RecoveryId), _> =
            self.key.sign_prehash(hash.as_slice());
        let signature = signed.map_err(|error| self.client.refuse(error.to_string()))?;
        let raw = tx.into_signed(Signature::from(signature)).encoded_2718();
        let hash = self.client.ask("eth_sendRawTransaction", &json!([hex::encode_prefixed(raw)]))?;
        self.receipt(&hash)
    }

    fn receipt(&self, hash: &Value) -> Outcome<Value> {
        let start = Instant::now();
        while start.elapsed() < FINAL_MAX {
            let receipt = self.client.ask("eth_getTransactionReceipt", &json!([hash]))?;
            match receipt.pointer("/status").and_then(Value::as_str) {
                Some("0x1") => return Ok(receipt),
                Some(_) => return Err(self.client.refuse(format!("transaction {hash} failed"))),
                None => std::thread::sleep(Duration::from_millis(100)),
            }
        }
        Err(self.client.refuse(format!("transaction {hash} is in no block after {} s", FINAL_MAX.as_secs())))
    }
}
