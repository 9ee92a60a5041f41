//! Holds what happened on the chain in order of time, and prints it.

mod print;

pub(crate) use print::text;

use crate::scenario::Names;
use alloy_primitives::{Address, U256};
use std::collections::BTreeMap;

/// Is one thing that happened.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The block's time.
    pub(crate) time: u64,
    pub(crate) cause: Cause,
    /// `contract.function`, as far as it is known.
    pub(crate) what: String,
    pub(crate) gas: u64,
    /// Wei paid for the gas.
    pub(crate) cost: U256,
    pub(crate) end: End,
    pub(crate) payments: Vec<Payment>,
    /// Events of contracts, decoded.
    pub(crate) events: Vec<String>,
}

/// Says what started something.
#[derive(Debug, Clone)]
pub(crate) enum Cause {
    /// A release.
    Release { from: String },
    /// A user's transaction.
    User { from: String },
    /// A trigger; `due` is when it ought to have run.
    Trigger { kind: String, due: u64, attempt: u8 },
}

/// Says how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    Executed,
    Reverted(String),
    Failed(String),
    Skipped(String),
    Expired,
}

impl End {
    /// Describes the end in a few words.
    pub(crate) fn show(&self) -> String {
        match self {
            Self::Executed => "executed".to_string(),
            Self::Expired => "expired".to_string(),
            Self::Reverted(why) => format!("reverted: {why}"),
            Self::Failed(why) => format!("failed: {why}"),
            Self::Skipped(why) => format!("skipped: {why}"),
        }
    }
}

/// Is a movement of units; no asset means the native coin, no sender an issue, no receiver a burning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payment {
    pub(crate) asset: Option<U256>,
    pub(crate) from: Option<Address>,
    pub(crate) to: Option<Address>,
    pub(crate) amount: U256,
}

/// Knows how to show assets and addresses.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) names: Names,
    units: BTreeMap<U256, (String, u8)>,
}

impl Book {
    /// Tells an asset's symbol and decimals.
    pub(crate) fn add_unit(&mut self, id: U256, symbol: &str, decimals: u8) {
        self.units.insert(id, (symbol.to_string(), decimals));
    }

    /// Returns the symbol and the decimals of an asset; unknown ones are shown by the head of their id.
    pub(crate) fn unit(&self, asset: Option<U256>) -> (String, u8) {
        let Some(id) = asset else { return ("ether".to_string(), 18) };
        self.units.get(&id).cloned().unwrap_or_else(|| (format!("asset {:#010x}", id >> 224), 0))
    }
}
