//! Collects signed amounts by date and party.

use alloy_primitives::{I256, U256};
use std::collections::BTreeMap;

/// Is one panel of the plot: amounts of one unit (an asset, or an event's amount).
#[derive(Debug)]
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) unit: String,
    /// Decimals of the amounts.
    pub(crate) decimals: u8,
    pub(crate) flows: Flows,
}

/// Seconds of a day.
const DAY: u64 = 86_400;

/// Sums signed amounts by (day, party); parties keep the order in which they first appeared.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Flows {
    parties: Vec<String>,
    sums: BTreeMap<u64, BTreeMap<usize, I256>>,
}

impl Flows {
    /// Adds a signed amount to its day. A sum past 255 bits saturates; a plot has no such precision to lose.
    pub(crate) fn add(&mut self, time: u64, party: &str, amount: I256) {
        let number = self.parties.iter().position(|known| known == party).unwrap_or_else(|| {
            self.parties.push(party.to_string());
            self.parties.len() - 1
        });
        let sum = self.sums.entry(time - time % DAY).or_default().entry(number).or_insert(I256::ZERO);
        *sum = sum.saturating_add(amount);
    }

    /// Adds a payment: out of one party, into the other.
    pub(crate) fn pay(&mut self, time: u64, from: &str, to: &str, amount: U256) {
        let amount = I256::try_from(amount).unwrap_or(I256::MAX);
        self.add(time, from, -amount);
        self.add(time, to, amount);
    }

    /// Is true when nothing was paid.
    pub(crate) fn is_empty(&self) -> bool {
        self.sums.values().flat_map(BTreeMap::values).all(|sum| sum.is_zero())
    }

    /// Lists the parties.
    pub(crate) fn parties(&self) -> &[String] {
        &self.parties
    }

    /// Lists the dates with their sums by number of the party, in order of time.
    pub(crate) fn dates(&self) -> impl ExactSizeIterator<Item = (u64, &BTreeMap<usize, I256>)> {
        self.sums.iter().map(|(time, sums)| (*time, sums))
    }

    /// Returns the lowest and the highest sum, zero included.
    pub(crate) fn range(&self) -> (I256, I256) {
        let sums = self.sums.values().flat_map(BTreeMap::values);
        sums.fold((I256::ZERO, I256::ZERO), |(low, high), sum| (low.min(*sum), high.max(*sum)))
    }
}
