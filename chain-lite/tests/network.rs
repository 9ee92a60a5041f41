//! Runs whole nodes in simulated networks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use fusor_chain_lite::{
    ledger::Sabotage,
    sim::{Mischief, Outcome, Setting, run},
};

fn sound(setting: Setting) -> Outcome {
    let outcome = run(setting);
    println!("{setting:?}\n    {outcome:?}");
    assert!(outcome.violations.is_empty(), "{setting:?}: {:#?}", outcome.violations);
    outcome
}

#[test]
fn four_honest_nodes_make_blocks_through_epochs() {
    let outcome = sound(Setting { blocks: 30, faults: false, epoch_length: 10, ..Setting::default() });
    assert!(outcome.height >= 30);
    assert_eq!(outcome.changes, (1, 1), "a validator leaves and another comes");
    assert!(outcome.transactions.1 > 5, "{outcome:?}");
    // Of each epoch's 10 blocks all but the first few have the committee's signature.
    assert!(outcome.committee_seeds > 12, "{outcome:?}");
}

#[test]
fn seeds_with_faults_and_hostile_nodes_hold() {
    let from: u64 = std::env::var("FUSOR_SIM_FROM").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let seeds: u64 = std::env::var("FUSOR_SIM_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    let hostile: u32 =
        std::env::var("FUSOR_SIM_HOSTILE").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    for seed in from..from + seeds {
        sound(Setting { seed, hostile, ..Setting::default() });
    }
}

/// A disk that fails as a validator registers: its owner, who is told nothing, must not spend the stake twice, or what
/// else the owner sent can no longer be paid.
#[test]
fn a_registration_that_was_not_written_down_is_made_once() {
    sound(Setting { seed: 332, hostile: 1, ..Setting::default() });
}

/// Members whose shares, acknowledgements and parts are worth nothing keep no committee from its key.
#[test]
fn committees_make_keys_whatever_a_third_of_them_deals() {
    for mischief in [Mischief::FalseShares, Mischief::NoShares] {
        let mischief = Some(mischief);
        let setting = Setting { blocks: 30, hostile: 1, faults: false, mischief, ..Setting::default() };
        let outcome = sound(setting);
        assert!(outcome.committee_seeds >= 10, "{outcome:?}");
    }
}

/// The simulation is worth nothing if it does not notice what is wrong.
fn noticed(sabotage: Sabotage, what: &str) {
    let setting =
        Setting { seed: 3, blocks: 20, faults: false, sabotage: Some(sabotage), ..Setting::default() };
    let outcome = run(setting);
    let noticed = outcome.violations.iter().any(|violation| violation.contains(what));
    assert!(noticed, "{sabotage:?}: {:#?}", outcome.violations);
}

#[test]
fn a_skipped_trigger_is_noticed() {
    noticed(Sabotage::SkipDue, "replay of block");
}

#[test]
fn an_ignored_conflict_is_noticed() {
    noticed(Sabotage::IgnoreConflicts, "replay of block");
}

#[test]
fn two_votes_of_a_node_are_noticed() {
    noticed(Sabotage::VoteTwice, "is called a cheat");
}

#[test]
fn one_seed_gives_one_history() {
    let setting = Setting { seed: 12, blocks: 12, hostile: 1, ..Setting::default() };
    let (first, second) = (run(setting), run(setting));
    assert_eq!(first, second);
    assert_ne!(first.history, run(Setting { seed: 13, ..setting }).history);
}

#[test]
fn more_hostile_nodes_than_consensus_bears_may_stop_it_and_never_split_it() {
    for seed in 100..104 {
        sound(Setting { seed, hostile: 2, blocks: 12, changes: false, ..Setting::default() });
    }
}

#[test]
fn seven_nodes_bear_two_hostile_ones_in_four_groups() {
    sound(Setting { seed: 77, nodes: 7, hostile: 2, groups: 4, blocks: 24, ..Setting::default() });
}
