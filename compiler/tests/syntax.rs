//! Runs a corpus of sources with the errors they deserve, named by FUSOR_SYNTAX; without it nothing is tested here.
//!
//! `FUSOR_SYNTAX=syntax-open.jsonl.gz cargo test -p fusor-compiler --test syntax -- --nocapture`
//! Set FUSOR_SYNTAX_RESULTS to have what is found written to a file, one JSON line a case.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use fusor_compiler::compilation::Compilation;
use fusor_compiler::diag::{Diagnostic, Severity};
use fusor_compiler::driver::{Options, compile_hir};
use fusor_compiler::source::SourceMap;
use fusor_compiler::{lexer, parse, split};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};

fn cases(file: &str) -> Vec<Value> {
    let mut text = String::new();
    let raw = std::fs::File::open(file).unwrap();
    if file.ends_with(".gz") {
        flate2::read::GzDecoder::new(raw).read_to_string(&mut text).unwrap();
    } else {
        std::io::BufReader::new(raw).read_to_string(&mut text).unwrap();
    }
    text.lines().filter(|l| !l.trim().is_empty()).map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn sources(case: &Value) -> BTreeMap<String, String> {
    let files = case["sources"].as_object().unwrap();
    files.iter().map(|(name, text)| (name.clone(), text.as_str().unwrap().to_owned())).collect()
}

/// Compiles a case as far as it asks for.
fn found(case: &Value) -> Vec<Value> {
    let files = sources(case);
    if case["settings"]["stage"] == "parsing" {
        return parsed(&files);
    }
    let mut compilation = Compilation::new(files.clone());
    for name in files.keys() {
        compilation.add_file(name);
    }
    compilation.check();
    let mut list: Vec<Diagnostic> = compilation.diagnostics().iter().cloned().collect();
    if let Some(hir) = compilation.hir().filter(|_| case["settings"]["stage"] == "compilation") {
        let options = Options { optimize: false, ..Options::default() };
        list.extend(compile_hir(hir, &options).err().into_iter().flatten());
    }
    list.iter().map(|d| row(d, compilation.source_map())).collect()
}

/// Only parses.
fn parsed(files: &BTreeMap<String, String>) -> Vec<Value> {
    let mut map = SourceMap::default();
    let mut list = Vec::new();
    for (name, text) in files {
        let id = map.add(name, text.clone());
        let (tokens, lexed) = lexer::lex(id, text);
        let (parts, cut) = split::split(id, text, &tokens);
        let (_, errors) = parse::parse(id, text, &parts.solidity);
        list.extend(lexed.into_iter().chain(cut).chain(errors));
    }
    list.iter().map(|d| row(d, &map)).collect()
}

fn row(d: &Diagnostic, map: &SourceMap) -> Value {
    json!({
        "severity": if d.severity == Severity::Error { "error" } else { "warning" },
        "code": d.solc.map(|n| n.to_string()),
        "file": map.file(d.span.file).map(|f| f.name()),
        "start": d.span.start,
        "end": d.span.end,
        "own": d.code.id,
        "message": d.message,
    })
}

fn is_error(row: &&Value) -> bool {
    row["severity"] == "error"
}

#[derive(Default)]
struct Count {
    cases: usize,
    right: usize,
    rejected: usize,
    code: usize,
    place: usize,
    first: usize,
}

impl Count {
    fn add(&mut self, case: &Value, found: &[Value]) {
        self.cases += 1;
        let rejected = found.iter().any(|r| is_error(&r));
        if rejected != (case["expect"] == "error") {
            println!("{} {}", if rejected { "wrongly refused" } else { "wrongly accepted" }, case["name"]);
            return;
        }
        self.right += 1;
        let Some(wanted) = case["expected"].as_array().unwrap().iter().find(is_error) else { return };
        self.rejected += 1;
        let same: Vec<&Value> = found.iter().filter(|r| r["code"] == wanted["code"]).collect();
        let there = |r: &&Value| ["file", "start", "end"].iter().all(|k| r[*k] == wanted[*k]);
        self.code += usize::from(!same.is_empty());
        self.place += usize::from(same.iter().any(there));
        let first = found.iter().find(is_error);
        self.first += usize::from(first.is_some_and(|r| r["code"] == wanted["code"] && there(&r)));
    }
}

#[test]
fn the_corpus_agrees() {
    let Ok(file) = std::env::var("FUSOR_SYNTAX") else {
        println!("skipped: FUSOR_SYNTAX names no corpus");
        return;
    };
    let mut results =
        std::env::var_os("FUSOR_SYNTAX_RESULTS").map(|path| std::fs::File::create(path).unwrap());
    let mut count = Count::default();
    for case in cases(&file) {
        let found = found(&case);
        count.add(&case, &found);
        if let Some(file) = &mut results {
            writeln!(file, "{}", json!({"name": case["name"], "errors": found})).unwrap();
        }
    }
    let Count { cases, right, rejected, code, place, first } = count;
    println!(
        "{right} of {cases} verdicts right; of {rejected} rejected {code} with the number, {place} with its place, {first} first"
    );
    assert!(right * 100 >= cases * 97, "too many wrong verdicts");
}
