//! Every known cheat in signing ends in a fault or a refusal: never in a bad signature, never in a panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeMap;

use common::{Group, Outcome, run};
use fusor_custody::choose::{History, Report, choose};
use fusor_custody::ecdsa::{Setup, SetupStep};
use fusor_custody::store::StoreError;
use fusor_custody::{FaultKind, Message, Scheme, Session, Signature, Step, Transport};
use fusor_custody::{ecdsa, schnorr};
use rand::{Rng, RngExt};

const HASH: [u8; 32] = [0x77; 32];
const TWEAK: [u8; 32] = [0; 32];
const SET: [u16; 3] = [1, 3, 4];
const BOTH: [(Scheme, u8); 2] = [(Scheme::Ecdsa, 3), (Scheme::Schnorr, 2)];

fn group() -> Group {
    Group::with(3, 5, &SET)
}

/// Panics unless the signature is right.
fn check(group: &Group, signature: Signature, hash: [u8; 32]) {
    match signature {
        Signature::Ecdsa { r, s, recovery } => {
            ecdsa::verify(&group.terms().key(), hash, r, s, recovery).unwrap();
        }
        Signature::Schnorr(bytes) => {
            let key = schnorr::output_key(&group.terms(), &TWEAK).unwrap();
            schnorr::verify(&key, hash, &bytes).unwrap();
        }
    }
}

fn check_all(group: &Group, outcome: &Outcome) {
    for signature in outcome.signatures.values() {
        check(group, *signature, HASH);
    }
}

#[test]
fn silence_at_every_round_leaves_the_session_waiting_for_the_silent() {
    let mut group = group();
    for (scheme, rounds) in BOTH {
        for silent_from in 1..=rounds {
            let mut sessions = group.open(&SET, scheme, TWEAK, |_| HASH).unwrap();
            let mut queue: Vec<Message> = sessions.values().flat_map(Session::start).collect();
            let mut done = 0;
            while let Some(message) = queue.pop() {
                if message.from == 3 && message.round >= silent_from {
                    continue;
                }
                match sessions.get_mut(&message.to).unwrap().receive(message).unwrap() {
                    Step::Wait => {}
                    Step::Send(more) => queue.extend(more),
                    Step::Done { send, .. } => {
                        queue.extend(send);
                        done += 1;
                    }
                }
            }
            // The silent one hears the others and may finish; they never do without it, and know whom they miss.
            assert!(done <= 1);
            for other in [1, 4] {
                assert_eq!(sessions[&other].round(), silent_from);
                assert_eq!(sessions[&other].awaited().collect::<Vec<_>>(), [3], "{scheme:?}");
            }
        }
    }
}

#[test]
fn a_silent_member_is_replaced_within_the_request() {
    let mut group = Group::new(3, 5);
    let request = group.request();
    let present = [1, 2, 3, 4, 5];
    let mut history = History::default();
    let silent = choose(&present, 3, &history, 0, request).unwrap()[0];
    let mut signed = false;
    for attempt in 0..5 {
        let set = choose(&present, 3, &history, attempt, request).unwrap();
        let mut sessions = BTreeMap::new();
        for me in &set {
            let store = group.stores.get_mut(me).unwrap();
            let admission = store.admit(request, attempt, Scheme::Ecdsa, TWEAK, HASH).unwrap();
            let session = Session::open(&group.holdings[me], &set, admission, Transport::Authenticated);
            sessions.insert(*me, session.unwrap());
        }
        let outcome = run(sessions, |message| (message.from != silent).then_some(message));
        check_all(&group, &outcome);
        if outcome.signatures.len() == 3 {
            signed = true;
            assert!(attempt > 0 && !set.contains(&silent));
            break;
        }
        let honest = set.iter().filter(|member| **member != silent);
        let reports: Vec<_> = honest.map(|member| (*member, Report::Silent(vec![silent]))).collect();
        history.settle(&set, &reports);
    }
    assert!(signed);
}

/// Changes one message of a session in a way, and sees what comes of it.
fn tampered(
    group: &mut Group,
    scheme: Scheme,
    round: u8,
    from: u16,
    change: impl Fn(&mut Vec<u8>),
) -> Outcome {
    let sessions = group.open(&SET, scheme, TWEAK, |_| HASH).unwrap();
    run(sessions, |mut message| {
        if message.round == round && message.from == from && message.to == 1 {
            change(&mut message.bytes);
        }
        Some(message)
    })
}

#[test]
fn any_flipped_byte_of_any_message_is_caught() {
    let mut bans = 0;
    for (scheme, rounds) in BOTH {
        for (round, from) in (1..=rounds).flat_map(|round| [(round, 3), (round, 4)]) {
            for at in 0..24u32 {
                // The last flip may have banned the pair.
                let mut group = group();
                let outcome = tampered(&mut group, scheme, round, from, |bytes| {
                    // The first bytes hold lengths and numbers; then anywhere.
                    let place = if at < 8 { at as usize } else { noise_place(bytes.len()) };
                    let place = place % bytes.len();
                    bytes[place] ^= 1 << (at % 8);
                });
                check_all(&group, &outcome);
                assert!(!outcome.signatures.contains_key(&1), "{scheme:?} {round} {from} {at}");
                assert!(outcome.faults.iter().any(|(by, _)| *by == 1));
                // The honest accuse the cheat or nobody.
                for (by, fault) in outcome.faults.iter().filter(|(by, _)| *by != from) {
                    assert!(fault.accused.is_none_or(|accused| accused == from), "{by} {fault}");
                }
                let ban = outcome.faults.iter().any(|(_, fault)| fault.kind.is_ban());
                bans += u32::from(ban);
                // Only a broken transfer bans, and only ECDSA has transfers.
                assert!(!ban || (scheme == Scheme::Ecdsa && round < 3));
            }
        }
    }
    assert!(bans > 20, "{bans}");
}

fn noise_place(length: usize) -> usize {
    rand::rng().random_range(0..length)
}

#[test]
fn cut_lengthened_and_random_messages_are_refused_and_the_session_stands() {
    let mut group = group();
    for (scheme, rounds) in BOTH {
        for round in 1..=rounds {
            type Change = fn(&mut Vec<u8>);
            let changes: [Change; 6] = [
                Vec::clear,
                |bytes| bytes.truncate(bytes.len() / 2),
                |bytes| bytes.push(0),
                |bytes| {
                    bytes.resize(20, 0);
                    rand::rng().fill_bytes(bytes);
                },
                |bytes| bytes.fill(0xff),
                |bytes| bytes.resize(1 << 20, 0),
            ];
            for change in changes {
                let mut sessions = group.open(&SET, scheme, TWEAK, |_| HASH).unwrap();
                let mut refused = 0;
                let mut done = 0;
                let mut queue: Vec<Message> = sessions.values().flat_map(Session::start).collect();
                while !queue.is_empty() {
                    let message = queue.remove(0);
                    let session = sessions.get_mut(&message.to).unwrap();
                    if message.round == round && message.from == 3 && message.to == 1 {
                        let mut bad = message.clone();
                        change(&mut bad.bytes);
                        let fault = session.receive(bad).unwrap_err();
                        assert!(fault.kind.is_refusal(), "{scheme:?} {round}: {fault}");
                        assert_eq!(fault.accused, Some(3));
                        refused += 1;
                    }
                    match session.receive(message).unwrap() {
                        Step::Wait => {}
                        Step::Send(more) => queue.extend(more),
                        Step::Done { signature, send } => {
                            queue.extend(send);
                            check(&group, signature, HASH);
                            done += 1;
                        }
                    }
                }
                // The right message, sent after the bad one, still counts.
                assert_eq!((refused, done), (1, 3));
            }
        }
    }
}

#[test]
fn doubled_foreign_and_misplaced_messages_are_refused() {
    let mut group = group();
    for (scheme, rounds) in BOTH {
        let mut sessions = group.open(&SET, scheme, TWEAK, |_| HASH).unwrap();
        let first = sessions[&3].start().into_iter().find(|message| message.to == 1).unwrap();
        let one = sessions.get_mut(&1).unwrap();
        let mut refusal = |message: Message| one.receive(message).unwrap_err();
        assert_eq!(refusal(Message { from: 2, ..first.clone() }).kind, FaultKind::Outsider);
        assert_eq!(refusal(Message { from: 1, ..first.clone() }).kind, FaultKind::Outsider);
        assert_eq!(refusal(Message { from: 0, ..first.clone() }).kind, FaultKind::Outsider);
        assert_eq!(refusal(Message { from: 999, ..first.clone() }).kind, FaultKind::Outsider);
        assert_eq!(refusal(Message { to: 4, ..first.clone() }).kind, FaultKind::Misaddressed);
        for round in [0, rounds + 1, 255] {
            assert_eq!(refusal(Message { round, ..first.clone() }).kind, FaultKind::WrongRound);
        }
        if scheme == Scheme::Ecdsa {
            // A message of one sender in the envelope of another.
            assert_eq!(refusal(Message { from: 4, ..first.clone() }).kind, FaultKind::Undecodable);
        }
        one.receive(first.clone()).unwrap();
        assert_eq!(one.receive(first).unwrap_err().kind, FaultKind::Doubled);
    }
}

#[test]
fn an_open_transport_accuses_nobody_of_form() {
    let mut group = group();
    let request = group.request();
    let store = group.stores.get_mut(&1).unwrap();
    let admission = store.admit(request, 0, Scheme::Schnorr, TWEAK, HASH).unwrap();
    let mut session = Session::open(&group.holdings[&1], &SET, admission, Transport::Open).unwrap();
    let bad = Message { from: 3, to: 1, round: 1, bytes: vec![1, 2, 3] };
    let fault = session.receive(bad).unwrap_err();
    assert_eq!((fault.accused, fault.kind), (None, FaultKind::Undecodable));
}

#[test]
fn members_given_different_hashes_sign_nothing() {
    let mut group = group();
    for (scheme, _) in BOTH {
        let other = |me: u16| if me == 4 { [1; 32] } else { HASH };
        let sessions = group.open(&SET, scheme, TWEAK, other).unwrap();
        let outcome = run(sessions, Some);
        assert!(outcome.signatures.is_empty());
        assert!(outcome.faults.iter().any(|(_, fault)| fault.kind == FaultKind::OtherView));
        assert!(outcome.faults.iter().all(|(_, fault)| !fault.kind.is_ban()));
    }
}

#[test]
fn commitments_that_differ_by_receiver_accuse_no_honest_member() {
    let mut group = group();
    // Member 3 shows member 4 the commitments of another session of the same request's shape.
    let one = group.open(&SET, Scheme::Schnorr, TWEAK, |_| HASH).unwrap();
    let two = group.open(&SET, Scheme::Schnorr, TWEAK, |_| HASH).unwrap();
    let other = two[&3].start()[0].bytes.clone();
    let outcome = run(one, |mut message| {
        if message.from == 3 && message.to == 4 && message.round == 1 {
            // The binding of this session stays, the commitments are the other's.
            message.bytes.truncate(32);
            message.bytes.extend_from_slice(&other[32..]);
        }
        Some(message)
    });
    assert!(outcome.signatures.is_empty());
    for (by, fault) in &outcome.faults {
        assert!(fault.accused.is_none(), "{by} {fault}");
    }
}

#[test]
fn a_false_share_names_its_sender() {
    let mut group = group();
    let outcome = tampered(&mut group, Scheme::Schnorr, 2, 4, |bytes| *bytes.last_mut().unwrap() ^= 1);
    assert_eq!(outcome.faults[0].0, 1);
    assert_eq!((outcome.faults[0].1.accused, outcome.faults[0].1.kind), (Some(4), FaultKind::BadShare));
}

#[test]
fn messages_of_an_earlier_attempt_are_of_another_view() {
    let mut group = group();
    for (scheme, _) in BOTH {
        let old = group.open(&SET, scheme, TWEAK, |_| HASH).unwrap();
        let replayed = old[&3].start().into_iter().find(|message| message.to == 1).unwrap();
        let new = group.open(&SET, scheme, TWEAK, |_| HASH).unwrap();
        let outcome = run(new, |message| {
            let swap = message.from == 3 && message.to == 1 && message.round == 1;
            Some(if swap { replayed.clone() } else { message })
        });
        let (by, fault) = outcome.faults[0];
        assert_eq!((by, fault.accused, fault.kind), (1, Some(3), FaultKind::OtherView));
        assert!(!outcome.signatures.contains_key(&1));
    }
}

#[test]
fn a_crash_between_any_two_rounds_needs_a_new_attempt_and_allows_no_other_hash() {
    let mut group = group();
    for (scheme, rounds) in BOTH {
        for crash_before in 1..=rounds {
            let request = group.request();
            let attempt = |group: &mut Group, number: u32, hash: [u8; 32]| {
                let mut sessions = BTreeMap::new();
                for me in SET {
                    let store = group.stores.get_mut(&me).unwrap();
                    let admission = store.admit(request, number, scheme, TWEAK, hash)?;
                    let holding = &group.holdings[&me];
                    let session = Session::open(holding, &SET, admission, Transport::Authenticated);
                    sessions.insert(me, session.unwrap());
                }
                Ok::<_, StoreError>(sessions)
            };
            // Everybody stops before this round's messages arrive; the sessions are gone.
            let outcome = run(attempt(&mut group, 0, HASH).unwrap(), |message| {
                (message.round < crash_before).then_some(message)
            });
            assert!(outcome.signatures.is_empty());
            group.restart();
            assert!(matches!(attempt(&mut group, 0, HASH), Err(StoreError::UsedAttempt)));
            assert!(matches!(attempt(&mut group, 1, [1; 32]), Err(StoreError::OtherMessage)));
            let outcome = run(attempt(&mut group, 1, HASH).unwrap(), Some);
            assert_eq!(outcome.signatures.len(), 3);
            check_all(&group, &outcome);
            assert!(matches!(attempt(&mut group, 2, [1; 32]), Err(StoreError::OtherMessage)));
        }
    }
}

#[test]
fn a_ban_survives_a_restart_and_its_setup_is_gone() {
    let mut group = group();
    let before = group.holdings[&1].clone();
    let outcome = tampered(&mut group, Scheme::Ecdsa, 1, 3, |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    });
    let (by, fault) = outcome.faults[0];
    assert_eq!((by, fault.accused, fault.kind), (1, Some(3), FaultKind::Banned));
    let (holding, store) = (group.holdings.get_mut(&1).unwrap(), group.stores.get_mut(&1).unwrap());
    store.ban(holding, 3).unwrap();
    group.restart();
    assert_eq!(group.stores[&1].banned(1).collect::<Vec<_>>(), [3]);
    assert_eq!(group.holdings[&1].paired().collect::<Vec<_>>(), [4]);
    assert_eq!(group.holdings[&1].banned(), [3]);
    let refused = group.open(&SET, Scheme::Ecdsa, TWEAK, |_| HASH).unwrap_err();
    assert_eq!(refused.kind, FaultKind::NoSetup);
    // A holding from before the ban cannot bring the setup back into the store.
    group.stores.get_mut(&1).unwrap().update(&before).unwrap();
    group.restart();
    assert_eq!(group.holdings[&1].paired().collect::<Vec<_>>(), [4]);
}

#[test]
fn a_ban_stops_every_open_session_with_the_member_at_once() {
    let mut group = group();
    let mut open = group.open(&SET, Scheme::Ecdsa, TWEAK, |_| HASH).unwrap();
    let mut frost = group.open(&SET, Scheme::Schnorr, TWEAK, |_| HASH).unwrap();
    let copy = group.holdings[&1].clone();
    let outcome = tampered(&mut group, Scheme::Ecdsa, 1, 3, |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    });
    assert_eq!(outcome.faults[0].1.kind, FaultKind::Banned);
    // Nobody has told the store or the holding yet.
    assert_eq!(copy.banned(), [3]);
    assert_eq!(copy.paired().collect::<Vec<_>>(), [4]);
    let from_4 = open[&4].start().into_iter().find(|message| message.to == 1).unwrap();
    let fault = open.get_mut(&1).unwrap().receive(from_4).unwrap_err();
    assert_eq!((fault.accused, fault.kind), (None, FaultKind::NoSetup));
    assert_eq!(open[&1].round(), 0);
    // Schnorr has no transfers to protect.
    let from_3 = frost[&3].start().into_iter().find(|message| message.to == 1).unwrap();
    frost.get_mut(&1).unwrap().receive(from_3).unwrap();
}

#[test]
fn only_sets_of_t_different_members_open() {
    let mut group = group();
    for set in [&[1, 3][..], &[1, 3, 4, 5], &[1, 1, 3], &[3, 1, 4], &[0, 1, 3], &[1, 3, 6], &[3, 4, 5]] {
        let request = group.request();
        let store = group.stores.get_mut(&1).unwrap();
        let admission = store.admit(request, 0, Scheme::Schnorr, TWEAK, HASH).unwrap();
        let refused = Session::open(&group.holdings[&1], set, admission, Transport::Authenticated);
        assert_eq!(refused.unwrap_err().kind, FaultKind::BadSet, "{set:?}");
    }
    let request = group.request();
    let store = group.stores.get_mut(&1).unwrap();
    let admission = store.admit(request, 0, Scheme::Schnorr, [0xff; 32], HASH).unwrap();
    let refused = Session::open(&group.holdings[&1], &SET, admission, Transport::Authenticated);
    assert_eq!(refused.unwrap_err().kind, FaultKind::BadKey);
}

#[test]
fn a_finished_session_answers_nothing() {
    let mut group = group();
    let mut sessions = group.open(&SET, Scheme::Schnorr, TWEAK, |_| HASH).unwrap();
    let mut one = sessions.remove(&1).unwrap();
    let mut last = None;
    let mut queue: Vec<Message> = one.start();
    queue.extend(sessions.values().flat_map(Session::start));
    while !queue.is_empty() {
        let message = queue.remove(0);
        let session = if message.to == 1 { &mut one } else { sessions.get_mut(&message.to).unwrap() };
        last = Some(message.clone()).filter(|message| message.to == 1).or(last);
        match session.receive(message).unwrap() {
            Step::Wait => {}
            Step::Send(more) | Step::Done { send: more, .. } => queue.extend(more),
        }
    }
    assert_eq!(one.round(), 0);
    assert_eq!(one.receive(last.unwrap()).unwrap_err().kind, FaultKind::Closed);
}

#[test]
fn a_tampered_setup_never_completes_and_bans_nobody() {
    let group = Group::bare(2, 3);
    let terms = group.terms();
    for round in 1..=3 {
        for at in 0..4usize {
            let mut setups: BTreeMap<u16, Setup> =
                [1, 2].map(|me| (me, Setup::new(&terms, me, &[1, 2]).unwrap())).into();
            let mut queue: Vec<Message> = setups.values().flat_map(Setup::start).collect();
            let mut one_paired = false;
            let mut faults = Vec::new();
            while !queue.is_empty() {
                let mut message = queue.remove(0);
                if message.round == round && message.to == 1 {
                    let place = if at < 1 { at } else { noise_place(message.bytes.len()) };
                    message.bytes[place] ^= 1 << (at % 8);
                }
                let to = message.to;
                match setups.get_mut(&to).unwrap().receive(message) {
                    Ok(SetupStep::Wait) => {}
                    Ok(SetupStep::Send(more)) => queue.extend(more),
                    Ok(SetupStep::Paired(_, more)) => {
                        queue.extend(more);
                        one_paired |= to == 1;
                    }
                    Err(fault) => faults.push(fault),
                }
            }
            assert!(!one_paired, "round {round} at {at}");
            assert!(!faults.is_empty());
            assert!(faults.iter().all(|fault| !fault.kind.is_ban()));
        }
    }
}

#[test]
fn members_with_other_terms_never_pair() {
    let (ours, theirs) = (Group::bare(2, 3), Group::bare(2, 3));
    let mut one = Setup::new(&ours.terms(), 1, &[2]).unwrap();
    let mut two = Setup::new(&theirs.terms(), 2, &[1]).unwrap();
    let mut queue: Vec<Message> = [one.start(), two.start()].concat();
    let mut fault = None;
    while !queue.is_empty() {
        let message = queue.remove(0);
        let setup = if message.to == 1 { &mut one } else { &mut two };
        match setup.receive(message) {
            Ok(SetupStep::Wait) => {}
            Ok(SetupStep::Send(more)) => queue.extend(more),
            Ok(SetupStep::Paired(..)) => panic!("paired"),
            Err(found) => fault = Some(found.kind),
        }
    }
    assert!(fault.is_some());
}
