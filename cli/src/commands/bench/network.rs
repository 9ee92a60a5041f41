//! Measures what simulated networks send and how long finality takes, by nodes and by groups.

use super::tenths;
use crate::{
    error::Outcome,
    output,
    plot::{Graph, Line, draw_lines},
    table::{Side, Table},
};
use fusor_chain_lite::sim::{self, Kind, Load, Setting};
use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

/// Is what users send in all runs.
const LOAD: [Load; 1] = [Load { until: u64::MAX, rate: 20 }];

/// Is one run.
struct Run {
    setting: Setting,
    outcome: sim::Outcome,
    elapsed: Duration,
}

/// Runs networks of all sizes with the middle number of groups, and the middle size with all numbers of groups.
pub(super) fn run(nodes: &[u32], groups: &[u32], blocks: u64, svg: &Path) -> Outcome {
    let middle = |of: &[u32]| of.get(of.len() / 2).copied().unwrap_or(4);
    let by_nodes: Vec<_> = nodes.iter().map(|nodes| (*nodes, middle(groups))).collect();
    let by_groups: Vec<_> = groups.iter().map(|groups| (middle(nodes), *groups)).collect();
    let mut runs = BTreeMap::new();
    for place in by_nodes.iter().chain(&by_groups) {
        // Where both lists meet one run serves both.
        runs.entry(*place).or_insert_with(|| simulate(place.0, place.1, blocks));
    }
    let of = |places: &[(u32, u32)]| places.iter().filter_map(|place| runs.get(place)).collect::<Vec<_>>();
    output::print(&table(runs.values()))?;
    let graphs = graphs(&of(&by_nodes), &of(&by_groups));
    output::write_whole(svg, draw_lines("What a network sends for a block", &graphs).as_bytes())?;
    output::print(&format!("drawn to {}\n", svg.display()))
}

fn simulate(nodes: u32, groups: u32, blocks: u64) -> Run {
    let setting = Setting {
        nodes,
        groups,
        blocks,
        faults: false,
        fixed: true,
        epoch_length: 1_000,
        load: &LOAD,
        ..Setting::default()
    };
    let began = Instant::now();
    let outcome = sim::run(setting);
    Run { setting, outcome, elapsed: began.elapsed() }
}

impl Run {
    fn blocks(&self) -> u64 {
        (self.outcome.blocks.len() as u64).max(1)
    }

    fn messages(&self, kind: Kind) -> u64 {
        self.outcome.sent.get(&kind).map_or(0, |sent| sent.messages / self.blocks())
    }

    fn bytes(&self, kind: Kind) -> u64 {
        self.outcome.sent.get(&kind).map_or(0, |sent| sent.bytes / self.blocks())
    }

    /// Returns the finality latency that so many hundredths of nodes and heights do not exceed.
    fn finality(&self, hundredths: usize) -> u64 {
        let sorted = &self.outcome.finality_ms;
        let place = (sorted.len() * hundredths / 100).min(sorted.len().saturating_sub(1));
        sorted.get(place).copied().unwrap_or_default()
    }
}

fn table<'a>(runs: impl Iterator<Item = &'a Run>) -> String {
    let mut table = Table::new(&[
        ("nodes", Side::Right),
        ("X", Side::Right),
        ("blocks", Side::Right),
        ("messages/block", Side::Right),
        ("KiB/block", Side::Right),
        ("KiB/block and node", Side::Right),
        ("KiB/node for a key", Side::Right),
        ("final after (ms)", Side::Right),
        ("95 % (ms)", Side::Right),
        ("ms/block", Side::Right),
        ("blocks/s simulated", Side::Right),
        ("violations", Side::Right),
    ]);
    for run in runs {
        let (blocks, sent) = (run.blocks(), run.outcome.sent_for_blocks());
        let key = run.outcome.sent.get(&Kind::Dealings).copied().unwrap_or_default();
        let kib = u128::from(sent.bytes / blocks);
        table.row([
            run.setting.nodes.to_string(),
            run.setting.groups.to_string(),
            blocks.to_string(),
            (sent.messages / blocks).to_string(),
            tenths(kib, 1_024),
            tenths(kib / u128::from(run.setting.nodes.max(1)), 1_024),
            tenths(u128::from(key.bytes / u64::from(run.setting.nodes.max(1))), 1_024),
            run.finality(50).to_string(),
            run.finality(95).to_string(),
            (run.outcome.time_ms / blocks).to_string(),
            tenths(u128::from(blocks) * 1_000, run.elapsed.as_millis().max(1)),
            run.outcome.violations.len().to_string(),
        ]);
    }
    table.note("links of 20 ms with 10 ms jitter, blocks of at least 1 s, 20 transactions a second".into());
    table.note("for a key: what making the committee's key takes, once an epoch".into());
    table.note("final after: from a block's certificate to its end of execution as a final one".into());
    format!("{}\n", table.text())
}

fn graphs(by_nodes: &[&Run], by_groups: &[&Run]) -> [Graph; 4] {
    let graph = |runs: &[&Run], across: &str, up: &str, x: fn(&Run) -> u32, y: fn(&Run, Kind) -> u64| Graph {
        title: title(runs, across, up),
        across: across.to_owned(),
        up: up.to_owned(),
        lines: lines(runs, x, y),
        steps: false,
    };
    let kib = |run: &Run, kind| run.bytes(kind) / 1_024;
    [
        graph(by_nodes, "nodes", "messages", |run| run.setting.nodes, Run::messages),
        graph(by_nodes, "nodes", "KiB", |run| run.setting.nodes, kib),
        graph(by_groups, "groups X", "messages", |run| run.setting.groups, Run::messages),
        graph(by_groups, "groups X", "KiB", |run| run.setting.groups, kib),
    ]
}

fn title(runs: &[&Run], across: &str, up: &str) -> String {
    let first = runs.first().map(|run| run.setting).unwrap_or_default();
    match across {
        "nodes" => format!("{up} a block by nodes, X = {}", first.groups),
        _ => format!("{up} a block by X, {} nodes", first.nodes),
    }
}

fn lines(runs: &[&Run], x: fn(&Run) -> u32, y: fn(&Run, Kind) -> u64) -> Vec<Line> {
    let points = |kind| runs.iter().map(|run| (x(run).into(), y(run, kind))).collect();
    let for_blocks = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Dealings);
    for_blocks.map(|kind| Line { name: format!("{kind:?}").to_lowercase(), points: points(kind) }).collect()
}
