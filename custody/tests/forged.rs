//! Messages that decode and lie: wrong dimensions, identity points, shifted values. None makes a node panic or sign.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{Group, Outcome, run};
use dkls23_core::protocols::signing::{Broadcast3to4, TransmitPhase1to2, TransmitPhase2to3};
use fusor_custody::{FaultKind, Scheme};
use k256_14::{AffinePoint, ProjectivePoint, Scalar, Secp256k1};
use serde::Serialize;
use serde::de::DeserializeOwned;

const HASH: [u8; 32] = [0x42; 32];

/// A name, the change, and the fault it must give.
type Lie<T> = (&'static str, fn(&mut T), FaultKind);

/// Forges what member 2 sends member 1 in a round.
fn forged<T: Serialize + DeserializeOwned>(round: u8, forge: impl Fn(&mut T)) -> Outcome {
    let mut group = Group::new(2, 3);
    let sessions = group.open(&[1, 2], Scheme::Ecdsa, [0; 32], |_| HASH).unwrap();
    let outcome = run(sessions, |mut message| {
        if message.round == round && message.from == 2 {
            let mut content: T = postcard::from_bytes(&message.bytes).unwrap();
            forge(&mut content);
            message.bytes = postcard::to_allocvec(&content).unwrap();
        }
        Some(message)
    });
    assert!(!outcome.signatures.contains_key(&1));
    outcome
}

/// The fault member 1 found.
fn found(outcome: &Outcome) -> (Option<u16>, FaultKind) {
    let (_, fault) = outcome.faults.iter().find(|(by, _)| *by == 1).unwrap();
    (fault.accused, fault.kind)
}

#[test]
fn round_1() {
    type First = TransmitPhase1to2;
    let lies: [Lie<First>; 6] = [
        ("session", |first| first.session_binding[0] ^= 1, FaultKind::OtherView),
        ("checks cut", |first| first.mul_transmit.verify_t.clear(), FaultKind::Banned),
        ("checks grown", |first| first.mul_transmit.verify_t.resize(400, [0; 26]), FaultKind::Banned),
        ("check", |first| first.mul_transmit.verify_x[3] ^= 1, FaultKind::Banned),
        ("choice", |first| first.mul_transmit.u[7][7] ^= 1, FaultKind::Banned),
        ("nonce", |first| first.mul_transmit.nonce[0] ^= 1, FaultKind::Banned),
    ];
    for (name, lie, kind) in lies {
        assert_eq!(found(&forged(1, lie)), (Some(2), kind), "{name}");
    }
    // A false commitment shows in round 2.
    let outcome = forged::<First>(1, |first| first.commitment[0] ^= 1);
    assert_eq!(found(&outcome), (Some(2), FaultKind::Unproven));
}

#[test]
fn round_2() {
    type Second = TransmitPhase2to3<Secp256k1>;
    fn shift(point: &mut AffinePoint) {
        *point = (ProjectivePoint::from(*point) + ProjectivePoint::GENERATOR).to_affine();
    }
    let lies: [Lie<Second>; 19] = [
        ("session", |second| second.session_binding[0] ^= 1, FaultKind::OtherView),
        ("identity nonce", |second| second.instance_point = AffinePoint::IDENTITY, FaultKind::Unproven),
        ("other nonce", |second| shift(&mut second.instance_point), FaultKind::Unproven),
        ("psi", |second| second.psi += Scalar::ONE, FaultKind::Unproven),
        ("salt", |second| second.salt.clear(), FaultKind::Unproven),
        ("long salt", |second| second.salt.resize(5000, 1), FaultKind::Unproven),
        ("identity share", |second| second.public_share = AffinePoint::IDENTITY, FaultKind::Banned),
        ("other share", |second| shift(&mut second.public_share), FaultKind::Banned),
        ("identity gamma u", |second| second.gamma_u = AffinePoint::IDENTITY, FaultKind::Banned),
        ("gamma v", |second| shift(&mut second.gamma_v), FaultKind::Banned),
        ("no rows", |second| second.mul_transmit.vector_of_tau.clear(), FaultKind::Banned),
        ("more rows", |second| second.mul_transmit.vector_of_tau.push(Vec::new()), FaultKind::Banned),
        ("empty row", |second| second.mul_transmit.vector_of_tau[3].clear(), FaultKind::Banned),
        ("short row", |second| second.mul_transmit.vector_of_tau[0].truncate(9), FaultKind::Banned),
        ("tau", |second| second.mul_transmit.vector_of_tau[1][9] += Scalar::ONE, FaultKind::Banned),
        ("no checks", |second| second.mul_transmit.verify_u.clear(), FaultKind::Banned),
        ("check", |second| second.mul_transmit.verify_u[1] += Scalar::ONE, FaultKind::Banned),
        ("more input", |second| second.mul_transmit.gamma_sender.push(Scalar::ONE), FaultKind::Banned),
        ("input", |second| second.mul_transmit.gamma_sender[0] += Scalar::ONE, FaultKind::Banned),
    ];
    for (name, lie, kind) in lies {
        assert_eq!(found(&forged(2, lie)), (Some(2), kind), "{name}");
    }
}

#[test]
fn round_3() {
    type Third = Broadcast3to4<Secp256k1>;
    let lies: [fn(&mut Third); 4] = [
        |third| third.u += Scalar::ONE,
        |third| third.w += Scalar::ONE,
        |third| (third.u, third.w) = (Scalar::ZERO, Scalar::ZERO),
        |third| std::mem::swap(&mut third.u, &mut third.w),
    ];
    for lie in lies {
        assert_eq!(found(&forged(3, lie)), (None, FaultKind::BadSignature));
    }
}
