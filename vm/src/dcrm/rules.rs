//! Keeps the rules of custody and the sums of money that its account holds.

use super::row::{Row, short};
use crate::{
    account::DCRM,
    fault::Fault,
    hhcm::BPS,
    slot::Table,
    store::Store,
    word::{at, field, from_address, small, to_address},
};
use alloy_primitives::{Address, U256};

/// Is the rules that a chain's custody is founded with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The chain's id; it separates sessions of different chains.
    pub chain_id: u64,
    /// Who lists outer chains and coins, opens and retires vaults, and lets a halted one go on.
    pub steward: Address,
    /// Wei that a custodian bonds at least.
    pub min_bond: u128,
    /// Wei that a request costs; it goes to those who carry it out.
    pub request_fee: u128,
    /// Wei that a member of a new group gets from the pool, while there is any.
    pub ready_reward: u128,
    /// Blocks that a new custodian waits before it may hold shares.
    pub mature: u32,
    /// Blocks of each phase of key generation and re-sharing.
    pub phase: u32,
    /// Blocks after which a vault's key is shared anew.
    pub renew: u32,
    /// Blocks after which a lock-out that nobody has planned may be taken back.
    pub cancel_wait: u32,
    /// Seconds that a bond waits on its way out.
    pub leave_wait: u64,
    /// Part of the bond that a proved fault costs, in basis points.
    pub slash_bps: u32,
}

impl Default for Rules {
    fn default() -> Self {
        const COIN: u128 = 1_000_000_000_000_000_000;
        Self {
            chain_id: 0,
            steward: Address::ZERO,
            min_bond: 1_000 * COIN,
            request_fee: COIN / 100,
            ready_reward: COIN / 10,
            mature: 100,
            phase: 10,
            renew: 100_000,
            cancel_wait: 100,
            leave_wait: 14 * 86_400,
            slash_bps: 10_000,
        }
    }
}

fn row() -> Row {
    Row::new(Table::DcrmGlobal, &[U256::ZERO])
}

impl Rules {
    /// Reads the rules. Misuse on a chain without custody.
    pub fn load(store: &mut dyn Store) -> Result<Self, Fault> {
        let [head, money, waits, id] = row().words(store)?;
        if small(id, 64, 8) != 1 {
            return Err(Fault::Misuse("this chain has no custody"));
        }
        let amount = |word, low| field(word, low, 128).saturating_to();
        Ok(Self {
            chain_id: small(id, 0, 64),
            steward: to_address(field(head, 0, 160)),
            mature: short(head, 160, 32),
            phase: short(head, 192, 32),
            renew: short(head, 224, 32),
            min_bond: amount(money, 0),
            request_fee: amount(money, 128),
            ready_reward: amount(waits, 0),
            cancel_wait: short(waits, 128, 32),
            leave_wait: small(waits, 160, 64),
            slash_bps: short(waits, 224, 32),
        })
    }

    fn save(&self, store: &mut dyn Store) -> Result<(), Fault> {
        let head = from_address(self.steward)
            | at(self.mature.into(), 160)
            | at(self.phase.into(), 192)
            | at(self.renew.into(), 224);
        let money = U256::from(self.min_bond) | U256::from(self.request_fee) << 128;
        let waits = U256::from(self.ready_reward)
            | at(self.cancel_wait.into(), 128)
            | at(self.leave_wait, 160)
            | at(self.slash_bps.into(), 224);
        row().set_words(store, &[head, money, waits, at(self.chain_id, 0) | at(1, 64)])
    }

    /// Names the first rule that does not make sense.
    pub fn check(&self) -> Result<(), &'static str> {
        let rules = [
            (self.min_bond > 0, "min_bond must be above 0"),
            (self.phase > 0, "phase must be a block at least"),
            (self.renew > self.phase.saturating_mul(6), "renew must be longer than six phases"),
            (self.slash_bps <= BPS, "slash_bps must be at most 10000"),
            (!self.steward.is_zero(), "steward must be an account"),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, rule)| Err(rule))
    }
}

/// Writes the rules into a chain's genesis, with `pool` wei for rewards that the caller gives the account. Misuse if
/// they do not make sense.
pub fn found(store: &mut dyn Store, rules: &Rules, pool: u128) -> Result<(), Fault> {
    rules.check().map_err(Fault::Misuse)?;
    rules.save(store)?;
    Purse { pool, ..Purse::default() }.save(store)
}

/// Says whether the chain was founded with custody.
pub fn founded(store: &mut dyn Store) -> Result<bool, Fault> {
    Ok(small(row().get(store, 3)?, 64, 8) == 1)
}

/// Counts what has been named so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Custodians on the list.
    pub custodians: u32,
    /// Coins listed.
    pub coins: u32,
    /// Vaults opened ever; the last one's number.
    pub vaults: u64,
    /// Groups formed ever; the last one's number.
    pub groups: u64,
    /// Requests ever; the last one's number.
    pub requests: u64,
}

impl Counts {
    fn row() -> Row {
        Row::new(Table::DcrmGlobal, &[U256::ONE])
    }

    /// Reads the counts.
    pub fn load(store: &mut dyn Store) -> Result<Self, Fault> {
        let word = Self::row().get(store, 0)?;
        let number = |low, bits| small(word, low, bits);
        Ok(Self {
            custodians: short(word, 0, 24),
            coins: short(word, 24, 24),
            vaults: number(48, 64),
            groups: number(112, 64),
            requests: number(176, 64),
        })
    }

    pub(super) fn save(&self, store: &mut dyn Store) -> Result<(), Fault> {
        let word = at(self.custodians.into(), 0)
            | at(self.coins.into(), 24)
            | at(self.vaults, 48)
            | at(self.groups, 112)
            | at(self.requests, 176);
        Self::row().set(store, 0, word)
    }
}

/// Sums up the native coin that the account holds, in wei.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purse {
    /// What rewards for new groups are paid from.
    pub pool: u128,
    /// Custodians' bonds.
    pub bonds: u128,
    /// Fees of requests that are not carried out yet.
    pub escrow: u128,
    /// Rewards that nobody has claimed yet.
    pub rewards: u128,
}

impl Purse {
    fn row() -> Row {
        Row::new(Table::DcrmGlobal, &[U256::from(2)])
    }

    /// Reads the sums.
    pub fn load(store: &mut dyn Store) -> Result<Self, Fault> {
        let [a, b] = Self::row().words(store)?;
        let amount = |word, low| field(word, low, 128).saturating_to();
        Ok(Self { pool: amount(a, 0), bonds: amount(a, 128), escrow: amount(b, 0), rewards: amount(b, 128) })
    }

    pub(super) fn save(&self, store: &mut dyn Store) -> Result<(), Fault> {
        let pair = |low: u128, high: u128| U256::from(low) | U256::from(high) << 128;
        Self::row().set_words(store, &[pair(self.pool, self.bonds), pair(self.escrow, self.rewards)])
    }

    /// Returns the balance that the sums call for.
    pub fn sum(&self) -> U256 {
        [self.pool, self.bonds, self.escrow, self.rewards].into_iter().map(U256::from).sum()
    }
}

/// Adds wei that have arrived to the pool for rewards.
pub fn fund_pool(store: &mut dyn Store, amount: u128) -> Result<(), Fault> {
    let mut purse = Purse::load(store)?;
    purse.pool = plus(purse.pool, amount)?;
    purse.save(store)
}

/// Adds wei; too much is misuse.
pub(super) fn plus(a: u128, b: u128) -> Result<u128, Fault> {
    a.checked_add(b).ok_or(Fault::Misuse("amount above 2^128 - 1"))
}

/// Subtracts wei that the books must hold.
pub(super) fn minus(a: u128, b: u128) -> Result<u128, Fault> {
    a.checked_sub(b).ok_or_else(|| Fault::Database("the purse of custody does not add up".into()))
}

/// Pays wei out of the account.
pub(super) fn pay(store: &mut dyn Store, to: Address, amount: u128) -> Result<(), Fault> {
    match store.move_native(DCRM, to, U256::from(amount))? {
        true => Ok(()),
        false => Err(Fault::Database("the custody account holds less than its purse".into())),
    }
}
