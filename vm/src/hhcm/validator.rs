//! Packs and unpacks a validator's words, and weighs its stake.

use super::{
    committee::{ADDRESS_MASK, Member, beacon_of, beacon_words},
    pack::{halves, pair, share},
    params::{BPS, Params},
    sortition::WEIGHT_MAX,
};
use crate::{
    account::HHCM,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
    word::{at, from_address, small, to_address},
};
use alloy_primitives::{Address, B256, U256};

/// Fraction bits of [`Validator::earned`], so that rounding costs a delegator a wei at most.
pub(super) const EARNED_BITS: usize = 96;

/// Is a validator as the registry keeps it. The layout is drawn at the head of [`super`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validator {
    /// The node's ed25519 public key.
    pub key: B256,
    /// Who registered it and bonds its own stake.
    pub owner: Address,
    /// Who is paid its rewards.
    pub payout: Address,
    /// The node's compressed BLS12-381 G1 public key for the beacon.
    pub beacon: [u8; 48],
    /// Its part of delegators' rewards, in basis points.
    pub commission_bps: u32,
    /// Whether an offence was proved: it never enters a committee again.
    pub jailed: bool,
    /// Its place on the list, from 1; 0 for none.
    pub place: u32,
    /// Since when its stake counts as held, in seconds.
    pub since: u64,
    /// Wei bonded and delegated.
    pub stake: u128,
    /// Shares of that stake; slashing lowers what one is worth.
    pub shares: u128,
    /// Wei on its way out.
    pub leaving: u128,
    /// Shares of what is on its way out.
    pub leaving_shares: u128,
    /// Rewards of one delegated share since the start, in wei times 2^96.
    pub earned: U256,
    /// The words as they stand in storage.
    pub(super) written: [U256; 7],
}

impl Validator {
    fn record(key: B256) -> Record {
        Record::new(Table::HhcmValidator, &[key.into()])
    }

    /// Makes a validator that holds nothing yet.
    pub(super) fn new(key: B256, owner: Address, payout: Address, beacon: [u8; 48]) -> Self {
        Self {
            key,
            owner,
            payout,
            beacon,
            commission_bps: 0,
            jailed: false,
            place: 0,
            since: 0,
            stake: 0,
            shares: 0,
            leaving: 0,
            leaving_shares: 0,
            earned: U256::ZERO,
            written: [U256::ZERO; 7],
        }
    }

    /// Reads the validator `key`; none if nobody registered it.
    pub fn load(store: &mut dyn Store, key: B256) -> Result<Option<Self>, Fault> {
        let record = Self::record(key);
        let mut words = [U256::ZERO; 7];
        for (word, i) in words.iter_mut().zip(0u8..) {
            *word = store.get(HHCM, record.word(i))?;
            if i == 0 && word.is_zero() {
                return Ok(None);
            }
        }
        let [head, paid, left, right, active, leaving, earned] = words;
        let ((stake, shares), (leaving, leaving_shares)) = (halves(active), halves(leaving));
        Ok(Some(Self {
            key,
            owner: to_address(head & ADDRESS_MASK),
            payout: to_address(paid & ADDRESS_MASK),
            beacon: beacon_of(left, right),
            commission_bps: small(head, 160, 16) as u32,
            jailed: small(head, 176, 8) == 1,
            place: small(head, 192, 32) as u32,
            since: small(paid, 160, 64),
            stake,
            shares,
            leaving,
            leaving_shares,
            earned,
            written: words,
        }))
    }

    fn words(&self) -> [U256; 7] {
        let [left, right] = beacon_words(&self.beacon);
        let head = from_address(self.owner)
            | at(self.commission_bps.into(), 160)
            | at(self.jailed.into(), 176)
            | at(self.place.into(), 192);
        [
            head,
            from_address(self.payout) | at(self.since, 160),
            left,
            right,
            pair(self.stake, self.shares),
            pair(self.leaving, self.leaving_shares),
            self.earned,
        ]
    }

    /// Writes the words that have changed.
    pub(super) fn save(&mut self, store: &mut dyn Store) -> Result<(), Fault> {
        let (record, words) = (Self::record(self.key), self.words());
        for ((new, old), i) in words.into_iter().zip(self.written).zip(0u8..) {
            if new != old {
                store.set(HHCM, record.word(i), new)?;
            }
        }
        self.written = words;
        Ok(())
    }

    /// Returns its weight in elections at `now` (seconds): units of stake, and a bonus for holding that grows to
    /// `hold_cap_bps` within `hold_full` seconds; at most [`WEIGHT_MAX`].
    pub fn weight(&self, now: u64, params: &Params) -> u64 {
        let units = self.stake.checked_div(params.unit).unwrap_or_default().min(WEIGHT_MAX.into());
        let held = u128::from(now.saturating_sub(self.since).min(params.hold_full));
        let bonus = match params.hold_full {
            0 => 0,
            full => share(u128::from(params.hold_cap_bps), held, full.into()),
        };
        let weight = share(units, u128::from(BPS) + bonus, BPS.into()).min(WEIGHT_MAX.into());
        u64::try_from(weight).unwrap_or(WEIGHT_MAX)
    }

    /// Returns what `shares` of its stake on the way out are worth, in wei.
    pub fn leaving_value(&self, shares: u128) -> u128 {
        share(shares, self.leaving, self.leaving_shares)
    }

    /// Returns it as a member of a committee that is formed at `now`.
    pub(super) fn member(&self, now: u64, params: &Params) -> Member {
        let Self { key, beacon, owner, payout, .. } = *self;
        Member { key, beacon, owner, payout, weight: self.weight(now, params) }
    }
}
