//! Holds what the measurements of consensus show: X follows the load, and more than half of the work reverses
//! nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use fusor_chain_lite::sim::{Kind, Load, Mischief, Outcome, Setting, run};

fn sound(setting: Setting) -> Outcome {
    let outcome = run(setting);
    assert!(outcome.violations.is_empty(), "{setting:?}: {:#?}", outcome.violations);
    outcome
}

#[test]
fn x_rises_under_load_falls_after_it_and_does_not_flap() {
    // Of 40 transactions a block, so many that X = 4 carries them: 4 nodes leave most of 8 groups without a
    // representative, and X then moves between 4 and 8.
    const LOAD: [Load; 3] =
        [Load { until: 6, rate: 1 }, Load { until: 18, rate: 10 }, Load { until: 30, rate: 1 }];
    let outcome = sound(Setting {
        faults: false,
        blocks: 30,
        epoch_length: 4,
        groups: 1,
        block_gas_limit: 840_000,
        load: &LOAD,
        ..Setting::default()
    });
    let mut steps: Vec<u32> = outcome.blocks.iter().map(|made| made.x).collect();
    steps.dedup();
    println!("{steps:?}");
    let most = *steps.iter().max().unwrap();
    let top = steps.iter().position(|x| *x == most).unwrap();
    assert!(most >= 4, "{steps:?}");
    assert!(steps[..=top].windows(2).all(|pair| pair[0] < pair[1]), "{steps:?}");
    assert!(steps[top..].windows(2).all(|pair| pair[0] > pair[1]), "{steps:?}");
    assert!(steps.len() > top + 1, "{steps:?}");
}

#[test]
fn half_of_the_work_reverses_nothing_and_wins_about_its_share() {
    let outcome = sound(Setting {
        nodes: 7,
        hostile: 4,
        faults: false,
        blocks: 20,
        mischief: Some(Mischief::Favour),
        ..Setting::default()
    });
    let blocks = outcome.blocks.len() as u64;
    println!("4 of 7 hostile nodes made {} of {blocks} blocks", outcome.hostile_blocks);
    assert!(blocks >= 20);
    assert!(outcome.hostile_blocks * 10 < blocks * 9, "honest nodes make blocks too");
}

#[test]
fn messages_are_counted_by_kind() {
    let outcome = sound(Setting { faults: false, changes: false, blocks: 8, ..Setting::default() });
    for kind in Kind::ALL.into_iter().filter(|kind| ![Kind::Transactions, Kind::Catchup].contains(kind)) {
        let sent = outcome.sent.get(&kind).copied().unwrap_or_default();
        assert!(sent.messages > 0 && sent.bytes > sent.messages, "{kind:?}: {sent:?}");
    }
    // Every node is told of a package and an offer at most once for each group.
    let packages = outcome.sent[&Kind::Packages].messages;
    assert!(packages <= 2 * 3 * (outcome.blocks.len() as u64 + 2), "{packages} of {}", outcome.blocks.len());
    assert!(!outcome.finality_ms.is_empty());
}
