//! Runs random schedules with random cheats: the honest agree, exactly those are named who did what can be proved.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use common::*;
use fusor_dcrm::*;
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};

/// What a cheat does; it is honest in all else.
#[derive(Debug, Clone, Copy)]
enum Cheat {
    Silent,
    BadShare(Index),
    FalseComplaint(Index),
    NoExtraction,
    BadExtraction(Index),
    FalseObjection(Index),
    NoReveal,
    Rubbish(u8),
}

fn cheat() -> impl Strategy<Value = Cheat> {
    prop_oneof![
        Just(Cheat::Silent),
        any::<Index>().prop_map(Cheat::BadShare),
        any::<Index>().prop_map(Cheat::FalseComplaint),
        Just(Cheat::NoExtraction),
        any::<Index>().prop_map(Cheat::BadExtraction),
        any::<Index>().prop_map(Cheat::FalseObjection),
        Just(Cheat::NoReveal),
        any::<u8>().prop_map(Cheat::Rubbish),
    ]
}

/// A session with up to t-1 cheats, and a source of orders in which messages arrive.
#[derive(Debug, Clone)]
struct Schedule {
    t: u16,
    m: u16,
    cheats: Vec<(u16, Cheat)>,
    order: u64,
}

fn schedule() -> impl Strategy<Value = Schedule> {
    let sizes = prop_oneof![Just((2u16, 3u16)), Just((2, 4)), Just((3, 5)), Just((4, 7))];
    sizes.prop_flat_map(|(t, m)| {
        let who = subsequence((1..=m).collect::<Vec<_>>(), 0..=usize::from(t - 1));
        let kinds = prop::collection::vec(cheat(), usize::from(t));
        (who, kinds, any::<u64>()).prop_map(move |(who, kinds, order)| Schedule {
            t,
            m,
            cheats: who.into_iter().zip(kinds).collect(),
            order,
        })
    })
}

struct Play {
    run: Run,
    schedule: Schedule,
    /// Who must be named in the end.
    expected: BTreeSet<u16>,
}

impl Play {
    fn of(&self, index: u16) -> Option<Cheat> {
        self.schedule.cheats.iter().find(|(who, _)| *who == index).map(|(_, cheat)| *cheat)
    }

    /// What a member says in this phase, cheating or not.
    fn says(&mut self, index: u16) -> Vec<Vec<u8>> {
        let phase = self.run.board.phase();
        let honest = self.run.member(index).due();
        match (self.of(index), phase) {
            (Some(Cheat::Silent), _) => {
                if phase == Phase::Dealing {
                    self.expected.insert(index);
                }
                Vec::new()
            }
            (Some(Cheat::BadShare(at)), Phase::Dealing) => self.bad_share(index, at),
            (Some(Cheat::FalseComplaint(at)), Phase::Complaining) => self.false_complaint(index, at, honest),
            (Some(Cheat::NoExtraction), Phase::Extracting) => {
                self.expected.insert(index);
                Vec::new()
            }
            (Some(Cheat::BadExtraction(at)), Phase::Extracting) => self.bad_extraction(index, at),
            (Some(Cheat::FalseObjection(at)), Phase::Objecting) => self.false_objection(index, at, honest),
            (Some(Cheat::NoReveal), Phase::Revealing) => Vec::new(),
            (Some(Cheat::Rubbish(byte)), _) => {
                let spoilt = honest.iter().map(|bytes| {
                    let mut bytes = bytes.clone();
                    // A point of an extraction may be spoilt into another point: that would be a lie, not rubbish.
                    let spoilt = if phase == Phase::Extracting { 33 } else { bytes.len() };
                    let at = usize::from(byte) * 7 % spoilt;
                    bytes[at] ^= 0x40 | byte;
                    bytes
                });
                // First what is spoilt, then the truth: only the truth may count.
                spoilt.chain(honest.clone()).collect()
            }
            _ => honest,
        }
    }

    /// Picks another member that dealt soundly and stands.
    fn sound(&self, but: u16, at: Index) -> Option<u16> {
        let bad = |index: &u16| {
            matches!(
                self.of(*index),
                Some(Cheat::BadShare(_) | Cheat::BadExtraction(_) | Cheat::NoExtraction)
            )
        };
        let qualified = self.run.board.qualified();
        let sound: Vec<u16> = qualified.into_iter().filter(|index| *index != but && !bad(index)).collect();
        (!sound.is_empty()).then(|| *at.get(&sound))
    }

    fn bad_share(&mut self, index: u16, at: Index) -> Vec<Vec<u8>> {
        // The victim is honest: a cheat might not complain.
        let honest: Vec<u16> = (1..=self.schedule.m).filter(|other| self.of(*other).is_none()).collect();
        let victim = *at.get(&honest);
        let terms = self.run.terms();
        self.expected.insert(index);
        let dealing = self.run.with_dealer(index, |dealer| {
            let mut pairs: Vec<Pair> = terms.indices().map(|j| dealer.pair(j)).collect();
            pairs[usize::from(victim) - 1].blind += Scalar::ONE;
            let commitments = dealer.commitments().unwrap();
            Dealing::assemble(&terms, index, commitments, &Scalar::from(u64::from(index)), &pairs).unwrap()
        });
        vec![dealing.encode()]
    }

    fn false_complaint(&mut self, index: u16, at: Index, mut says: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let Some(dealer) = self.sound(index, at) else { return says };
        let dealing = self.run.board.dealing(dealer).unwrap();
        says.push(Complaint::new(&self.run.terms(), index, &key(1, index), dealing).unwrap().encode());
        self.expected.insert(index);
        says
    }

    fn bad_extraction(&mut self, index: u16, at: Index) -> Vec<Vec<u8>> {
        let terms = self.run.terms();
        let mut points = self.run.with_dealer(index, |dealer| dealer.extract().unwrap().points().to_vec());
        let k = at.index(points.len());
        points[k] = Point::of_secret(&Scalar::from(4711u64)).unwrap();
        self.expected.insert(index);
        vec![Extraction::new(&terms, index, points).unwrap().encode()]
    }

    fn false_objection(&mut self, index: u16, at: Index, mut says: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let Some(dealer) = self.sound(index, at) else { return says };
        if self.run.board.extraction(dealer).is_none() {
            return says;
        }
        let pair = self.run.with_dealer(dealer, |dealer| dealer.pair(index));
        says.push(Objection::new(&self.run.terms(), index, dealer, pair).encode());
        self.expected.insert(index);
        says
    }

    /// Draws a number below a bound (Knuth's MMIX generator, its high bits).
    fn draw(&mut self, below: usize) -> usize {
        let order = &mut self.schedule.order;
        *order = order.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (*order >> 33) as usize % below
    }

    /// Collects what all say before any of it is posted, and posts it in a random order, some of it twice.
    fn phase(&mut self) {
        let mut waiting: Vec<(u16, Vec<Vec<u8>>)> =
            (1..=self.schedule.m).map(|index| (index, self.says(index))).collect();
        waiting.retain(|(_, says)| !says.is_empty());
        while !waiting.is_empty() {
            let at = self.draw(waiting.len());
            let (sender, says) = &mut waiting[at];
            let (sender, bytes) = (*sender, says.remove(0));
            let _ = self.run.post(sender, &bytes);
            if self.draw(3) == 0 {
                assert!(self.run.post(sender, &bytes).is_err());
            }
            waiting.retain(|(_, says)| !says.is_empty());
        }
        self.run.end_phase();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_honest_agree_and_exactly_the_provable_are_named(schedule in schedule()) {
        let run = Run::new(90, schedule.t, schedule.m);
        let mut play = Play { run, schedule: schedule.clone(), expected: BTreeSet::new() };
        while play.run.board.phase() != Phase::Done {
            play.phase();
        }
        let cheats: Vec<u16> = schedule.cheats.iter().map(|(who, _)| *who).collect();
        // Agreement, t shares, verifying points: checked in finish.
        let (outcome, shares) = play.run.finish(&cheats);
        let guilty: BTreeSet<u16> = play.run.board.faults().guilty().into_iter().collect();
        prop_assert_eq!(&guilty, &play.expected);
        prop_assert!(guilty.iter().all(|index| cheats.contains(index)));
        let all = outcome.dealers.iter().fold(Scalar::ZERO, |sum, i| {
            sum + play.run.with_dealer(*i, |dealer| dealer.pair(0).share)
        });
        prop_assert_eq!(secret(&shares[..usize::from(schedule.t)]), all);
    }

    #[test]
    fn no_bytes_upset_the_board(kind in 0u8..8, body in prop::collection::vec(any::<u8>(), 0..400), sender: u16) {
        let mut board = Board::new(terms(91, 2, 3));
        let digest = *board.terms().digest();
        let framed = [&[kind][..], &digest[..], &sender.to_be_bytes()[..], &body[..]].concat();
        for _ in 0..6 {
            prop_assert!(board.post(sender, &body).is_err());
            prop_assert!(board.post(sender, &framed).is_err());
            board.end_phase();
        }
    }
}
