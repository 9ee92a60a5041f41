//! Hands keys over to new groups, honestly and not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::*;
use fusor_dcrm::reshare::*;
use fusor_dcrm::{Complaint, DecodeError, Fault, FaultKind, FinishError, Kind, MemberError, Outcome, Point};
use fusor_dcrm::{Refusal, Scalar, Share, Terms};

const EPHEMERAL: u64 = 0x0bad_cafe;

/// Generates a key among group 1.
fn generated(session: u8, t: u16, m: u16) -> (Terms, Outcome, Vec<Share>) {
    let mut run = Run::new(session, t, m);
    run.play(&[]);
    let (outcome, shares) = run.finish(&[]);
    (run.terms(), outcome, shares)
}

/// A re-sharing: the public board and every new member.
struct Hand {
    board: Board,
    receivers: Vec<Receiver>,
    group: u8,
}

impl Hand {
    fn new(terms: &Terms, outcome: &Outcome, group: u8, t: u16, m: u16) -> Self {
        let holders = Holders::of(terms, outcome).unwrap();
        let new = terms_of(terms.session()[0] + 1, group, t, m);
        let succession = Succession::new(holders, new);
        let join = |index| Receiver::new(succession.clone(), index, key(group, index)).unwrap();
        let receivers = (1..=m).map(join).collect();
        Self { board: Board::new(succession), receivers, group }
    }

    fn succession(&self) -> &Succession {
        self.board.succession()
    }

    fn post(&mut self, sender: u16, bytes: &[u8]) -> Result<Option<Fault>, Refusal> {
        let seen = self.board.post(sender, bytes);
        for receiver in &mut self.receivers {
            assert_eq!(receiver.post(sender, bytes), seen);
        }
        seen
    }

    fn honest(&self, share: &Share) -> Vec<u8> {
        let giver = Giver::from_seed(self.succession(), share, &seed(77, share.index())).unwrap();
        giver.hand_over().unwrap().encode()
    }

    fn give(&mut self, shares: &[Share]) {
        for share in shares {
            let bytes = self.honest(share);
            assert_eq!(self.post(share.index(), &bytes), Ok(None));
        }
    }

    fn end_phase(&mut self) -> Phase {
        for receiver in &mut self.receivers {
            receiver.end_phase();
        }
        self.board.end_phase()
    }

    /// Lets the new members complain and ends the session.
    fn end(&mut self) {
        if self.board.phase() == Phase::Handing {
            self.end_phase();
        }
        for at in 0..self.receivers.len() {
            for bytes in self.receivers[at].due() {
                assert!(self.post(at as u16 + 1, &bytes).is_ok());
            }
            assert_eq!(self.receivers[at].due(), Vec::<Vec<u8>>::new());
        }
        assert_eq!(self.end_phase(), Phase::Done);
    }

    fn finish(&self) -> (Outcome, Vec<Share>) {
        let outcome = self.board.finish().unwrap();
        let finish = |receiver: &Receiver| {
            let (seen, share) = receiver.finish().unwrap();
            assert_eq!(seen, outcome);
            share
        };
        let shares: Vec<Share> = self.receivers.iter().map(finish).collect();
        check(self.succession().terms().threshold(), &outcome, &shares);
        assert_eq!(&outcome.key, self.succession().holders().key());
        (outcome, shares)
    }

    fn faults(&self) -> Vec<(u16, FaultKind)> {
        faults(self.board.faults())
    }
}

#[test]
fn the_key_stays_while_group_threshold_and_size_change() {
    let sizes = [(1, 1, 2, 3), (2, 3, 3, 5), (3, 5, 2, 3), (5, 9, 11, 21), (3, 5, 1, 1)];
    for (t, m, new_t, new_m) in sizes {
        let (terms, outcome, shares) = generated(50, t, m);
        let mut hand = Hand::new(&terms, &outcome, 2, new_t, new_m);
        hand.give(&shares);
        hand.end();
        let (next, _) = hand.finish();
        assert_eq!(next.key, outcome.key);
        assert_eq!(next.dealers, (1..=t).collect::<Vec<_>>());
        assert_eq!(hand.faults(), []);
    }
}

#[test]
fn old_and_new_group_with_fewer_than_t_in_common() {
    let (terms, outcome, shares) = generated(51, 3, 5);
    // Members 4 and 5 stay, three are new: fewer than t = 3 in common.
    let mut members = terms.members()[3..].to_vec();
    members.extend((1..=3).map(|index| key(9, index).public().unwrap()));
    let new = Terms::new([52; 32], 3, members).unwrap();
    let succession = Succession::new(Holders::of(&terms, &outcome).unwrap(), new);
    let keys = [key(1, 4), key(1, 5), key(9, 1), key(9, 2), key(9, 3)];
    let receivers: Vec<Receiver> = (1..=5)
        .zip(keys)
        .map(|(index, key)| Receiver::new(succession.clone(), index, key).unwrap())
        .collect();
    let mut hand = Hand { board: Board::new(succession), receivers, group: 9 };
    // Only t old holders are there.
    hand.give(&shares[2..]);
    hand.end();
    let (next, _) = hand.finish();
    assert_eq!(next.dealers, [3, 4, 5]);
    assert_eq!(hand.faults(), [(1, FaultKind::NoDealing), (2, FaultKind::NoDealing)]);
}

#[test]
fn many_epochs_keep_the_secret_and_old_shares_do_not_mix_with_new() {
    let (mut terms, mut outcome, mut shares) = generated(53, 2, 3);
    let first = secret(&shares[..2]);
    for group in 2..6 {
        let mut hand = Hand::new(&terms, &outcome, group, 2, 3);
        hand.give(&shares);
        hand.end();
        let old = shares[0].clone();
        (outcome, shares) = hand.finish();
        terms = hand.succession().terms().clone();
        assert_eq!(secret(&shares[1..]), first);
        assert_ne!(secret(&[old, shares[1].clone()]), first);
    }
}

/// Deals as holder `index`, but for what `change` makes of the receivers' shares.
fn wrong(hand: &Hand, share: &Share, change: impl Fn(u16, Scalar) -> Scalar) -> Vec<u8> {
    let succession = hand.succession();
    let giver = Giver::from_seed(succession, share, &seed(77, share.index())).unwrap();
    let commitments = giver.hand_over().unwrap().commitments().to_vec();
    let shares: Vec<Scalar> = succession.terms().indices().map(|j| change(j, *giver.share_for(j))).collect();
    let own_key = Scalar::from(EPHEMERAL);
    Handover::assemble(succession, share.index(), commitments, &own_key, &shares).unwrap().encode()
}

#[test]
fn bad_share_in_a_handover_condemns_the_holder() {
    let (terms, outcome, shares) = generated(54, 3, 5);
    let mut hand = Hand::new(&terms, &outcome, 2, 3, 5);
    let bytes = wrong(&hand, &shares[0], |j, share| if j == 4 { share + Scalar::ONE } else { share });
    hand.post(1, &bytes).unwrap();
    hand.give(&shares[1..]);
    hand.end();
    assert_eq!(hand.faults(), [(1, FaultKind::BadShare)]);
    assert_eq!(hand.finish().0.dealers, [2, 3, 4]);
}

#[test]
fn false_complaint_about_a_handover_names_its_author_and_floods_are_refused() {
    let (terms, outcome, shares) = generated(55, 2, 3);
    let mut hand = Hand::new(&terms, &outcome, 2, 2, 3);
    hand.give(&shares);
    hand.end_phase();
    let handover = hand.board.handover(1).unwrap().clone();
    let complaint = handover.complain(hand.succession(), 3, &key(hand.group, 3)).unwrap().encode();
    let fault = Fault { guilty: 3, kind: FaultKind::FalseComplaint, other: 1 };
    assert_eq!(hand.post(2, &complaint), Err(Refusal::NotTheAuthor { sender: 2, author: 3 }));
    assert_eq!(hand.post(3, &complaint), Ok(Some(fault)));
    assert_eq!(hand.post(3, &complaint), Err(Refusal::Repeated));
    // By another's key there is no complaint; with a changed byte it proves nothing.
    assert_eq!(handover.complain(hand.succession(), 3, &key(hand.group, 2)), None);
    let mut forged = handover.complain(hand.succession(), 2, &key(hand.group, 2)).unwrap().encode();
    forged[Complaint::SIZE - 1] ^= 1;
    assert!(matches!(hand.post(2, &forged), Err(Refusal::NoVerdict(_))));
    hand.end();
    assert_eq!(hand.finish().0.dealers, [1, 2]);
    assert_eq!(hand.faults(), [(3, FaultKind::FalseComplaint)]);
}

#[test]
fn wrong_key_is_refused_when_it_is_handed_over() {
    let (terms, outcome, shares) = generated(56, 2, 3);
    let mut hand = Hand::new(&terms, &outcome, 2, 2, 3);
    // A sound handover of another number, or of another holder's share.
    let commitments = [5u64, 6].map(|k| Point::of_secret(&Scalar::from(k)).unwrap()).to_vec();
    let line: Vec<Scalar> = (1..=3u64).map(|j| Scalar::from(5 + 6 * j)).collect();
    let own_key = Scalar::from(EPHEMERAL);
    let other = Handover::assemble(hand.succession(), 1, commitments, &own_key, &line).unwrap();
    assert_eq!(hand.post(1, &other.encode()), Err(Refusal::Decode(DecodeError::ForeignShare)));
    let renamed = Share::from_bytes(1, &shares[1].to_bytes()).unwrap();
    assert_eq!(Giver::from_seed(hand.succession(), &renamed, &[0; 32]).err(), Some(GiveError::OtherShare(1)));
    hand.give(&shares);
    hand.end();
    hand.finish();
}

#[test]
fn replay_of_old_shares_is_refused() {
    let (terms, outcome, shares) = generated(57, 2, 3);
    let mut hand = Hand::new(&terms, &outcome, 2, 2, 3);
    hand.give(&shares);
    let replayed = hand.honest(&shares[0]);
    hand.end();
    let (next, fresh) = hand.finish();
    let mut later = Hand::new(&hand.succession().terms().clone(), &next, 3, 2, 3);
    // The bytes of the last epoch, the share of the last epoch, and that share in this epoch's form.
    assert_eq!(later.post(1, &replayed), Err(Refusal::Decode(DecodeError::OtherSession)));
    assert!(Giver::from_seed(later.succession(), &shares[0], &[0; 32]).is_err());
    let commitments = vec![shares[0].verifying().unwrap(), Point::of_secret(&Scalar::ONE).unwrap()];
    let line: Vec<Scalar> = (1..=3u64).map(|j| *shares[0].scalar() + Scalar::from(j)).collect();
    let own_key = Scalar::from(EPHEMERAL);
    let old = Handover::assemble(later.succession(), 1, commitments, &own_key, &line).unwrap();
    assert_eq!(later.post(1, &old.encode()), Err(Refusal::Decode(DecodeError::ForeignShare)));
    later.give(&fresh[1..]);
    later.end();
    assert_eq!(later.finish().0.dealers, [2, 3]);
}

#[test]
fn mixed_epochs_are_refused() {
    let (terms, outcome, shares) = generated(58, 2, 3);
    let (other_terms, other_outcome, other_shares) = generated(60, 2, 3);
    let mut hand = Hand::new(&terms, &outcome, 2, 2, 3);
    let other = Hand::new(&other_terms, &other_outcome, 2, 2, 3);
    let foreign = other.honest(&other_shares[0]);
    assert_eq!(hand.post(1, &foreign), Err(Refusal::Decode(DecodeError::OtherSession)));
    // Verifying points of two epochs do not make a group, nor does another key.
    let mut mixed = outcome.verifying.clone();
    mixed[2] = other_outcome.verifying[2];
    assert_eq!(Holders::new(outcome.key, 2, mixed), Err(HoldersError::OtherKey));
    let verifying = outcome.verifying.clone();
    assert_eq!(Holders::new(other_outcome.key, 2, verifying.clone()), Err(HoldersError::OtherKey));
    // A threshold lower than the polynomial's degree would choose too few.
    assert_eq!(Holders::new(outcome.key, 1, verifying.clone()), Err(HoldersError::OtherKey));
    assert_eq!(Holders::new(outcome.key, 0, verifying), Err(HoldersError::Size { threshold: 0, holders: 3 }));
    hand.give(&shares);
    hand.end();
    hand.finish();
}

#[test]
fn a_handover_late_doubled_short_or_to_an_index_that_nobody_has_is_refused() {
    let (terms, outcome, shares) = generated(61, 2, 3);
    let mut hand = Hand::new(&terms, &outcome, 2, 2, 3);
    let bytes = hand.honest(&shares[0]);
    assert_eq!(bytes.len(), Handover::size(hand.succession()));
    for index in [0u16, 4] {
        let mut wrong = bytes.clone();
        wrong[33..35].copy_from_slice(&index.to_be_bytes());
        assert_eq!(hand.post(index, &wrong), Err(Refusal::Decode(DecodeError::NoSuchMember(index))));
    }
    assert!(matches!(
        hand.post(1, &bytes[..bytes.len() - 48]),
        Err(Refusal::Decode(DecodeError::Length { .. }))
    ));
    assert_eq!(hand.post(2, &bytes), Err(Refusal::NotTheAuthor { sender: 2, author: 1 }));
    assert_eq!(hand.post(1, &bytes), Ok(None));
    assert_eq!(hand.post(1, &bytes), Err(Refusal::Repeated));
    hand.give(&shares[1..2]);
    let late = hand.honest(&shares[2]);
    hand.end_phase();
    assert_eq!(hand.post(3, &late), Err(Refusal::NotNow(Kind::Handover)));
    hand.end();
    hand.finish();
}

#[test]
fn fewer_than_t_standing_holders_give_no_key() {
    let (terms, outcome, shares) = generated(62, 3, 5);
    let mut hand = Hand::new(&terms, &outcome, 2, 3, 5);
    hand.give(&shares[..2]);
    let bytes = wrong(&hand, &shares[2], |_, share| share + Scalar::ONE);
    hand.post(3, &bytes).unwrap();
    assert_eq!(hand.board.finish(), Err(FinishError::NotEnded));
    hand.end();
    let short = FinishError::TooFewDealers { found: 2, needed: 3 };
    assert_eq!(hand.board.finish(), Err(short));
    assert_eq!(hand.receivers[0].finish().err(), Some(MemberError::Finish(short)));
}

#[test]
fn crash_midway_resumes_with_equal_bytes() {
    let (terms, outcome, shares) = generated(63, 3, 5);
    let mut hand = Hand::new(&terms, &outcome, 2, 3, 5);
    let spoilt = wrong(&hand, &shares[0], |j, share| if j == 2 { share + Scalar::ONE } else { share });
    let mut posted = vec![(1, spoilt.clone())];
    hand.post(1, &spoilt).unwrap();
    for share in &shares[1..] {
        // Each holder stops before it posts, reads its share from its store and begins anew.
        let stored = Share::from_bytes(share.index(), &share.to_bytes()).unwrap();
        let bytes = hand.honest(&stored);
        assert_eq!(bytes, hand.honest(share));
        hand.post(share.index(), &bytes).unwrap();
        posted.push((share.index(), bytes));
    }
    hand.end_phase();
    let mut resumed = Receiver::new(hand.succession().clone(), 2, key(2, 2)).unwrap();
    for (sender, bytes) in &posted {
        resumed.post(*sender, bytes).unwrap();
    }
    resumed.end_phase();
    assert_eq!(resumed.due().len(), 1);
    assert_eq!(resumed.due(), hand.receivers[1].due());
    let complaint = resumed.due().remove(0);
    resumed.post(2, &complaint).unwrap();
    resumed.end_phase();
    hand.end();
    let (next, fresh) = hand.finish();
    let (seen, share) = resumed.finish().unwrap();
    assert_eq!((seen, share), (next, fresh[1].clone()));
}

#[test]
fn public_bytes_hold_neither_old_nor_new_shares() {
    let (terms, outcome, shares) = generated(64, 3, 5);
    let mut hand = Hand::new(&terms, &outcome, 2, 3, 5);
    hand.give(&shares);
    let public: Vec<u8> = shares.iter().flat_map(|share| hand.honest(share)).collect();
    hand.end();
    let (_, fresh) = hand.finish();
    let mut hidden: Vec<Vec<u8>> =
        shares.iter().chain(&fresh).map(|share| share.to_bytes().to_vec()).collect();
    hidden.push(secret(&shares[..3]).to_bytes().to_vec());
    for share in &shares {
        let giver = Giver::from_seed(hand.succession(), share, &seed(77, share.index())).unwrap();
        hidden.extend((1..=5).map(|j| giver.share_for(j).to_bytes().to_vec()));
    }
    let holds = |needle: &Vec<u8>| public.windows(32).any(|window| window == needle.as_slice());
    assert!(!hidden.iter().any(holds));
    assert!(holds(&outcome.verifying[0].to_bytes()[1..].to_vec()));
}

#[test]
fn the_lowest_standing_holders_are_chosen_in_whatever_order_they_are_given() {
    let (terms, outcome, shares) = generated(66, 3, 5);
    let hand = Hand::new(&terms, &outcome, 2, 3, 5);
    let succession = hand.succession();
    let handovers: Vec<Handover> =
        shares.iter().map(|share| Handover::decode(&hand.honest(share), succession).unwrap()).collect();
    let chosen = finish(succession, &[4, 1, 3, 2].map(|at| &handovers[at])).unwrap();
    assert_eq!(chosen.dealers, [2, 3, 4]);
    assert_eq!(finish(succession, &[1, 2, 3, 4].map(|at| &handovers[at])), Ok(chosen));
    let doubled = finish(succession, &[1, 2, 3, 2].map(|at| &handovers[at]));
    assert_eq!(doubled, Err(FinishError::DoubledDealer(3)));
}
