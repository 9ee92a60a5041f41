//! Runs Ethereum's GeneralStateTests with the extensions off and on.
//!
//! A case passes if state root and logs hash after its transaction equal the expected ones; a transaction that
//! must be invalid must leave the expected root too. With extensions on, a case may differ only when one of
//! the 24 bytes or a system precompile was executed; such cases are listed, every other difference fails.

mod archive;
mod case;
mod model;
mod world;

pub use archive::{ArchiveError, TestFile, load};
pub use world::{Account, World};

use crate::statetest::model::Suite;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Counts the cases of one fork.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Cases with the expected root and logs with extensions off.
    pub passed: u64,
    /// All others.
    pub failed: u64,
}

/// Names one case of one file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CaseName {
    /// The file's path within the corpus.
    pub file: String,
    /// The test's name within the file.
    pub test: String,
    /// The fork whose rules held.
    pub fork: String,
    /// The indexes of data, gas limit and value.
    pub indexes: [usize; 3],
}

impl std::fmt::Display for CaseName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [data, gas, value] = self.indexes;
        write!(f, "{} {} {} d{data} g{gas} v{value}", self.file, self.test, self.fork)
    }
}

/// Says why a case failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The case; for a file that cannot be read only the file's name is set.
    pub case: CaseName,
    /// Whether extensions were on.
    pub extensions: bool,
    /// What was expected and found.
    pub reason: String,
}

/// Sums up a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Files run.
    pub files: u64,
    /// Cases by fork, extensions off.
    pub forks: BTreeMap<String, Tally>,
    /// Cases that gave the same with extensions on.
    pub same_with_extensions: u64,
    /// Cases that differ with extensions on because an extension was met, in order of name.
    pub met_extension: Vec<CaseName>,
    /// Forks of the corpus that this EVM has no rules for, with the number of their cases.
    pub unsupported: BTreeMap<String, u64>,
    /// Everything that failed, in order of name.
    pub failures: Vec<Failure>,
}

impl Report {
    /// Returns the cases that passed with extensions off.
    pub fn passed(&self) -> u64 {
        self.forks.values().map(|tally| tally.passed).sum()
    }

    /// Returns the cases that failed with extensions off or on.
    pub fn failed(&self) -> u64 {
        self.failures.len() as u64
    }

    fn merge(&mut self, other: Self) {
        self.files += other.files;
        self.same_with_extensions += other.same_with_extensions;
        self.met_extension.extend(other.met_extension);
        self.failures.extend(other.failures);
        for (fork, tally) in other.forks {
            let sum = self.forks.entry(fork).or_default();
            sum.passed += tally.passed;
            sum.failed += tally.failed;
        }
        for (fork, cases) in other.unsupported {
            *self.unsupported.entry(fork).or_default() += cases;
        }
    }

    fn sort(&mut self) {
        self.met_extension.sort();
        self.failures.sort_by(|a, b| (&a.case, a.extensions).cmp(&(&b.case, b.extensions)));
    }
}

/// Runs all files on `threads` threads. `done` is called after each file with the number of files done.
pub fn run(files: &[TestFile], threads: NonZeroUsize, done: &(dyn Fn(usize) + Sync)) -> Report {
    let next = AtomicUsize::new(0);
    let finished = AtomicUsize::new(0);
    let total = Mutex::new(Report::default());
    std::thread::scope(|scope| {
        for _ in 0..threads.get() {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let report = run_file(file);
                    if let Ok(mut total) = total.lock() {
                        total.merge(report);
                    }
                    done(finished.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        }
    });
    let mut report = total.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    report.sort();
    report
}

/// Keeps every file whose path falls into one of `of` equal parts, by a hash of the path.
pub fn sample(files: Vec<TestFile>, part: u64, of: u64) -> Vec<TestFile> {
    let of = of.max(1);
    let chosen = |file: &TestFile| {
        let hash = alloy_primitives::keccak256(file.path.as_bytes());
        alloy_primitives::U256::from_be_bytes(hash.0) % alloy_primitives::U256::from(of)
            == alloy_primitives::U256::from(part % of)
    };
    files.into_iter().filter(chosen).collect()
}

fn run_file(file: &TestFile) -> Report {
    let mut report = Report { files: 1, ..Report::default() };
    match serde_json::from_slice::<Suite>(&file.json) {
        Ok(suite) => suite.0.iter().for_each(|(name, unit)| case::run_unit(file, name, unit, &mut report)),
        Err(error) => {
            let case = CaseName {
                file: file.path.clone(),
                test: String::new(),
                fork: String::new(),
                indexes: [0; 3],
            };
            report.failures.push(Failure { case, extensions: false, reason: error.to_string() });
        }
    }
    report
}
