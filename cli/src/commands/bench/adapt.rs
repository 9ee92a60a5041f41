//! Shows the number of groups under a load that rises and falls, in a simulated network with short epochs.

use crate::{
    error::Outcome,
    output,
    plot::{Graph, Line, draw_lines},
    table::{Side, Table},
};
use fusor_chain_lite::sim::{self, Load, Made, Setting};
use std::path::Path;

const EPOCH: u64 = 4;
/// Of 60 transactions a block. The second 8 a second are carried by twice the groups of the first.
const LOAD: [Load; 6] = [
    Load { until: 8, rate: 1 },
    Load { until: 16, rate: 8 },
    Load { until: 28, rate: 16 },
    Load { until: 40, rate: 8 },
    Load { until: 52, rate: 1 },
    Load { until: 60, rate: 0 },
];

/// Runs the network and draws load and X by height.
pub(super) fn run(svg: &Path) -> Outcome {
    let setting = Setting {
        blocks: 56,
        faults: false,
        epoch_length: EPOCH,
        groups: 1,
        block_gas_limit: 1_260_000,
        load: &LOAD,
        ..Setting::default()
    };
    let outcome = sim::run(setting);
    output::print(&table(&outcome, setting))?;
    let transactions = [
        line("sent a second", &outcome.blocks, |made| rate(made.height)),
        line("in the block", &outcome.blocks, |made| made.transactions as u64),
    ];
    let x = [line("X", &outcome.blocks, |made| made.x.into())];
    let graphs =
        [graph("Transactions", "transactions", transactions.into()), graph("Groups X", "X", x.into())];
    output::write_whole(svg, draw_lines("X follows the load", &graphs).as_bytes())?;
    output::print(&format!("drawn to {}\n", svg.display()))
}

/// Returns what users send a second at a height.
fn rate(height: u64) -> u64 {
    LOAD.iter().find(|load| height < load.until).map_or(0, |load| load.rate.into())
}

fn line(name: &str, blocks: &[Made], y: fn(&Made) -> u64) -> Line {
    Line { name: name.to_owned(), points: blocks.iter().map(|made| (made.height, y(made))).collect() }
}

fn graph(title: &str, up: &str, lines: Vec<Line>) -> Graph {
    Graph { title: title.to_owned(), across: "height".to_owned(), up: up.to_owned(), lines, steps: true }
}

fn table(outcome: &sim::Outcome, setting: Setting) -> String {
    let mut table = Table::new(&[
        ("heights", Side::Right),
        ("X", Side::Right),
        ("transactions/block", Side::Right),
        ("of the gas limit (%)", Side::Right),
    ]);
    for epoch in outcome.blocks.chunk_by(|a, b| a.height / EPOCH == b.height / EPOCH) {
        let count = epoch.len().max(1);
        let gas: u64 = epoch.iter().map(|made| made.gas_used).sum();
        let ends = epoch.first().zip(epoch.last());
        table.row([
            ends.map_or_else(String::new, |(first, last)| format!("{} to {}", first.height, last.height)),
            epoch.first().map_or(0, |made| made.x).to_string(),
            super::tenths(epoch.iter().map(|made| made.transactions as u128).sum(), count as u128),
            super::tenths(u128::from(gas) * 100, count as u128 * u128::from(setting.block_gas_limit)),
        ]);
    }
    table.note(format!("{} nodes, epochs of {EPOCH} blocks", setting.nodes));
    table.note(format!("{} violations", outcome.violations.len()));
    format!("{}\n", table.text())
}
