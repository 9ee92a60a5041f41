//! Any `t` of `m` members sign, with either scheme, and the results verify outside this crate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{Group, subsets};
use fusor_custody::ecdsa::{is_low, recovers, verify};
use fusor_custody::{Scheme, Signature, measure, schnorr};
use k256::schnorr::signature::hazmat::PrehashVerifier;

const HASH: [u8; 32] = [0x5a; 32];

fn tweak(number: u8) -> [u8; 32] {
    let mut tweak = [number; 32];
    tweak[0] = 0;
    tweak
}

fn check_ecdsa(key: &[u8; 33], hash: [u8; 32], signature: Signature) {
    let Signature::Ecdsa { r, s, recovery } = signature else { panic!("not ECDSA") };
    let other = k256::ecdsa::Signature::from_scalars(r, s).unwrap();
    let verifier = k256::ecdsa::VerifyingKey::from_sec1_bytes(key).unwrap();
    k256::ecdsa::signature::hazmat::PrehashVerifier::verify_prehash(&verifier, &hash, &other).unwrap();
    assert!(other.normalize_s().is_none(), "high s");
    let id = k256::ecdsa::RecoveryId::from_byte(recovery).unwrap();
    assert_eq!(k256::ecdsa::VerifyingKey::recover_from_prehash(&hash, &other, id).unwrap(), verifier);
}

fn check_schnorr(x: &[u8; 32], hash: [u8; 32], signature: Signature) {
    let Signature::Schnorr(bytes) = signature else { panic!("not Schnorr") };
    let verifier = k256::schnorr::VerifyingKey::from_bytes(x).unwrap();
    let other = k256::schnorr::Signature::try_from(bytes.as_slice()).unwrap();
    verifier.verify_prehash(&hash, &other).unwrap();
}

#[test]
fn every_subset_signs() {
    // Setups take long: of nine members six are set up, which gives six sets of five for ECDSA.
    for (t, m, paired) in [(2, 3, vec![1, 2, 3]), (3, 5, vec![1, 2, 3, 4, 5]), (5, 9, vec![1, 2, 4, 6, 7, 9])]
    {
        let mut group = Group::with(t, m, &paired);
        let terms = group.terms();
        for (number, set) in (0u8..).zip(subsets(t, m)) {
            let tweak = tweak(number);
            let signatures = group.sign(&set, Scheme::Schnorr, tweak, HASH).unwrap();
            assert_eq!(signatures.len(), set.len(), "every member has the signature");
            check_schnorr(&schnorr::output_key(&terms, &tweak).unwrap(), HASH, signatures[0]);
            if set.iter().all(|member| paired.contains(member)) {
                let signatures = group.sign(&set, Scheme::Ecdsa, tweak, HASH).unwrap();
                assert_eq!(signatures.len(), set.len());
                assert!(signatures.iter().all(|signature| *signature == signatures[0]));
                check_ecdsa(&terms.child_key(&tweak).unwrap(), HASH, signatures[0]);
            }
        }
    }
}

#[test]
fn members_that_never_came_are_not_missed() {
    let mut group = Group::bare(3, 5);
    group.set_up(&[2, 4, 5]);
    let signatures = group.sign(&[2, 4, 5], Scheme::Ecdsa, tweak(1), HASH).unwrap();
    check_ecdsa(&group.terms().child_key(&tweak(1)).unwrap(), HASH, signatures[0]);
    assert!(group.sign(&[1, 2, 4], Scheme::Ecdsa, tweak(1), HASH).is_err(), "no setup with 1");
}

#[test]
fn a_key_of_odd_parity_signs_for_taproot() {
    let mut odd = 0;
    for number in 0..40 {
        let mut group = Group::bare(2, 3);
        let key = group.terms().child_key(&tweak(number)).unwrap();
        odd += u32::from(key[0] == 3);
        let signatures = group.sign(&[1, 3], Scheme::Schnorr, tweak(number), HASH).unwrap();
        check_schnorr(&schnorr::output_key(&group.terms(), &tweak(number)).unwrap(), HASH, signatures[0]);
    }
    assert!(odd > 0);
}

/// BIP-341's first key-path test vector: internal key, no script tree, output key.
#[test]
fn the_output_key_is_that_of_bip_341() {
    let hex = |text: &str| -> [u8; 32] {
        let bytes: Vec<u8> =
            (0..64).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect();
        bytes.try_into().unwrap()
    };
    let internal = hex("d6889cb081036e0faefa3a35157ad71086b123b2b144b649798b494c300a961d");
    let output = hex("53a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343");
    assert_eq!(schnorr::taproot_output(&internal).unwrap(), output);
}

#[test]
fn a_high_s_or_a_wrong_recovery_id_does_not_leave() {
    let mut group = Group::new(2, 3);
    let key = group.terms().key();
    let signature = group.sign(&[1, 2], Scheme::Ecdsa, [0; 32], HASH).unwrap()[0];
    let Signature::Ecdsa { r, s, recovery } = signature else { panic!("not ECDSA") };
    verify(&key, HASH, r, s, recovery).unwrap();
    let high = -*k256::ecdsa::Signature::from_scalars(r, s).unwrap().s();
    let high: [u8; 32] = high.to_bytes().into();
    assert!(!is_low(r, high));
    // The high s verifies as ECDSA with the other parity; it is refused all the same.
    assert!(recovers(&key, HASH, r, high, recovery ^ 1));
    assert!(verify(&key, HASH, r, high, recovery ^ 1).is_err());
    for wrong in (0..=255).filter(|wrong| *wrong != recovery) {
        assert!(verify(&key, HASH, r, s, wrong).is_err(), "{wrong}");
    }
    assert!(verify(&key, [1; 32], r, s, recovery).is_err());
    assert!(verify(&key, HASH, [0; 32], s, recovery).is_err());
    assert!(verify(&key, HASH, [0xff; 32], s, recovery).is_err());
}

fn show(t: u16, m: u16) {
    let costs = measure::measure(t, m).unwrap();
    for (name, cost) in [("setup", costs.setup), ("ecdsa", costs.ecdsa), ("schnorr", costs.schnorr)] {
        println!("{t} of {m}: {name} {:?} {} B {} rounds", cost.cpu, cost.bytes, cost.rounds);
    }
    assert!(!costs.ecdsa.cpu.is_zero() && costs.ecdsa.cpu < costs.setup.cpu);
    assert_eq!((costs.setup.rounds, costs.ecdsa.rounds, costs.schnorr.rounds), (3, 3, 2));
}

#[test]
fn costs_are_measured() {
    show(2, 3);
    show(3, 5);
    assert!(measure::measure(1, 3).is_err());
    assert!(measure::measure(4, 3).is_err());
}
