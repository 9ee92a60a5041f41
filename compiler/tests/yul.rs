//! Tests standalone Yul: plays the objects of `tests/yul`, refuses what the language refuses, and plays the
//! Solidity fixtures from the Yul that solc makes of them.
//!
//! A program in `tests/yul` says what it does with the directives of `tests/contracts/README.md`; one that is refused
//! says so with `//~ ERROR code` on the line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod harness;

use fusor_compiler::artifact::Artifact;
use fusor_compiler::diag;
use fusor_compiler::driver::{Options, compile_yul};
use harness::compilers::{self, Built};
use harness::{fixture, fixtures, play};
use std::collections::BTreeSet;
use std::path::Path;

fn objects() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/yul");
    let mut found: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    found.sort();
    found
}

fn built(artifact: &Artifact, abi: alloy_json_abi::JsonAbi) -> Built {
    Built {
        name: artifact.name.clone(),
        is_library: false,
        code: artifact.creation.bytes.clone(),
        links: artifact.creation.link_references.iter().map(|r| (r.library.clone(), r.offset)).collect(),
        abi,
        layout: serde_json::Value::Null,
    }
}

/// Compiles an object and plays its directives, if any; returns what is wrong.
fn run(name: &str, text: &str, optimize: bool) -> Option<String> {
    let program = compile_yul(name, text, &Options { optimize, keep_ir: true, ..Options::default() });
    let found: BTreeSet<(u32, &str)> = program
        .diagnostics
        .iter()
        .map(|d| (program.map.line_col(d.span).map_or(0, |p| p.line), d.code.id))
        .collect();
    let expected: BTreeSet<(u32, &str)> = text
        .lines()
        .enumerate()
        .filter_map(|(i, line)| Some((i as u32 + 1, line.split_once("//~ ERROR ")?.1)))
        .flat_map(|(line, codes)| codes.split_whitespace().map(move |code| (line, code)))
        .collect();
    if found != expected {
        let all: String = program.diagnostics.iter().map(|d| diag::plain(d, &program.map)).collect();
        return Some(format!("expected {expected:?}\n{all}"));
    }
    let artifact = program.artifact?;
    let fixture = fixture::parse(text);
    let object = built(&artifact, alloy_json_abi::JsonAbi::default());
    let mut stage = match play::release(std::slice::from_ref(&object), &object, &fixture.constructor) {
        Ok(stage) => stage,
        Err(e) => return Some(e),
    };
    let abi = stage.abi.clone();
    fixture.steps.iter().find_map(|step| {
        let receipt = stage.step(step);
        play::judge(step, &receipt, &abi).err().map(|e| format!("line {}: {e}", step.line))
    })
}

#[test]
fn objects_do_what_they_say() {
    let mut failures = String::new();
    for (name, text) in objects() {
        for optimize in [true, false] {
            if let Some(e) = run(&name, &text, optimize) {
                failures += &format!("{name}, optimised {optimize}: {e}\n");
            }
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

/// solc writes its own intermediate code as Yul: compiled by Fusor, it must do what the fixture says.
#[test]
fn fixtures_from_the_yul_of_solc_do_what_they_say() {
    let all: Vec<_> = fixtures().into_iter().filter(|(_, text)| compilers::is_plain(text)).collect();
    let Some(Ok(yul)) = compilers::solc_folder().map(|folder| compilers::solc_yul(&folder, &all)) else {
        assert!(std::env::var("FUSOR_REQUIRE").is_err(), "solc is required and did not run");
        println!("skipped: no solc (node and npm are needed)");
        return;
    };
    let (mut failures, mut steps) = (String::new(), 0);
    for (name, source) in &all {
        match play_yul(name, source, &yul) {
            Ok(n) => steps += n,
            Err(e) => failures += &format!("{name}: {e}\n"),
        }
    }
    println!("{steps} calls of fixtures made from the Yul of solc");
    assert!(failures.is_empty(), "\n{failures}");
}

fn play_yul(name: &str, source: &str, yul: &compilers::SolcYul) -> Result<usize, String> {
    let fixture = fixture::parse(source);
    let mut all = Vec::new();
    for contract in yul.get(name).into_iter().flatten() {
        let options = Options { enforce_limits: false, ..Options::default() };
        let program = compile_yul(name, &contract.text, &options);
        let errors: String = program.diagnostics.iter().map(|d| diag::plain(d, &program.map)).collect();
        let artifact = program.artifact.ok_or(errors)?;
        let mut built = built(&artifact, contract.abi.clone());
        (built.name, built.is_library) = (contract.name.clone(), contract.is_library);
        all.push(built);
    }
    let chosen = play::chosen(&fixture, &all, source)?;
    let mut stage = play::release(&all, chosen, &fixture.constructor)?;
    let abi = stage.abi.clone();
    for step in &fixture.steps {
        let receipt = stage.step(step);
        play::judge(step, &receipt, &abi).map_err(|e| format!("line {}: {e}", step.line))?;
    }
    Ok(fixture.steps.len())
}
