//! Forms groups: the members that hold a vault's shares, drawn by lot among independent custodians.

use super::{
    custodian::{Standing, custodian, unstruck},
    event::{self, GroupStarted},
    lot::draw,
    roll::delist,
    row::{Point, Row, join, short, split},
    rules::{Counts, Rules},
    vault::Vault,
};
use crate::{
    fault::Fault,
    slot::Table,
    store::Store,
    word::{at, from_address, small, to_address},
};
use alloy_primitives::{Address, B256, U256, keccak256};
use fusor_dcrm::Terms;

/// Says how a group stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum GroupState {
    /// It generates or takes over a key.
    Making = 1,
    /// Its key stands; its members store their shares and say so.
    Made = 2,
    /// It holds its vault's shares.
    Holding = 3,
    /// A later group took over; its members erase their shares.
    Past = 4,
    /// It did not come about.
    Failed = 5,
}

/// The first word of members, and of their public shares.
const MEMBERS: u8 = 8;
const SHARES: u8 = 80;

/// Is a group. Members are counted from 1, as their shares' arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its number, from 1.
    pub number: u64,
    /// Its vault.
    pub vault: u64,
    /// The group whose key it takes over; 0 where it generates one.
    pub previous: u64,
    /// When it was formed, as a height.
    pub started: u64,
    /// How it stands.
    pub state: GroupState,
    /// Shares that sign.
    pub threshold: u16,
    /// Blocks of a phase.
    pub phase: u32,
    /// The operators of its members.
    pub members: Vec<Address>,
    /// Members whose dealing was accepted, as bits from member 1 on.
    pub dealt: u64,
    /// Members whose dealing was proved bad.
    pub bad: u64,
    /// Members whose extraction was accepted.
    pub extracted: u64,
    /// Members whose extraction was proved bad.
    pub unfit: u64,
    /// Members that hold their share of the finished key.
    pub ready: u64,
    /// The dealers whose parts make the key, once it stands.
    pub qualified: u64,
    /// The key; zeros before it stands.
    pub key: Point,
}

/// Returns the bit that stands for member `index` in masks of members; none for 0 and above 64.
pub fn bit(index: u16) -> u64 {
    index.checked_sub(1).and_then(|place| 1u64.checked_shl(place.into())).unwrap_or_default()
}

impl Group {
    fn row(number: u64) -> Row {
        Row::new(Table::DcrmGroup, &[U256::from(number)])
    }

    /// Reads the group `number`; none if it was never formed.
    pub fn load(store: &mut dyn Store, number: u64) -> Result<Option<Self>, Fault> {
        let row = Self::row(number);
        let [head, marks, more, x, tail] = row.words(store)?;
        let state = match small(head, 192, 8) {
            1 => GroupState::Making,
            2 => GroupState::Made,
            3 => GroupState::Holding,
            4 => GroupState::Past,
            5 => GroupState::Failed,
            _ => return Ok(None),
        };
        let size = short(head, 216, 8) as u8;
        let members: Result<_, Fault> =
            (0..size).map(|i| Ok(to_address(row.get(store, MEMBERS.saturating_add(i))?))).collect();
        let mask = |word, low| small(word, low, 64);
        Ok(Some(Self {
            number,
            vault: small(head, 0, 64),
            previous: small(head, 64, 64),
            started: small(head, 128, 64),
            state,
            threshold: short(head, 200, 16) as u16,
            phase: short(head, 224, 32),
            members: members?,
            dealt: mask(marks, 0),
            bad: mask(marks, 64),
            extracted: mask(marks, 128),
            unfit: mask(marks, 192),
            ready: mask(more, 0),
            qualified: mask(more, 64),
            key: join(x, small(tail, 0, 8) as u8),
        }))
    }

    /// Writes all but the members, which [`start`] writes once.
    pub(super) fn save(&self, store: &mut dyn Store) -> Result<(), Fault> {
        let (x, first) = split(&self.key);
        let head = at(self.vault, 0)
            | at(self.previous, 64)
            | at(self.started, 128)
            | at(self.state as u64, 192)
            | at(self.threshold.into(), 200)
            | at(self.members.len() as u64, 216)
            | at(self.phase.into(), 224);
        let marks = at(self.dealt, 0) | at(self.bad, 64) | at(self.extracted, 128) | at(self.unfit, 192);
        let more = at(self.ready, 0) | at(self.qualified, 64);
        Self::row(self.number).set_words(store, &[head, marks, more, x, at(first.into(), 0)])
    }

    /// Returns the number of a member, from 1.
    pub fn index_of(&self, operator: Address) -> Option<u16> {
        let place = self.members.iter().position(|member| *member == operator)?;
        u16::try_from(place.saturating_add(1)).ok()
    }

    /// Returns the operator of member `index`.
    pub fn operator(&self, index: u16) -> Option<Address> {
        let place = usize::from(index.checked_sub(1)?);
        self.members.get(place).copied()
    }

    /// Returns the members' numbers.
    pub fn indices(&self) -> impl Iterator<Item = u16> + use<> {
        1..=self.members.len() as u16
    }

    /// Returns the phase that the block at `height` is in, from 0.
    pub fn phase_at(&self, height: u64) -> u64 {
        height.saturating_sub(self.started).checked_div(self.phase.into()).unwrap_or_default()
    }

    /// Returns the name of its protocol session, which nothing of another chain, vault or group can meet.
    pub fn session(&self, chain_id: u64) -> B256 {
        let parts =
            [chain_id, self.number, self.vault, self.previous, self.started].map(u64::to_be_bytes).concat();
        keccak256([b"fusor custody session".as_slice(), &parts].concat())
    }

    /// Returns the terms of its protocol: session, threshold, and the members' encryption keys.
    pub fn terms(&self, store: &mut dyn Store) -> Result<Terms, Fault> {
        let session = self.session(Rules::load(store)?.chain_id);
        let mut keys = Vec::with_capacity(self.members.len());
        for operator in &self.members {
            let key = custodian(store, *operator)?.encryption;
            keys.push(fusor_dcrm::Point::from_bytes(&key).map_err(|_| broken())?);
        }
        Terms::new(session.0, self.threshold, keys).map_err(|_| broken())
    }

    /// Reads the public share of member `index` of a finished group.
    pub fn share(&self, store: &mut dyn Store, index: u16) -> Result<Point, Fault> {
        let row = Self::row(self.number);
        let word = SHARES.saturating_add(index.saturating_sub(1) as u8);
        let odd = row.get(store, 5)?.bit(usize::from(index.saturating_sub(1)));
        Ok(join(row.get(store, word)?, if odd { 3 } else { 2 }))
    }

    pub(super) fn set_shares(&self, store: &mut dyn Store, shares: &[Point]) -> Result<(), Fault> {
        let mut odd = U256::ZERO;
        for (share, place) in shares.iter().zip(0u8..) {
            let (x, first) = split(share);
            odd.set_bit(place.into(), first == 3);
            Self::row(self.number).set(store, SHARES.saturating_add(place), x)?;
        }
        Self::row(self.number).set(store, 5, odd)
    }
}

/// Says that storage breaks what this module keeps.
pub(super) fn broken() -> Fault {
    Fault::Database("the storage of custody breaks its invariants".into())
}

/// Reads the group `number`; misuse if there is none.
pub(super) fn group(store: &mut dyn Store, number: u64) -> Result<Group, Fault> {
    Group::load(store, number)?.ok_or(Fault::Misuse("no such group"))
}

/// Reads the group that holds a vault's shares, and the number of `operator` in it; misuse if it is no member, or was
/// struck: t - 1 members at most are dishonest, so those that are left are t at least.
pub(super) fn member_of(
    store: &mut dyn Store,
    vault: &Vault,
    operator: Address,
) -> Result<(Group, u16), Fault> {
    let group = group(store, vault.group)?;
    let index = group.index_of(operator).ok_or(Fault::Misuse("not a member of the vault's group"))?;
    unstruck(store, operator)?;
    Ok((group, index))
}

/// Forms a vault's next group and starts its protocol. The caller saves the vault.
pub(super) fn start(store: &mut dyn Store, vault: &mut Vault) -> Result<(), Fault> {
    let rules = Rules::load(store)?;
    let mut counts = Counts::load(store)?;
    counts.groups = counts.groups.saturating_add(1);
    counts.save(store)?;
    let number = counts.groups;
    let members = draw(store, &rules, vault, number)?;
    let group = Group {
        number,
        vault: vault.number,
        previous: vault.group,
        started: store.height(),
        state: GroupState::Making,
        threshold: vault.threshold,
        phase: rules.phase,
        members,
        dealt: 0,
        bad: 0,
        extracted: 0,
        unfit: 0,
        ready: 0,
        qualified: 0,
        key: [0; 33],
    };
    group.save(store)?;
    for (operator, word) in group.members.iter().zip(MEMBERS..) {
        Group::row(number).set(store, word, from_address(*operator))?;
    }
    hold(store, &group, true)?;
    vault.next = number;
    let (vault, previous) = (vault.number, vault.group);
    let members = group.members.clone();
    event::emit(store, &GroupStarted { group: number, vault, previous, threshold: group.threshold, members })
}

/// Counts a group in, or out, at each of its members.
pub(super) fn hold(store: &mut dyn Store, group: &Group, takes: bool) -> Result<(), Fault> {
    for operator in &group.members {
        let mut one = custodian(store, *operator)?;
        one.groups = match takes {
            true => one.groups.saturating_add(1),
            false => one.groups.saturating_sub(1),
        };
        one.save(store)?;
        if one.groups == 0 && one.standing == Standing::Struck {
            delist(store, &mut one)?;
        }
    }
    Ok(())
}
