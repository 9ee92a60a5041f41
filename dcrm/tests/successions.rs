//! Runs random re-sharings with random cheats in the old and the new group.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use common::*;
use fusor_dcrm::reshare::*;
use fusor_dcrm::{Point, Scalar, Share, Terms};
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};

/// What a cheating holder does.
#[derive(Debug, Clone, Copy)]
enum Give {
    Silent,
    BadShare(Index),
    OtherShare,
}

#[derive(Debug, Clone)]
struct Schedule {
    old: (u16, u16),
    new: (u16, u16),
    givers: Vec<(u16, Give)>,
    /// New members who complain falsely, and whom they pick.
    liars: Vec<(u16, Index)>,
}

fn size() -> impl Strategy<Value = (u16, u16)> {
    prop_oneof![Just((2u16, 3u16)), Just((2, 4)), Just((3, 5)), Just((4, 7))]
}

fn some<T: std::fmt::Debug + Clone + 'static>(
    (t, m): (u16, u16),
    what: impl Strategy<Value = T>,
) -> impl Strategy<Value = Vec<(u16, T)>> {
    let who = subsequence((1..=m).collect::<Vec<_>>(), 0..=usize::from(t - 1));
    (who, prop::collection::vec(what, usize::from(t)))
        .prop_map(|(who, what)| who.into_iter().zip(what).collect())
}

fn schedule() -> impl Strategy<Value = Schedule> {
    (size(), size()).prop_flat_map(|(old, new)| {
        let give =
            prop_oneof![Just(Give::Silent), any::<Index>().prop_map(Give::BadShare), Just(Give::OtherShare)];
        (some(old, give), some(new, any::<Index>())).prop_map(move |(givers, liars)| Schedule {
            old,
            new,
            givers,
            liars,
        })
    })
}

/// Shares a secret plainly, as a generation would have left it.
fn shared((t, m): (u16, u16)) -> (Holders, Vec<Share>, Scalar) {
    let coefficients: Vec<Scalar> = (0..t).map(|k| Scalar::from(1_000_003 * (u64::from(k) + 5))).collect();
    let at = |x: u16| {
        let x = Scalar::from(u32::from(x));
        coefficients.iter().rev().fold(Scalar::ZERO, |sum, c| sum * x + c)
    };
    let shares: Vec<Share> = (1..=m).map(|index| Share::new(index, at(index)).unwrap()).collect();
    let verifying = shares.iter().map(|share| share.verifying().unwrap()).collect();
    (Holders::new(Point::of_secret(&at(0)).unwrap(), t, verifying).unwrap(), shares, at(0))
}

/// Gives what a holder posts. None if it is silent.
fn handed(succession: &Succession, share: &Share, give: Option<Give>, honest: &[u16]) -> Option<Vec<u8>> {
    let giver = Giver::from_seed(succession, share, &seed(3, share.index())).unwrap();
    let handover = giver.hand_over().unwrap();
    let mut commitments = handover.commitments().to_vec();
    let mut shares: Vec<Scalar> =
        succession.terms().indices().map(|receiver| *giver.share_for(receiver)).collect();
    match give {
        None => return Some(handover.encode()),
        Some(Give::Silent) => return None,
        Some(Give::BadShare(at)) => shares[usize::from(*at.get(honest)) - 1] += Scalar::ONE,
        // Everything moved by one: sound, but not the share it holds.
        Some(Give::OtherShare) => {
            commitments[0] = Point::of_secret(&(*share.scalar() + Scalar::ONE)).unwrap();
            shares.iter_mut().for_each(|value| *value += Scalar::ONE);
        }
    }
    let own_key = Scalar::from(u64::from(share.index()) + 99);
    Some(Handover::assemble(succession, share.index(), commitments, &own_key, &shares).unwrap().encode())
}

fn succession(schedule: &Schedule, holders: Holders) -> Succession {
    let (t, m) = schedule.new;
    let members = (1..=m).map(|index| key(4, index).public().unwrap()).collect();
    Succession::new(holders, Terms::new([4; 32], t, members).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_key_stays_and_exactly_the_provable_are_named(schedule in schedule()) {
        let (holders, shares, whole) = shared(schedule.old);
        let succession = succession(&schedule, holders);
        let liars: Vec<u16> = schedule.liars.iter().map(|(who, _)| *who).collect();
        let honest: Vec<u16> = succession.terms().indices().filter(|index| !liars.contains(index)).collect();
        let mut receivers: Vec<Receiver> = succession
            .terms()
            .indices()
            .map(|index| Receiver::new(succession.clone(), index, key(4, index)).unwrap())
            .collect();
        let (mut condemned, mut lied) = (BTreeSet::new(), BTreeSet::new());
        for share in &shares {
            let give = schedule.givers.iter().find(|(who, _)| *who == share.index()).map(|(_, give)| *give);
            let refused = matches!(give, Some(Give::OtherShare));
            if give.is_some() {
                condemned.insert(share.index());
            }
            if let Some(bytes) = handed(&succession, share, give, &honest) {
                for receiver in &mut receivers {
                    prop_assert_eq!(receiver.post(share.index(), &bytes).is_err(), refused);
                }
            }
        }
        receivers.iter_mut().for_each(|receiver| { receiver.end_phase(); });
        for index in succession.terms().indices() {
            let mut says = receivers[usize::from(index) - 1].due();
            if let Some((_, at)) = schedule.liars.iter().find(|(who, _)| *who == index) {
                let board = receivers[0].board();
                let sound: Vec<_> = board.handovers().filter(|h| !condemned.contains(&h.holder())).collect();
                let victim = at.get(&sound);
                says.push(victim.complain(&succession, index, &key(4, index)).unwrap().encode());
                lied.insert(index);
            }
            for bytes in says {
                for receiver in &mut receivers {
                    prop_assert!(receiver.post(index, &bytes).is_ok());
                }
            }
        }
        receivers.iter_mut().for_each(|receiver| { receiver.end_phase(); });
        let outcome = receivers[0].board().finish().unwrap();
        let fresh: Vec<Share> = honest
            .iter()
            .map(|index| {
                let (seen, share) = receivers[usize::from(*index) - 1].finish().unwrap();
                assert_eq!(seen, outcome);
                share
            })
            .collect();
        check(succession.terms().threshold(), &outcome, &fresh);
        prop_assert_eq!(secret(&fresh[..usize::from(succession.terms().threshold())]), whole);
        let named = |old: bool| -> BTreeSet<u16> {
            let faults = receivers[0].board().faults().iter();
            let of = faults.filter(|f| old != (f.kind == fusor_dcrm::FaultKind::FalseComplaint));
            of.map(|fault| fault.guilty).collect()
        };
        prop_assert_eq!(named(true), condemned);
        prop_assert_eq!(named(false), lied);
    }
}
