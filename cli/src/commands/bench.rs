//! `fusor bench`: prints the benchmarks of transfers, triggers, state roots and the compiler in one run.

use crate::{
    bench::{self, asend::Cost},
    error::Outcome,
    output,
    table::{Side, Table},
};
use fusor_chain_lite::bench::Shape;
use std::{path::PathBuf, time::Duration};

mod adapt;
mod beacon;
mod compiler;
mod custody;
mod devnet;
mod network;
mod work;

/// Measures transfers, triggers due in the same second, and state roots.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Run only this measurement.
    #[arg(value_enum)]
    only: Option<Measurement>,
    /// Transactions per round of the transfer benchmark.
    #[arg(long, default_value_t = 5_000)]
    transfers: u64,
    /// Leave out bursts of more triggers than this.
    #[arg(long, default_value_t = u64::MAX)]
    triggers_max: u64,
    /// Leave out ledgers of more holders than this.
    #[arg(long, default_value_t = u64::MAX)]
    holders_max: u64,
    /// Transactions in a block of the groups' benchmark.
    #[arg(long, default_value_t = 4_000)]
    block: u64,
    /// Sizes of the simulated networks.
    #[arg(long, value_delimiter = ',', default_values_t = [4, 7, 16, 40], value_parser = clap::value_parser!(u32).range(1..=200))]
    nodes: Vec<u32>,
    /// Numbers of groups of the simulated networks.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2, 4, 8], value_parser = clap::value_parser!(u32).range(1..=128))]
    groups: Vec<u32>,
    /// Blocks of a simulated network.
    #[arg(long, default_value_t = 10)]
    blocks: u64,
    /// Heights of the beacon's benchmark.
    #[arg(long, default_value_t = 1_000)]
    heights: u64,
    /// Leave out groups of custodians with more members than this.
    #[arg(long, default_value_t = 21)]
    members_max: u16,
    /// Where `network` and `adapt` draw; `out/network.svg` and `out/adapt.svg` by default.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// The `node_modules` whose contracts the compilers compile; without it, the one that holds solc.
    #[arg(long)]
    packages: Option<PathBuf>,
}

/// Triggers due in the same second.
const BURSTS: [u64; 3] = [1_000, 10_000, 100_000];
/// Holders in the ledger.
const HOLDERS: [u64; 3] = [1_000, 100_000, 1_000_000];

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Measurement {
    /// An asset against a solc-compiled ERC-20 on plain revm.
    Asend,
    /// Timing triggers due in the same second until all have run.
    Triggers,
    /// Blocks run one by one and in 1, 2, 4 and 8 groups on the cores there are.
    Groups,
    /// The state root after a block that changes 1,000 slots, by number of holders.
    Root,
    /// The compiler against solc via IR: CPU time, code size, gas; and its time by number of functions.
    Compiler,
    /// Messages, bytes and finality of simulated networks, by nodes and by groups; only when named.
    Network,
    /// Finality and throughput of nodes on sockets and disks of this machine; only when named.
    Devnet,
    /// The number of groups under a load that rises and falls; only when named.
    Adapt,
    /// Blocks that hostile nodes win, by their share of stake and work; only when named.
    Work,
    /// What hostile authors gain by grinding seeds and by withholding blocks; only when named.
    Beacon,
    /// What key generation, re-sharing and signatures cost each party; only when named.
    Custody,
}

/// Runs the chosen measurements.
pub(crate) fn run(args: &Args) -> Outcome {
    let wanted = |one| args.only.is_none_or(|only| only == one);
    if wanted(Measurement::Asend) {
        output::print(&asend(args.transfers)?)?;
    }
    if wanted(Measurement::Triggers) {
        output::print(&triggers(args.triggers_max)?)?;
    }
    if wanted(Measurement::Root) {
        output::print(&root(args.holders_max)?)?;
    }
    if wanted(Measurement::Groups) {
        output::print(&groups(args.block)?)?;
    }
    if wanted(Measurement::Compiler) {
        compiler::run(args.packages.clone())?;
    }
    simulated(args)
}

/// Runs the measurement of consensus that is named.
fn simulated(args: &Args) -> Outcome {
    let svg = |name: &str| args.svg.clone().unwrap_or_else(|| PathBuf::from("out").join(name));
    match args.only {
        Some(Measurement::Network) => {
            network::run(&args.nodes, &args.groups, args.blocks, &svg("network.svg"))
        }
        Some(Measurement::Devnet) => devnet::run(args.nodes.first().copied().unwrap_or(4)),
        Some(Measurement::Adapt) => adapt::run(&svg("adapt.svg")),
        Some(Measurement::Work) => work::run(args.blocks),
        Some(Measurement::Beacon) => beacon::run(args.heights),
        Some(Measurement::Custody) => custody::run(args.members_max),
        _ => Ok(()),
    }
}

fn triggers(most: u64) -> Outcome<String> {
    let mut table = Table::new(&[
        ("triggers due at once", Side::Right),
        ("time each (us)", Side::Right),
        ("all (ms)", Side::Right),
        ("booking each (us)", Side::Right),
        ("blocks", Side::Right),
        ("block gas limit", Side::Right),
        ("gas each", Side::Right),
    ]);
    for count in BURSTS.into_iter().filter(|count| *count <= most) {
        let burst = bench::triggers::burst(count)?;
        let each = |time: Duration| tenths(time.as_nanos() / u128::from(burst.triggers), 1_000);
        table.row([
            burst.triggers.to_string(),
            each(burst.running),
            burst.running.as_millis().to_string(),
            each(burst.booking),
            burst.blocks.to_string(),
            burst.block_gas_limit.to_string(),
            burst.gas.to_string(),
        ]);
    }
    Ok(format!("{}\n", table.text()))
}

fn root(most: u64) -> Outcome<String> {
    let mut table = Table::new(&[
        ("holders", Side::Right),
        ("changed slots", Side::Right),
        ("root after the block (us)", Side::Right),
        ("first root (ms)", Side::Right),
    ]);
    for holders in HOLDERS.into_iter().filter(|holders| *holders <= most) {
        let root = bench::root::measure(holders)?;
        table.row([
            root.holders.to_string(),
            bench::root::CHANGED.to_string(),
            root.next.as_micros().to_string(),
            root.first.as_millis().to_string(),
        ]);
    }
    Ok(format!("{}\n", table.text()))
}

fn groups(block: u64) -> Outcome<String> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut table = Table::new(&[
        ("block", Side::Left),
        ("one by one (us/tx)", Side::Right),
        ("1 group", Side::Right),
        ("2 groups", Side::Right),
        ("4 groups", Side::Right),
        ("8 groups", Side::Right),
        ("run twice at 8", Side::Right),
        ("as a chain chooses", Side::Right),
    ]);
    for shape in Shape::ALL {
        let row = bench::groups::measure(shape, block, threads)?;
        let alone = row.sequential.elapsed.as_nanos();
        let name = format!("{:?}", row.shape);
        let mut cells = vec![name, tenths(alone / u128::from(block.max(1)), 1_000)];
        cells.extend(row.grouped.iter().map(|speed| quotient(alone, speed.elapsed.as_nanos())));
        cells.push(row.grouped.last().map_or(0, |speed| speed.run.tail).to_string());
        cells.push(quotient(alone, row.chosen.elapsed.as_nanos()));
        table.row(<[String; 8]>::try_from(cells).unwrap_or_default());
    }
    table.note(format!(
        "times as fast as one by one, {block} transactions, {threads} threads, without state roots; \
         a chain chooses among 8 groups and one by one at a block whose kind it does not know"
    ));
    Ok(format!("{}\n", table.text()))
}

/// Writes a quotient with one decimal.
fn tenths(value: u128, unit: u128) -> String {
    let tenths = value * 10 / unit;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn asend(count: u64) -> Outcome<String> {
    let comparison = bench::asend::compare(count)?;
    let mut table = Table::new(&[
        ("transfer", Side::Left),
        ("gas", Side::Right),
        ("time (ns)", Side::Right),
        ("gas ratio", Side::Right),
        ("time ratio", Side::Right),
    ]);
    let token = comparison.token.as_ref().ok();
    for cost in comparison.asset.iter().chain(token) {
        table.row(row(cost, token));
    }
    if let Err(missing) = &comparison.token {
        table.note(format!("no comparison: {missing}"));
    }
    Ok(format!("{}\n", table.text()))
}

fn row(cost: &Cost, token: Option<&Cost>) -> [String; 5] {
    let (gas, time) = (u128::from(cost.gas), cost.time.as_nanos());
    let ratio =
        |own, other: Option<u128>| other.map_or_else(|| "-".to_string(), |other| quotient(own, other));
    [
        cost.name.clone(),
        gas.to_string(),
        time.to_string(),
        ratio(gas, token.map(|token| token.gas.into())),
        ratio(time, token.map(|token| token.time.as_nanos())),
    ]
}

/// Writes a quotient with two decimals.
fn quotient(own: u128, other: u128) -> String {
    let hundredths = (own * 100).checked_div(other).unwrap_or_default();
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
