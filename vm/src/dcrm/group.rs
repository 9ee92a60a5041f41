//! Forms groups: the members that hold a vault's shares, drawn by lot among independent custodians.

use super::{
    custodian::{Custodian, Standing, custodian, standing, unstruck},
    event::{self, GroupStarted},
    roll::{delist, operators},
    row::{Point, Row, join, short, split},
    rules::{Counts, Rules},
    vault::{State as VaultState, Vault, vault},
};
use crate::{
    fault::Fault,
    hhcm,
    slot::Table,
    store::Store,
    word::{at, from_address, small, to_address},
};
use alloy_primitives::{Address, B256, U256, keccak256};
use fusor_dcrm::Terms;
use std::collections::BTreeMap;

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

/// Returns the bit of member `index`.
pub(super) fn bit(index: u16) -> u64 {
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

/// Draws the members of a group by lot, so that nobody, by what custodians say of themselves, owns or hosts `threshold`
/// of them. Misuse if there are not enough.
fn draw(store: &mut dyn Store, rules: &Rules, vault: &Vault, number: u64) -> Result<Vec<Address>, Fault> {
    let seed = seed(store, number)?;
    let height = store.height();
    let mut lots: Vec<(B256, Custodian)> = Vec::new();
    for operator in operators(store)? {
        store.charge(60)?;
        let one = custodian(store, operator)?;
        if one.eligible(rules, height) {
            lots.push((keccak256([seed.as_slice(), operator.as_slice()].concat()), one));
        }
    }
    lots.sort_by_key(|(lot, _)| *lot);
    let limit = usize::from(vault.threshold.saturating_sub(1)).max(usize::from(vault.size == 1));
    let (mut owners, mut providers) = (BTreeMap::new(), BTreeMap::new());
    let mut chosen = Vec::new();
    for (_, one) in lots {
        let owned: &mut usize = owners.entry(one.owner).or_default();
        let hosted: &mut usize = providers.entry(one.provider).or_default();
        if *owned < limit && *hosted < limit && chosen.len() < usize::from(vault.size) {
            (*owned, *hosted) = (*owned + 1, *hosted + 1);
            chosen.push(one.operator);
        }
    }
    match chosen.len() == usize::from(vault.size) {
        true => Ok(chosen),
        false => Err(Fault::Misuse(
            "not enough independent custodians: an owner or a provider may not hold t shares",
        )),
    }
}

fn seed(store: &mut dyn Store, number: u64) -> Result<B256, Fault> {
    let height = store.height();
    let beacon = match hhcm::founded(store)? {
        true => hhcm::Remembered::load(store, height)?.map(|block| block.seed),
        false => None,
    };
    let parts = [number.to_be_bytes(), height.to_be_bytes()].concat();
    Ok(keccak256([beacon.unwrap_or_default().as_slice(), &parts].concat()))
}

/// Starts the re-sharing of a vault's key to a new group, or its generation anew after a failure. Any custodian may ask;
/// misuse unless the key is due, or a member left or was struck, or no key came about.
pub fn regroup(store: &mut dyn Store, caller: Address, number: u64) -> Result<(), Fault> {
    let rules = Rules::load(store)?;
    let mut vault = vault(store, number)?;
    if caller != rules.steward {
        custodian(store, caller)?;
    }
    if vault.next != 0 {
        return Err(Fault::Misuse("a group is in the making"));
    }
    let due = caller == rules.steward
        || !vault.keyed()
        || store.height().saturating_sub(vault.renewed) >= rules.renew.into()
        || bereft(store, &vault)?;
    let dismissed = vault.state == VaultState::Retiring && !vault.keyed();
    if !due || dismissed {
        return Err(Fault::Misuse("the vault's shares are not due to be made anew"));
    }
    start(store, &mut vault)?;
    vault.save(store)
}

/// Says whether a member of a vault's group left or was struck.
pub fn bereft(store: &mut dyn Store, vault: &Vault) -> Result<bool, Fault> {
    for operator in group(store, vault.group)?.members {
        if standing(store, operator)? != Some(Standing::Active) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Says that member `operator` of a finished group holds its share. With enough of them the group takes over its vault.
pub fn ready(store: &mut dyn Store, operator: Address, number: u64) -> Result<(), Fault> {
    let mut group = group(store, number)?;
    let index = group.index_of(operator).ok_or(Fault::Misuse("not a member of this group"))?;
    if !matches!(group.state, GroupState::Made | GroupState::Holding) || group.ready & bit(index) != 0 {
        return Err(Fault::Misuse("nothing to be ready for"));
    }
    unstruck(store, operator)?;
    group.ready |= bit(index);
    super::custodian::reward_ready(store, operator)?;
    let size = group.members.len() as u32;
    let enough = size.saturating_sub(u32::from(group.threshold) - 1).max(group.threshold.into());
    if group.state == GroupState::Made && group.ready.count_ones() >= enough {
        take_over(store, &mut group)?;
    }
    group.save(store)?;
    event::emit(store, &event::Ready { group: number, member: index })
}

fn take_over(store: &mut dyn Store, next: &mut Group) -> Result<(), Fault> {
    let mut vault = vault(store, next.vault)?;
    if vault.keyed() {
        let mut past = group(store, vault.group)?;
        past.state = GroupState::Past;
        past.save(store)?;
        hold(store, &past, false)?;
    }
    next.state = GroupState::Holding;
    vault.group = next.number;
    vault.next = 0;
    vault.epoch = vault.epoch.saturating_add(1);
    vault.key = next.key;
    vault.renewed = store.height();
    if vault.state == VaultState::Opening {
        vault.state = VaultState::Active;
    }
    vault.save(store)?;
    event::emit(store, &event::TookOver { vault: vault.number, group: next.number, epoch: vault.epoch })
}

/// Gives up a group that did not come about in ten phases; any custodian may say so.
pub fn give_up(store: &mut dyn Store, caller: Address, number: u64) -> Result<(), Fault> {
    custodian(store, caller)?;
    let mut group = group(store, number)?;
    let open = matches!(group.state, GroupState::Making | GroupState::Made);
    if !open || group.phase_at(store.height()) < 10 {
        return Err(Fault::Misuse("this group may still come about"));
    }
    group.state = GroupState::Failed;
    group.save(store)?;
    hold(store, &group, false)?;
    let mut vault = vault(store, group.vault)?;
    vault.next = 0;
    vault.save(store)?;
    event::emit(store, &event::GroupFailed { group: number })
}
