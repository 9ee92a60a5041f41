//! The choice of signers is the same for all, replaces cheats, and never locks the honest out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeSet;

use fusor_custody::choose::{History, Report, choose};
use fusor_custody::{Fault, FaultKind};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

#[test]
fn it_spreads_the_work_and_is_the_same_for_all() {
    let mut counts = [0u32; 5];
    for request in 0..=255 {
        let set = choose(&[5, 3, 1, 2, 4, 4], 3, &History::default(), 0, [request; 32]).unwrap();
        assert_eq!(set, choose(&[1, 2, 3, 4, 5], 3, &History::default(), 0, [request; 32]).unwrap());
        assert!(set.len() == 3 && set.is_sorted_by(|a, b| a < b));
        for member in set {
            counts[usize::from(member) - 1] += 1;
        }
    }
    assert!(counts.iter().all(|count| (110..200).contains(count)), "{counts:?}");
}

#[test]
fn accuser_and_accused_leave_when_there_are_others() {
    let mut history = History::default();
    history.settle(&[2, 3, 4], &[(2, Report::Accuse(4))]);
    for request in 0..=255 {
        assert_eq!(choose(&[1, 2, 3, 4, 5], 3, &history, 1, [request; 32]).unwrap(), [1, 3, 5]);
    }
    // With one of the others away, one of the two comes back, never both.
    for request in 0..=255 {
        let set = choose(&[1, 2, 3, 4], 3, &history, 1, [request; 32]).unwrap();
        assert!(!(set.contains(&2) && set.contains(&4)));
    }
    assert_eq!(choose(&[2, 4], 2, &history, 1, [0; 32]), None);
    assert_eq!(choose(&[1, 2], 3, &History::default(), 1, [0; 32]), None);
}

#[test]
fn a_set_that_failed_without_a_culprit_is_not_chosen_again() {
    let mut history = History::default();
    let mut seen = BTreeSet::new();
    while let Some(set) = choose(&[1, 2, 3, 4, 5], 3, &history, 0, [7; 32]) {
        assert!(seen.insert(set.clone()));
        history.settle(&set, &[]);
    }
    assert_eq!(seen.len(), 10);
}

#[test]
fn silence_counts_only_against_those_who_post_nothing() {
    let mut history = History::default();
    // 3 cheats 1, who stops and says so; 2 waits for both.
    let reports = [(1, Report::Accuse(3)), (2, Report::Silent(vec![1, 3]))];
    history.settle(&[1, 2, 3], &reports);
    for request in 0..=255 {
        let set = choose(&[1, 2, 3, 4], 2, &history, 1, [request; 32]).unwrap();
        assert!(!set.contains(&3), "{set:?}");
    }
    assert_eq!(choose(&[1, 2], 2, &history, 1, [0; 32]).unwrap(), [1, 2]);
    assert_eq!(choose(&[1, 3], 2, &history, 1, [0; 32]), None);
    assert_eq!(choose(&[2, 3], 2, &history, 1, [0; 32]), None);
    history.ban(1, 3);
    history.forgive();
    assert_eq!(choose(&[1, 3], 2, &history, 1, [0; 32]), None);
    assert_eq!(choose(&[2, 3], 2, &history, 1, [0; 32]).unwrap(), [2, 3]);
}

#[test]
fn a_view_that_lags_is_no_accusation() {
    assert_eq!(Report::from(Fault { accused: Some(2), kind: FaultKind::OtherView }), Report::Failed);
    assert_eq!(Report::from(Fault { accused: Some(2), kind: FaultKind::Banned }), Report::Accuse(2));
    assert_eq!(Report::from(Fault { accused: None, kind: FaultKind::BadSignature }), Report::Failed);
}

proptest! {
    /// Cheats accuse at will, stay silent or spoil the result unseen; as long as `t` honest members are there, the
    /// request ends with a set of honest ones.
    #[test]
    fn the_honest_always_get_through(
        honest in 2u16..6,
        cheats in 0u16..4,
        request in any::<[u8; 32]>(),
        lies in proptest::collection::vec((0u16..4, 1u16..10, any::<bool>()), 64),
    ) {
        let threshold = honest.min(5);
        let all: Vec<u16> = (1..=honest + cheats).collect();
        let is_cheat = |member: u16| member > honest;
        let mut history = History::default();
        let mut lies = lies.into_iter().cycle();
        for attempt in 0.. {
            let set = choose(&all, threshold, &history, attempt, request);
            prop_assert!(set.is_some());
            let set = set.unwrap();
            if !set.iter().any(|member| is_cheat(*member)) {
                break;
            }
            prop_assert!(attempt < 300);
            let (_, target, seen) = lies.next().unwrap();
            let cheat = *set.iter().find(|member| is_cheat(**member)).unwrap();
            let honest_word = if seen { Report::Accuse(cheat) } else { Report::Failed };
            let mut reports: Vec<_> = set
                .iter()
                .filter(|member| !is_cheat(**member))
                .map(|member| (*member, honest_word.clone()))
                .collect();
            // The cheat says what it likes, also about members that were not there.
            reports.push((cheat, Report::Accuse(target)));
            reports.push((cheat, Report::Silent(all.clone())));
            history.settle(&set, &reports);
        }
        let again = choose(&all, threshold, &history, 9, request);
        prop_assert_eq!(again, choose(&all, threshold, &history, 9, request));
    }
}
