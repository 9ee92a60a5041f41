//! Takes the messages of a key generation in their phases, judges accusations, and lets the key stand (whitepaper
//! 3.5.2; the protocol is [`fusor_dcrm`]).
//!
//! Phases are counted in blocks from the group's start: 0 dealing, 1 complaints, 2 extraction, 3 objections, 4 reveals,
//! then the end. Big messages are kept by hash; whoever refers to one hands it in again.

use super::{
    custodian::unstruck,
    event::{self, GroupMade, Posted},
    group::{Group, GroupState, bit, broken, group},
    justice::{Offence, strike},
    row::Row,
};
use crate::{fault::Fault, slot::Table, store::Store};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use fusor_dcrm::{
    Complaint, Dealing, Extraction, Objection, Outcome, Part, Reveal, Terms, cost,
    judge::{self, Verdict},
};

/// Names a phase by its number.
pub(super) const DEALING: u64 = 0;
pub(super) const COMPLAINTS: u64 = 1;
const EXTRACTION: u64 = 2;
const OBJECTIONS: u64 = 3;
const REVEALS: u64 = 4;
const END: u64 = 5;

/// Says why a message is refused.
pub(super) fn refused<E>(_: E) -> Fault {
    Fault::Misuse("message is malformed, or of another session")
}

pub(super) fn charge(store: &mut dyn Store, work: cost::Work) -> Result<(), Fault> {
    store.charge(work.in_multiplications().saturating_mul(super::POINT_GAS))
}

fn kept(group: u64, dealer: u16) -> Row {
    Row::new(Table::DcrmDealing, &[U256::from(group), U256::from(dealer)])
}

/// Charges for a hash as KECCAK256 does.
fn charge_hash(store: &mut dyn Store, bytes: &[u8]) -> Result<(), Fault> {
    let words = (bytes.len() as u64).div_ceil(32);
    store.charge(words.saturating_mul(6).saturating_add(30))
}

/// Keeps a message by its hash: word 0 a dealing or handover, word 1 an extraction.
pub(super) fn keep(
    store: &mut dyn Store,
    group: u64,
    dealer: u16,
    word: u8,
    bytes: &[u8],
) -> Result<(), Fault> {
    charge_hash(store, bytes)?;
    kept(group, dealer).set(store, word, keccak256(bytes).into())
}

/// Holds `bytes` to be the message that was kept.
pub(super) fn same(
    store: &mut dyn Store,
    group: u64,
    dealer: u16,
    word: u8,
    bytes: &[u8],
) -> Result<(), Fault> {
    charge_hash(store, bytes)?;
    let hash = B256::from(kept(group, dealer).get(store, word)?);
    match !hash.is_zero() && hash == keccak256(bytes) {
        true => Ok(()),
        false => Err(Fault::Misuse("not the message that was posted")),
    }
}

/// Reads a group that is making its key in phase `phase`, and `operator`'s number in it.
fn in_phase(
    store: &mut dyn Store,
    number: u64,
    operator: Address,
    phase: u64,
) -> Result<(Group, u16), Fault> {
    let group = group(store, number)?;
    let index = group.index_of(operator).ok_or(Fault::Misuse("not a member of this group"))?;
    if group.state != GroupState::Making || group.previous != 0 {
        return Err(Fault::Misuse("this group generates no key now"));
    }
    match group.phase_at(store.height()) == phase {
        true => Ok((group, index)),
        false => Err(Fault::Misuse("not in this phase")),
    }
}

pub(super) fn post(
    store: &mut dyn Store,
    group: u64,
    kind: u8,
    member: u16,
    message: &Bytes,
) -> Result<(), Fault> {
    event::emit(store, &Posted { group, kind, member, message: message.clone() })
}

/// Posts a dealing (steps 1.b and 1.c). Each member deals once.
pub fn deal(store: &mut dyn Store, operator: Address, number: u64, message: &Bytes) -> Result<(), Fault> {
    let (mut group, index) = in_phase(store, number, operator, DEALING)?;
    charge(store, cost::bundle(group.threshold))?;
    let dealing = Dealing::decode(message, &group.terms(store)?).map_err(refused)?;
    if dealing.dealer() != index || group.dealt & bit(index) != 0 {
        return Err(Fault::Misuse("a member deals once, for itself"));
    }
    group.dealt |= bit(index);
    group.save(store)?;
    keep(store, number, index, 0, message)?;
    post(store, number, 1, index, message)
}

/// Posts a complaint about a dealing (step 1.d.ii) and judges it: the dealer is out and struck, or the accuser is struck
/// and accuses no more.
pub fn complain(
    store: &mut dyn Store,
    operator: Address,
    number: u64,
    message: &Bytes,
    dealing: &Bytes,
) -> Result<(), Fault> {
    let (mut group, index) = in_phase(store, number, operator, COMPLAINTS)?;
    unstruck(store, operator)?;
    charge(store, cost::complaint(group.threshold).plus(cost::bundle(group.threshold)))?;
    let terms = group.terms(store)?;
    let complaint = Complaint::decode(message, &terms).map_err(refused)?;
    let dealer = complaint.dealer();
    if complaint.accuser() != index || group.bad & bit(dealer) != 0 {
        return Err(Fault::Misuse("a complaint is its sender's own, about a dealer that is not out yet"));
    }
    same(store, number, dealer, 0, dealing)?;
    let dealing = Dealing::decode(dealing, &terms).map_err(refused)?;
    post(store, number, 2, index, message)?;
    match judge::complaint(&terms, &dealing, &complaint).map_err(refused)? {
        Verdict::Accuser => strike(store, operator, Offence::Accusation),
        Verdict::Dealer => {
            group.bad |= bit(dealer);
            group.save(store)?;
            strike(store, group.operator(dealer).ok_or_else(broken)?, Offence::Dealing)
        }
    }
}

/// Returns the dealers that stand after the complaints: QUAL.
fn standing(group: &Group) -> u64 {
    group.dealt & !group.bad
}

/// Posts a dealer's part of the public key (step 2.a, in full as GJKR 4.a).
pub fn extract(store: &mut dyn Store, operator: Address, number: u64, message: &Bytes) -> Result<(), Fault> {
    let (mut group, index) = in_phase(store, number, operator, EXTRACTION)?;
    charge(store, cost::extraction(group.threshold))?;
    let extraction = Extraction::decode(message, &group.terms(store)?).map_err(refused)?;
    let fits = extraction.dealer() == index
        && standing(&group) & bit(index) != 0
        && group.extracted & bit(index) == 0;
    if !fits {
        return Err(Fault::Misuse("a dealer that stands extracts once, for itself"));
    }
    group.extracted |= bit(index);
    group.save(store)?;
    keep(store, number, index, 1, message)?;
    post(store, number, 3, index, message)
}

/// Posts an objection to an extraction (GJKR 4.b) and judges it: the dealer's part is reconstructed and the dealer struck,
/// or the accuser is struck. What a right objection shows is posted as a reveal as well.
pub fn object(
    store: &mut dyn Store,
    operator: Address,
    number: u64,
    message: &Bytes,
    dealing: &Bytes,
    extraction: &Bytes,
) -> Result<(), Fault> {
    let (mut group, index) = in_phase(store, number, operator, OBJECTIONS)?;
    unstruck(store, operator)?;
    let t = group.threshold;
    charge(store, cost::objection(t).plus(cost::bundle(t)).plus(cost::extraction(t)))?;
    let terms = group.terms(store)?;
    let objection = Objection::decode(message, &terms).map_err(refused)?;
    let dealer = objection.dealer();
    if objection.accuser() != index || group.unfit & bit(dealer) != 0 {
        return Err(Fault::Misuse("an objection is its sender's own, to a part that is not refused yet"));
    }
    same(store, number, dealer, 0, dealing)?;
    same(store, number, dealer, 1, extraction)?;
    let dealing = Dealing::decode(dealing, &terms).map_err(refused)?;
    let extraction = Extraction::decode(extraction, &terms).map_err(refused)?;
    post(store, number, 4, index, message)?;
    match judge::objection(&dealing, &extraction, &objection).map_err(refused)? {
        Verdict::Accuser => strike(store, operator, Offence::Accusation),
        Verdict::Dealer => {
            group.unfit |= bit(dealer);
            group.save(store)?;
            // The pair shown serves the reconstruction too; its holder owes no other.
            let shown = Reveal::new(&terms, index, dealer, objection.pair().clone()).encode();
            show(store, number, dealer, index, &shown.into())?;
            strike(store, group.operator(dealer).ok_or_else(broken)?, Offence::Extraction)
        }
    }
}

/// Returns the dealers whose part must be reconstructed: those that showed none, or a wrong one.
pub fn exposed(group: &Group) -> u64 {
    standing(group) & (!group.extracted | group.unfit)
}

/// Posts a holder's pair of a dealer whose part must be reconstructed (GJKR 4.c), once of each dealer. Whether it is right
/// is judged at the end, where it is handed in again.
pub fn reveal(store: &mut dyn Store, operator: Address, number: u64, message: &Bytes) -> Result<(), Fault> {
    let (group, index) = in_phase(store, number, operator, REVEALS)?;
    let reveal = Reveal::decode(message, &group.terms(store)?).map_err(refused)?;
    if reveal.holder() != index || exposed(&group) & bit(reveal.dealer()) == 0 {
        return Err(Fault::Misuse("a holder reveals its own pair, of a dealer whose part is missing"));
    }
    show(store, number, reveal.dealer(), index, message)
}

/// Posts a pair of a dealer by its holder, once.
fn show(store: &mut dyn Store, group: u64, dealer: u16, holder: u16, message: &Bytes) -> Result<(), Fault> {
    let row = kept(group, dealer);
    let shown: u64 = row.get(store, 2)?.saturating_to();
    if shown & bit(holder) != 0 {
        return Err(Fault::Misuse("a holder reveals its pair of a dealer once"));
    }
    row.set(store, 2, U256::from(shown | bit(holder)))?;
    post(store, group, 5, holder, message)
}

/// Is a qualified dealer's part of the key as it is handed in at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handed {
    /// Its extraction.
    Extraction(Bytes),
    /// Its dealing, and t holders' pairs of it.
    Reveals(Bytes, Vec<Bytes>),
}

/// Is a [`Handed`] that was read.
enum Read {
    Extraction(Extraction),
    Reveals(Dealing, Vec<Reveal>),
}

/// Puts the key together from the parts of all qualified dealers, in their order, and lets it stand (step 2.b). Anyone
/// may hand them in.
pub fn finish(store: &mut dyn Store, number: u64, parts: &[Handed]) -> Result<(), Fault> {
    let mut group = group(store, number)?;
    if group.state != GroupState::Making || group.previous != 0 || group.phase_at(store.height()) < END {
        return Err(Fault::Misuse("this group's key is not due to be put together"));
    }
    let (t, m) = (group.threshold, group.members.len() as u16);
    charge(store, cost::finish(t, m, exposed(&group).count_ones() as u16))?;
    let dealers: Vec<u16> = group.indices().filter(|index| standing(&group) & bit(*index) != 0).collect();
    if parts.len() != dealers.len() {
        return Err(Fault::Misuse("one part of each qualified dealer"));
    }
    let terms = group.terms(store)?;
    let mut read = Vec::with_capacity(parts.len());
    for (dealer, handed) in dealers.into_iter().zip(parts) {
        read.push(part(store, &group, &terms, dealer, handed)?);
    }
    let parts: Vec<Part<'_>> = read.iter().map(view).collect();
    let outcome = fusor_dcrm::finish(&terms, &parts)
        .map_err(|_| Fault::Misuse("the parts give no key: too few dealers, or too few right reveals"))?;
    group.qualified = standing(&group);
    stand(store, &mut group, &outcome)
}

fn view(read: &Read) -> Part<'_> {
    match read {
        Read::Extraction(extraction) => Part::Extracted(extraction),
        Read::Reveals(dealing, reveals) => Part::Revealed(dealing, reveals),
    }
}

fn part(
    store: &mut dyn Store,
    group: &Group,
    terms: &Terms,
    dealer: u16,
    handed: &Handed,
) -> Result<Read, Fault> {
    let missing = exposed(group) & bit(dealer) != 0;
    match handed {
        Handed::Extraction(bytes) if !missing => {
            charge(store, cost::extraction(group.threshold))?;
            same(store, group.number, dealer, 1, bytes)?;
            Ok(Read::Extraction(Extraction::decode(bytes, terms).map_err(refused)?))
        }
        Handed::Reveals(bytes, reveals) if missing => {
            charge(store, cost::bundle(group.threshold))?;
            same(store, group.number, dealer, 0, bytes)?;
            if reveals.len() > usize::from(group.threshold) {
                return Err(Fault::Misuse("t reveals of a dealer are enough"));
            }
            let dealing = Dealing::decode(bytes, terms).map_err(refused)?;
            let reveals = reveals.iter().map(|bytes| Reveal::decode(bytes, terms).map_err(refused));
            Ok(Read::Reveals(dealing, reveals.collect::<Result<_, _>>()?))
        }
        _ => Err(Fault::Misuse("an extraction where it stands, reveals where it does not")),
    }
}

/// Writes the finished key and the members' public shares.
pub(super) fn stand(store: &mut dyn Store, group: &mut Group, outcome: &Outcome) -> Result<(), Fault> {
    let shares: Vec<_> = outcome.verifying.iter().map(fusor_dcrm::Point::to_bytes).collect();
    group.key = outcome.key.to_bytes();
    group.state = GroupState::Made;
    group.set_shares(store, &shares)?;
    group.save(store)?;
    event::emit(
        store,
        &GroupMade { group: group.number, key: group.key.to_vec().into(), qualified: group.qualified },
    )
}
