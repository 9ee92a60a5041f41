//! Whole requests under random schedules with cheats among the members: a signature comes out, no honest member is
//! accused by another, and bans hit only pairs with a cheat.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeMap;

use common::Group;
use fusor_custody::choose::{History, Report, choose};
use fusor_custody::{Fault, Message, Scheme, Session, Signature, Step, Transport, ecdsa, schnorr};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

const MEMBERS: [u16; 5] = [1, 2, 3, 4, 5];
const TWEAK: [u8; 32] = [2; 32];

/// What a cheat does in a request.
#[derive(Clone, Copy, Debug)]
enum Cheat {
    /// Sends nothing from this round on.
    Silent(u8),
    /// Flips a byte of what it sends in this round.
    Flip(u8),
    /// Behaves, and accuses another.
    Slander,
    /// Signs another hash.
    OtherHash,
}

fn cheat(dice: &mut StdRng) -> Cheat {
    let round = dice.random_range(1..=3);
    match dice.random_range(0..4) {
        0 => Cheat::Silent(round),
        1 => Cheat::Flip(round),
        2 => Cheat::Slander,
        _ => Cheat::OtherHash,
    }
}

struct Attempt {
    signature: Option<Signature>,
    faults: Vec<(u16, Fault)>,
    reports: Vec<(u16, Report)>,
}

/// Runs one attempt in random order of delivery.
fn attempt(
    mut sessions: BTreeMap<u16, Session>,
    cheats: &BTreeMap<u16, Cheat>,
    dice: &mut StdRng,
) -> Attempt {
    let mut faults: Vec<(u16, Fault)> = Vec::new();
    let mut signature = None;
    let mut done = Vec::new();
    let mut queue: Vec<Message> = sessions.values().flat_map(Session::start).collect();
    while !queue.is_empty() {
        queue.shuffle(dice);
        let mut message = queue.pop().unwrap();
        match cheats.get(&message.from) {
            Some(Cheat::Silent(round)) if message.round >= *round => continue,
            Some(Cheat::Flip(round)) if message.round == *round => {
                let at = dice.random_range(0..message.bytes.len());
                message.bytes[at] ^= 1 << dice.random_range(0..8);
            }
            _ => {}
        }
        let to = message.to;
        match sessions.get_mut(&to).unwrap().receive(message) {
            Ok(Step::Wait) => {}
            Ok(Step::Send(more)) => queue.extend(more),
            Ok(Step::Done { signature: made, send }) => {
                queue.extend(send);
                done.push(to);
                if !cheats.contains_key(&to) {
                    signature = Some(made);
                }
            }
            Err(fault) => faults.push((to, fault)),
        }
    }
    let mut reports = Vec::new();
    for (me, session) in &sessions {
        let own = faults.iter().find(|(by, _)| by == me);
        match (cheats.get(me), own) {
            (Some(Cheat::Slander), _) => {
                reports.push((*me, Report::Accuse(MEMBERS[dice.random_range(0..5)])));
            }
            (Some(_), _) => {}
            (None, Some((_, fault))) => reports.push((*me, Report::from(*fault))),
            (None, None) if !done.contains(me) => {
                reports.push((*me, Report::Silent(session.awaited().collect())));
            }
            (None, None) => {}
        }
    }
    Attempt { signature, faults, reports }
}

fn check(group: &Group, hash: [u8; 32], signature: Signature) {
    match signature {
        Signature::Ecdsa { r, s, recovery } => {
            let key = group.terms().child_key(&TWEAK).unwrap();
            ecdsa::verify(&key, hash, r, s, recovery).unwrap();
        }
        Signature::Schnorr(bytes) => {
            let key = schnorr::output_key(&group.terms(), &TWEAK).unwrap();
            schnorr::verify(&key, hash, &bytes).unwrap();
        }
    }
}

/// Opens the sessions of an attempt; every honest member must be able to.
fn open(
    group: &mut Group,
    set: &[u16],
    (request, number, scheme, hash): ([u8; 32], u32, Scheme, [u8; 32]),
    cheats: &BTreeMap<u16, Cheat>,
) -> BTreeMap<u16, Session> {
    let mut sessions = BTreeMap::new();
    for me in set {
        let other = matches!(cheats.get(me), Some(Cheat::OtherHash));
        let hash = if other { [0xee; 32] } else { hash };
        let store = group.stores.get_mut(me).unwrap();
        let admission = store.admit(request, number, scheme, TWEAK, hash).unwrap();
        let session = Session::open(&group.holdings[me], set, admission, Transport::Authenticated);
        sessions.insert(*me, session.unwrap());
    }
    sessions
}

fn request(group: &mut Group, seed: u64, scheme: Scheme) -> u32 {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut order = MEMBERS;
    order.shuffle(&mut dice);
    let count = dice.random_range(0..=2);
    let cheats: BTreeMap<u16, Cheat> =
        order.iter().take(count).map(|member| (*member, cheat(&mut dice))).collect();
    let (id, hash) = (group.request(), [seed as u8; 32]);
    let mut history = History::default();
    for number in 0.. {
        assert!(number < 30, "seed {seed}: {cheats:?} {history:?}");
        let set = choose(&MEMBERS, 3, &history, number, id).expect("a set is left");
        let sessions = open(group, &set, (id, number, scheme, hash), &cheats);
        let outcome = attempt(sessions, &cheats, &mut dice);
        for (by, fault) in outcome.faults.iter().filter(|(by, _)| !cheats.contains_key(by)) {
            let accused = fault.accused.filter(|accused| !cheats.contains_key(accused));
            // Honest members that see a cheat's other hash differ from each other in nothing.
            assert!(accused.is_none(), "seed {seed}: {by} accuses {accused:?}: {fault}");
            if let (true, Some(banned)) = (fault.kind.is_ban(), fault.accused) {
                let holding = group.holdings.get_mut(by).unwrap();
                group.stores.get_mut(by).unwrap().ban(holding, banned).unwrap();
                history.ban(*by, banned);
            }
        }
        if let Some(signature) = outcome.signature {
            check(group, hash, signature);
            return number + 1;
        }
        history.settle(&set, &outcome.reports);
    }
    0
}

#[test]
fn with_dkls23_inside() {
    let mut attempts = Vec::new();
    for seed in 0..24 {
        // A fresh copy of the members: bans of one request do not reach into the next.
        let mut group = Group::new(3, 5);
        attempts.push(request(&mut group, seed, Scheme::Ecdsa));
    }
    println!("attempts by request: {attempts:?}");
    assert!(attempts.iter().any(|count| *count > 1));
}

#[test]
fn with_frost_inside() {
    let mut group = Group::bare(3, 5);
    let attempts: Vec<u32> = (0..300).map(|seed| request(&mut group, seed, Scheme::Schnorr)).collect();
    println!("most attempts: {:?}", attempts.iter().max());
    assert!(attempts.iter().any(|count| *count > 1));
}
