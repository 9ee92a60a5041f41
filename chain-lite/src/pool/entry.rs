//! Is one transaction in the pool with what orders it.

use crate::tx::Transaction;
use alloy_eips::Encodable2718;
use alloy_primitives::{B256, U256};

/// Says what a transaction pays per gas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bid {
    /// Most wei per gas.
    pub(super) fee: u128,
    /// Most wei per gas for the author.
    pub(super) tip: u128,
}

impl Bid {
    /// Returns what the author earns per gas at a base fee; none if the base fee is not covered.
    pub(super) fn effective(self, base_fee: u64) -> Option<u128> {
        self.fee.checked_sub(base_fee.into()).map(|left| left.min(self.tip))
    }

    /// Says whether this pays a tenth more than `old` in both.
    pub(super) fn outbids(self, old: Self) -> bool {
        let tenth_more = |new: u128, old: u128| {
            new > old && U256::from(new) * U256::from(10u8) >= U256::from(old) * U256::from(11u8)
        };
        tenth_more(self.fee, old.fee) && tenth_more(self.tip, old.tip)
    }

    /// Returns what eviction goes by: the lowest leaves first.
    pub(super) fn rank(self, base_fee: u64) -> (Option<u128>, u128) {
        (self.effective(base_fee), self.fee)
    }
}

/// Is a transaction in the pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) tx: Transaction,
    pub(super) hash: B256,
    pub(super) bid: Bid,
    /// Most wei that it can cost; none if no account can hold so much.
    pub(super) cost: Option<U256>,
    /// Length of its encoding.
    pub(super) bytes: usize,
    /// Counts up with each transaction that the pool took.
    pub(super) arrival: u64,
}

impl Entry {
    /// Weighs a transaction; an unsigned one pays the base fee, whatever it is, and no tip.
    pub(super) fn new(tx: Transaction, base_fee: u64, arrival: u64) -> Self {
        let price = tx.fee_max().unwrap_or_else(|| base_fee.into());
        let bid = Bid { fee: tx.fee_max().unwrap_or(u128::MAX), tip: tx.tip_max() };
        let cost = (U256::from(tx.gas()) * U256::from(price)).checked_add(tx.value());
        Self { hash: tx.hash(), bytes: tx.encode_2718_len(), bid, cost, arrival, tx }
    }
}
