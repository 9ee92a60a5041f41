//! Tests the checker: every fixture of `front/check` says with `//~ ERROR code` what is reported on its line, and
//! files without such a line are accepted.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use fusor_compiler::compilation::{Compilation, DiskProvider};
use fusor_compiler::diag::{self, Severity};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn fixtures() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/front/check");
    let mut list: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    list.sort();
    list
}

/// Reads the expectations: (line, code).
fn expected(text: &str) -> BTreeSet<(u32, String)> {
    let mut out = BTreeSet::new();
    for (i, line) in text.lines().enumerate() {
        let Some((_, list)) = line.split_once("//~ ERROR ") else { continue };
        out.extend(list.split_whitespace().map(|code| (i as u32 + 1, code.to_owned())));
    }
    out
}

/// Checks one source and compares errors with the expectations in it; returns the differences.
fn check(name: &str, text: &str) -> String {
    let files = BTreeMap::from([(name.to_owned(), text.to_owned())]);
    let mut compilation = Compilation::new(files);
    compilation.add_file(name);
    compilation.check();
    let map = compilation.source_map();
    let found: BTreeSet<(u32, String)> = compilation
        .diagnostics()
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .map(|d| (map.line_col(d.span).unwrap().line, d.code.id.to_owned()))
        .collect();
    assert_eq!(compilation.hir().is_some(), found.is_empty());
    let expected = expected(text);
    let missing =
        expected.difference(&found).map(|(line, code)| format!("{name}:{line}: {code} is not reported\n"));
    let unknown = |line: u32, code: &str| !expected.contains(&(line, code.to_owned()));
    let extra = compilation
        .diagnostics()
        .iter()
        .filter(|d| d.severity == Severity::Error && unknown(map.line_col(d.span).unwrap().line, d.code.id))
        .map(|d| diag::plain(d, map));
    missing.chain(extra).collect()
}

#[test]
fn fixtures_report_what_they_say() {
    let mut differences = String::new();
    for path in fixtures() {
        let text = std::fs::read_to_string(&path).unwrap();
        differences += &check(path.file_name().unwrap().to_str().unwrap(), &text);
    }
    assert!(differences.is_empty(), "\n{differences}");
}

/// The programs that the whole compiler is tested with are all accepted.
#[test]
fn contracts_of_the_harness_are_accepted() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contracts");
    accept(&dir, fusor_none, "sol");
}

fn fusor_none(_: &str) -> Option<&'static str> {
    None
}

/// The stdlib is accepted, file by file.
#[test]
fn the_stdlib_is_accepted() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stdlib/contracts");
    let mut names = Vec::new();
    list(&dir, &dir, &mut names);
    let mut errors = String::new();
    for name in names {
        let remappings = vec!["fusor/=".parse().unwrap()];
        let provider = DiskProvider { embedded: fusor_none, roots: vec![dir.clone()], remappings };
        errors += &problems(provider, &name);
    }
    assert!(errors.is_empty(), "{errors}");
}

fn list(root: &Path, dir: &Path, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(root, &path, out);
        } else if path.extension().is_some_and(|e| e == "sol" || e == "csc") {
            out.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

fn accept(dir: &Path, embedded: fn(&str) -> Option<&'static str>, extension: &str) {
    let mut names = Vec::new();
    list(dir, dir, &mut names);
    let mut errors = String::new();
    for name in names.iter().filter(|n| n.ends_with(extension)) {
        let provider = DiskProvider { embedded, roots: vec![dir.to_owned()], remappings: Vec::new() };
        errors += &problems(provider, name);
    }
    assert!(errors.is_empty(), "{errors}");
}

fn problems(provider: DiskProvider, name: &str) -> String {
    let mut compilation = Compilation::new(provider);
    compilation.add_file(name);
    compilation.check();
    let map = compilation.source_map();
    compilation
        .diagnostics()
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .map(|d| diag::plain(d, map))
        .collect()
}

/// Runs over a corpus of JSON files outside the repository when `FUSOR_CORPUS` names its folder.
#[test]
fn corpus_agrees_with_its_expectations() {
    let Some(dir) = std::env::var_os("FUSOR_CORPUS") else { return };
    let read = |name: &str| -> Vec<serde_json::Value> {
        serde_json::from_slice(&std::fs::read(Path::new(&dir).join(name)).unwrap()).unwrap()
    };
    let (mut good, mut bad, mut unsupported) = (0, 0, 0);
    for case in read("semantic.json") {
        let errors = corpus_errors(&case);
        if errors.is_empty() {
            good += 1;
        } else if errors.iter().any(|e| e.contains("E0901")) {
            unsupported += 1;
            println!("UNSUPPORTED {}: {}", case["name"], errors.concat().trim());
        } else {
            bad += 1;
            println!("REFUSED {}: {}", case["name"], errors.concat().trim());
        }
    }
    println!("semantic: {good} accepted, {bad} refused, {unsupported} unsupported");
    let (mut right, mut lax, mut strict) = (0, 0, 0);
    for case in read("syntax.json") {
        let errors = corpus_errors(&case);
        match (case["expect"].as_str() == Some("error"), errors.is_empty()) {
            (true, false) | (false, true) => right += 1,
            (true, true) => {
                lax += 1;
                let wanted: Vec<_> = case["expected"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|e| e["severity"] == "error")
                    .map(|e| e["message"].to_string())
                    .collect();
                println!("LAX {}: {}", case["name"], wanted.join(" / "));
            }
            (false, false) => {
                strict += 1;
                println!("STRICT {}: {}", case["name"], errors.concat().trim());
            }
        }
    }
    println!("syntax: {right} right, {lax} wrongly accepted, {strict} wrongly refused");
}

fn corpus_errors(case: &serde_json::Value) -> Vec<String> {
    let files: BTreeMap<String, String> = case["sources"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, text)| (name.clone(), text.as_str().unwrap().to_owned()))
        .collect();
    let mut compilation = Compilation::new(files.clone());
    for name in files.keys() {
        compilation.add_file(name);
    }
    compilation.check();
    let map = compilation.source_map();
    compilation
        .diagnostics()
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .map(|d| diag::plain(d, map))
        .collect()
}

/// Checks programs that grow without limit when something is spelled out; each must end quickly.
#[test]
fn programs_that_explode_are_bounded() {
    let chain = |n: usize, f: &dyn Fn(usize) -> String| (1..=n).map(f).collect::<String>();
    let constants = format!(
        "uint256 constant c0 = 0; {} contract C {{ uint256[c60 + 1] a; }}",
        chain(60, &|i| format!("uint256 constant c{i} = c{} + c{};", i - 1, i - 1))
    );
    assert_eq!(problems_of(&constants), "");
    let long = format!(
        "uint256 constant c0 = 1; {} contract C {{ uint256[c20000] a; }}",
        chain(20_000, &|i| format!("uint256 constant c{i} = c{};", i - 1))
    );
    assert!(problems_of(&long).contains("E0202"));
    let structs = format!(
        "struct S0 {{ uint256 a; }} {} contract C {{ function f(S60 memory s) public {{}} }}",
        chain(60, &|i| format!("struct S{i} {{ S{} a; S{} b; }}", i - 1, i - 1))
    );
    assert!(problems_of(&structs).contains("E0902"));
    let diamonds = format!(
        "contract A0 {{ function f() public virtual {{}} }} {} contract C is A60 {{ function f() public override {{}} }}",
        chain(60, &|i| format!(
            "contract L{i} is A{} {{}} contract R{i} is A{} {{}} contract A{i} is L{i}, R{i} {{}}",
            i - 1,
            i - 1
        ))
    );
    assert_eq!(problems_of(&diamonds), "");
    let cycle = "uint256 constant a = b; uint256 constant b = a; contract C { uint256[a] x; }";
    assert!(problems_of(cycle).contains("E0309"));
    let functions = format!(
        "contract C {{ {} }}",
        chain(2_000, &|i| format!(
            "function f{i}(uint256 x) public pure returns (uint256) {{ return x + {i}; }}"
        ))
    );
    assert_eq!(problems_of(&functions), "");
}

fn problems_of(text: &str) -> String {
    let mut compilation = Compilation::new(BTreeMap::from([("a.sol".to_owned(), text.to_owned())]));
    compilation.add_file("a.sol");
    compilation.check();
    let map = compilation.source_map();
    let errors = compilation.diagnostics().iter().filter(|d| d.severity == Severity::Error);
    errors.map(|d| diag::plain(d, map)).collect()
}

mod soup {
    use super::*;
    use proptest::prelude::*;

    const SEEDS: [&str; 6] = [
        include_str!("front/check/accepted_language.sol"),
        include_str!("front/check/accepted_token.sol"),
        include_str!("front/check/types.sol"),
        include_str!("front/check/contracts.sol"),
        include_str!("front/check/assembly.sol"),
        include_str!("front/parse/whole_syntax.sol"),
    ];

    /// Reads how many programs to try; `FUSOR_CASES` asks for a longer run.
    fn cases() -> u32 {
        std::env::var("FUSOR_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(300)
    }

    /// Cuts a text into words and single characters.
    fn words(text: &str) -> Vec<&str> {
        let mut out = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let word = |c: char| c.is_alphanumeric() || c == '_';
            let end = rest.find(|c| !word(c)).filter(|_| word(first)).unwrap_or(first.len_utf8());
            let (head, tail) =
                rest.split_at(if word(first) && !rest.contains(|c| !word(c)) { rest.len() } else { end });
            out.push(head);
            rest = tail;
        }
        out
    }

    fn run(name: &str, text: String) {
        let mut compilation = Compilation::new(BTreeMap::from([(name.to_owned(), text)]));
        compilation.add_file(name);
        compilation.check();
        compilation.diagnostics().render(compilation.source_map(), false);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

        /// Words of valid programs are dropped, doubled and swapped; whatever comes out is checked without a panic.
        #[test]
        fn mutated_programs_never_panic(
            seed in 0usize..6,
            other in 0usize..6,
            edits in proptest::collection::vec((any::<u32>(), any::<u32>(), 0u8..4), 1..12),
        ) {
            let mut list = words(SEEDS[seed]);
            let donor = words(SEEDS[other]);
            for (at, from, kind) in edits {
                let at = at as usize % list.len();
                let from = from as usize % donor.len();
                match kind {
                    0 => { list.remove(at); }
                    1 => list.insert(at, donor[from]),
                    2 => list[at] = donor[from],
                    _ => { let b = from % list.len(); list.swap(at, b); }
                }
            }
            run("a.sol", list.concat());
        }

        #[test]
        fn descriptions_never_panic(
            picks in proptest::collection::vec(0usize..DESCRIPTION.len(), 0..40),
        ) {
            let body: Vec<&str> = picks.into_iter().map(|i| DESCRIPTION[i]).collect();
            run("a.csc", format!(
                "contract C {{ uint256 t; event E(uint256 indexed a, bytes b); function f() internal {{}} constructor() payable {{}} }} description C {{ {} }}",
                body.join(" ")
            ));
        }
    }

    const DESCRIPTION: &[&str] = &[
        "on",
        "at",
        "every",
        "cron",
        "event",
        "call",
        "nested",
        "policy",
        "source",
        "{",
        "}",
        "(",
        ")",
        ";",
        "t",
        "f()",
        "do",
        "if",
        "where",
        "from",
        "until",
        "1",
        "8h",
        "0",
        "\"0 0 30 2 *\"",
        "utc",
        "adjust",
        "following",
        "missed",
        "once",
        "all",
        "skip",
        "retry",
        "3",
        "late",
        "10m",
        "then",
        "gas",
        "300_000",
        "escrow",
        "1 ether",
        "E",
        "E(uint256 a, bytes b)",
        "max",
        "when",
        "within",
        "else",
        "=",
        "pool",
        ".",
        ",",
        "on at t do f();",
        "on every 1d do f();",
        "policy { gas 300_000; escrow 1 ether; }",
        "on call f do f();",
        "x",
        ":",
        "uint256",
    ];
}

/// `front/numbers/refused.txt` holds small programs behind lines `//==== NUMBER`, solc's number of an error in them.
#[test]
fn errors_carry_solcs_numbers() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/front/numbers/refused.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let mut failures = Vec::new();
    for block in text.split("//==== ").skip(1) {
        let (number, source) = block.split_once('\n').unwrap();
        let mut program = Compilation::new(BTreeMap::from([("a.sol".to_owned(), source.to_owned())]));
        program.add_file("a.sol");
        let found: Vec<u16> = program.check().iter().filter_map(|d| d.solc).collect();
        if !found.contains(&number.trim().parse().unwrap()) {
            failures.push(format!("{number} expected, {found:?} found:\n{source}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
