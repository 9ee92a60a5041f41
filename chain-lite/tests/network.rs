//! Runs whole nodes in simulated networks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use fusor_chain_lite::sim::{Outcome, Setting, run};

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
    assert!(outcome.transactions.1 > 5, "{outcome:?}");
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
