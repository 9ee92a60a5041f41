//! Takes the messages of a re-sharing in their phases, judges complaints, and lets the new group's shares stand: the
//! same key, held by others (whitepaper 3.5.3; the protocol is [`fusor_dcrm::reshare`]).
//!
//! Phases are counted in blocks from the group's start: 0 handovers by old holders, 1 complaints by new members, then
//! the end. Masks of dealers count the old group's members.

use super::{
    custodian::unstruck,
    generate::{COMPLAINTS, DEALING, charge, keep, post, refused, same, stand},
    group::{Group, GroupState, bit, broken, group},
    justice::{Offence, strike},
};
use crate::{fault::Fault, store::Store};
use alloy_primitives::{Address, Bytes};
use fusor_dcrm::{
    Point, cost,
    judge::Verdict,
    reshare::{self, Handover, Holders, Succession},
};

/// When handovers and complaints are over.
const END: u64 = 2;

/// Returns from whom and to whom a group takes over its key.
fn succession(store: &mut dyn Store, group: &Group) -> Result<(Group, Succession), Fault> {
    let past = super::group::group(store, group.previous)?;
    let m = past.members.len() as u64;
    let checks =
        m.saturating_sub(past.threshold.into()).saturating_add(1).saturating_mul(past.threshold.into());
    store.charge(checks.saturating_mul(super::POINT_GAS))?;
    let mut verifying = Vec::with_capacity(past.members.len());
    for index in past.indices() {
        verifying.push(Point::from_bytes(&past.share(store, index)?).map_err(|_| broken())?);
    }
    let key = Point::from_bytes(&past.key).map_err(|_| broken())?;
    let holders = Holders::new(key, past.threshold, verifying).map_err(|_| broken())?;
    let terms = group.terms(store)?;
    Ok((past, Succession::new(holders, terms)))
}

/// Reads a group that takes over a key and is in phase `phase`.
fn in_phase(store: &mut dyn Store, number: u64, phase: u64) -> Result<Group, Fault> {
    let group = group(store, number)?;
    if group.state != GroupState::Making || group.previous == 0 {
        return Err(Fault::Misuse("this group takes no key over now"));
    }
    match group.phase_at(store.height()) == phase {
        true => Ok(group),
        false => Err(Fault::Misuse("not in this phase")),
    }
}

/// Posts an old holder's handover. Each hands over once; another share than the holder's own is refused.
pub fn hand_over(
    store: &mut dyn Store,
    operator: Address,
    number: u64,
    message: &Bytes,
) -> Result<(), Fault> {
    let mut group = in_phase(store, number, DEALING)?;
    charge(store, cost::bundle(group.threshold))?;
    let (past, succession) = succession(store, &group)?;
    let index =
        past.index_of(operator).ok_or(Fault::Misuse("not a member of the group that holds the key"))?;
    let handover = Handover::decode(message, &succession).map_err(refused)?;
    if handover.holder() != index || group.dealt & bit(index) != 0 {
        return Err(Fault::Misuse("a holder hands over once, for itself"));
    }
    group.dealt |= bit(index);
    group.save(store)?;
    keep(store, number, index, 0, message)?;
    post(store, number, 6, index, message)
}

/// Posts a new member's complaint about a handover and judges it: the holder is out and struck, or the accuser is struck.
pub fn complain_handover(
    store: &mut dyn Store,
    operator: Address,
    number: u64,
    message: &Bytes,
    handover: &Bytes,
) -> Result<(), Fault> {
    let mut group = in_phase(store, number, COMPLAINTS)?;
    let index = group.index_of(operator).ok_or(Fault::Misuse("not a member of this group"))?;
    unstruck(store, operator)?;
    charge(store, cost::complaint(group.threshold).plus(cost::bundle(group.threshold)))?;
    let (past, succession) = succession(store, &group)?;
    let complaint = reshare::decode_complaint(message, &succession).map_err(refused)?;
    let holder = complaint.dealer();
    if complaint.accuser() != index || group.bad & bit(holder) != 0 {
        return Err(Fault::Misuse("a complaint is its sender's own, about a holder that is not out yet"));
    }
    same(store, number, holder, 0, handover)?;
    let handover = Handover::decode(handover, &succession).map_err(refused)?;
    post(store, number, 7, index, message)?;
    match reshare::judge(&succession, &handover, &complaint).map_err(refused)? {
        Verdict::Accuser => strike(store, operator, Offence::Accusation),
        Verdict::Dealer => {
            group.bad |= bit(holder);
            group.save(store)?;
            strike(store, past.operator(holder).ok_or_else(broken)?, Offence::Handover)
        }
    }
}

/// Puts the new group's public shares together from the handovers that stand, in their order, and asserts that the key is
/// the same. Anyone may hand them in.
pub fn finish_handover(store: &mut dyn Store, number: u64, handovers: &[Bytes]) -> Result<(), Fault> {
    let mut group = group(store, number)?;
    if group.state != GroupState::Making || group.previous == 0 || group.phase_at(store.height()) < END {
        return Err(Fault::Misuse("this group's shares are not due to be put together"));
    }
    let (past, succession) = succession(store, &group)?;
    let work = cost::succession(past.threshold, group.threshold, group.members.len() as u16);
    charge(store, work)?;
    let standing: Vec<u16> = past.indices().filter(|i| group.dealt & !group.bad & bit(*i) != 0).collect();
    if standing.len() != handovers.len() {
        return Err(Fault::Misuse("one handover of each holder that stands"));
    }
    let mut read = Vec::with_capacity(handovers.len());
    for (holder, bytes) in standing.into_iter().zip(handovers) {
        charge(store, cost::bundle(group.threshold))?;
        same(store, number, holder, 0, bytes)?;
        read.push(Handover::decode(bytes, &succession).map_err(refused)?);
    }
    let outcome = reshare::finish(&succession, &read.iter().collect::<Vec<_>>())
        .map_err(|_| Fault::Misuse("the handovers give no shares: too few stand"))?;
    if outcome.key.to_bytes() != past.key {
        return Err(broken());
    }
    group.qualified = outcome.dealers.iter().fold(0, |mask, holder| mask | bit(*holder));
    stand(store, &mut group, &outcome)
}
