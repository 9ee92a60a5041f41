//! Runs a corpus of Solidity programs with known behaviour (one JSON object per line) and reports by category.

mod case;
mod chain;
pub mod syntax;

use crate::artifact::Artifact;
use crate::compilation::Compilation;
use crate::driver::{EvmVersion, Options, compile};
use crate::outputs::gas_estimates::estimate;
use alloy_primitives::{Address, U256, hex};
use case::{Case, Expected, Message, Step};
use chain::{Chain, Receipt};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// Says why the corpus could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// The file cannot be read.
    #[error("{0}")]
    File(#[from] std::io::Error),
    /// A line is not a case.
    #[error("line {line}: {reason}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

/// Says how a case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Everything observed is as expected.
    Passed,
    /// Something observed differs: a wrong result.
    Failed(String),
    /// The compiler refuses the program.
    Unsupported(String),
}

/// Is what a case gave.
#[derive(Debug, Clone)]
pub struct CaseReport {
    /// The case's name.
    pub name: String,
    /// Its category.
    pub category: String,
    /// How it ended.
    pub verdict: Verdict,
    /// Gas of its calls, ours and that of solc via-IR, when it passed.
    pub gas: (u64, u64),
    /// Bytes of runtime code, ours and that of solc via-IR, when it passed.
    pub bytes: (u64, u64),
}

/// Is what a whole corpus gave.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The cases in the order of the file.
    pub cases: Vec<CaseReport>,
}

/// Counts verdicts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Cases with all as expected.
    pub passed: usize,
    /// Cases with a wrong result.
    pub failed: usize,
    /// Cases that the compiler refuses.
    pub unsupported: usize,
}

impl Count {
    fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed(_) => self.failed += 1,
            Verdict::Unsupported(_) => self.unsupported += 1,
        }
    }
}

impl Report {
    /// Counts all cases.
    pub fn total(&self) -> Count {
        let mut count = Count::default();
        self.cases.iter().for_each(|case| count.add(&case.verdict));
        count
    }

    /// Counts cases by category.
    pub fn by_category(&self) -> BTreeMap<&str, Count> {
        let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
        for case in &self.cases {
            counts.entry(&case.category).or_default().add(&case.verdict);
        }
        counts
    }

    /// Returns gas and code size relative to solc via-IR, as geometric means over the cases that passed, in
    /// thousandths.
    pub fn ratios(&self) -> (u64, u64) {
        let passed = || self.cases.iter().filter(|c| c.verdict == Verdict::Passed);
        (geometric_mean(passed().map(|c| c.gas)), geometric_mean(passed().map(|c| c.bytes)))
    }
}

fn geometric_mean(pairs: impl Iterator<Item = (u64, u64)>) -> u64 {
    let logs: Vec<f64> =
        pairs.filter(|(a, b)| *a > 0 && *b > 0).map(|(a, b)| (a as f64 / b as f64).ln()).collect();
    if logs.is_empty() {
        return 0;
    }
    ((logs.iter().sum::<f64>() / logs.len() as f64).exp() * 1000.0) as u64
}

/// Runs the cases of a file (`.jsonl`, or gzip of it) whose name contains `filter` and that solc passes via IR.
///
/// # Errors
/// Returns [`CorpusError`] when the file is not a corpus.
pub fn run(file: &Path, filter: &str) -> Result<Report, CorpusError> {
    let mut report = Report::default();
    for (i, line) in lines(file)?.iter().enumerate() {
        let case: Case = serde_json::from_str(line)
            .map_err(|e| CorpusError::Line { line: i + 1, reason: e.to_string() })?;
        if case.name.contains(filter) && case.passes_via_ir() {
            report.cases.push(run_case(&case));
        }
    }
    Ok(report)
}

/// Reads the lines of a file, or of a gzip of it.
fn lines(file: &Path) -> Result<Vec<String>, CorpusError> {
    let mut text = String::new();
    let raw = std::fs::File::open(file)?;
    if file.extension().is_some_and(|e| e == "gz") {
        flate2::read::GzDecoder::new(raw).read_to_string(&mut text)?;
    } else {
        std::io::BufReader::new(raw).read_to_string(&mut text)?;
    }
    Ok(text.lines().map(str::to_owned).collect())
}

/// Runs one case.
fn run_case(case: &Case) -> CaseReport {
    let mut figures = (0, 0);
    let verdict = match build(case) {
        Ok(codes) => match play(case, &codes, &mut figures) {
            Ok(()) => Verdict::Passed,
            Err(difference) => Verdict::Failed(difference),
        },
        Err(reason) => Verdict::Unsupported(reason),
    };
    CaseReport {
        name: case.name.clone(),
        category: case.category.clone(),
        verdict,
        gas: (figures.0, case.peer_gas()),
        bytes: (figures.1, case.peer_bytes()),
    }
}

/// Is a contract to be released.
struct Built {
    /// The creation code.
    code: Vec<u8>,
    /// Open references: library and offset.
    links: Vec<(String, usize)>,
    /// The most gas that each function is said to take, by selector.
    bounds: BTreeMap<Vec<u8>, u64>,
}

type Codes = Vec<Built>;

/// Returns the bounds that gas estimates give.
fn bounds(artifact: &Artifact) -> BTreeMap<Vec<u8>, u64> {
    let bound = |hex: &String| {
        let selector = hex::decode(hex).ok()?;
        let number = u32::from_be_bytes(selector.as_slice().try_into().ok()?);
        Some((selector, estimate(&artifact.runtime, number)?))
    };
    artifact.method_identifiers.values().filter_map(bound).collect()
}

/// Compiles the libraries, in order, and the contract.
fn build(case: &Case) -> Result<Codes, String> {
    let mut program = Compilation::new(case.sources.clone());
    program.add_file(&case.main_source);
    let mut only = vec![case.contract.clone()];
    only.extend(case.libraries.iter().map(|l| l.name.clone()));
    let options = Options {
        evm_version: EvmVersion::Cancun,
        only,
        enforce_limits: false,
        revert_strings: case.revert_strings(),
        ..Options::default()
    };
    let artifacts = compile(&mut program, &options).map_err(|d| d.render(program.source_map(), false))?;
    let wanted =
        case.libraries.iter().map(|l| (&l.file, &l.name)).chain([(&case.main_source, &case.contract)]);
    wanted
        .map(|(file, name)| {
            let artifact = artifacts.iter().find(|a| a.file == *file && a.name == *name);
            let artifact = artifact.ok_or_else(|| format!("{file}:{name} was not compiled"))?;
            let links = artifact.creation.link_references.iter().map(|r| (r.library.clone(), r.offset));
            let bounds = if *name == case.contract { bounds(artifact) } else { BTreeMap::new() };
            Ok(Built { code: artifact.creation.bytes.clone(), links: links.collect(), bounds })
        })
        .collect()
}

fn play(case: &Case, codes: &Codes, figures: &mut (u64, u64)) -> Result<(), String> {
    let mut chain = Chain::new();
    let mut libraries: BTreeMap<String, Address> = BTreeMap::new();
    let mut contract = Address::ZERO;
    for (i, built) in codes.iter().enumerate() {
        let mut code = built.code.clone();
        for (library, offset) in &built.links {
            let address = libraries.get(library).ok_or_else(|| format!("library {library} is not linked"))?;
            if let Some(hole) = code.get_mut(*offset..*offset + 20) {
                hole.copy_from_slice(address.as_slice());
            }
        }
        let last = i + 1 == codes.len();
        let value = if last { case.constructor.value() } else { U256::ZERO };
        if last {
            code.extend(case.constructor.args());
        }
        let receipt = chain.send(None, code, value)?;
        if last {
            check(&case.constructor.expected(), &receipt, contract_of(&receipt), false)
                .map_err(|e| format!("constructor: {e}"))?;
        }
        let address = receipt.created.ok_or_else(|| format!("not created: {}", receipt.status))?;
        match case.libraries.get(i) {
            Some(library) => {
                libraries.insert(library.name.clone(), address);
            }
            None => contract = address,
        }
    }
    figures.1 = chain.code_bytes(contract);
    for (i, step) in case.steps.iter().enumerate() {
        let bounds = codes.last().map(|built| &built.bounds);
        play_step(&mut chain, contract, (step, bounds), figures)
            .map_err(|e| format!("step {}: {e}", i + 1))?;
    }
    Ok(())
}

fn contract_of(receipt: &Receipt) -> Address {
    receipt.created.unwrap_or_default()
}

fn play_step(
    chain: &mut Chain,
    contract: Address,
    (step, bounds): (&Step, Option<&BTreeMap<Vec<u8>, u64>>),
    figures: &mut (u64, u64),
) -> Result<(), String> {
    match step {
        Step::Call(message) => {
            let receipt = chain.send(Some(contract), message.data(), message.value())?;
            if receipt.status != "halt" {
                figures.0 += receipt.gas;
                let bound = bounds.and_then(|all| all.get(message.data().get(..4)?));
                if let Some(bound) = bound.filter(|bound| **bound < receipt.gas) {
                    let gas = receipt.gas;
                    return Err(describe(message, &format!("{gas} gas, estimated to be at most {bound}")));
                }
            }
            check(&message.expected(), &receipt, contract, true).map_err(|e| describe(message, &e))
        }
        Step::Balance { address, expected } => {
            let who = if address == "contract" { contract } else { case::address(address)? };
            let balance = chain.balance(who);
            if balance.to_string() == *expected {
                Ok(())
            } else {
                Err(format!("balance {balance}, not {expected}"))
            }
        }
        Step::StorageEmpty { expected } => {
            let empty = chain.storage_empty(contract);
            if empty == *expected { Ok(()) } else { Err(format!("storage empty is {empty}")) }
        }
        Step::Account { address } => {
            chain.sender = case::address(address)?;
            Ok(())
        }
    }
}

fn describe(message: &Message, difference: &str) -> String {
    format!("{}: {difference}", message.signature)
}

fn check(expected: &Expected, receipt: &Receipt, contract: Address, output: bool) -> Result<(), String> {
    let status = if receipt.status == "ok" { "ok" } else { "revert" };
    if status != expected.status {
        return Err(format!("{} ({}), expected {}", receipt.status, receipt.output, expected.status));
    }
    if output && expected.output.as_ref().is_some_and(|bytes| bytes != receipt.output.as_ref()) {
        let wanted = alloy_primitives::hex::encode_prefixed(expected.output.clone().unwrap_or_default());
        return Err(format!("output {}, expected {wanted}", receipt.output));
    }
    match &expected.logs {
        Some(logs) => case::compare_logs(logs, &receipt.logs, contract),
        None => Ok(()),
    }
}
