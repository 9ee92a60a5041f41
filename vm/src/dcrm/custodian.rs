//! Registers custodians: nodes that bond coin, say who runs them, and may then hold shares of keys.

use super::{
    event::{self, Left, Registered},
    roll,
    row::{Point, Row, join, short, split},
    rules::{Purse, Rules, minus, pay, plus},
};
use crate::{
    fault::Fault,
    slot::Table,
    store::Store,
    word::{at, field, from_address, small},
};
use alloy_primitives::{Address, B256, U256};

/// Says how a custodian stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Standing {
    /// It may be chosen for groups.
    Active = 1,
    /// It is on its way out.
    Leaving = 2,
    /// A fault was proved; it is never chosen again.
    Struck = 3,
}

impl Standing {
    fn of(number: u64) -> Option<Self> {
        Some(match number {
            1 => Self::Active,
            2 => Self::Leaving,
            3 => Self::Struck,
            _ => return None,
        })
    }
}

/// Is a custodian. Its operator is the account that acts for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Custodian {
    /// The account that acts for it.
    pub operator: Address,
    /// The node's ed25519 public key, by which other nodes reach it.
    pub node: B256,
    /// The secp256k1 key that shares are sealed to.
    pub encryption: Point,
    /// Who owns it, as it says.
    pub owner: B256,
    /// Who runs the machine.
    pub provider: B256,
    /// Where the machine stands.
    pub region: B256,
    /// How it stands.
    pub standing: Standing,
    /// Since which height.
    pub since: u64,
    /// When a leaving one's bond is free, in seconds.
    pub release: u64,
    /// Groups in use or in the making that it is a member of.
    pub groups: u32,
    /// Wei bonded.
    pub bond: u128,
    /// Wei earned and not claimed.
    pub rewards: u128,
    /// Its place on the list, counted from 1; 0 off it.
    pub(super) place: u32,
}

fn row(operator: Address) -> Row {
    Row::new(Table::DcrmCustodian, &[from_address(operator)])
}

impl Custodian {
    /// Reads the custodian that `operator` acts for; none if it never registered.
    pub fn load(store: &mut dyn Store, operator: Address) -> Result<Option<Self>, Fault> {
        let [node, x, head, owner, provider, region, money, release] = row(operator).words(store)?;
        let Some(standing) = Standing::of(small(head, 8, 8)) else { return Ok(None) };
        Ok(Some(Self {
            operator,
            node: node.into(),
            encryption: join(x, small(head, 0, 8) as u8),
            owner: owner.into(),
            provider: provider.into(),
            region: region.into(),
            standing,
            place: short(head, 16, 32),
            since: small(head, 48, 64),
            groups: short(head, 112, 32),
            release: release.saturating_to(),
            bond: field(money, 0, 128).saturating_to(),
            rewards: field(money, 128, 128).saturating_to(),
        }))
    }

    pub(super) fn save(&self, store: &mut dyn Store) -> Result<(), Fault> {
        let (x, first) = split(&self.encryption);
        let head = at(first.into(), 0)
            | at(self.standing as u64, 8)
            | at(self.place.into(), 16)
            | at(self.since, 48)
            | at(self.groups.into(), 112);
        let money = U256::from(self.bond) | U256::from(self.rewards) << 128;
        let texts: [U256; 3] = [self.owner, self.provider, self.region].map(Into::into);
        let [owner, provider, region] = texts;
        let words = [self.node.into(), x, head, owner, provider, region, money, U256::from(self.release)];
        row(self.operator).set_words(store, &words)
    }

    /// Says whether it may be chosen for a group now.
    pub(super) fn eligible(&self, rules: &Rules, height: u64) -> bool {
        self.standing == Standing::Active
            && self.bond >= rules.min_bond
            && height.saturating_sub(self.since) >= rules.mature.into()
    }
}

/// Returns how the custodian that `operator` acts for stands; none if it never registered.
pub(super) fn standing(store: &mut dyn Store, operator: Address) -> Result<Option<Standing>, Fault> {
    let head = row(operator).get(store, 2)?;
    Ok(Standing::of(small(head, 8, 8)))
}

/// Holds `operator` to be a custodian of whom no fault was proved.
pub(super) fn unstruck(store: &mut dyn Store, operator: Address) -> Result<(), Fault> {
    match standing(store, operator)? {
        Some(Standing::Active | Standing::Leaving) => Ok(()),
        Some(Standing::Struck) => Err(Fault::Misuse("a fault of this custodian was proved: it has no voice")),
        None => Err(Fault::Misuse("not a custodian")),
    }
}

/// Reads the custodian that `operator` acts for; misuse if there is none.
pub(super) fn custodian(store: &mut dyn Store, operator: Address) -> Result<Custodian, Fault> {
    Custodian::load(store, operator)?.ok_or(Fault::Misuse("not a custodian"))
}

/// Is what a new custodian says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// The node's ed25519 public key.
    pub node: B256,
    /// The secp256k1 key that shares are sealed to.
    pub encryption: Point,
    /// Who owns it.
    pub owner: B256,
    /// Who runs the machine.
    pub provider: B256,
    /// Where the machine stands.
    pub region: B256,
}

/// Registers the custodian that `operator` acts for, with `bond` wei that have arrived. Whoever left may come back with
/// the same keys once the bond was paid out. Misuse if it is registered, bonds too little, or says nothing of owner,
/// provider or region.
pub fn register(
    store: &mut dyn Store,
    operator: Address,
    profile: &Profile,
    bond: u128,
) -> Result<(), Fault> {
    let rules = Rules::load(store)?;
    store.charge(super::POINT_GAS)?;
    let known = Custodian::load(store, operator)?;
    let gone = known.is_none_or(|known| known.standing == Standing::Leaving && known.bond == 0);
    let taken = roll::taken(store, operator, profile)?;
    let named =
        [profile.owner, profile.provider, profile.region, profile.node].iter().all(|name| !name.is_zero());
    let checks = [
        (gone, "this custodian is registered"),
        (!taken, "another custodian has this node key or encryption key"),
        (bond >= rules.min_bond, "less than the least bond"),
        (named, "node key, owner, provider and region must be given"),
        (
            fusor_dcrm::Point::from_bytes(&profile.encryption).is_ok(),
            "encryption key is not a point of secp256k1",
        ),
    ];
    if let Some((_, rule)) = checks.into_iter().find(|(holds, _)| !holds) {
        return Err(Fault::Misuse(rule));
    }
    let place = roll::enlist(store, operator)?;
    roll::claim_keys(store, operator, profile)?;
    let Profile { node, encryption, owner, provider, region } = *profile;
    let since = store.height();
    let rewards = known.map_or(0, |known| known.rewards);
    let standing = Standing::Active;
    Custodian {
        operator,
        node,
        encryption,
        owner,
        provider,
        region,
        standing,
        since,
        release: 0,
        groups: 0,
        bond,
        rewards,
        place,
    }
    .save(store)?;
    let mut purse = Purse::load(store)?;
    purse.bonds = plus(purse.bonds, bond)?;
    purse.save(store)?;
    event::emit(store, &Registered { operator, node, owner, provider, region })
}

/// Starts the way out. A member of a group stays one, and bonded, until the key is shared anew.
pub fn leave(store: &mut dyn Store, operator: Address) -> Result<(), Fault> {
    let rules = Rules::load(store)?;
    let mut me = custodian(store, operator)?;
    if me.standing != Standing::Active {
        return Err(Fault::Misuse("this custodian is on its way out or struck"));
    }
    me.standing = Standing::Leaving;
    me.release = store.now().saturating_add(rules.leave_wait);
    me.save(store)?;
    event::emit(store, &Left { operator, release: me.release })
}

/// Pays out the bond of one that left, after the wait and out of every group; returns the wei.
pub fn withdraw_bond(store: &mut dyn Store, operator: Address) -> Result<u128, Fault> {
    let mut me = custodian(store, operator)?;
    let free = me.standing != Standing::Active && me.groups == 0 && store.now() >= me.release;
    if !free {
        return Err(Fault::Misuse("bond is not free: leave, wait, and be out of every group"));
    }
    let amount = std::mem::take(&mut me.bond);
    me.save(store)?;
    roll::delist(store, &mut me)?;
    let mut purse = Purse::load(store)?;
    purse.bonds = minus(purse.bonds, amount)?;
    purse.save(store)?;
    pay(store, operator, amount)?;
    Ok(amount)
}

/// Pays a custodian what it earned; returns the wei.
pub fn claim(store: &mut dyn Store, operator: Address) -> Result<u128, Fault> {
    let mut me = custodian(store, operator)?;
    let amount = std::mem::take(&mut me.rewards);
    me.save(store)?;
    let mut purse = Purse::load(store)?;
    purse.rewards = minus(purse.rewards, amount)?;
    purse.save(store)?;
    pay(store, operator, amount)?;
    Ok(amount)
}
