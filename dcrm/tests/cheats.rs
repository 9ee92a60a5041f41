//! Plays every known cheat against a key generation. Honest members always end with one key, and nobody honest is named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::*;
use fusor_dcrm::*;

const EPHEMERAL: u64 = 0x1234_5678_9abc;

/// Deals as dealer 5 of 3 of 5 does, but for what `change` makes of the pairs.
fn dealt(run: &Run, dealer: u16, change: impl Fn(u16, Pair) -> Pair) -> Dealing {
    let terms = run.terms();
    run.with_dealer(dealer, |honest| {
        let pairs: Vec<Pair> = terms.indices().map(|j| change(j, honest.pair(j))).collect();
        let commitments = honest.commitments().unwrap();
        Dealing::assemble(&terms, dealer, commitments, &Scalar::from(EPHEMERAL), &pairs).unwrap()
    })
}

/// Runs 3 of 5 to its end after member 5 posted `message` in `phase` instead of what it owed.
fn run_with(phase: Phase, message: impl Fn(&Run) -> Vec<u8>) -> Run {
    let mut run = Run::new(20, 3, 5);
    while run.board.phase() != Phase::Done {
        if run.board.phase() == phase {
            let bytes = message(&run);
            run.post(5, &bytes).unwrap();
        }
        run.speak(if run.board.phase() == phase { &[5] } else { &[] });
        run.end_phase();
    }
    run
}

fn without_five(run: &Run) {
    assert_eq!(run.finish(&[5]).0.dealers, [1, 2, 3, 4]);
}

#[test]
fn bad_share_condemns_the_dealer() {
    let wrong = |j, pair: Pair| {
        if j == 2 { Pair { share: pair.share + Scalar::ONE, blind: pair.blind } } else { pair.clone() }
    };
    let run = run_with(Phase::Dealing, |run| dealt(run, 5, wrong).encode());
    assert_eq!(run.faults(), [(5, FaultKind::BadShare)]);
    assert_eq!(run.board.faults().iter().map(|fault| fault.other).collect::<Vec<_>>(), [2]);
    without_five(&run);
}

#[test]
fn withheld_share_is_never_taken() {
    let mut run = Run::new(22, 3, 5);
    let bytes = dealt(&run, 5, |_, pair| pair).encode();
    let short =
        [&bytes[..bytes.len() - Possession::SIZE - 80], &bytes[bytes.len() - Possession::SIZE..]].concat();
    let expected = bytes.len();
    let refused = DecodeError::Length { expected, found: expected - 80 };
    assert_eq!(run.post(5, &short), Err(Refusal::Decode(refused)));
    run.play(&[5]);
    assert_eq!(run.faults(), [(5, FaultKind::NoDealing)]);
    without_five(&run);
}

#[test]
fn false_complaint_names_its_author() {
    let mut run = Run::new(23, 3, 5);
    run.speak(&[]);
    run.end_phase();
    let dealing = run.board.dealing(1).unwrap().clone();
    let complaint = Complaint::new(&run.terms(), 5, &key(1, 5), &dealing).unwrap();
    let fault = Fault { guilty: 5, kind: FaultKind::FalseComplaint, other: 1 };
    assert_eq!(run.post(5, &complaint.encode()), Ok(Some(fault)));
    run.play(&[]);
    assert_eq!(run.faults(), [(5, FaultKind::FalseComplaint)]);
    assert_eq!(run.finish(&[]).0.dealers, [1, 2, 3, 4, 5]);
}

#[test]
fn a_complaint_that_proves_nothing_names_nobody() {
    let mut run = Run::new(24, 3, 5);
    run.speak(&[]);
    run.end_phase();
    let terms = run.terms();
    let dealing = run.board.dealing(1).unwrap().clone();
    let good = Complaint::new(&terms, 5, &key(1, 5), &dealing).unwrap().encode();
    // Another shared point, challenge or response.
    for at in [good.len() - 128, good.len() - 64, good.len() - 1] {
        let mut forged = good.clone();
        forged[at] ^= 1;
        assert!(run.post(5, &forged).is_err(), "byte {at}");
    }
    // Against another dealer, or as another accuser.
    for (at, to) in [(34, 4u8), (36, 2)] {
        let mut forged = good.clone();
        forged[at] = to;
        let sender = u16::from(forged[34]);
        assert_eq!(run.post(sender, &forged), Err(Refusal::NoVerdict(judge::NoVerdict::Unproved)));
    }
    assert_eq!(run.post(4, &good), Err(Refusal::NotTheAuthor { sender: 4, author: 5 }));
    assert_eq!(Complaint::new(&terms, 5, &key(1, 4), &dealing), None);
    assert_eq!(run.faults(), []);
}

#[test]
fn complaint_flood_is_judged_once_and_refused_then() {
    let mut run = Run::new(25, 3, 5);
    run.speak(&[]);
    run.end_phase();
    let terms = run.terms();
    for dealer in 1..=4 {
        let dealing = run.board.dealing(dealer).unwrap().clone();
        let complaint = Complaint::new(&terms, 5, &key(1, 5), &dealing).unwrap().encode();
        assert!(run.post(5, &complaint).is_ok());
        for _ in 0..3 {
            assert_eq!(run.post(5, &complaint), Err(Refusal::Repeated));
        }
    }
    // An outsider has no index to complain under, whatever it claims.
    for index in [0u16, 6, u16::MAX] {
        let mut outside =
            Complaint::new(&terms, 5, &key(1, 5), run.board.dealing(1).unwrap()).unwrap().encode();
        outside[33..35].copy_from_slice(&index.to_be_bytes());
        assert_eq!(run.post(index, &outside), Err(Refusal::Decode(DecodeError::NoSuchMember(index))));
    }
    run.play(&[]);
    assert_eq!(run.board.faults().guilty(), [5]);
    assert_eq!(run.board.faults().iter().count(), 4);
    run.finish(&[]);
}

#[test]
fn different_commitments_to_different_nodes_cannot_be_one_message() {
    let mut run = Run::new(26, 3, 5);
    let honest = dealt(&run, 5, |_, pair| pair);
    let other = dealt(&run, 5, |_, pair| Pair { share: pair.share + Scalar::ONE, blind: pair.blind });
    run.post(5, &honest.encode()).unwrap();
    assert_eq!(run.post(5, &other.encode()), Err(Refusal::Repeated));
    // No byte of a dealing can be changed, by anybody, without its being refused.
    let bytes = honest.encode();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(Dealing::decode(&changed, &run.terms()).is_err(), "byte {at}");
    }
}

#[test]
fn wrong_degree_is_refused_or_condemned() {
    let mut run = Run::new(27, 3, 5);
    let (four, three) = (terms(27, 3, 5), terms(27, 2, 5));
    // One commitment too few or too many: another length, and another session's digest.
    let low = Dealer::from_seed(&three, 5, &[9; 32]).unwrap().deal().unwrap().encode();
    assert!(matches!(run.post(5, &low), Err(Refusal::Decode(DecodeError::Length { .. }))));
    let points = run.with_dealer(5, |dealer| dealer.commitments().unwrap());
    let pairs: Vec<Pair> = (1..=5).map(|j| pair(j, j)).collect();
    let assemble = |points| Dealing::assemble(&four, 5, points, &Scalar::from(EPHEMERAL), &pairs);
    assert!(assemble(points[..2].to_vec()).is_none());
    // A polynomial of degree t committed to as far as the format goes: the pairs are off the commitments.
    let cube = |j: u16| Scalar::from(u64::from(j).pow(3));
    let high = dealt(&run, 5, |j, pair| Pair { share: pair.share + cube(j), blind: pair.blind });
    run.post(5, &high.encode()).unwrap();
    run.play(&[5]);
    assert_eq!(run.faults(), [(5, FaultKind::BadShare)]);
    without_five(&run);
}

#[test]
fn a_lower_degree_than_allowed_harms_nobody() {
    // A dealer whose a_2 is zero cannot write the point at infinity, and is reconstructed.
    let mut run = Run::new(28, 3, 5);
    let terms = run.terms();
    let h = |k: u64| Point::new(second_generator() * Scalar::from(k)).unwrap();
    let g = |k: u64| Point::of_secret(&Scalar::from(k)).unwrap().projective();
    let commit = |a, b| Point::new(g(a) + h(b).projective()).unwrap();
    // f = 4 + 6z, f' = 5 + 7z + 8z^2.
    let commitments = vec![commit(4, 5), commit(6, 7), h(8)];
    let pairs: Vec<Pair> = (1..=5).map(|j| pair(4 + 6 * j, 5 + 7 * j + 8 * j * j)).collect();
    let dealing = Dealing::assemble(&terms, 5, commitments, &Scalar::from(EPHEMERAL), &pairs).unwrap();
    run.post(5, &dealing.encode()).unwrap();
    run.play(&[5]);
    assert_eq!(run.faults(), [(5, FaultKind::NoExtraction)]);
    let (_, shares) = run.finish(&[]);
    let others = (1..=4).fold(Scalar::ZERO, |sum, i| sum + run.with_dealer(i, |dealer| dealer.pair(0).share));
    assert_eq!(secret(&shares[..3]), others + Scalar::from(4u64));
}

#[test]
fn identity_and_non_canonical_points_are_refused() {
    let mut run = Run::new(29, 3, 5);
    let bytes = dealt(&run, 5, |_, pair| pair).encode();
    let prime_plus_one = {
        let mut x = [0xff; 33];
        x[0] = 2;
        x[28..].copy_from_slice(&[0xfe, 0xff, 0xff, 0xfc, 0x30]);
        x
    };
    let mut uncompressed = [7; 33];
    uncompressed[0] = 4;
    for point in [[0; 33], prime_plus_one, uncompressed] {
        for at in [35, 35 + 33, 35 + 3 * 33] {
            let mut wrong = bytes.clone();
            wrong[at..at + 33].copy_from_slice(&point);
            assert_eq!(run.post(5, &wrong), Err(Refusal::Decode(DecodeError::Point)));
        }
    }
    let mut scalar = bytes.clone();
    let at = scalar.len() - 32;
    scalar[at..].copy_from_slice(&order().to_bytes_be());
    assert_eq!(run.post(5, &scalar), Err(Refusal::Decode(DecodeError::Scalar)));
    assert_eq!(run.board.qualified(), Vec::<u16>::new());
}

#[test]
fn index_zero_or_doubled_is_refused() {
    let mut run = Run::new(30, 3, 5);
    let honest = dealt(&run, 5, |_, pair| pair).encode();
    for index in [0u16, 6] {
        let mut bytes = honest.clone();
        bytes[33..35].copy_from_slice(&index.to_be_bytes());
        assert_eq!(run.post(index, &bytes), Err(Refusal::Decode(DecodeError::NoSuchMember(index))));
    }
    // Dealing in another's name: refused by the sender, and by the proof.
    assert_eq!(run.post(4, &honest), Err(Refusal::NotTheAuthor { sender: 4, author: 5 }));
    let mut renamed = honest.clone();
    renamed[34] = 4;
    assert_eq!(run.post(4, &renamed), Err(Refusal::Decode(DecodeError::Possession)));
    run.post(5, &honest).unwrap();
    assert_eq!(run.post(5, &honest), Err(Refusal::Repeated));
}

#[test]
fn bad_extraction_is_objected_to_and_reconstructed() {
    let run = run_with(Phase::Extracting, |run| {
        let mut points = run.with_dealer(5, |dealer| dealer.extract().unwrap().points().to_vec());
        points[1] = points[0];
        Extraction::new(&run.terms(), 5, points).unwrap().encode()
    });
    assert_eq!(run.faults(), [(5, FaultKind::BadExtraction)]);
    let (outcome, shares) = run.finish(&[5]);
    // The cheat's part counts as it was dealt: it cannot be taken back.
    assert_eq!(outcome.dealers, [1, 2, 3, 4, 5]);
    let sum = (1..=5).fold(Scalar::ZERO, |sum, i| sum + run.with_dealer(i, |dealer| dealer.pair(0).share));
    assert_eq!(secret(&shares[..3]), sum);
}

#[test]
fn a_dealer_silent_at_extraction_is_reconstructed() {
    let mut run = Run::new(31, 3, 5);
    while run.board.phase() != Phase::Done {
        run.speak(if run.board.phase() == Phase::Extracting { &[5, 4] } else { &[] });
        run.end_phase();
    }
    assert_eq!(run.faults(), [(4, FaultKind::NoExtraction), (5, FaultKind::NoExtraction)]);
    assert_eq!(run.finish(&[]).0.dealers, [1, 2, 3, 4, 5]);
}

#[test]
fn false_objection_names_its_author() {
    let mut run = Run::new(32, 3, 5);
    while run.board.phase() != Phase::Objecting {
        run.speak(&[]);
        run.end_phase();
    }
    let terms = run.terms();
    let own = run.with_dealer(1, |dealer| dealer.pair(5));
    // A pair out of the air is refused; the right pair, shown against a right extraction, is a lie.
    let invented = Objection::new(&terms, 5, 1, pair(1, 2)).encode();
    assert_eq!(run.post(5, &invented), Err(Refusal::NoVerdict(judge::NoVerdict::NotCommitted)));
    let lie = Objection::new(&terms, 5, 1, own).encode();
    assert!(run.post(5, &lie).is_ok());
    assert_eq!(run.post(5, &lie), Err(Refusal::Repeated));
    run.play(&[]);
    assert_eq!(run.faults(), [(5, FaultKind::FalseObjection)]);
    run.finish(&[]);
}

#[test]
fn late_reveal_is_refused_and_not_needed() {
    let mut run = Run::new(33, 3, 5);
    while run.board.phase() != Phase::Revealing {
        run.speak(if run.board.phase() == Phase::Extracting { &[5] } else { &[] });
        run.end_phase();
    }
    let late = Reveal::new(&run.terms(), 4, 5, run.with_dealer(5, |dealer| dealer.pair(4))).encode();
    let wrong = Reveal::new(&run.terms(), 4, 5, pair(1, 2)).encode();
    assert_eq!(run.post(4, &wrong), Err(Refusal::NotCommitted));
    let needless = Reveal::new(&run.terms(), 4, 1, run.with_dealer(1, |dealer| dealer.pair(4))).encode();
    assert_eq!(run.post(4, &needless), Err(Refusal::NoSuchDealer(1)));
    // t reveals by the honest suffice.
    run.speak(&[4, 5]);
    run.end_phase();
    assert_eq!(run.post(4, &late), Err(Refusal::NotNow(Kind::Reveal)));
    assert_eq!(run.finish(&[]).0.dealers, [1, 2, 3, 4, 5]);
}

#[test]
fn too_few_reveals_are_said_to_be() {
    let mut run = Run::new(34, 3, 5);
    while run.board.phase() != Phase::Done {
        match run.board.phase() {
            Phase::Extracting => run.speak(&[5]),
            Phase::Revealing => run.speak(&[3, 4, 5]),
            _ => run.speak(&[]),
        }
        run.end_phase();
    }
    let short = FinishError::TooFewReveals { dealer: 5, found: 2, needed: 3 };
    assert_eq!(run.board.finish(), Err(short));
}

/// Commitments hide: for any other secret there is a blind that gives the same commitment, so the dealings say nothing
/// of A_i0 to a dealer who waits for them. Shown with a known logarithm of T', which only this test could have.
#[test]
fn rushing_dealer_learns_nothing_from_the_commitments() {
    let log = Scalar::from(0xdead_beefu64);
    let (g, h) = (|s: Scalar| Point::of_secret(&s).unwrap(), Point::of_secret(&log).unwrap());
    let (a, b) = (Scalar::from(123u64), Scalar::from(456u64));
    let inverse = to_scalar(&num_bigint::BigUint::from_bytes_be(&log.to_bytes()).modinv(&order()).unwrap());
    for other in 1u64..50 {
        let other = Scalar::from(other);
        let blind = b + (a - other) * inverse;
        let commit = |a: Scalar, b: Scalar| g(a).projective() + h.projective() * b;
        assert_eq!(commit(a, b), commit(other, blind));
    }
}

/// The last dealer repeats another's dealing, the strongest function of it that it can compute: it cannot use the
/// ephemeral key, and without the pairs it is condemned.
#[test]
fn rushing_dealer_cannot_repeat_anothers_dealing() {
    let mut run = Run::new(35, 3, 5);
    run.speak(&[5]);
    let copied = run.board.dealing(1).unwrap().clone();
    let mut bytes = copied.encode();
    bytes[34] = 5;
    assert_eq!(run.post(5, &bytes), Err(Refusal::Decode(DecodeError::Possession)));
    let pairs: Vec<Pair> = (1..=5).map(|j| pair(j, j)).collect();
    let own_key = Scalar::from(EPHEMERAL);
    let commitments = copied.commitments().to_vec();
    let dealing = Dealing::assemble(&run.terms(), 5, commitments, &own_key, &pairs).unwrap();
    run.post(5, &dealing.encode()).unwrap();
    run.play(&[5]);
    assert_eq!(run.faults(), [(5, FaultKind::BadShare)]);
    without_five(&run);
}

/// The last to extract shows A_50 = Z - sum of the others' A_i0, so that the key would be its own Z. Its points do not
/// agree with the pairs it dealt; it is named, and the key is what the dealings fixed.
#[test]
fn rogue_key_is_caught_by_the_extraction_and_reconstructed() {
    let mut run = Run::new(36, 3, 5);
    while run.board.phase() != Phase::Extracting {
        run.speak(&[]);
        run.end_phase();
    }
    run.speak(&[5]);
    let wanted = Point::of_secret(&Scalar::from(42u64)).unwrap();
    let others = (1..=4).map(|i| run.board.extraction(i).unwrap().points()[0].projective());
    let rogue = Point::new(wanted.projective() - others.sum::<k256::ProjectivePoint>()).unwrap();
    let mut points = run.with_dealer(5, |dealer| dealer.extract().unwrap().points().to_vec());
    points[0] = rogue;
    run.post(5, &Extraction::new(&run.terms(), 5, points).unwrap().encode()).unwrap();
    run.end_phase();
    run.play(&[]);
    assert_eq!(run.faults(), [(5, FaultKind::BadExtraction)]);
    let (outcome, shares) = run.finish(&[]);
    assert_ne!(outcome.key, wanted);
    let sum = (1..=5).fold(Scalar::ZERO, |sum, i| sum + run.with_dealer(i, |dealer| dealer.pair(0).share));
    assert_eq!(secret(&shares[..3]), sum);
}

/// A cheat repeats an honest dealer's ephemeral key beside rubbish, so that complaints against it would open what the
/// honest dealer sealed. The proof of the ephemeral key stops it before anybody complains.
#[test]
fn complaints_cannot_be_lured_into_opening_anothers_seal() {
    let mut run = Run::new(37, 3, 5);
    run.speak(&[5]);
    let victim = run.board.dealing(1).unwrap().encode();
    let mut bytes = dealt(&run, 5, |_, pair| pair).encode();
    let ephemeral = 35 + 3 * 33..35 + 4 * 33;
    bytes[ephemeral.clone()].copy_from_slice(&victim[ephemeral]);
    assert_eq!(run.post(5, &bytes), Err(Refusal::Decode(DecodeError::Possession)));
    // What a complaint does open is one lane alone: the proof for member 5 opens nothing of member 4's.
    let dealing = run.board.dealing(1).unwrap();
    assert!(dealing.open(5, &key(1, 5)).is_some());
    assert!(dealing.open(4, &key(1, 5)).is_none());
}

#[test]
fn dealings_of_other_sessions_are_refused() {
    let mut run = Run::new(38, 3, 5);
    let old = Run::new(39, 3, 5);
    let replay = dealt(&old, 5, |_, pair| pair).encode();
    assert_eq!(run.post(5, &replay), Err(Refusal::Decode(DecodeError::OtherSession)));
    // With the digest exchanged the proof no longer holds.
    let mut forged = replay.clone();
    forged[1..33].copy_from_slice(run.terms().digest());
    assert_eq!(run.post(5, &forged), Err(Refusal::Decode(DecodeError::Possession)));
}

#[test]
fn messages_out_of_their_phase_change_nothing() {
    let mut run = Run::new(40, 3, 5);
    let dealing = dealt(&run, 5, |_, pair| pair);
    let shown = run.with_dealer(5, |dealer| dealer.extract().unwrap()).encode();
    assert_eq!(run.post(5, &shown), Err(Refusal::NotNow(Kind::Extraction)));
    assert_eq!(run.post(5, &[]), Err(Refusal::UnknownKind));
    assert_eq!(run.post(5, &[77; 300]), Err(Refusal::UnknownKind));
    run.speak(&[5]);
    run.end_phase();
    assert_eq!(run.post(5, &dealing.encode()), Err(Refusal::NotNow(Kind::Dealing)));
    run.end_phase();
    // Who has dealt nothing has nothing to extract.
    assert_eq!(run.post(5, &shown), Err(Refusal::NoSuchDealer(5)));
    run.play(&[5]);
    without_five(&run);
}

#[test]
fn work_is_counted_ahead() {
    let (small, large) = (cost::complaint(2), cost::complaint(32));
    assert!(small.in_multiplications() < large.in_multiplications());
    assert_eq!(large, cost::Work { multiplications: 6, roots: 1, steps: 32 });
    assert_eq!(large.in_multiplications(), 9);
    assert_eq!(cost::bundle(3).plus(cost::extraction(3)).roots, 7);
}
