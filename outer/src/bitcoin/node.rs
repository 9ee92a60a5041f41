//! Reads what nodes of the Bitcoin family answer. Amounts are read as decimal text, never as floats.

use super::{Bitcoin, hash_from_hex, hash_to_hex};
use crate::{deposit::OutPoint, error::OuterError};
use alloy_primitives::hex;
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::{Value, json, value::RawValue};

/// Highest height that is believed; lock times share the number's range.
const HEIGHT_MAX: u64 = 499_999_999;

/// Is a hash in reversed hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hash(pub(super) [u8; 32]);

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        hash_from_hex(&text).map(Self).ok_or_else(|| D::Error::custom("a hash has 64 hexadecimal digits"))
    }
}

/// Is an amount in the smallest unit, written as a decimal of the coin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amount(pub(super) u64);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        amount(raw.get()).map(Self).ok_or_else(|| D::Error::custom("an amount has at most 8 decimals"))
    }
}

/// Reads a decimal with at most eight places.
fn amount(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 8 || !digits(whole) || !digits(part) {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    whole.checked_mul(100_000_000)?.checked_add(format!("{part:0<8}").parse().ok()?)
}

/// Is a script in hexadecimal.
#[derive(Debug, Deserialize)]
pub(super) struct Script {
    hex: String,
}

impl Script {
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        hex::decode(&self.hex).ok()
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct BlockJson {
    pub(super) hash: Hash,
    pub(super) height: u64,
    pub(super) previousblockhash: Option<Hash>,
    pub(super) tx: Vec<TxJson>,
}

#[derive(Debug, Deserialize)]
pub(super) struct TxJson {
    pub(super) txid: Hash,
    pub(super) vin: Vec<VinJson>,
    pub(super) vout: Vec<VoutJson>,
}

/// Is what a transaction spends. Inputs of Litecoin's extension blocks have none of these fields.
#[derive(Debug, Deserialize)]
pub(super) struct VinJson {
    pub(super) coinbase: Option<String>,
    txid: Option<Hash>,
    vout: Option<u32>,
}

impl VinJson {
    pub(super) fn spends(&self, outpoint: &OutPoint) -> bool {
        self.txid == Some(Hash(outpoint.txid)) && self.vout == Some(outpoint.vout)
    }
}

/// Is what a transaction pays. Outputs of Litecoin's extension blocks have none of these fields.
#[derive(Debug, Deserialize)]
pub(super) struct VoutJson {
    pub(super) n: Option<u32>,
    pub(super) value: Option<Amount>,
    #[serde(rename = "scriptPubKey")]
    pub(super) script: Option<Script>,
}

/// Is the answer of gettxout.
#[derive(Debug, Deserialize)]
pub(super) struct TxOutJson {
    pub(super) bestblock: Hash,
    pub(super) confirmations: u64,
    pub(super) value: Amount,
    #[serde(rename = "scriptPubKey")]
    pub(super) script: Script,
    #[serde(default)]
    pub(super) coinbase: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct ScanJson {
    pub(super) success: bool,
    pub(super) height: u64,
    pub(super) bestblock: Hash,
    pub(super) unspents: Vec<UnspentJson>,
}

#[derive(Debug, Deserialize)]
pub(super) struct UnspentJson {
    pub(super) txid: Hash,
    pub(super) vout: u32,
    #[serde(rename = "scriptPubKey")]
    pub(super) script: String,
    pub(super) amount: Amount,
    pub(super) height: u64,
}

#[derive(Debug, Deserialize)]
struct InfoJson {
    blocks: u64,
    bestblockhash: Hash,
}

#[derive(Debug, Deserialize)]
struct FeeJson {
    feerate: Option<Amount>,
}

impl Bitcoin {
    /// Returns height and hash of the tip.
    pub(super) fn best(&self) -> Result<(u64, [u8; 32]), OuterError> {
        let info: InfoJson = self.rpc.call("getblockchaininfo", json!([]))?;
        match info.blocks <= HEIGHT_MAX {
            true => Ok((info.blocks, info.bestblockhash.0)),
            false => Err(self.rpc.nonsense("getblockchaininfo", "no chain is that high")),
        }
    }

    /// Returns the hash of the main chain's block at a height.
    pub(super) fn block_hash(&self, height: u64) -> Result<[u8; 32], OuterError> {
        const OUT_OF_RANGE: i64 = -8;
        match self.rpc.attempt::<Hash>("getblockhash", json!([height]))? {
            Ok(hash) => Ok(hash.0),
            Err(fault) if fault.code == OUT_OF_RANGE => Err(OuterError::Moved { height }),
            Err(fault) => Err(self.rpc.fault("getblockhash", fault)),
        }
    }

    /// Returns the main chain's block at a height with all its transactions.
    pub(super) fn block(&self, height: u64) -> Result<BlockJson, OuterError> {
        let hash = self.block_hash(height)?;
        let block: BlockJson = self.rpc.call("getblock", json!([hash_to_hex(&hash), 2]))?;
        match block.hash.0 == hash && block.height == height {
            true => Ok(block),
            false => Err(self.rpc.nonsense("getblock", "it is another block than was asked for")),
        }
    }

    /// Returns outputs that are unspent in the main chain; none for each that is not.
    pub(super) fn unspent(
        &self,
        outpoints: impl Iterator<Item = OutPoint>,
        mempool: bool,
    ) -> Result<Vec<Option<TxOutJson>>, OuterError> {
        let params: Vec<Value> =
            outpoints.map(|outpoint| json!([hash_to_hex(&outpoint.txid), outpoint.vout, mempool])).collect();
        self.rpc.batch("gettxout", &params)
    }

    /// Returns the rate to pay, within floor and cap.
    pub(super) fn rate(&self) -> Result<u64, OuterError> {
        let fee: FeeJson = self.rpc.call("estimatesmartfee", json!([self.config.fee_target]))?;
        let wanted = fee.feerate.map_or(0, |rate| rate.0);
        Ok(wanted.clamp(self.config.fee_rate_min, self.config.fee_rate_max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_amounts_without_floats() {
        let most = "184467440737.09551615";
        for (text, want) in
            [("50.00000000", 5_000_000_000), ("0.00000001", 1), ("3", 300_000_000), (most, u64::MAX)]
        {
            assert_eq!(serde_json::from_str::<Amount>(text).unwrap().0, want);
        }
        for text in ["-1.0", "1e3", "0.000000001", "184467440737.09551616", "\"1\"", "null", "1e-8"] {
            assert!(serde_json::from_str::<Amount>(text).is_err(), "{text}");
        }
    }
}
