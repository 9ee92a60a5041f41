//! Holds Fusor's compiler against solc on one program: interfaces, then behaviour over a list of calls.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

pub mod calls;
pub mod compare;
pub mod reduce;
pub mod server;

use crate::harness::compilers::{self, Built};
use calls::Step;
use fusor_compiler::artifact::Artifact;
use fusor_compiler::compilation::Compilation;
use fusor_compiler::driver::{Options, compile};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Is a difference between the compilers.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The sort of difference; a reduction keeps it.
    pub kind: String,
    pub detail: String,
    /// The steps that show it.
    pub steps: Vec<Step>,
}

impl Finding {
    fn new(kind: &str, detail: impl Into<String>) -> Self {
        Self { kind: kind.into(), detail: detail.into(), steps: Vec::new() }
    }
}

/// Is what playing one program gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// False when solc refuses the program.
    pub accepted: bool,
    pub finding: Option<Finding>,
    pub calls: usize,
    /// Calls that succeeded.
    pub succeeded: usize,
    /// Gas of calls that succeed, without what every transaction costs: ours and solc's.
    pub gas: (u64, u64),
    pub bytes: (usize, usize),
    pub compile_time: Duration,
    /// Calls that cost far more than with solc.
    pub costly: Vec<String>,
}

/// Is how long Fusor may compile one program; debug builds get more.
pub const COMPILE_TIME_MAX: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });

/// Says which calls to play.
pub enum Script<'s> {
    /// Random ones, from a seed.
    Random { seed: u64, each: usize },
    /// These.
    Given(&'s [Step]),
}

/// Is the contracts of one program as one compiler made them.
pub struct Program {
    pub built: Vec<Built>,
    /// Per contract: ABI, method identifiers, storage layout, transient layout.
    pub interfaces: BTreeMap<String, [Value; 4]>,
}

/// Compiles by Fusor's compiler.
pub fn ours(source: &str, optimize: bool) -> Result<Program, String> {
    let mut program = Compilation::new(BTreeMap::from([(server::FILE.to_owned(), source.to_owned())]));
    program.add_file(server::FILE);
    let options = Options { optimize, enforce_limits: false, ..Options::default() };
    let artifacts = compile(&mut program, &options).map_err(|d| d.render(program.source_map(), false))?;
    let built = artifacts.iter().map(compilers::from_artifact).collect::<Result<_, _>>()?;
    let interfaces = artifacts.iter().map(|a| (a.name.clone(), interface(a))).collect();
    Ok(Program { built, interfaces })
}

fn interface(artifact: &Artifact) -> [Value; 4] {
    let methods = serde_json::to_value(&artifact.method_identifiers).unwrap_or_default();
    [
        artifact.abi.clone(),
        methods,
        artifact.storage_layout.clone(),
        artifact.transient_storage_layout.clone(),
    ]
}

/// Reads solc's output; none when it refused the program.
pub fn theirs(output: &Value) -> Option<Program> {
    if server::error(output).is_some() {
        return None;
    }
    let contracts = output["contracts"][server::FILE].as_object()?;
    let nodes = json!([{ "name": "L", "contractKind": "library" }]);
    let built = contracts.iter().map(|(name, c)| compilers::from_solc(name, c, &nodes));
    let built = built.collect::<Result<_, _>>().ok()?;
    let interfaces = contracts
        .iter()
        .map(|(name, c)| {
            let methods = c["evm"]["methodIdentifiers"].clone();
            (
                name.clone(),
                [c["abi"].clone(), methods, c["storageLayout"].clone(), c["transientStorageLayout"].clone()],
            )
        })
        .collect();
    Some(Program { built, interfaces })
}

/// Judges one program by solc's output.
pub fn judge(source: &str, output: &Value, script: &Script<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let Some(peer) = theirs(output) else { return outcome };
    outcome.accepted = true;
    let start = Instant::now();
    let optimised = ours(source, true);
    outcome.compile_time = start.elapsed();
    let mine = match (optimised, ours(source, false)) {
        (Ok(a), Ok(b)) => [a, b],
        (Err(e), _) => return refused(outcome, &e, "optimised"),
        (_, Err(e)) => return refused(outcome, &e, "unoptimised"),
    };
    if outcome.compile_time > COMPILE_TIME_MAX {
        let detail = format!("{:?} to compile", outcome.compile_time);
        outcome.finding = Some(Finding::new("slow", detail));
        return outcome;
    }
    outcome.finding = compare::interfaces(&mine[0], &peer);
    if outcome.finding.is_none() {
        compare::behaviour(&mine, &peer, script, &mut outcome);
    }
    outcome
}

fn refused(mut outcome: Outcome, why: &str, how: &str) -> Outcome {
    let first = why.lines().next().unwrap_or_default();
    outcome.finding = Some(Finding::new(
        &format!("refused {how}: {first}"),
        why.lines().take(12).collect::<Vec<_>>().join("\n"),
    ));
    outcome
}
