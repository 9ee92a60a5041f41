//! Keeps the parameters of stake, elections and rewards, written at genesis.

use super::{
    pack::{halves, lanes, pair},
    state::{Global, global},
};
use crate::{account::HHCM, fault::Fault, store::Store};
use alloy_primitives::U256;
use thiserror::Error;

/// Is the whole in basis points.
pub const BPS: u32 = 10_000;
/// Bounds the groups of a block.
pub const GROUPS_LIMIT: u32 = 128;
/// Bounds the listed validators, and so the work of ranking and of an epoch's change.
pub const VALIDATORS_LIMIT: u32 = 512;
/// Bounds the expected seats of a block, and so the work of an election.
pub const TAU_LIMIT: u64 = 4_096;

/// Holds what stake, elections and rewards need to know of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Params {
    /// The chain's id; votes and packages are signed for it.
    pub chain_id: u64,
    /// Blocks of an epoch: epoch e covers heights `e * epoch_length` to `(e + 1) * epoch_length - 1`.
    pub epoch_length: u64,
    /// Fewest groups.
    pub x_min: u32,
    /// Most groups.
    pub x_max: u32,
    /// Groups at genesis.
    pub x_start: u32,
    /// Seats of bookkeeping nodes expected in a block.
    pub tau: u64,
    /// Tries that a representative's proof of work has.
    pub tries_max: u64,
    /// Least stake of a validator in wei.
    pub min_stake: u128,
    /// Wei for one unit of weight.
    pub unit: u128,
    /// Seconds of holding that give the whole bonus.
    pub hold_full: u64,
    /// The largest bonus for holding, in basis points of the weight.
    pub hold_cap_bps: u32,
    /// Seconds that stake waits between unbonding and withdrawal; still slashed meanwhile. It ought to be longer
    /// than an epoch and the time in which faults come to light.
    pub unbond_wait: u64,
    /// Part of the stake that an offence costs, in basis points.
    pub slash_bps: u32,
    /// Part of what was slashed that the reporter earns, in basis points.
    pub reporter_bps: u32,
    /// Reward of a block in wei, paid while the pool holds it.
    pub block_reward: u128,
    /// Part of a block's fees that its author earns, in basis points; the rest goes to the pool.
    pub fee_author_bps: u32,
    /// Largest commission of a validator on delegators' rewards, in basis points.
    pub commission_max_bps: u32,
    /// Most listed validators.
    pub validators_max: u32,
    /// Load from which X grows, in basis points of what X groups carry.
    pub raise_at_bps: u32,
    /// Load to which X shrinks, in basis points of what X groups carry; less than half of `raise_at_bps`.
    pub lower_at_bps: u32,
    /// Price of a staking ticket in wei.
    pub ticket_size: u128,
    /// Seconds that a ticket is held at least.
    pub ticket_time_min: u64,
}

/// Says which parameter breaks which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{field}: {rule}")]
pub struct Broken {
    /// The field's name.
    pub field: &'static str,
    /// The rule that it breaks.
    pub rule: &'static str,
}

impl Default for Params {
    /// Returns parameters for trials: epochs of 64 blocks, 1 to 8 groups, weight by whole coins.
    fn default() -> Self {
        const COIN: u128 = 1_000_000_000_000_000_000;
        Self {
            chain_id: 1337,
            epoch_length: 64,
            x_min: 1,
            x_max: 8,
            x_start: 2,
            tau: 40,
            tries_max: 4_096,
            min_stake: 1_000 * COIN,
            unit: 100 * COIN,
            hold_full: 30 * 86_400,
            hold_cap_bps: 5_000,
            unbond_wait: 7 * 86_400,
            slash_bps: 1_000,
            reporter_bps: 500,
            block_reward: 2 * COIN,
            fee_author_bps: 8_000,
            commission_max_bps: 5_000,
            validators_max: 100,
            raise_at_bps: 7_000,
            lower_at_bps: 2_500,
            ticket_size: 100 * COIN,
            ticket_time_min: 30 * 86_400,
        }
    }
}

impl Params {
    /// Lists every field that breaks a rule; nothing for parameters that a chain can run with.
    pub fn check(&self) -> Result<(), Vec<Broken>> {
        let all = self.counts().into_iter().chain(self.money()).chain(self.parts());
        let broken: Vec<Broken> =
            all.filter(|(_, holds, _)| !holds).map(|(field, _, rule)| Broken { field, rule }).collect();
        if broken.is_empty() { Ok(()) } else { Err(broken) }
    }

    fn counts(&self) -> [(&'static str, bool, &'static str); 8] {
        let x_range = self.x_min..=self.x_max;
        [
            ("chain_id", self.chain_id > 0, "must not be 0"),
            ("epoch_length", self.epoch_length > 0, "must not be 0 blocks"),
            ("x_min", self.x_min > 0, "must not be 0 groups"),
            ("x_max", self.x_max <= GROUPS_LIMIT && self.x_max >= self.x_min, "must be x_min to 128 groups"),
            ("x_start", x_range.contains(&self.x_start), "must be x_min to x_max"),
            ("tau", (1..=TAU_LIMIT).contains(&self.tau), "must be 1 to 4096 seats"),
            ("tries_max", self.tries_max > 0, "must not be 0 tries"),
            ("validators_max", (1..=VALIDATORS_LIMIT).contains(&self.validators_max), "must be 1 to 512"),
        ]
    }

    fn money(&self) -> [(&'static str, bool, &'static str); 5] {
        let bounded = |wei: u128| wei <= 1 << 112;
        [
            ("unit", self.unit > 0, "must not be 0 wei"),
            ("min_stake", self.min_stake >= self.unit, "must be one unit of weight or more"),
            ("min_stake", bounded(self.min_stake), "must not exceed 2^112 wei"),
            ("block_reward", bounded(self.block_reward), "must not exceed 2^112 wei"),
            ("ticket_size", (1..=1 << 112).contains(&self.ticket_size), "must be 1 to 2^112 wei"),
        ]
    }

    fn parts(&self) -> [(&'static str, bool, &'static str); 8] {
        const PART: &str = "must not exceed 10000 basis points";
        let part = |bps: u32| bps <= BPS;
        let steady = u64::from(self.lower_at_bps) * 2 < u64::from(self.raise_at_bps);
        [
            ("hold_cap_bps", self.hold_cap_bps <= 10 * BPS, "must not exceed 100000 basis points"),
            ("slash_bps", part(self.slash_bps) && self.slash_bps > 0, "must be 1 to 10000 basis points"),
            ("reporter_bps", part(self.reporter_bps), PART),
            ("fee_author_bps", part(self.fee_author_bps), PART),
            ("commission_max_bps", part(self.commission_max_bps), PART),
            (
                "raise_at_bps",
                part(self.raise_at_bps) && self.raise_at_bps > 0,
                "must be 1 to 10000 basis points",
            ),
            ("lower_at_bps", steady, "must be less than half of raise_at_bps, or X would flap"),
            ("unbond_wait", self.unbond_wait > 0, "must not be 0 seconds"),
        ]
    }

    /// Reads the parameters; misuse on a chain without stake.
    pub fn load(store: &mut dyn Store) -> Result<Self, Fault> {
        let record = global(Global::Params);
        let mut words = [U256::ZERO; 6];
        for (word, i) in words.iter_mut().zip(0u8..) {
            *word = store.get(HHCM, record.word(i))?;
        }
        let [first, second, third, fourth, stake, prices] = words;
        if first.is_zero() {
            return Err(Fault::Misuse("this chain has no stake"));
        }
        let [chain_id, epoch_length, tau, tries_max] = first.into_limbs();
        let [x, x_more, hold, slash] = second.into_limbs();
        let [fee, limit, load, _] = third.into_limbs();
        let [hold_full, unbond_wait, ticket_time_min, _] = fourth.into_limbs();
        let ((min_stake, unit), (block_reward, ticket_size)) = (halves(stake), halves(prices));
        let (low, high) = (|limb: u64| limb as u32, |limb: u64| (limb >> 32) as u32);
        Ok(Self {
            chain_id,
            epoch_length,
            tau,
            tries_max,
            x_min: low(x),
            x_max: high(x),
            x_start: low(x_more),
            hold_cap_bps: low(hold),
            slash_bps: low(slash),
            reporter_bps: high(slash),
            fee_author_bps: low(fee),
            commission_max_bps: high(fee),
            validators_max: low(limit),
            raise_at_bps: low(load),
            lower_at_bps: high(load),
            hold_full,
            unbond_wait,
            ticket_time_min,
            min_stake,
            unit,
            block_reward,
            ticket_size,
        })
    }

    /// Writes the parameters; only genesis does.
    pub fn save(&self, store: &mut dyn Store) -> Result<(), Fault> {
        let two = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
        let words = [
            lanes([self.chain_id, self.epoch_length, self.tau, self.tries_max]),
            lanes([
                two(self.x_min, self.x_max),
                two(self.x_start, 0),
                two(self.hold_cap_bps, 0),
                two(self.slash_bps, self.reporter_bps),
            ]),
            lanes([
                two(self.fee_author_bps, self.commission_max_bps),
                two(self.validators_max, 0),
                two(self.raise_at_bps, self.lower_at_bps),
                0,
            ]),
            lanes([self.hold_full, self.unbond_wait, self.ticket_time_min, 0]),
            pair(self.min_stake, self.unit),
            pair(self.block_reward, self.ticket_size),
        ];
        let record = global(Global::Params);
        for (word, i) in words.into_iter().zip(0u8..) {
            store.set(HHCM, record.word(i), word)?;
        }
        Ok(())
    }
}
