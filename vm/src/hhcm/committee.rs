//! Keeps the committee of the current epoch: a snapshot of the listed validators, sorted by key.

use super::{
    params::Params,
    state::{Chain, listed, set_listed},
    validator::Validator,
};
use crate::{
    account::HHCM,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
    word::{at, from_address, small, to_address},
};
use alloy_primitives::{Address, B256, U256};

/// Is a member of a committee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The node's ed25519 public key.
    pub key: B256,
    /// The node's compressed BLS12-381 G1 public key for the beacon.
    pub beacon: [u8; 48],
    /// Units of weight in elections; every member has one vote on finality all the same.
    pub weight: u64,
    /// Who bonded the stake.
    pub owner: Address,
    /// Who is paid.
    pub payout: Address,
}

/// Splits a beacon key into two words.
pub(super) fn beacon_words(beacon: &[u8; 48]) -> [U256; 2] {
    let (left, right) = beacon.split_at(32);
    [U256::from_be_slice(left), U256::from_be_slice(right)]
}

/// Reads what [`beacon_words`] split.
pub(super) fn beacon_of(left: U256, right: U256) -> [u8; 48] {
    let mut beacon = [0u8; 48];
    let (low, high) = beacon.split_at_mut(32);
    low.copy_from_slice(&left.to_be_bytes::<32>());
    high.copy_from_slice(&right.to_be_bytes::<32>()[16..]);
    beacon
}

impl Member {
    fn record(index: u32) -> Record {
        Record::new(Table::HhcmMember, &[U256::from(index)])
    }

    fn load(store: &mut dyn Store, index: u32) -> Result<Self, Fault> {
        let record = Self::record(index);
        let mut words = [U256::ZERO; 5];
        for (word, i) in words.iter_mut().zip(0u8..) {
            *word = store.get(HHCM, record.word(i))?;
        }
        let [key, owner, payout, left, right] = words;
        Ok(Self {
            key: key.into(),
            beacon: beacon_of(left, right),
            weight: small(owner, 160, 64),
            owner: to_address(owner & ADDRESS_MASK),
            payout: to_address(payout),
        })
    }

    fn save(&self, store: &mut dyn Store, index: u32) -> Result<(), Fault> {
        let record = Self::record(index);
        let [left, right] = beacon_words(&self.beacon);
        let owner = from_address(self.owner) | at(self.weight, 160);
        let words = [self.key.into(), owner, from_address(self.payout), left, right];
        for (word, i) in words.into_iter().zip(0u8..) {
            store.set(HHCM, record.word(i), word)?;
        }
        Ok(())
    }
}

pub(super) const ADDRESS_MASK: U256 = U256::from_limbs([u64::MAX, u64::MAX, u32::MAX as u64, 0]);

/// Returns the committee of the current epoch, sorted by key.
pub fn committee(store: &mut dyn Store) -> Result<Vec<Member>, Fault> {
    let members = Chain::load(store)?.members;
    (0..members).map(|index| Member::load(store, index)).collect()
}

/// Returns the place and the member `key` of the current committee; none if it is no member.
pub fn member(store: &mut dyn Store, key: B256) -> Result<Option<(usize, Member)>, Fault> {
    let (mut low, mut high) = (0, Chain::load(store)?.members);
    while low < high {
        let middle = low + (high - low) / 2;
        let found = B256::from(store.get(HHCM, Member::record(middle).word(0))?);
        match found.cmp(&key) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Ok(Some((middle as usize, Member::load(store, middle)?))),
        }
    }
    Ok(None)
}

/// Lists validators that have a place and stake enough and are not of the current committee: as things stand, they are
/// of the next one.
pub fn waiting(store: &mut dyn Store) -> Result<Vec<B256>, Fault> {
    let (params, count) = (Params::load(store)?, Chain::load(store)?.listed);
    let mut waiting = Vec::new();
    for place in 0..count {
        let key = listed(store, place)?;
        let stake = Validator::load(store, key)?.map_or(0, |validator| validator.stake);
        if stake >= params.min_stake && member(store, key)?.is_none() {
            waiting.push(key);
        }
    }
    Ok(waiting)
}

/// Gives a member of the current committee another weight.
pub(super) fn reweigh(store: &mut dyn Store, key: B256, weight: u64) -> Result<(), Fault> {
    if let Some((index, found)) = member(store, key)? {
        Member { weight, ..found }.save(store, u32::try_from(index).unwrap_or(u32::MAX))?;
    }
    Ok(())
}

/// Writes the next committee: the listed validators with at least the least stake; the others lose their place.
/// Nobody left, the old committee stays, or the chain would have no validators.
pub(super) fn renew(store: &mut dyn Store, chain: &mut Chain, params: &Params) -> Result<(), Fault> {
    let mut members = Vec::new();
    for place in (0..chain.listed).rev() {
        let key = listed(store, place)?;
        let Some(validator) = Validator::load(store, key)? else { continue };
        match validator.stake >= params.min_stake {
            true => members.push(validator.member(store.now(), params)),
            false => unlist(store, chain, validator)?,
        }
    }
    if members.is_empty() {
        return Ok(());
    }
    members.sort_unstable_by_key(|member| member.key);
    chain.members = members.len() as u32;
    for (member, index) in members.iter().zip(0u32..) {
        member.save(store, index)?;
    }
    Ok(())
}

/// Takes a validator off the list; the last one on it takes the place.
pub(super) fn unlist(
    store: &mut dyn Store,
    chain: &mut Chain,
    mut validator: Validator,
) -> Result<(), Fault> {
    let Some(place) = validator.place.checked_sub(1) else { return Ok(()) };
    chain.listed = chain.listed.saturating_sub(1);
    let last = listed(store, chain.listed)?;
    if last != validator.key {
        set_listed(store, place, last)?;
        if let Some(mut moved) = Validator::load(store, last)? {
            moved.place = validator.place;
            moved.save(store)?;
        }
    }
    set_listed(store, chain.listed, B256::ZERO)?;
    validator.place = 0;
    validator.save(store)
}
