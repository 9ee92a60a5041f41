//! Prototype: proof-of-work ranking over an engine that has one leader per view.
//!
//! Validators run `commonware-consensus` simplex on simulated links. When a parent is certified, every node's
//! representative searches for a while and gossips its best candidate; the leader of a view relays the candidate
//! with the lowest work hash that it holds. A leader that favours its friends relays theirs instead. The rule under
//! test: a validator that received a better candidate before its own deadline leaves `verify` unanswered in the first
//! two views of a height, so that the view times out; it never answers false to a valid block.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

#[path = "ranking/model.rs"]
mod model;
#[path = "ranking/network.rs"]
mod network;
#[path = "ranking/node.rs"]
mod node;

use model::{Outcome, Setting};

const NODES: u32 = 7;
const HEIGHTS: u64 = 100;

fn run(setting: Setting) -> Outcome {
    let outcome = network::run(7, NODES, HEIGHTS, setting);
    println!("{setting:?}\n    {outcome:?}");
    outcome
}

#[test]
fn honest_leaders_pass_on_the_lowest_work() {
    let outcome = run(Setting::default());
    assert_eq!(outcome.lowest, outcome.heights);
    // A view may time out where messages are late, and is made up for by the next.
    assert!(outcome.views <= outcome.heights + 2, "{outcome:?}");
    assert_eq!(outcome.withheld, 0);
}

#[test]
fn without_the_rule_hostile_leaders_win_far_more_than_their_work() {
    let outcome = run(Setting { hostile: 2, withhold: false, ..Setting::default() });
    // 2 of 7 do 29 % of the work.
    assert!(outcome.percent_hostile() >= 42, "{outcome:?}");
    assert!(outcome.lowest < outcome.heights);
}

#[test]
fn with_the_rule_a_hostile_leader_wins_what_it_worked_for_and_the_lowest_work_wins() {
    let outcome = run(Setting { hostile: 2, ..Setting::default() });
    assert_eq!(outcome.lowest, outcome.heights);
    assert!((15..=42).contains(&outcome.percent_hostile()), "{outcome:?}");
    // A hostile leader costs its own view, and no more.
    assert!(outcome.views <= outcome.heights * 3 / 2, "{outcome:?}");
}

#[test]
fn most_of_the_work_wins_most_blocks_and_reverses_none() {
    // Two nodes with six times the others' work do 12/17 of it. Finality is asserted at each report.
    let outcome = run(Setting { hostile: 2, strength: 6, ..Setting::default() });
    assert_eq!(outcome.lowest, outcome.heights);
    assert!((55..=85).contains(&outcome.percent_hostile()), "{outcome:?}");
}

#[test]
fn one_seed_gives_one_history() {
    let setting = Setting { hostile: 1, ..Setting::default() };
    let history = |seed| network::run(seed, 4, 10, setting).last;
    assert_eq!(history(3), history(3));
    assert_ne!(history(3), history(4));
}
