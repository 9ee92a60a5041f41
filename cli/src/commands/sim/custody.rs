//! `fusor sim --custody`: runs custody in simulated worlds, seed by seed.

use super::{Args, spread};
use crate::{
    error::{CliError, Outcome},
    output,
};
use fusor_chain_lite::custody::sim::{self, Setting};
use fusor_vm::dcrm::Scheme;
use std::{fmt::Write as _, time::Instant};

/// Seeds between two whose bytes are searched for secrets.
const SECRETS_EVERY: u64 = 10;

/// Gathers what runs told.
#[derive(Default)]
struct Total {
    runs: u64,
    blocks: u64,
    deposits: usize,
    proved: usize,
    paid: usize,
    returned: usize,
    reshared: u64,
    struck: usize,
    faults: u64,
    reorgs: u64,
    hostile: u64,
    searched: usize,
    /// Seeds with what did not hold.
    failed: Vec<(u64, Vec<String>)>,
}

/// Runs the seeds.
pub(super) fn run(args: &Args) -> Outcome {
    let scheme = if args.ecdsa { Scheme::Ecdsa } else { Scheme::Schnorr };
    let setting = |seed| Setting {
        seed,
        scheme,
        faults: !args.calm,
        secrets: seed % SECRETS_EVERY == 0,
        ..Setting::default()
    };
    let began = Instant::now();
    let play = |seed| {
        let mut outcome = sim::run(setting(seed));
        if args.twice && sim::run(setting(seed)) != outcome {
            outcome.violations.push("a second run of the seed has another history".into());
        }
        outcome
    };
    let mut total = Total::default();
    for (seed, outcome) in spread(args, "simulated custody", play) {
        total.add(seed, outcome);
    }
    output::print(&total.text(began.elapsed().as_millis()))?;
    match total.failed.len() {
        0 => Ok(()),
        failed => Err(CliError::Cases(failed as u64)),
    }
}

impl Total {
    fn add(&mut self, seed: u64, outcome: sim::Outcome) {
        self.runs += 1;
        self.blocks += outcome.height;
        self.deposits += outcome.deposits;
        self.proved += outcome.proved;
        self.paid += outcome.paid;
        self.returned += outcome.returned;
        self.reshared += u64::from(outcome.reshared);
        self.struck += outcome.struck;
        self.faults += u64::from(outcome.faults);
        self.reorgs += u64::from(outcome.reorgs);
        self.hostile += u64::from(outcome.custodians.1);
        self.searched += outcome.searched.0;
        if !outcome.violations.is_empty() {
            self.failed.push((seed, outcome.violations));
        }
    }

    fn text(&self, elapsed_ms: u128) -> String {
        let mut text = String::new();
        for (seed, violations) in &self.failed {
            for violation in violations {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "seed {seed}: {violation}");
            }
        }
        let _ = writeln!(
            text,
            "{} seeds of custody, {} hostile custodians: {} violations; {} blocks, {} deposits, {} of them \
             proved by headers, {} lock-outs paid, {} returned, {} re-sharings, {} faults, {} outer reorganisations, {} custodians struck, {} bytes searched for \
             secrets; {}.{:03} s",
            self.runs,
            self.hostile,
            self.failed.len(),
            self.blocks,
            self.deposits,
            self.proved,
            self.paid,
            self.returned,
            self.reshared,
            self.faults,
            self.reorgs,
            self.struck,
            self.searched,
            elapsed_ms / 1_000,
            elapsed_ms % 1_000,
        );
        text
    }
}
