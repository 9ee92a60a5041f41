//! Writes random programs, compiles them by solc and by Fusor's compiler, plays both and compares everything.
//!
//! A run of CI takes a few seeds. `FUSOR_RANDOM_SECONDS=3600` runs for an hour, from `FUSOR_RANDOM_SEED` on;
//! findings go to the folder `FUSOR_RANDOM_OUT`, reduced. `FUSOR_RANDOM_REPLAY=FILE` plays one written program.
//! Needs node and npm. Without them it says so and passes, unless FUSOR_REQUIRE=1.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod campaign;
mod generator;
mod harness;

use campaign::reduce::Reducer;
use campaign::server::{self, Mode, Solc};
use campaign::{Finding, Outcome, Script, judge};
use harness::compilers;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Programs of a run that says nothing else.
const PROGRAMS: u64 = 12;
/// Calls of each function.
const CALLS_EACH: usize = 6;

/// Reads a number from the environment.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Every third program is held against solc's optimised code, the others against its plain code, which takes less
/// time to make.
fn mode(seed: u64) -> Mode {
    if seed.is_multiple_of(3) { Mode::ViaIr } else { Mode::ViaIrPlain }
}

/// Is what a run saw.
#[derive(Default)]
struct Totals {
    programs: u64,
    refused_by_solc: u64,
    lines: usize,
    calls: usize,
    succeeded: usize,
    gas: (u64, u64),
    bytes: (usize, usize),
    slowest: Duration,
    costly: usize,
    findings: Vec<(u64, Finding)>,
}

impl Totals {
    fn add(&mut self, seed: u64, source: &str, outcome: &Outcome) {
        self.programs += 1;
        self.refused_by_solc += u64::from(!outcome.accepted);
        self.lines += source.lines().count();
        self.calls += outcome.calls;
        self.succeeded += outcome.succeeded;
        self.gas = (self.gas.0 + outcome.gas.0, self.gas.1 + outcome.gas.1);
        self.bytes = (self.bytes.0 + outcome.bytes.0, self.bytes.1 + outcome.bytes.1);
        self.slowest = self.slowest.max(outcome.compile_time);
        self.costly += outcome.costly.len();
        self.findings.extend(outcome.finding.clone().map(|f| (seed, f)));
    }

    fn print(&self, next: u64, elapsed: Duration) {
        let ratio = |a: f64, b: f64| if b > 0.0 { a / b } else { 0.0 };
        println!(
            "{} s: {} programs before seed {next}, {} lines, {} refused by solc, {} calls ({} succeed), gas {:.3}, \
             code {:.3} of solc via-IR, {} costly calls, slowest compilation {} ms, {} findings",
            elapsed.as_secs(),
            self.programs,
            self.lines,
            self.refused_by_solc,
            self.calls,
            self.succeeded,
            ratio(self.gas.0 as f64, self.gas.1 as f64),
            ratio(self.bytes.0 as f64, self.bytes.1 as f64),
            self.costly,
            self.slowest.as_millis(),
            self.findings.len(),
        );
    }
}

fn start_solc() -> Option<Solc> {
    let solc = compilers::solc_folder().and_then(|folder| Solc::start(&folder).ok());
    if solc.is_none() {
        assert!(std::env::var("FUSOR_REQUIRE").is_err(), "solc is required and did not run");
        println!("skipped: no solc (node and npm are needed)");
    }
    solc
}

#[test]
fn random_programs_behave_as_with_solc() {
    let Some(mut solc) = start_solc() else { return };
    let start = Instant::now();
    let seconds = number("FUSOR_RANDOM_SECONDS");
    let first = number("FUSOR_RANDOM_SEED").unwrap_or(1);
    let count =
        number("FUSOR_RANDOM_PROGRAMS").unwrap_or(if seconds.is_some() { u64::MAX } else { PROGRAMS });
    let mut totals = Totals::default();
    let mut seed = first;
    let mut source = generator::program(seed);
    solc.send(&source, mode(seed)).unwrap();
    while seed - first < count && seconds.is_none_or(|s| start.elapsed().as_secs() < s) {
        let output = solc.answer().unwrap();
        // solc works on the next program while this one is judged
        let next = generator::program(seed + 1);
        solc.send(&next, mode(seed + 1)).unwrap();
        let outcome = judge(&source, &output, &Script::Random { seed, each: CALLS_EACH });
        let mut outcome = outcome;
        if mode(seed) != Mode::ViaIr {
            // gas and size are held against optimised code only
            (outcome.gas, outcome.bytes) = Default::default();
            outcome.costly.clear();
        }
        totals.add(seed, &source, &outcome);
        if let Some(why) = server::error(&output).filter(|_| seconds.is_some()) {
            println!("seed {seed}: solc refuses: {}", why.lines().next().unwrap_or_default());
        }
        for text in &outcome.costly {
            report_costly(seed, text, &source);
        }
        if let Some(finding) = outcome.finding {
            solc.answer().unwrap();
            report(seed, &source, finding, &mut solc);
            solc.send(&next, mode(seed + 1)).unwrap();
        }
        seed += 1;
        source = next;
        if totals.programs % 50 == 0 {
            totals.print(seed, start.elapsed());
        }
    }
    totals.print(seed, start.elapsed());
    let kinds: Vec<String> = totals.findings.iter().map(|(s, f)| format!("seed {s}: {}", f.kind)).collect();
    assert!(kinds.is_empty(), "{} findings\n{}", kinds.len(), kinds.join("\n"));
}

fn out_folder() -> Option<PathBuf> {
    std::env::var("FUSOR_RANDOM_OUT").ok().map(PathBuf::from)
}

fn report_costly(seed: u64, text: &str, source: &str) {
    if let Some(folder) = out_folder() {
        println!("seed {seed}: costly: {}", text.get(..100).unwrap_or(text));
        let _ = std::fs::write(folder.join(format!("costly-{seed}.sol")), format!("{source}// {text}\n"));
    }
}

/// Prints a finding, and writes it and a reduced form to a folder.
fn report(seed: u64, source: &str, finding: Finding, solc: &mut Solc) {
    println!("seed {seed}: {}\n{}", finding.kind, finding.detail);
    let Some(folder) = out_folder() else { return };
    let write = |name: String, source: &str, finding: &Finding| {
        let mut text = source.to_owned();
        for step in &finding.steps {
            let data = alloy_primitives::hex::encode(&step.data);
            text.push_str(&format!("// step {} {} {data}\n", step.from, step.value));
        }
        for line in format!("{}\n{}", finding.kind, finding.detail).lines() {
            text.push_str(&format!("// {line}\n"));
        }
        let _ = std::fs::write(folder.join(name), text);
    };
    write(format!("seed-{seed}.sol"), source, &finding);
    let limit = number("FUSOR_RANDOM_REDUCE").unwrap_or(0);
    let mut reducer = Reducer::new(solc, source.to_owned(), finding, Duration::from_secs(limit));
    reducer.run();
    write(format!("small-{seed}.sol"), &reducer.source, &reducer.finding);
}

/// Plays programs that once showed a difference.
#[test]
fn kept_programs_behave_as_with_solc() {
    let Some(mut solc) = start_solc() else { return };
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/kept");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "sol")) {
        let text = std::fs::read_to_string(file).unwrap();
        let output = solc.ask(&text, Mode::ViaIr).unwrap();
        let outcome = judge(&text, &output, &Script::Random { seed: 1, each: CALLS_EACH });
        assert!(outcome.accepted, "{}: {:?}", file.display(), server::error(&output));
        assert!(outcome.finding.is_none(), "{}: {:#?}", file.display(), outcome.finding);
    }
}

#[test]
fn a_seed_always_gives_the_same_program() {
    for seed in 0..50 {
        assert_eq!(generator::program(seed), generator::program(seed));
    }
}

#[test]
fn replays_a_written_program() {
    let Ok(file) = std::env::var("FUSOR_RANDOM_REPLAY") else { return };
    let Some(mut solc) = start_solc() else { return };
    let text = std::fs::read_to_string(file).unwrap();
    let mut steps = Vec::new();
    for line in text.lines().filter_map(|l| l.strip_prefix("// step ")) {
        let mut words = line.splitn(3, ' ');
        let from = words.next().unwrap().parse().unwrap();
        let value = words.next().unwrap().parse().unwrap();
        let data = alloy_primitives::hex::decode(words.next().unwrap_or_default()).unwrap();
        steps.push(campaign::calls::Step { data, value, from });
    }
    let output = solc.ask(&text, Mode::ViaIr).unwrap();
    if let Some(why) = server::error(&output) {
        println!("solc refuses: {why}");
    }
    let given = Script::Given(&steps);
    let random = Script::Random { seed: 1, each: CALLS_EACH };
    let outcome = judge(&text, &output, if steps.is_empty() { &random } else { &given });
    println!("{outcome:#?}");
    let plain = solc.ask(&text, Mode::ViaIrPlain).unwrap();
    let other = judge(&text, &plain, if steps.is_empty() { &random } else { &given });
    println!("against solc's unoptimised code: {:?}", other.finding.map(|f| f.kind));
    assert!(outcome.finding.is_none());
}
