//! Reads what Ethereum nodes answer.

use super::Ethereum;
use crate::{deposit::Asset, error::OuterError};
use alloy_primitives::{Address, B256, U256, hex};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::{Value, json};

/// Highest height that is believed.
const HEIGHT_MAX: u64 = 1 << 48;
/// `balanceOf(address)` of ERC-20.
const BALANCE_OF: [u8; 4] = [0x70, 0xa0, 0x82, 0x31];

/// Is a number in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quantity(pub(super) U256);

impl Quantity {
    pub(super) fn low(self) -> u64 {
        self.0.saturating_to()
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let digits = text.strip_prefix("0x").filter(|digits| (1..=64).contains(&digits.len()));
        digits
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| U256::from_str_radix(digits, 16).ok())
            .map(Self)
            .ok_or_else(|| D::Error::custom("a quantity is 0x and 1 to 64 hexadecimal digits"))
    }
}

/// Is a string of bytes in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Data(pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = text.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
        bytes.map(Self).ok_or_else(|| D::Error::custom("bytes are 0x and pairs of hexadecimal digits"))
    }
}

/// Is a hash or an account: exactly `N` bytes in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bytes<const N: usize>(pub(super) [u8; N]);

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Data(bytes) = Data::deserialize(from)?;
        bytes.try_into().map(Self).map_err(|_| D::Error::custom("the bytes have a wrong length"))
    }
}

impl Bytes<20> {
    pub(super) fn account(self) -> Address {
        Address::from(self.0)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BlockJson {
    pub(super) hash: Bytes<32>,
    pub(super) parent_hash: Bytes<32>,
    pub(super) number: Quantity,
    pub(super) transactions: Vec<TxJson>,
}

#[derive(Debug, Deserialize)]
pub(super) struct TxJson {
    pub(super) hash: Bytes<32>,
    pub(super) from: Bytes<20>,
    pub(super) to: Option<Bytes<20>>,
    pub(super) value: Quantity,
    pub(super) nonce: Quantity,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HeadJson {
    pub(super) hash: Bytes<32>,
    pub(super) number: Quantity,
    pub(super) base_fee_per_gas: Option<Quantity>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReceiptJson {
    pub(super) block_hash: Bytes<32>,
    pub(super) block_number: Quantity,
    pub(super) status: Quantity,
    pub(super) gas_used: Quantity,
    pub(super) effective_gas_price: Quantity,
    pub(super) logs: Vec<LogJson>,
}

impl ReceiptJson {
    pub(super) fn succeeded(&self) -> bool {
        self.status.0 == U256::from(1)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogJson {
    pub(super) address: Bytes<20>,
    pub(super) topics: Vec<Bytes<32>>,
    pub(super) data: Data,
    #[serde(default)]
    pub(super) transaction_hash: Option<Bytes<32>>,
}

/// Is a call of ERC-20's Transfer event.
pub(super) struct Transfer {
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) amount: U256,
}

impl LogJson {
    /// Reads a Transfer event of a token.
    pub(super) fn transfer(&self, token: Address) -> Option<Transfer> {
        match (self.address.account() == token, self.topics.as_slice(), <[u8; 32]>::try_from(&*self.data.0)) {
            (true, [topic, from, to], Ok(amount)) if topic.0 == transfer_topic() => Some(Transfer {
                from: Address::from_word(B256::from(from.0)),
                to: Address::from_word(B256::from(to.0)),
                amount: U256::from_be_bytes(amount),
            }),
            _ => None,
        }
    }
}

/// Returns the topic of `Transfer(address,address,uint256)`.
pub(super) fn transfer_topic() -> [u8; 32] {
    alloy_primitives::keccak256("Transfer(address,address,uint256)").0
}

/// Writes a number as nodes want it.
pub(super) fn number(value: u64) -> String {
    format!("{value:#x}")
}

/// Names a block by its hash (EIP-1898), so that a changing chain cannot mix answers.
fn at(block: &[u8; 32]) -> Value {
    json!({"blockHash": hex::encode_prefixed(block)})
}

impl Ethereum {
    /// Returns the newest block's head.
    pub(super) fn head(&self) -> Result<HeadJson, OuterError> {
        let head: HeadJson = self.rpc.call("eth_getBlockByNumber", json!(["latest", false]))?;
        match head.number.0 <= U256::from(HEIGHT_MAX) {
            true => Ok(head),
            false => Err(self.rpc.nonsense("eth_getBlockByNumber", "no chain is that high")),
        }
    }

    /// Returns the head of the main chain's block at a height.
    pub(super) fn head_at(&self, height: u64) -> Result<HeadJson, OuterError> {
        let head: Option<HeadJson> = self.rpc.call("eth_getBlockByNumber", json!([number(height), false]))?;
        head.filter(|head| head.number.low() == height).ok_or(OuterError::Moved { height })
    }

    /// Returns the main chain's block at a height.
    pub(super) fn block(&self, height: u64) -> Result<BlockJson, OuterError> {
        let block: Option<BlockJson> =
            self.rpc.call("eth_getBlockByNumber", json!([number(height), true]))?;
        block.filter(|block| block.number.low() == height).ok_or(OuterError::Moved { height })
    }

    /// Returns what accounts hold at a block; none where a token has no code there.
    pub(super) fn balances(
        &self,
        held: &[(Address, Asset)],
        block: &[u8; 32],
    ) -> Result<Vec<Option<U256>>, OuterError> {
        let coin = held.iter().filter(|(_, asset)| *asset == Asset::Native);
        let coin: Vec<_> = coin.map(|(account, _)| json!([account.to_checksum(None), at(block)])).collect();
        let tokens: Vec<_> =
            held.iter().filter_map(|(account, asset)| balance_call(account, asset, block)).collect();
        let mut coin =
            self.rpc.batch::<Quantity>("eth_getBalance", &coin)?.into_iter().map(|coin| Some(coin.0));
        let mut tokens =
            self.rpc.batch::<Data>("eth_call", &tokens)?.into_iter().map(|Data(bytes)| word(&bytes));
        let next = |asset: &Asset| match asset {
            Asset::Native => coin.next().flatten(),
            Asset::Token(_) => tokens.next().flatten(),
        };
        Ok(held.iter().map(|(_, asset)| asset).map(next).collect())
    }

    /// Returns a transaction's receipt if it is in a block.
    pub(super) fn receipt(&self, txid: &[u8; 32]) -> Result<Option<ReceiptJson>, OuterError> {
        self.rpc.call("eth_getTransactionReceipt", json!([hex::encode_prefixed(txid)]))
    }

    /// Returns the next nonce of an account after a block.
    pub(super) fn nonce_at(&self, account: &Address, block: &str) -> Result<u64, OuterError> {
        let nonce: Quantity =
            self.rpc.call("eth_getTransactionCount", json!([account.to_checksum(None), block]))?;
        Ok(nonce.low())
    }
}

fn balance_call(account: &Address, asset: &Asset, block: &[u8; 32]) -> Option<Value> {
    match asset {
        Asset::Native => None,
        Asset::Token(token) => {
            let data = [&BALANCE_OF[..], account.into_word().as_slice()].concat();
            Some(json!([{"to": token.to_checksum(None), "data": hex::encode_prefixed(data)}, at(block)]))
        }
    }
}

/// Reads the first word of what a call returned.
fn word(bytes: &[u8]) -> Option<U256> {
    bytes.first_chunk::<32>().map(|word| U256::from_be_bytes(*word))
}
