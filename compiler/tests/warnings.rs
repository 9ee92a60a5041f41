//! Tests warnings. Every fixture of `front/warn` says with `//~ WARN code number` what is reported on its line, and
//! with `//~^ WARN` for the line above; with solc at hand its numbers and places are compared too.
//!
//! FUSOR_WARNINGS names a file of JSON lines, each `{"name", "sources", "errors"}` with what solc reports for the
//! sources; then the agreement is counted per number.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod harness;

use fusor_compiler::compilation::Compilation;
use fusor_compiler::diag::Severity;
use harness::compilers;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

type Finding = (String, String, i64, i64);

fn fixtures() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/front/warn");
    let mut list: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    list.sort();
    list
}

/// Reads the expectations: (line, code, number).
fn expected(text: &str) -> BTreeSet<(u32, String, String)> {
    let mut out = BTreeSet::new();
    for (i, line) in text.lines().enumerate() {
        let Some((_, list)) = line.split_once("//~") else { continue };
        let (up, list) = list.strip_prefix('^').map_or((0, list), |rest| (1, rest));
        let words: Vec<&str> = list.strip_prefix(" WARN ").unwrap().split_whitespace().collect();
        for pair in words.chunks(2) {
            out.insert((i as u32 + 1 - up, pair[0].to_owned(), pair[1].to_owned()));
        }
    }
    out
}

fn checked(sources: &BTreeMap<String, String>) -> Compilation<BTreeMap<String, String>> {
    let mut compilation = Compilation::new(sources.clone());
    for name in sources.keys() {
        compilation.add_file(name);
    }
    compilation.check();
    compilation
}

fn findings(compilation: &Compilation<BTreeMap<String, String>>) -> Vec<Finding> {
    let map = compilation.source_map();
    let finding = |d: &fusor_compiler::diag::Diagnostic| {
        let number = d.solc.map_or(d.code.id.to_owned(), |n| n.to_string());
        let file = map.file(d.span.file).unwrap().name().to_owned();
        let (start, end) = match d.solc {
            Some(1878 | 3420) => (-1, -1),
            _ => (i64::from(d.span.start), i64::from(d.span.end)),
        };
        (number, file, start, end)
    };
    compilation.diagnostics().iter().filter(|d| d.severity == Severity::Warning).map(finding).collect()
}

#[test]
fn fixtures_report_what_they_say() {
    for path in fixtures() {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let compilation = checked(&BTreeMap::from([(name.clone(), text.clone())]));
        let map = compilation.source_map();
        assert!(compilation.hir().is_some(), "{}", compilation.diagnostics().render(map, false));
        let found: BTreeSet<_> = compilation
            .diagnostics()
            .iter()
            .map(|d| {
                assert!(d.help.is_some(), "{name}: {} has no help", d.code.id);
                (map.line_col(d.span).unwrap().line, d.code.id.to_owned(), d.solc.unwrap().to_string())
            })
            .collect();
        let wanted = expected(&text);
        let missing: Vec<_> = wanted.difference(&found).collect();
        let extra: Vec<_> = found.difference(&wanted).collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "{name}: missing {missing:?}, not expected {extra:?}"
        );
    }
}

/// Asks solc what it reports for the sources.
fn peer(folder: &Path, sources: &BTreeMap<String, String>) -> Vec<Finding> {
    let files: serde_json::Map<String, Value> =
        sources.iter().map(|(n, t)| (n.clone(), json!({ "content": t }))).collect();
    let settings = json!({ "outputSelection": { "*": { "": [] } } });
    let input = json!({ "language": "Solidity", "sources": files, "settings": settings });
    let output: Value =
        serde_json::from_str(&compilers::run_solc(folder, &input.to_string()).unwrap()).unwrap();
    output["errors"].as_array().into_iter().flatten().map(of_solc).collect()
}

fn of_solc(e: &Value) -> Finding {
    let place = &e["sourceLocation"];
    (
        e["errorCode"].as_str().unwrap().to_owned(),
        place["file"].as_str().unwrap_or("").to_owned(),
        place["start"].as_i64().unwrap_or(-1),
        place["end"].as_i64().unwrap_or(-1),
    )
}

#[test]
fn solc_reports_the_same_for_the_fixtures() {
    let Some(folder) = compilers::solc_folder() else {
        println!("skipped: no solc");
        return;
    };
    let sources: BTreeMap<String, String> = fixtures()
        .iter()
        .map(|p| (p.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(p).unwrap()))
        .collect();
    for (name, text) in sources {
        let one = BTreeMap::from([(name.clone(), text)]);
        let (mut ours, mut theirs) = (findings(&checked(&one)), peer(&folder, &one));
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs, "{name}");
    }
}

#[derive(Default)]
struct Score {
    same: usize,
    missing: usize,
    extra: usize,
}

/// Counts agreement with a list of solc's findings.
#[test]
fn warnings_agree_with_a_corpus() {
    let Ok(path) = std::env::var("FUSOR_WARNINGS") else {
        println!("skipped: FUSOR_WARNINGS names no file");
        return;
    };
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    let (mut cases, mut exact, mut refused) = (0, 0, 0);
    for line in path
        .split(':')
        .flat_map(|p| std::fs::read_to_string(p).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
    {
        let case: Value = serde_json::from_str(&line).unwrap();
        let errors = case["errors"].as_array().unwrap();
        if errors.iter().any(|e| e["sev"] == "error") {
            continue;
        }
        let sources: BTreeMap<String, String> = serde_json::from_value(case["sources"].clone()).unwrap();
        let compilation = checked(&sources);
        if compilation.hir().is_none() {
            refused += 1;
            continue;
        }
        cases += 1;
        let mut open: Vec<Finding> = errors.iter().map(of_list).collect();
        let mut same = true;
        for finding in findings(&compilation) {
            let score = scores.entry(finding.0.clone()).or_default();
            match open.iter().position(|f| *f == finding) {
                Some(at) => {
                    open.swap_remove(at);
                    score.same += 1;
                }
                None => {
                    score.extra += 1;
                    same = false;
                    println!("extra {} {finding:?} {}", case["name"], text_of(&sources, &finding));
                }
            }
        }
        for finding in open {
            scores.entry(finding.0.clone()).or_default().missing += 1;
            same = false;
            println!("missing {} {finding:?} {}", case["name"], text_of(&sources, &finding));
        }
        exact += usize::from(same);
    }
    for (number, s) in &scores {
        println!("{number}: {} same, {} missing, {} extra", s.same, s.missing, s.extra);
    }
    println!("{exact} of {cases} cases exact, {refused} refused");
}

fn of_list(e: &Value) -> Finding {
    let place = |key: &str| e[key].as_i64().unwrap();
    (
        e["code"].as_str().unwrap().to_owned(),
        e["file"].as_str().unwrap().to_owned(),
        place("start"),
        place("end"),
    )
}

fn text_of(sources: &BTreeMap<String, String>, finding: &Finding) -> String {
    let text =
        sources.get(&finding.1).and_then(|t| t.get(finding.2.max(0) as usize..finding.3.max(0) as usize));
    text.unwrap_or("").chars().take(200).collect()
}
