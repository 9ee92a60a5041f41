//! Generation and re-sharing of keys, and every cheat that the chain judges.

use crate::world::*;
use alloy_primitives::{Address, B256, Bytes, U256};
use fusor_dcrm::{
    Complaint, Dealer, Dealing, DecryptionKey, Extraction, Objection, Pair, Reveal, Scalar, reshare::Handover,
};
use fusor_vm::dcrm::{self, GroupState, Handed, Offence, Purse, Standing, State, name};

fn struck(world: &mut World, operator: Address) -> bool {
    world.custodian(operator).standing == Standing::Struck
}

fn begin(t: u16, m: u16) -> (World, Keygen) {
    let mut world = World::new(9);
    let vault = world.open("litecoin", t, m).unwrap();
    let group = world.vault(vault).next;
    let keygen = Keygen::join(&mut world, group);
    (world, keygen)
}

/// Ends a generation that took its course and opens the vault.
fn conclude(world: &mut World, keygen: &mut Keygen, away: &[Address]) {
    keygen.finish(world).unwrap();
    for operator in keygen.operators.clone() {
        if !away.contains(&operator) {
            world.run(|store| dcrm::ready(store, operator, keygen.number)).unwrap();
        }
    }
    assert_eq!(world.vault(1).state, State::Active);
    assert_eq!(world.group(keygen.number).state, GroupState::Holding);
}

/// Deals one wrong pair to member `victim`, in all else as an honest dealer.
fn bad_dealing(keygen: &Keygen, index: u16, victim: u16) -> Vec<u8> {
    let dealer = Dealer::from_seed(&keygen.terms, index, &seed(keygen.number, index)).unwrap();
    let mut pairs: Vec<Pair> = keygen.terms.indices().map(|receiver| dealer.pair(receiver)).collect();
    pairs[usize::from(victim) - 1].share += Scalar::ONE;
    let commitments = dealer.commitments().unwrap();
    Dealing::assemble(&keygen.terms, index, commitments, &Scalar::from(99u64), &pairs).unwrap().encode()
}

#[test]
fn a_group_makes_a_key_and_its_vault_opens() {
    let mut world = World::new(5);
    assert_eq!(world.vault_of("litecoin", 2, 3), 1);
    let vault = world.vault(1);
    assert_eq!((vault.epoch, vault.group, vault.next), (1, 1, 0));
    assert_eq!(world.shares.len(), 3);
    for operator in world.members(1) {
        let one = world.custodian(operator);
        assert_eq!((one.groups, one.rewards), (1, 5));
        misuse(world.run(|store| dcrm::ready(store, operator, 1)), "ready");
    }
    assert_eq!(Purse::load(&mut world.store).unwrap().pool, 500 - 15);
}

#[test]
fn a_bad_dealing_puts_the_dealer_out_and_costs_it_once() {
    let (mut world, mut keygen) = begin(3, 5);
    let message = bad_dealing(&keygen, 2, 4);
    keygen.post(&mut world, 2, &message).unwrap();
    keygen.speak(&mut world, &[2]);
    keygen.next(&mut world);
    let due = keygen.members[3].due();
    assert_eq!(due.len(), 1);
    keygen.post(&mut world, 4, &due[0]).unwrap();
    let guilty = keygen.operator(2);
    assert!(struck(&mut world, guilty));
    assert_eq!(world.custodian(guilty).bond, BOND / 2);
    assert_eq!(world.group(1).bad, 0b10);
    misuse(keygen.post(&mut world, 4, &due[0]), "not out yet");
    assert_eq!(world.custodian(guilty).bond, BOND / 2);
    keygen.play(&mut world, &[2]);
    misuse(world.run(|store| dcrm::ready(store, guilty, 1)), "");
    conclude(&mut world, &mut keygen, &[guilty]);
    misuse(world.run(|store| dcrm::ready(store, guilty, 1)), "no voice");
    assert_eq!(world.group(1).qualified, 0b11101);
    // Its bond is bound until it is out of the group.
    world.store.now += 1_000;
    misuse(world.run(|store| dcrm::withdraw_bond(store, guilty)), "not free");
    assert!(dcrm::bereft(&mut world.store.clone(), &world.vault(1)).unwrap());
}

#[test]
fn a_withheld_dealing_stops_nothing() {
    let (mut world, mut keygen) = begin(3, 5);
    keygen.play(&mut world, &[1, 5]);
    conclude(&mut world, &mut keygen, &[]);
    assert_eq!(world.group(1).qualified, 0b01110);
    assert!(!struck(&mut world, keygen.operators[0]));
}

#[test]
fn too_few_dealers_make_no_key_and_the_group_is_given_up() {
    let (mut world, mut keygen) = begin(3, 5);
    keygen.play(&mut world, &[1, 2, 3]);
    misuse(keygen.finish(&mut world), "too few dealers");
    misuse(world.run(|store| dcrm::give_up(store, op(1), 1)), "may still come about");
    misuse(world.run(|store| dcrm::regroup(store, op(1), 1)), "in the making");
    world.pass(5 * PHASE);
    misuse(world.run(|store| dcrm::give_up(store, ALICE, 1)), "not a custodian");
    world.run(|store| dcrm::give_up(store, op(1), 1)).unwrap();
    misuse(world.run(|store| dcrm::give_up(store, op(1), 1)), "may still come about");
    misuse(keygen.finish(&mut world), "not due");
    misuse(world.run(|store| dcrm::regroup(store, ALICE, 1)), "not a custodian");
    world.run(|store| dcrm::regroup(store, op(1), 1)).unwrap();
    let mut keygen = Keygen::join(&mut world, 2);
    keygen.play(&mut world, &[]);
    conclude(&mut world, &mut keygen, &[]);
}

#[test]
fn a_false_complaint_costs_the_accuser_and_a_flood_is_one_complaint() {
    let (mut world, mut keygen) = begin(3, 5);
    keygen.speak(&mut world, &[]);
    keygen.next(&mut world);
    let liar = keygen.operator(1);
    let false_ones: Vec<Vec<u8>> = (2..=5)
        .map(|dealer| {
            let dealing = Dealing::decode(&keygen.dealings[&dealer], &keygen.terms).unwrap();
            let key = decryption(number(liar));
            Complaint::new(&keygen.terms, 1, &key, &dealing).unwrap().encode()
        })
        .collect();
    keygen.post(&mut world, 1, &false_ones[0]).unwrap();
    assert!(struck(&mut world, liar));
    for message in &false_ones {
        misuse(keygen.post(&mut world, 1, message), "no voice");
    }
    assert_eq!((world.custodian(liar).bond, world.group(1).bad), (BOND / 2, 0));
    assert!((2..=5).all(|index| !struck(&mut world, keygen.operator(index))));
    keygen.play(&mut world, &[1]);
    conclude(&mut world, &mut keygen, &[liar]);
}

#[test]
fn a_complaint_without_proof_or_by_another_is_no_complaint() {
    let (mut world, mut keygen) = begin(3, 5);
    keygen.speak(&mut world, &[]);
    keygen.next(&mut world);
    let dealing = Dealing::decode(&keygen.dealings[&2], &keygen.terms).unwrap();
    let key = decryption(number(keygen.operator(1)));
    let complaint = Complaint::new(&keygen.terms, 1, &key, &dealing).unwrap().encode();
    let mut forged = complaint.clone();
    *forged.last_mut().unwrap() ^= 1;
    misuse(keygen.post(&mut world, 1, &forged), "malformed");
    misuse(keygen.post(&mut world, 3, &complaint), "sender's own");
    let other = keygen.dealings[&3].clone();
    let by = keygen.operator(1);
    misuse(
        world.run(|store| dcrm::complain(store, by, 1, &complaint.clone().into(), &other)),
        "not the message that was posted",
    );
    assert!((1..=5).all(|index| !struck(&mut world, keygen.operator(index))));
}

#[test]
fn outsiders_doubled_indices_and_wrong_times_are_refused() {
    let (mut world, mut keygen) = begin(2, 3);
    let own = keygen.members[0].due().remove(0);
    let outsider = (1..=9).map(op).find(|operator| !keygen.operators.contains(operator)).unwrap();
    misuse(keygen.post_as(&mut world, outsider, &own), "not a member");
    misuse(keygen.post_as(&mut world, ALICE, &own), "not a member");
    misuse(keygen.post(&mut world, 2, &own), "for itself");
    keygen.post(&mut world, 1, &own).unwrap();
    misuse(keygen.post(&mut world, 1, &own), "a member deals once");
    misuse(keygen.post(&mut world, 1, &bad_dealing(&keygen, 1, 2)), "a member deals once");
    misuse(world.run(|store| dcrm::extract(store, keygen.operators[0], 1, &own.clone().into())), "phase");
    misuse(world.run(|store| dcrm::finish(store, 1, &[])), "not due");
    misuse(
        world.run(|store| dcrm::hand_over(store, keygen.operators[0], 1, &own.clone().into())),
        "no key over",
    );
    misuse(world.run(|store| dcrm::ready(store, keygen.operators[0], 1)), "nothing to be ready for");
    keygen.next(&mut world);
    let late = keygen.members[1].due();
    assert!(late.is_empty());
    misuse(world.run(|store| dcrm::deal(store, keygen.operators[1], 1, &own.into())), "phase");
    let junk = Bytes::from(vec![0; 90]);
    misuse(world.run(|store| dcrm::complain(store, keygen.operators[1], 1, &junk, &junk)), "malformed");
    misuse(world.run(|store| dcrm::deal(store, keygen.operators[1], 9, &junk)), "no such group");
}

#[test]
fn messages_of_another_session_are_refused() {
    let (mut world, keygen) = begin(2, 3);
    let old = keygen.members[0].due().remove(0);
    world.pass(10 * PHASE);
    world.run(|store| dcrm::give_up(store, op(1), 1)).unwrap();
    world.run(|store| dcrm::regroup(store, STEWARD, 1)).unwrap();
    let keygen = Keygen::join(&mut world, 2);
    for operator in keygen.operators.clone() {
        misuse(keygen.post_as(&mut world, operator, &old), "of another session");
    }
}

#[test]
fn a_wrong_extraction_is_found_and_the_part_reconstructed() {
    let (mut world, mut keygen) = begin(3, 5);
    keygen.speak(&mut world, &[]);
    keygen.next(&mut world);
    keygen.next(&mut world);
    let honest = Dealer::from_seed(&keygen.terms, 3, &seed(1, 3)).unwrap().extract().unwrap();
    let mut points = honest.points().to_vec();
    points.swap(0, 1);
    let wrong = Extraction::new(&keygen.terms, 3, points).unwrap().encode();
    keygen.post(&mut world, 3, &wrong).unwrap();
    misuse(keygen.post(&mut world, 3, &honest.encode()), "extracts once");
    keygen.speak(&mut world, &[3]);
    keygen.next(&mut world);
    keygen.speak(&mut world, &[3]);
    let guilty = keygen.operator(3);
    assert!(struck(&mut world, guilty));
    assert_eq!(world.group(1).unfit, 0b100);
    keygen.next(&mut world);
    // Without reveals there is no key; a wrong reveal helps nobody and is not repeated.
    let lie = Pair { share: Scalar::ONE, blind: Scalar::ONE };
    let lie = Reveal::new(&keygen.terms, 3, 3, lie).encode();
    keygen.post(&mut world, 3, &lie).unwrap();
    misuse(keygen.post(&mut world, 3, &lie), "once");
    misuse(keygen.post_as(&mut world, guilty, &keygen.members[0].due()[0]), "its own pair");
    keygen.speak(&mut world, &[3]);
    keygen.next(&mut world);
    let mut parts = keygen.parts(&mut world);
    let Handed::Reveals(dealing, reveals) = parts[2].clone() else { panic!("not reconstructed") };
    parts[2] = Handed::Reveals(dealing.clone(), [&[lie.into()], &reveals[..2]].concat());
    misuse(world.run(|store| dcrm::finish(store, 1, &parts)), "too few right reveals");
    parts[2] = Handed::Reveals(dealing, keygen.reveals.clone());
    misuse(world.run(|store| dcrm::finish(store, 1, &parts)), "t reveals");
    parts[2] = Handed::Extraction(wrong.into());
    misuse(world.run(|store| dcrm::finish(store, 1, &parts)), "reveals where it does not");
    parts.swap(0, 1);
    misuse(world.run(|store| dcrm::finish(store, 1, &parts)), "not the message");
    misuse(world.run(|store| dcrm::finish(store, 1, &parts[..4])), "one part of each");
    conclude(&mut world, &mut keygen, &[guilty]);
    assert_eq!(world.group(1).qualified, 0b11111);
}

#[test]
fn a_withheld_extraction_is_reconstructed() {
    let (mut world, mut keygen) = begin(3, 5);
    keygen.speak(&mut world, &[]);
    keygen.next(&mut world);
    keygen.play(&mut world, &[4]);
    conclude(&mut world, &mut keygen, &[]);
    assert_eq!((world.group(1).qualified, world.group(1).extracted), (0b11111, 0b10111));
}

#[test]
fn a_false_objection_costs_the_accuser() {
    let (mut world, mut keygen) = begin(3, 5);
    keygen.speak(&mut world, &[]);
    keygen.next(&mut world);
    keygen.next(&mut world);
    keygen.speak(&mut world, &[]);
    keygen.next(&mut world);
    let dealer = Dealer::from_seed(&keygen.terms, 2, &seed(1, 2)).unwrap();
    let objection = Objection::new(&keygen.terms, 5, 2, dealer.pair(5)).encode();
    keygen.post(&mut world, 5, &objection).unwrap();
    let liar = keygen.operator(5);
    assert!(struck(&mut world, liar));
    misuse(keygen.post(&mut world, 5, &objection), "no voice");
    let invented = Pair { share: Scalar::ONE, blind: Scalar::ONE };
    let invented = Objection::new(&keygen.terms, 4, 2, invented).encode();
    misuse(keygen.post(&mut world, 4, &invented), "malformed");
    assert_eq!(world.group(1).unfit, 0);
    keygen.next(&mut world);
    keygen.next(&mut world);
    conclude(&mut world, &mut keygen, &[liar]);
}

#[test]
fn a_key_is_shared_anew_with_other_members_and_another_t_of_m() {
    let mut world = World::new(9);
    world.vault_of("litecoin", 2, 3);
    let before = world.vault(1);
    misuse(world.run(|store| dcrm::regroup(store, op(1), 1)), "not due");
    misuse(world.run(|store| dcrm::set_size(store, ALICE, 1, 3, 5)), "steward");
    misuse(world.run(|store| dcrm::set_size(store, STEWARD, 1, 3, 4)), "t - 1 < m / 2");
    world.run(|store| dcrm::set_size(store, STEWARD, 1, 3, 5)).unwrap();
    let leaver = world.members(1)[0];
    world.run(|store| dcrm::leave(store, leaver)).unwrap();
    misuse(world.run(|store| dcrm::leave(store, leaver)), "on its way out");
    world.run(|store| dcrm::regroup(store, op(1), 1)).unwrap();
    let mut handing = Handing::join(&mut world, 2);
    assert!(!handing.new.members.contains(&leaver));
    handing.play(&mut world, &[2]);
    handing.finish(&mut world).unwrap();
    assert_eq!(world.vault(1).group, 1);
    for operator in handing.new.members.iter().take(3) {
        world.run(|store| dcrm::ready(store, *operator, 2)).unwrap();
    }
    let after = world.vault(1);
    assert_eq!((after.key, after.group, after.next, after.epoch), (before.key, 2, 0, 2));
    assert_eq!((after.state, world.group(1).state), (State::Active, GroupState::Past));
    assert_eq!((world.group(2).threshold, world.group(2).members.len()), (3, 5));
    world.store.now += 500;
    assert_eq!(world.run(|store| dcrm::withdraw_bond(store, leaver)).unwrap(), BOND);
    misuse(world.run(|store| dcrm::ready(store, leaver, 1)), "nothing to be ready for");
    // Once more, when it is due, from the new shares.
    world.pass(100);
    world.run(|store| dcrm::regroup(store, op(2), 1)).unwrap();
    let mut handing = Handing::join(&mut world, 3);
    handing.play(&mut world, &[]);
    handing.finish(&mut world).unwrap();
    world.all_ready(3);
    assert_eq!((world.vault(1).key, world.vault(1).epoch), (before.key, 3));
}

fn resharing() -> (World, Handing) {
    let mut world = World::new(9);
    world.vault_of("litecoin", 2, 3);
    world.run(|store| dcrm::set_size(store, STEWARD, 1, 3, 5)).unwrap();
    world.run(|store| dcrm::regroup(store, STEWARD, 1)).unwrap();
    let handing = Handing::join(&mut world, 2);
    (world, handing)
}

#[test]
fn a_bad_handover_puts_the_holder_out_and_costs_it() {
    let (mut world, mut handing) = resharing();
    let honest = Handover::decode(&handing.handover(&world, 1), &handing.succession).unwrap();
    let shares = vec![Scalar::ONE; 5];
    let commitments = honest.commitments().to_vec();
    let bad = Handover::assemble(&handing.succession, 1, commitments, &Scalar::from(9u64), &shares).unwrap();
    handing.hand_over(&mut world, 1, &bad.encode()).unwrap();
    misuse(handing.hand_over(&mut world, 1, &honest.encode()), "hands over once");
    for index in 2..=3 {
        let message = handing.handover(&world, index);
        handing.hand_over(&mut world, index, &message).unwrap();
    }
    handing.next(&mut world);
    let complaint = handing.receivers[4].due().remove(0);
    handing.complain(&mut world, 5, &complaint).unwrap();
    let guilty = handing.old.operator(1).unwrap();
    assert!(struck(&mut world, guilty));
    let again = handing.receivers[3].due();
    misuse(handing.complain(&mut world, 4, &again[0]), "not out yet");
    handing.next(&mut world);
    misuse(world.run(|store| dcrm::finish_handover(store, 2, &[])), "one handover of each");
    handing.finish(&mut world).unwrap();
    assert_eq!(world.group(2).qualified, 0b110);
    // The old group holds the shares until enough of the new one do.
    assert_eq!(world.vault(1).group, 1);
}

#[test]
fn a_false_complaint_about_a_handover_costs_the_accuser() {
    let (mut world, mut handing) = resharing();
    for index in 1..=3 {
        let message = handing.handover(&world, index);
        handing.hand_over(&mut world, index, &message).unwrap();
    }
    handing.next(&mut world);
    let liar = handing.new.operator(2).unwrap();
    let complaint = |holder: u16| {
        let handover = Handover::decode(&handing.handovers[&holder], &handing.succession).unwrap();
        handover.complain(&handing.succession, 2, &decryption(number(liar))).unwrap().encode()
    };
    let (first, second) = (complaint(1), complaint(2));
    handing.complain(&mut world, 2, &first).unwrap();
    assert!(struck(&mut world, liar));
    misuse(handing.complain(&mut world, 2, &second), "no voice");
    assert_eq!(world.group(2).bad, 0);
}

#[test]
fn handovers_of_other_shares_sessions_and_people_are_refused() {
    let (mut world, mut handing) = resharing();
    let message = handing.handover(&world, 1);
    let outsider = (1..=9).map(op).find(|who| handing.old.index_of(*who).is_none()).unwrap();
    misuse(
        world.run(|store| dcrm::hand_over(store, outsider, 2, &message.clone().into())),
        "not a member of the group that holds",
    );
    misuse(handing.hand_over(&mut world, 2, &message), "for itself");
    // Another share than the one that the group is known by.
    let honest = Handover::decode(&message, &handing.succession).unwrap();
    let mut commitments = honest.commitments().to_vec();
    commitments.swap(0, 1);
    let foreign =
        Handover::assemble(&handing.succession, 1, commitments, &Scalar::ONE, &[Scalar::ONE; 5]).unwrap();
    misuse(handing.hand_over(&mut world, 1, &foreign.encode()), "malformed");
    handing.hand_over(&mut world, 1, &message).unwrap();
    // One of two holders is not enough; the group fails, and its messages serve no other.
    handing.next(&mut world);
    misuse(
        world.run(|store| dcrm::hand_over(store, handing.old.members[1], 2, &message.clone().into())),
        "phase",
    );
    handing.next(&mut world);
    misuse(handing.finish(&mut world), "too few stand");
    world.pass(10 * PHASE);
    world.run(|store| dcrm::give_up(store, op(1), 2)).unwrap();
    assert_eq!((world.vault(1).group, world.vault(1).state), (1, State::Active));
    world.run(|store| dcrm::regroup(store, STEWARD, 1)).unwrap();
    let mut next = Handing::join(&mut world, 3);
    misuse(next.hand_over(&mut world, 1, &message), "of another session");
    next.play(&mut world, &[3]);
    next.finish(&mut world).unwrap();
    world.all_ready(3);
    assert_eq!(world.vault(1).epoch, 2);
    // Shares of the epoch before do not fit any more.
    world.run(|store| dcrm::regroup(store, STEWARD, 1)).unwrap();
    let mut last = Handing::join(&mut world, 4);
    let past = Handover::assemble(
        &last.succession,
        1,
        vec![honest.commitments()[0]; 3],
        &Scalar::ONE,
        &[Scalar::ONE; 5],
    );
    misuse(last.hand_over(&mut world, 1, &past.unwrap().encode()), "malformed");
}

#[test]
fn nobody_holds_t_shares_by_owning_or_hosting_many() {
    let mut world = World::new(4);
    for number in 11..=19u8 {
        let shared = dcrm::Profile { owner: name("one"), ..profile(number) };
        world.paid(op(number), BOND, |store| dcrm::register(store, op(number), &shared, BOND)).unwrap();
    }
    world.pass(5);
    for number in 1..=8 {
        assert_eq!(world.open("litecoin", 3, 5).unwrap(), number);
        let group = world.vault(number).next;
        let members = world.group(group).members;
        assert!(members.iter().filter(|member| self::number(**member) > 10).count() <= 2);
    }
    misuse(world.open("litecoin", 3, 9), "not enough independent custodians");
    misuse(world.open("litecoin", 2, 65), "m <= 64");
}

#[test]
fn who_is_young_leaving_or_struck_is_not_drawn() {
    let mut world = World::new(3);
    world.register(4).unwrap();
    world.run(|store| dcrm::leave(store, op(3))).unwrap();
    misuse(world.open("litecoin", 2, 3), "not enough");
    world.pass(1);
    misuse(world.open("litecoin", 2, 3), "not enough");
    world.pass(1);
    world.open("litecoin", 2, 3).unwrap();
    assert!(!world.group(1).members.contains(&op(3)));
}

#[test]
fn keys_are_nobody_elses_and_places_become_free() {
    let mut world = World::new(3);
    misuse(world.register(3), "is registered");
    let twice = |change: fn(&mut dcrm::Profile)| {
        let mut profile = profile(9);
        change(&mut profile);
        profile
    };
    let negative = |profile: &mut dcrm::Profile| {
        profile.encryption = self::profile(2).encryption;
        profile.encryption[0] ^= 1;
    };
    let bad: [(dcrm::Profile, &str); 6] = [
        (twice(|profile| profile.node = self::profile(2).node), "has this node key"),
        (twice(|profile| profile.encryption = self::profile(2).encryption), "has this node key"),
        (twice(negative), "has this node key"),
        (twice(|profile| profile.owner = Default::default()), "must be given"),
        (twice(|profile| profile.node = Default::default()), "must be given"),
        (twice(|profile| profile.encryption = [5; 33]), "not a point"),
    ];
    for (profile, text) in bad {
        misuse(world.paid(op(9), BOND, |store| dcrm::register(store, op(9), &profile, BOND)), text);
    }
    let little = BOND - 1;
    misuse(
        world.paid(op(9), little, |store| dcrm::register(store, op(9), &profile(9), little)),
        "least bond",
    );
    misuse(world.run(|store| dcrm::withdraw_bond(store, op(1))), "not free");
    world.run(|store| dcrm::leave(store, op(1))).unwrap();
    misuse(world.run(|store| dcrm::withdraw_bond(store, op(1))), "not free");
    misuse(world.register(1), "is registered");
    world.store.now += 500;
    assert_eq!(world.run(|store| dcrm::withdraw_bond(store, op(1))).unwrap(), BOND);
    assert_eq!(world.run(|store| dcrm::withdraw_bond(store, op(1))).unwrap(), 0);
    assert_eq!(dcrm::operators(&mut world.store).unwrap(), vec![op(3), op(2)]);
    // Its keys stay its own, and it may come back with them or with others.
    let thief = dcrm::Profile { node: profile(1).node, ..profile(9) };
    misuse(world.paid(op(9), BOND, |store| dcrm::register(store, op(9), &thief, BOND)), "has this node key");
    world.register(1).unwrap();
    assert_eq!(dcrm::operators(&mut world.store).unwrap(), vec![op(3), op(2), op(1)]);
    let slow = world.custodian(op(1));
    assert_eq!((slow.since, slow.groups, slow.release), (10, 0, 0));
}

#[test]
fn offences_have_names() {
    let all =
        [Offence::Dealing, Offence::Accusation, Offence::Extraction, Offence::Handover, Offence::Attestation];
    let mut names: Vec<&str> = all.iter().map(|offence| offence.name()).collect();
    names.dedup();
    assert_eq!(names.len(), 5);
}

#[test]
fn a_struck_custodian_is_off_the_list_once_out_of_its_groups_and_never_comes_back() {
    let (mut world, mut keygen) = begin(3, 5);
    keygen.speak(&mut world, &[]);
    keygen.next(&mut world);
    let liar = keygen.operator(1);
    let dealing = Dealing::decode(&keygen.dealings[&2], &keygen.terms).unwrap();
    let message = Complaint::new(&keygen.terms, 1, &decryption(number(liar)), &dealing).unwrap().encode();
    keygen.post(&mut world, 1, &message).unwrap();
    keygen.play(&mut world, &[]);
    conclude(&mut world, &mut keygen, &[liar]);
    assert!(dcrm::operators(&mut world.store).unwrap().contains(&liar));
    world.run(|store| dcrm::regroup(store, op(1), 1)).unwrap();
    let mut handing = Handing::join(&mut world, 2);
    assert!(!handing.new.members.contains(&liar));
    handing.play(&mut world, &[]);
    handing.finish(&mut world).unwrap();
    world.all_ready(2);
    assert!(!dcrm::operators(&mut world.store).unwrap().contains(&liar));
    misuse(world.run(|store| dcrm::withdraw_bond(store, liar)), "not free");
    world.store.now += 500;
    assert_eq!(world.run(|store| dcrm::withdraw_bond(store, liar)).unwrap(), BOND / 2);
    misuse(world.register(number(liar)), "is registered");
    misuse(world.run(|store| dcrm::leave(store, liar)), "struck");
}

#[test]
fn a_full_list_has_room_again_when_one_is_gone() {
    let mut world = World::new(0);
    let join = |world: &mut World, number: u64| {
        let mut secret = [1u8; 32];
        secret[..8].copy_from_slice(&number.to_be_bytes());
        let encryption = DecryptionKey::from_bytes(&secret).unwrap().public().unwrap().to_bytes();
        let node = B256::from(U256::from(number + 1));
        let operator = Address::from_word(node);
        let profile = dcrm::Profile { node, encryption, ..profile(1) };
        world.store.frame(|store| dcrm::register(store, operator, &profile, BOND)).map(|()| operator)
    };
    // The bonds arrive all at once; each would with its call.
    world.store.set_balance(fusor_vm::account::DCRM, U256::from(500 + 1_025 * BOND));
    let first = join(&mut world, 0).unwrap();
    for number in 1..1_024 {
        join(&mut world, number).unwrap();
    }
    misuse(join(&mut world, 1_024), "list of custodians is full");
    let before = world.store.gas_left;
    misuse(join(&mut world, 1_024), "list of custodians is full");
    assert!(before - world.store.gas_left < 50_000, "the walk grows with the list");
    world.run(|store| dcrm::leave(store, first)).unwrap();
    world.store.now += 500;
    world.run(|store| dcrm::withdraw_bond(store, first)).unwrap();
    join(&mut world, 1_024).unwrap();
    misuse(join(&mut world, 0), "list of custodians is full");
}
