//! Registers validators and keeps the list of those that may enter the next committee.

use super::{
    committee::{renew, unlist},
    event::{self, Registered},
    pack::{amount, plus},
    params::Params,
    position::Position,
    report::SIGNATURE_GAS,
    sign,
    stake::{bond, grow},
    state::{Chain, Totals, listed, set_listed},
    validator::Validator,
};
use crate::{
    account::{COLLECTOR, SCHEDULER, SYSTEM},
    fault::Fault,
    store::Store,
};
use alloy_primitives::{Address, B256, U256};
use std::collections::BTreeSet;

/// Separates signatures of registrations from all others of a node's key.
pub const REGISTRATION_NAMESPACE: &[u8] = b"fusor register";
/// Gas for checking a beacon key, as EIP-2537 charges a multiplication in G1.
const BEACON_KEY_GAS: u64 = 12_000;

/// Is a validator that the chain starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Founder {
    /// The node's ed25519 public key.
    pub key: B256,
    /// The node's compressed BLS12-381 G1 public key for the beacon.
    pub beacon: [u8; 48],
    /// Who may unbond the stake.
    pub owner: Address,
    /// Who is paid its rewards.
    pub payout: Address,
    /// Its stake in wei.
    pub stake: U256,
}

/// Is a wish to become a validator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registration {
    /// The node's ed25519 public key.
    pub key: B256,
    /// The node's compressed BLS12-381 G1 public key for the beacon.
    pub beacon: [u8; 48],
    /// Who is paid its rewards.
    pub payout: Address,
    /// Its part of delegators' rewards, in basis points.
    pub commission_bps: u32,
    /// The node key's signature on [`registration_bytes`], so that nobody registers another's key.
    pub proof: [u8; 64],
}

/// Returns what a node's key signs to be registered by `owner`:
/// the length of [`REGISTRATION_NAMESPACE`] as a byte, the namespace, and [`registration_message`].
pub fn registration_bytes(chain_id: u64, owner: Address, beacon: &[u8; 48]) -> Vec<u8> {
    let length = u8::try_from(REGISTRATION_NAMESPACE.len()).unwrap_or_default();
    [&[length], REGISTRATION_NAMESPACE, &registration_message(chain_id, owner, beacon)].concat()
}

/// Returns what a node's key signs to be registered, without the namespace: chain id (8 bytes), owner, beacon key.
pub fn registration_message(chain_id: u64, owner: Address, beacon: &[u8; 48]) -> Vec<u8> {
    [chain_id.to_be_bytes().as_slice(), owner.as_slice(), beacon].concat()
}

/// Writes the registry and the committee of epoch 0. The caller gives [`crate::account::HHCM`] the balance
/// [`founding_balance`]: the founders' stakes and the pool, from which block rewards are paid. Misuse, with state half
/// written, where parameters or founders break a rule; [`Params::check`] says which. Node and beacon keys are the caller's to
/// check ([`super::is_key`], [`super::is_beacon_key`]).
pub fn found(
    store: &mut dyn Store,
    params: &Params,
    validators: &[Founder],
    pool: U256,
) -> Result<(), Fault> {
    check_founders(params, validators)?;
    params.save(store)?;
    let mut chain = Chain { x: params.x_start, ..Chain::default() };
    let mut totals = Totals { pool: amount(pool)?, ..Totals::default() };
    for (founder, place) in validators.iter().zip(0u32..) {
        let stake = amount(founder.stake)?;
        totals.staked = plus(totals.staked, stake)?;
        settle_founder(store, founder, stake, place)?;
        chain.listed = place + 1;
    }
    totals.save(store)?;
    renew(store, &mut chain, params)?;
    chain.save(store)
}

/// Returns the wei that the system account must hold at genesis: the stakes and the pool.
pub fn founding_balance(validators: &[Founder], pool: U256) -> U256 {
    validators.iter().fold(pool, |sum, founder| sum.saturating_add(founder.stake))
}

fn check_founders(params: &Params, validators: &[Founder]) -> Result<(), Fault> {
    let keys: BTreeSet<B256> = validators.iter().map(|founder| founder.key).collect();
    let rich = validators.iter().all(|founder| founder.stake >= U256::from(params.min_stake));
    let owned = validators.iter().all(|founder| !founder.owner.is_zero() && may_be_paid(founder.payout));
    let rules = [
        (params.check().is_ok(), "parameters of the stake break a rule"),
        (!validators.is_empty(), "a chain starts with one validator at least"),
        (validators.len() <= params.validators_max as usize, "more founders than validators_max"),
        (keys.len() == validators.len(), "two founders have the same key"),
        (rich, "a founder has less than min_stake"),
        (owned, "a founder has no owner, or a payout address that cannot be paid"),
    ];
    match rules.into_iter().find(|(holds, _)| !holds) {
        Some((_, rule)) => Err(Fault::Misuse(rule)),
        None => Ok(()),
    }
}

fn settle_founder(store: &mut dyn Store, founder: &Founder, stake: u128, place: u32) -> Result<(), Fault> {
    let mut validator = Validator::new(founder.key, founder.owner, founder.payout, founder.beacon);
    validator.since = store.now();
    validator.place = place + 1;
    grow(&mut validator, stake, stake, store.now())?;
    validator.save(store)?;
    set_listed(store, place, founder.key)?;
    let mut held = Position::load(store, &validator, founder.owner)?;
    held.shares = stake;
    held.save(store)
}

/// Registers a validator of `owner` with `stake` wei that have arrived. It enters the committee at the next epoch.
/// When the list is full, its stake must exceed the smallest, which gives way.
pub fn register(
    store: &mut dyn Store,
    owner: Address,
    wish: &Registration,
    stake: u128,
) -> Result<(), Fault> {
    let params = Params::load(store)?;
    let message = registration_bytes(params.chain_id, owner, &wish.beacon);
    store.charge(SIGNATURE_GAS + BEACON_KEY_GAS)?;
    let known = Validator::load(store, wish.key)?.is_some();
    let rules = [
        (!known, "this key is registered already"),
        (wish.commission_bps <= params.commission_max_bps, "commission above the largest"),
        (may_be_paid(wish.payout), "payout address cannot be paid"),
        (stake >= params.min_stake, "less than the least stake"),
        (sign::is_beacon_key(&wish.beacon), "beacon key is not in G1"),
        (sign::verify(wish.key, &message, &wish.proof), "the node's key did not sign this registration"),
    ];
    if let Some((_, rule)) = rules.into_iter().find(|(holds, _)| !holds) {
        return Err(Fault::Misuse(rule));
    }
    let mut validator = Validator::new(wish.key, owner, wish.payout, wish.beacon);
    validator.commission_bps = wish.commission_bps;
    validator.since = store.now();
    validator.save(store)?;
    event::emit(store, &Registered { key: wish.key, owner })?;
    bond(store, owner, wish.key, stake)?;
    match Validator::load(store, wish.key)? {
        Some(validator) if validator.place > 0 => Ok(()),
        _ => Err(Fault::Misuse("the list is full and every stake on it is as large")),
    }
}

/// Puts a validator with enough stake on the list if it is not there and there is room for it, or a smaller
/// stake. The caller saves it.
pub(super) fn enter(store: &mut dyn Store, validator: &mut Validator) -> Result<(), Fault> {
    let params = Params::load(store)?;
    if validator.place > 0 || validator.jailed || validator.stake < params.min_stake {
        return Ok(());
    }
    let mut chain = Chain::load(store)?;
    if chain.listed >= params.validators_max {
        match smallest(store, &chain)? {
            Some(other) if other.stake < validator.stake => unlist(store, &mut chain, other)?,
            _ => return Ok(()),
        }
    }
    set_listed(store, chain.listed, validator.key)?;
    chain.listed = chain.listed.saturating_add(1);
    validator.place = chain.listed;
    chain.save(store)
}

/// Finds the listed validator with the smallest stake; of equals the one with the largest key.
fn smallest(store: &mut dyn Store, chain: &Chain) -> Result<Option<Validator>, Fault> {
    let mut found: Option<Validator> = None;
    for place in 0..chain.listed {
        let key = listed(store, place)?;
        let Some(validator) = Validator::load(store, key)? else { continue };
        let rank = |v: &Validator| (v.stake, std::cmp::Reverse(v.key));
        if found.as_ref().is_none_or(|best| rank(&validator) < rank(best)) {
            found = Some(validator);
        }
    }
    Ok(found)
}

/// Changes where the validator `key` of `owner` is paid.
pub fn set_payout(store: &mut dyn Store, owner: Address, key: B256, payout: Address) -> Result<(), Fault> {
    let mut validator = owned(store, owner, key)?;
    if !may_be_paid(payout) {
        return Err(Fault::Misuse("payout address cannot be paid"));
    }
    validator.payout = payout;
    validator.save(store)
}

/// Changes the commission of the validator `key` of `owner`, in basis points.
pub fn set_commission(store: &mut dyn Store, owner: Address, key: B256, bps: u32) -> Result<(), Fault> {
    let mut validator = owned(store, owner, key)?;
    if bps > Params::load(store)?.commission_max_bps {
        return Err(Fault::Misuse("commission above the largest"));
    }
    validator.commission_bps = bps;
    validator.save(store)
}

fn owned(store: &mut dyn Store, owner: Address, key: B256) -> Result<Validator, Fault> {
    match Validator::load(store, key)? {
        Some(validator) if validator.owner == owner => Ok(validator),
        Some(_) => Err(Fault::Misuse("not this validator's owner")),
        None => Err(Fault::Misuse("no such validator")),
    }
}

/// Says whether coin at `who` is anybody's: neither nobody nor a system account.
pub(super) fn may_be_paid(who: Address) -> bool {
    !who.is_zero() && who != COLLECTOR && who != SCHEDULER && !SYSTEM.contains(&who)
}
