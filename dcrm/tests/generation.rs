//! Generates keys among honest members.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::*;
use fusor_dcrm::*;
use sha2::{Digest, Sha256};

const SIZES: [(u16, u16); 5] = [(1, 1), (2, 3), (3, 5), (5, 9), (11, 21)];

#[test]
fn all_agree_on_a_key_of_which_any_t_shares_give_the_secret() {
    for (t, m) in SIZES {
        let mut run = Run::new(7, t, m);
        run.play(&[]);
        assert_eq!(run.faults(), []);
        let (outcome, shares) = run.finish(&[]);
        assert_eq!(outcome.dealers, (1..=m).collect::<Vec<_>>());
        assert_eq!(shares.len(), usize::from(m));
        // Fewer than t shares are of another polynomial.
        if t > 1 {
            assert_ne!(Point::of_secret(&secret(&shares[1..usize::from(t)])), Some(outcome.key));
        }
    }
}

#[test]
fn the_key_is_the_sum_of_the_dealers_secrets() {
    let mut run = Run::new(8, 3, 5);
    run.play(&[]);
    let (outcome, shares) = run.finish(&[]);
    let part = |index| run.with_dealer(index, |dealer| dealer.pair(0).share);
    let sum = (1..=5).fold(Scalar::ZERO, |sum, index| sum + part(index));
    assert_eq!(sum, secret(&shares[1..4]));
    assert_eq!(Point::of_secret(&sum), Some(outcome.key));
    let shown = (1..=5).map(|index| run.board.extraction(index).unwrap().points()[0].projective());
    assert_eq!(Point::new(shown.sum()), Some(outcome.key));
}

#[test]
fn messages_have_the_sizes_announced() {
    let run = Run::new(9, 3, 5);
    let terms = run.terms();
    let dealing = run.with_dealer(2, |dealer| dealer.deal().unwrap());
    assert_eq!(dealing.encode().len(), Dealing::size(&terms));
    let shown = run.with_dealer(2, |dealer| dealer.extract().unwrap());
    assert_eq!(shown.encode().len(), Extraction::size(&terms));
    let complaint = Complaint::new(&terms, 4, &key(1, 4), &dealing).unwrap();
    assert_eq!(complaint.encode().len(), Complaint::SIZE);
    assert_eq!(Objection::new(&terms, 4, 2, pair(1, 2)).encode().len(), Objection::SIZE);
    assert_eq!(Reveal::new(&terms, 4, 2, pair(1, 2)).encode().len(), Reveal::SIZE);
}

#[test]
fn every_message_reads_back_as_it_was_written() {
    let terms = terms(9, 3, 5);
    let dealer = Dealer::from_seed(&terms, 2, &seed(9, 2)).unwrap();
    let dealing = dealer.deal().unwrap();
    assert_eq!(Dealing::decode(&dealing.encode(), &terms), Ok(dealing.clone()));
    let extraction = dealer.extract().unwrap();
    assert_eq!(Extraction::decode(&extraction.encode(), &terms), Ok(extraction));
    let complaint = Complaint::new(&terms, 4, &key(1, 4), &dealing).unwrap();
    assert_eq!(Complaint::decode(&complaint.encode(), &terms), Ok(complaint));
    let objection = Objection::new(&terms, 4, 2, dealer.pair(4));
    assert_eq!(Objection::decode(&objection.encode(), &terms), Ok(objection));
    let reveal = Reveal::new(&terms, 4, 2, dealer.pair(4));
    assert_eq!(Reveal::decode(&reveal.encode(), &terms), Ok(reveal));
}

/// Stops and makes a member anew before every message of the run: it says the same bytes as the one that never
/// stopped, and never deals twice.
#[test]
fn crash_midway_resumes_from_the_seed_with_equal_bytes() {
    let mut run = Run::new(10, 3, 5);
    // Member 5 cheats in its extraction, so that the run has objections and reveals too.
    let wrong = run.with_dealer(4, |dealer| dealer.extract().unwrap().points().to_vec());
    let mut history: Vec<(u16, Option<Vec<u8>>)> = Vec::new();
    while run.board.phase() != Phase::Done {
        for index in [1, 2, 3, 4, 5] {
            if index == 5 && run.board.phase() == Phase::Extracting {
                let bytes = Extraction::new(&run.terms(), 5, wrong.clone()).unwrap().encode();
                run.post(5, &bytes).unwrap();
                history.push((5, Some(bytes)));
                continue;
            }
            let resumed = replay(&run, index, &history);
            assert_eq!(resumed.due(), run.member(index).due());
            for bytes in resumed.due() {
                run.post(index, &bytes).unwrap();
                history.push((index, Some(bytes)));
            }
            assert_eq!(replay(&run, index, &history).due(), Vec::<Vec<u8>>::new());
        }
        run.end_phase();
        history.push((0, None));
    }
    assert_eq!(run.faults(), [(5, FaultKind::BadExtraction)]);
    let (outcome, _) = run.finish(&[5]);
    assert_eq!(replay(&run, 2, &history).finish().unwrap().0, outcome);
}

fn replay(run: &Run, index: u16, history: &[(u16, Option<Vec<u8>>)]) -> Member {
    let mut member = Member::new(run.terms(), index, key(1, index), seed(run.session, index)).unwrap();
    for (sender, event) in history {
        match event {
            Some(bytes) => assert!(member.post(*sender, bytes).is_ok()),
            None => {
                member.end_phase();
            }
        }
    }
    member
}

#[test]
fn public_bytes_hold_neither_the_secret_nor_any_share() {
    let mut run = Run::new(11, 3, 5);
    // Dealer 5 does not extract: its own polynomial is shown, the others' are not.
    while run.board.phase() != Phase::Done {
        run.speak(if run.board.phase() == Phase::Extracting { &[5] } else { &[] });
        run.end_phase();
    }
    let (_, shares) = run.finish(&[]);
    let public = run.log.concat();
    let mut hidden = vec![secret(&shares[..3]).to_bytes().to_vec()];
    hidden.extend(shares.iter().map(|share| share.to_bytes().to_vec()));
    for dealer in 1..=4 {
        for receiver in 0..=5 {
            let pair = run.with_dealer(dealer, |dealer| dealer.pair(receiver));
            hidden.push(pair.share.to_bytes().to_vec());
            hidden.push(pair.blind.to_bytes().to_vec());
        }
    }
    for index in 1..=5 {
        hidden.push(seed(11, index).to_vec());
    }
    let holds = |needle: &[u8]| public.windows(32).any(|window| window == needle);
    assert!(hidden.iter().all(|needle| !holds(needle)));
    // The search does find what was revealed.
    let revealed = run.with_dealer(5, |dealer| dealer.pair(1).share.to_bytes());
    assert!(holds(&revealed));
}

#[test]
fn secrets_are_not_printed() {
    let share = Share::new(3, Scalar::from(77u64)).unwrap();
    assert_eq!(
        format!("{share:?} {:?} {:?}", pair(5, 6), key(1, 2)),
        "Share(3, ..) Pair(..) DecryptionKey(..)"
    );
}

#[test]
fn a_member_joins_only_by_its_own_key() {
    let join = |index, key| Member::new(terms(1, 2, 3), index, key, [0; 32]).err();
    assert_eq!(join(0, key(1, 1)), Some(MemberError::NoSuchMember(0)));
    assert_eq!(join(4, key(1, 1)), Some(MemberError::NoSuchMember(4)));
    assert_eq!(join(2, key(1, 1)), Some(MemberError::OtherKey(2)));
    assert!(Dealer::from_seed(&terms(1, 2, 3), 0, &[0; 32]).is_none());
}

#[test]
fn a_session_gives_no_key_before_it_has_ended_or_with_too_few_dealers() {
    let mut run = Run::new(12, 3, 5);
    assert_eq!(run.board.finish(), Err(FinishError::NotEnded));
    run.play(&[1, 2, 3]);
    assert_eq!(run.board.finish(), Err(FinishError::TooFewDealers { found: 2, needed: 3 }));
    assert_eq!(run.board.faults().guilty(), [1, 2, 3]);
}

#[test]
fn tweaked_shares_belong_to_the_tweaked_key() {
    let mut run = Run::new(13, 3, 5);
    run.play(&[]);
    let (outcome, shares) = run.finish(&[]);
    let (first, second) = (tweak(&outcome.key, &[1; 32]).unwrap(), tweak(&outcome.key, &[2; 32]).unwrap());
    assert_ne!(first, second);
    let child = child_key(&outcome.key, &first).unwrap();
    let shares: Vec<Share> = shares.iter().map(|share| child_share(share, &first).unwrap()).collect();
    let verifying = outcome.verifying.iter().map(|point| child_key(point, &first).unwrap()).collect();
    check(3, &Outcome { key: child, verifying, dealers: vec![] }, &shares);
    assert_ne!(child, outcome.key);
}

#[test]
fn a_tweak_that_cancels_the_key_is_refused() {
    let share = Share::new(1, Scalar::from(5u64)).unwrap();
    let cancelling = -Scalar::from(5u64);
    assert_eq!(child_share(&share, &cancelling), Err(DeriveError::Zero));
    assert_eq!(child_key(&share.verifying().unwrap(), &cancelling), Err(DeriveError::Zero));
}

/// Holds the formats still: bytes that were once posted must mean the same for ever.
#[test]
fn formats_do_not_change() {
    let terms = terms(65, 3, 5);
    let dealer = Dealer::from_seed(&terms, 2, &seed(65, 2)).unwrap();
    let dealing = dealer.deal().unwrap();
    let said = [
        dealing.encode(),
        Complaint::new(&terms, 4, &key(1, 4), &dealing).unwrap().encode(),
        dealer.extract().unwrap().encode(),
        Objection::new(&terms, 4, 2, dealer.pair(4)).encode(),
        Reveal::new(&terms, 4, 2, dealer.pair(4)).encode(),
    ];
    let hash: String = Sha256::digest(said.concat()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, "c67dd1cb0293584a83f00b5a550ddfece31795d2297595d3ca5236fbaa111899");
}
