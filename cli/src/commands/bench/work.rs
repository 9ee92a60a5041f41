//! Measures how many blocks hostile nodes win with a third and with more than half of the stake.

use super::tenths;
use crate::{
    error::Outcome,
    output,
    table::{Side, Table},
};
use fusor_chain_lite::sim::{self, Mischief, Setting};

const NODES: u32 = 9;
/// How many of them are hostile, and how.
const CASES: [(u32, Mischief); 4] =
    [(3, Mischief::Favour), (3, Mischief::Selfish), (5, Mischief::Favour), (5, Mischief::Selfish)];

/// Runs a network for each case.
pub(super) fn run(blocks: u64) -> Outcome {
    let mut table = Table::new(&[
        ("hostile nodes", Side::Right),
        ("what they do", Side::Left),
        ("stake and work (%)", Side::Right),
        ("blocks", Side::Right),
        ("won by them (%)", Side::Right),
        ("of those with work (%)", Side::Right),
        ("ms/block", Side::Right),
        ("violations", Side::Right),
    ]);
    for (hostile, mischief) in CASES {
        let outcome = sim::run(setting(hostile, mischief, blocks));
        let (count, won) = (outcome.blocks.len() as u64, outcome.hostile_blocks);
        let worked = outcome.blocks.iter().filter(|made| made.worked);
        let with_work = worked.clone().filter(|made| made.hostile).count();
        let percent = |some: u64, all: u64| tenths(u128::from(some) * 100, u128::from(all.max(1)));
        table.row([
            format!("{hostile} of {NODES}"),
            match mischief {
                Mischief::Favour => "propose their own offer".to_owned(),
                _ => "relay their own block without work".to_owned(),
            },
            percent(hostile.into(), NODES.into()),
            count.to_string(),
            percent(won, count),
            percent(with_work as u64, worked.count() as u64),
            (outcome.time_ms / count.max(1)).to_string(),
            outcome.violations.len().to_string(),
        ]);
    }
    table.note("a violation would be a final block that changed, among others".into());
    output::print(&format!("{}\n", table.text()))
}

fn setting(hostile: u32, mischief: Mischief, blocks: u64) -> Setting {
    Setting {
        nodes: NODES,
        hostile,
        blocks,
        faults: false,
        fixed: true,
        groups: 4,
        epoch_length: 1_000,
        mischief: Some(mischief),
        ..Setting::default()
    }
}
