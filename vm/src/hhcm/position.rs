//! Keeps what one holder has at one validator: shares, rewards, and a queue of withdrawals.

use super::{
    pack::{halves, pair, plus, share},
    validator::{EARNED_BITS, Validator},
};
use crate::{
    account::HHCM,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
    word::{at, from_address, small},
};
use alloy_primitives::{Address, B256, U256};

/// Bounds the withdrawals of one holder that wait at one validator.
pub const WAITING_MAX: u32 = 16;
/// The first word of the queue.
const QUEUE: u8 = 8;

/// Is what one holder has at one validator. The validator's owner holds its own stake in this way too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    record: Record,
    /// Whether it is the validator's own stake, which is paid at once and earns no delegators' rewards.
    own: bool,
    /// Shares of the validator's stake.
    pub shares: u128,
    /// Withdrawals taken from the queue ever.
    pub head: u32,
    /// Withdrawals put into the queue ever.
    pub tail: u32,
    /// The validator's `earned` up to which `pending` is counted.
    seen: U256,
    /// Rewards in wei to be claimed.
    pub pending: u128,
}

impl Position {
    pub(super) fn load(store: &mut dyn Store, validator: &Validator, holder: Address) -> Result<Self, Fault> {
        let record = Record::new(Table::HhcmPosition, &[validator.key.into(), from_address(holder)]);
        let (shares, _) = halves(store.get(HHCM, record.word(0))?);
        let head = store.get(HHCM, record.word(1))?;
        let seen = store.get(HHCM, record.word(2))?;
        Ok(Self {
            record,
            own: validator.owner == holder,
            shares,
            head: small(head, 128, 32) as u32,
            tail: small(head, 160, 32) as u32,
            seen,
            pending: halves(head).0,
        })
    }

    pub(super) fn save(&self, store: &mut dyn Store) -> Result<(), Fault> {
        let counts = at(self.head.into(), 0) | at(self.tail.into(), 32);
        store.set(HHCM, self.record.word(0), pair(self.shares, 0))?;
        store.set(HHCM, self.record.word(1), pair(self.pending, counts.saturating_to()))?;
        store.set(HHCM, self.record.word(2), self.seen)
    }

    /// Counts the rewards since the last time; to be called before shares change.
    pub(super) fn settle(&mut self, validator: &Validator) -> Result<(), Fault> {
        self.pending = self.earned(validator)?;
        self.seen = validator.earned;
        Ok(())
    }

    /// Returns the rewards in wei that may be claimed.
    pub fn earned(&self, validator: &Validator) -> Result<u128, Fault> {
        if self.own {
            return Ok(self.pending);
        }
        let per_share = validator.earned.saturating_sub(self.seen);
        let since: U256 = U256::from(self.shares).saturating_mul(per_share) >> EARNED_BITS;
        plus(self.pending, since.saturating_to())
    }

    /// Returns what its shares are worth in wei.
    pub fn value(&self, validator: &Validator) -> u128 {
        share(self.shares, validator.stake, validator.shares)
    }

    /// Queues a withdrawal of `shares` of what leaves, free at `release` (seconds).
    pub(super) fn push(&mut self, store: &mut dyn Store, shares: u128, release: u64) -> Result<(), Fault> {
        if self.tail.wrapping_sub(self.head) >= WAITING_MAX {
            return Err(Fault::Misuse("16 withdrawals are waiting already"));
        }
        store.set(HHCM, self.place(self.tail), pair(shares, release.into()))?;
        self.tail = self.tail.wrapping_add(1);
        Ok(())
    }

    /// Returns the withdrawals that wait, oldest first, as (shares, free at).
    pub fn waiting(&self, store: &mut dyn Store) -> Result<Vec<(u128, u64)>, Fault> {
        let count = self.tail.wrapping_sub(self.head).min(WAITING_MAX);
        (0..count).map(|i| self.entry(store, self.head.wrapping_add(i))).collect()
    }

    /// Takes the oldest withdrawal if it is free at `now`; returns its shares.
    pub(super) fn pop(&mut self, store: &mut dyn Store, now: u64) -> Result<Option<u128>, Fault> {
        if self.head == self.tail {
            return Ok(None);
        }
        let (shares, release) = self.entry(store, self.head)?;
        if release > now {
            return Ok(None);
        }
        store.set(HHCM, self.place(self.head), U256::ZERO)?;
        self.head = self.head.wrapping_add(1);
        Ok(Some(shares))
    }

    fn entry(&self, store: &mut dyn Store, number: u32) -> Result<(u128, u64), Fault> {
        let (shares, release) = halves(store.get(HHCM, self.place(number))?);
        Ok((shares, u64::try_from(release).unwrap_or(u64::MAX)))
    }

    fn place(&self, number: u32) -> U256 {
        self.record.word(QUEUE + (number % WAITING_MAX) as u8)
    }
}

/// Reads what `holder` has at the validator `key`; misuse if there is no such validator.
pub fn position(store: &mut dyn Store, key: B256, holder: Address) -> Result<(Validator, Position), Fault> {
    let validator = Validator::load(store, key)?.ok_or(Fault::Misuse("no such validator"))?;
    let position = Position::load(store, &validator, holder)?;
    Ok((validator, position))
}
