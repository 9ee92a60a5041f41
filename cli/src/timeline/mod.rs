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
    /// The attempt failed and will be repeated.
    Retrying(String),
    /// The condition did not hold yet.
    Polled,
}

impl End {
    /// Describes the end in a few words.
    pub(crate) fn show(&self) -> String {
        match self {
            Self::Executed => "executed".to_string(),
            Self::Expired => "expired".to_string(),
            Self::Polled => "condition not met".to_string(),
            Self::Retrying(why) => format!("will retry: {why}"),
            Self::Reverted(why) => format!("reverted: {why}"),
            Self::Failed(why) => format!("failed: {why}"),
            Self::Skipped(why) => format!("skipped: {why}"),
        }
    }
}

/// Is a movement of units of an asset, named by its ERC-20 view; no asset means the native coin, no sender an issue, no receiver a burning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payment {
    pub(crate) asset: Option<Address>,
    pub(crate) from: Option<Address>,
    pub(crate) to: Option<Address>,
    pub(crate) amount: U256,
}

/// Knows how to show assets and addresses.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) names: Names,
    units: BTreeMap<Address, (String, u8)>,
    labels: BTreeMap<Address, String>,
}

impl Book {
    /// Tells the symbol and the decimals of the asset whose ERC-20 view stands at `view`.
    pub(crate) fn add_unit(&mut self, view: Address, symbol: &str, decimals: u8) {
        self.units.insert(view, (symbol.to_string(), decimals));
    }

    /// Tells what to call an asset that has no symbol.
    pub(crate) fn add_label(&mut self, view: Address, label: String) {
        self.labels.insert(view, label);
    }

    /// Says whether an asset is known.
    pub(crate) fn knows(&self, view: Address) -> bool {
        self.units.contains_key(&view)
    }

    /// Returns the symbol and the decimals of an asset; one without a symbol is shown by its label, or by its
    /// view's address.
    pub(crate) fn unit(&self, asset: Option<Address>) -> (String, u8) {
        let Some(view) = asset else { return ("ether".to_string(), 18) };
        let known = self.units.get(&view).filter(|(symbol, _)| !symbol.is_empty());
        let decimals = self.units.get(&view).map_or(0, |(_, decimals)| *decimals);
        let label = || self.labels.get(&view).cloned().unwrap_or_else(|| format!("units of {view}"));
        known.cloned().unwrap_or_else(|| (label(), decimals))
    }
}
