//! `fusor sim`: runs whole nodes in simulated networks, seed by seed, and fails on anything that does not hold.

mod custody;

use crate::{
    error::{CliError, Outcome},
    output,
    progress::Progress,
};
use fusor_chain_lite::sim::{self, Setting};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::available_parallelism,
    time::Instant,
};

/// Simulates networks of nodes with faults and hostile nodes; exits with 1 if anything does not hold.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Seeds to run; each chooses latency, faults and what hostile nodes do.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Nodes of a network.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=200))]
    nodes: u32,
    /// How many of them are hostile; by default the most that consensus bears, less than a third.
    #[arg(long)]
    hostile: Option<u32>,
    /// Blocks of a run.
    #[arg(long, default_value_t = 50)]
    blocks: u64,
    /// Groups at the start.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=128))]
    groups: u32,
    /// Let links, disks and processes be.
    #[arg(long)]
    calm: bool,
    /// Run each seed twice and compare the histories.
    #[arg(long)]
    twice: bool,
    /// Simulate custody of outer coins instead of the network.
    #[arg(long, conflicts_with_all = ["nodes", "hostile", "blocks", "groups"])]
    custody: bool,
    /// Have vaults sign by ECDSA (DKLs23) instead of Schnorr (FROST); much slower.
    #[arg(long, requires = "custody", conflicts_with = "twice")]
    ecdsa: bool,
    /// Threads; all cores by default.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
}

/// Gathers what runs told.
#[derive(Default)]
struct Total {
    runs: u64,
    blocks: u64,
    transactions: usize,
    faults: u64,
    hostile_blocks: u64,
    committee_seeds: u64,
    cheats: usize,
    punished: usize,
    /// Seeds with what did not hold.
    failed: Vec<(u64, Vec<String>)>,
}

/// Runs the seeds.
pub(crate) fn run(args: &Args) -> Outcome {
    if args.custody {
        return custody::run(args);
    }
    let hostile = args.hostile.unwrap_or(args.nodes.saturating_sub(1) / 3);
    if hostile > args.nodes {
        return Err(CliError::Usage(format!("{hostile} of {} nodes cannot be hostile", args.nodes)));
    }
    let setting = |seed| Setting {
        seed,
        nodes: args.nodes,
        hostile,
        blocks: args.blocks,
        faults: !args.calm,
        groups: args.groups,
        ..Setting::default()
    };
    let began = Instant::now();
    let mut total = Total::default();
    for (seed, (outcome, violations)) in
        spread(args, "simulated networks", |seed| play(setting(seed), args.twice))
    {
        total.add(seed, &outcome, violations);
    }
    output::print(&total.text(args.nodes, hostile, began.elapsed().as_millis()))?;
    match total.failed.len() {
        0 => Ok(()),
        failed => Err(CliError::Cases(failed as u64)),
    }
}

/// Plays all seeds on all threads; returns what came of each, by seed.
fn spread<T: Send>(args: &Args, what: &'static str, play: impl Fn(u64) -> T + Sync) -> BTreeMap<u64, T> {
    let found = Mutex::new(BTreeMap::new());
    let next = AtomicU64::new(0);
    let bar = Progress::new(what, args.seeds);
    let work = || loop {
        let done = next.fetch_add(1, Ordering::Relaxed);
        if done >= args.seeds {
            break;
        }
        let seed = args.from.saturating_add(done);
        let outcome = play(seed);
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        found.insert(seed, outcome);
        bar.at(found.len() as u64, format!("seed {seed}"));
    };
    let threads = args.threads.or(available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    std::thread::scope(|scope| {
        for _ in 1..threads.get() {
            scope.spawn(work);
        }
        work();
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn play(setting: Setting, twice: bool) -> (sim::Outcome, Vec<String>) {
    let outcome = sim::run(setting);
    let mut violations = outcome.violations.clone();
    if twice && sim::run(setting) != outcome {
        violations.push("a second run of the seed has another history".into());
    }
    (outcome, violations)
}

impl Total {
    fn add(&mut self, seed: u64, outcome: &sim::Outcome, violations: Vec<String>) {
        self.runs += 1;
        self.blocks += outcome.height;
        self.transactions += outcome.transactions.1;
        self.faults += u64::from(outcome.faults);
        self.hostile_blocks += outcome.hostile_blocks;
        self.committee_seeds += outcome.committee_seeds;
        self.cheats += outcome.cheats;
        self.punished += outcome.punished;
        if !violations.is_empty() {
            self.failed.push((seed, violations));
        }
    }

    fn text(&self, nodes: u32, hostile: u32, elapsed_ms: u128) -> String {
        let mut text = String::new();
        for (seed, violations) in &self.failed {
            for violation in violations {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "seed {seed}: {violation}");
            }
        }
        let seconds = elapsed_ms / 1_000;
        let rate = u128::from(self.blocks).saturating_mul(1_000).checked_div(elapsed_ms).unwrap_or_default();
        let _ = writeln!(
            text,
            "{} seeds of {nodes} nodes, {hostile} hostile: {} violations; {} blocks, {} transactions, {} faults, \
             {} blocks by hostile nodes, {} seeds signed by committees, {} cheats seen, {} punished; {seconds} s, \
             {rate} blocks/s",
            self.runs,
            self.failed.len(),
            self.blocks,
            self.transactions,
            self.faults,
            self.hostile_blocks,
            self.committee_seeds,
            self.cheats,
            self.punished,
        );
        text
    }
}
