//! Is the JSON of a state test.

use alloy_primitives::{Address, B256, Bytes, U256};
use serde::{Deserialize, Deserializer, de::Error};
use std::{collections::BTreeMap, fmt::Display, str::FromStr};

/// Is a value that the files write as a string.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text<T>(pub(super) T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|error| D::Error::custom(format!("{text}: {error}")))
    }
}

/// Is a file: tests by name.
#[derive(Debug, Deserialize)]
pub(super) struct Suite(pub(super) BTreeMap<String, Unit>);

/// Is one test: a world, a block, a family of transactions and what must follow.
#[derive(Debug, Deserialize)]
pub(super) struct Unit {
    pub(super) env: Env,
    pub(super) pre: BTreeMap<Text<Address>, PreAccount>,
    pub(super) transaction: Transactions,
    pub(super) post: BTreeMap<String, Vec<Post>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Env {
    pub(super) current_coinbase: Text<Address>,
    #[serde(default)]
    pub(super) current_difficulty: Text<U256>,
    pub(super) current_gas_limit: Text<U256>,
    pub(super) current_number: Text<U256>,
    pub(super) current_timestamp: Text<U256>,
    #[serde(default)]
    pub(super) current_base_fee: Text<U256>,
    pub(super) current_random: Option<Text<U256>>,
    pub(super) current_excess_blob_gas: Option<Text<U256>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PreAccount {
    pub(super) balance: Text<U256>,
    pub(super) code: Text<Bytes>,
    pub(super) nonce: Text<U256>,
    pub(super) storage: BTreeMap<Text<U256>, Text<U256>>,
}

/// Is a family of transactions; a case picks data, gas limit and value by index.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transactions {
    pub(super) data: Vec<Text<Bytes>>,
    /// Kept as text: a test may hold numbers that no transaction can.
    pub(super) gas_limit: Vec<String>,
    pub(super) value: Vec<String>,
    pub(super) gas_price: Option<Text<U256>>,
    pub(super) max_fee_per_gas: Option<Text<U256>>,
    pub(super) max_priority_fee_per_gas: Option<Text<U256>>,
    pub(super) max_fee_per_blob_gas: Option<Text<U256>>,
    pub(super) nonce: Text<U256>,
    pub(super) sender: Text<Address>,
    #[serde(default)]
    pub(super) to: String,
    pub(super) access_lists: Option<Vec<Option<Vec<AccessItem>>>>,
    pub(super) blob_versioned_hashes: Option<Vec<Text<B256>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccessItem {
    pub(super) address: Text<Address>,
    pub(super) storage_keys: Vec<Text<B256>>,
}

/// Is what must follow under one fork.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Post {
    pub(super) hash: Text<B256>,
    pub(super) logs: Text<B256>,
    pub(super) indexes: Indexes,
    pub(super) expect_exception: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Indexes {
    pub(super) data: usize,
    pub(super) gas: usize,
    pub(super) value: usize,
}
