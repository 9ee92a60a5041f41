//! Holds the syntax trees in JSON against solc's, node by node. Numbers are given anew in the order of the tree on both
//! sides, since solc also numbers nodes that it drops while it parses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod harness;

use alloy_primitives::keccak256;
use fusor_compiler::compilation::Compilation;
use harness::compilers;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

type Sources = BTreeMap<String, String>;

/// Writes our trees; files are taken in the order of their names, as solc does.
fn ours(sources: &Sources) -> Result<BTreeMap<String, Value>, String> {
    let mut program = Compilation::new(sources.clone());
    for name in sources.keys() {
        program.add_file(name);
    }
    program.check();
    if program.hir().is_none() {
        return Err(program.diagnostics().render(program.source_map(), false));
    }
    let index: Vec<u32> = (0..sources.len() as u32).collect();
    let trees = program.json_trees("osaka", &index);
    Ok(sources.keys().cloned().zip(trees.units).collect())
}

/// Asks solc; its answers are kept below the target folder.
fn peer(folder: &Path, sources: &Sources) -> Result<BTreeMap<String, Value>, String> {
    let files: Map<String, Value> =
        sources.iter().map(|(n, t)| (n.clone(), json!({ "content": t }))).collect();
    let settings = json!({ "evmVersion": "osaka", "outputSelection": { "*": { "": ["ast"] } } });
    let input = json!({ "language": "Solidity", "sources": files, "settings": settings }).to_string();
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ast-{}.json", keccak256(&input)));
    let output = match std::fs::read_to_string(&cache) {
        Ok(text) => text,
        Err(_) => compilers::run_solc(folder, &input)?,
    };
    let value: Value = serde_json::from_str(&output).map_err(|e| e.to_string())?;
    let errors = value["errors"].as_array().into_iter().flatten().filter(|e| e["severity"] == "error");
    let errors: Vec<&str> = errors.filter_map(|e| e["formattedMessage"].as_str()).collect();
    if !errors.is_empty() {
        return Err(errors.join("\n"));
    }
    std::fs::write(&cache, &output).map_err(|e| e.to_string())?;
    let trees = value["sources"].as_object().ok_or("no sources")?;
    Ok(trees.iter().map(|(name, s)| (name.clone(), s["ast"].clone())).collect())
}

/// Numbers every node of a program anew, in the order of the tree.
fn ranked(mut trees: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let mut found = Vec::new();
    trees.values().for_each(|t| numbers(t, &mut found));
    let ranks: BTreeMap<u64, u64> = found.into_iter().zip(1..).collect();
    trees.values_mut().for_each(|t| renumber(t, &ranks));
    trees
}

fn numbers(value: &Value, found: &mut Vec<u64>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("id").and_then(Value::as_u64));
            let parts: BTreeMap<&String, &Value> = map.iter().collect();
            parts.values().for_each(|v| numbers(v, found));
        }
        Value::Array(list) => list.iter().for_each(|v| numbers(v, found)),
        _ => {}
    }
}

/// The fields that hold numbers of nodes.
const NUMBERED: &[&str] = &[
    "id",
    "scope",
    "referencedDeclaration",
    "assignments",
    "functionReturnParameters",
    "sourceUnit",
    "declaration",
    "overloadedDeclarations",
    "exportedSymbols",
    "linearizedBaseContracts",
    "contractDependencies",
    "usedErrors",
    "usedEvents",
    "baseFunctions",
    "baseModifiers",
    "function",
];

fn renumber(value: &mut Value, ranks: &BTreeMap<u64, u64>) {
    match value {
        Value::Object(map) => {
            for (key, v) in map.iter_mut() {
                match (key.as_str(), &mut *v) {
                    ("typeIdentifier", Value::String(text)) => *text = renumbered_type(text, ranks),
                    ("internalFunctionIDs", Value::Object(ids)) => {
                        let rank = |k: &String| k.parse().ok().and_then(|n: u64| ranks.get(&n));
                        let named = |(k, v): (&String, &Value)| (format!("{:?}", rank(k)), v.clone());
                        *ids = ids.iter().map(named).collect();
                    }
                    (key, v) if NUMBERED.contains(&key) && v.get("nodeType").is_none() => rank_all(v, ranks),
                    (_, v) => renumber(v, ranks),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|v| renumber(v, ranks)),
        _ => {}
    }
}

fn rank_all(value: &mut Value, ranks: &BTreeMap<u64, u64>) {
    match value {
        Value::Number(n) => {
            if let Some(rank) = n.as_u64().and_then(|n| ranks.get(&n)) {
                *value = (*rank).into();
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|v| rank_all(v, ranks)),
        Value::Object(map) => map.values_mut().for_each(|v| rank_all(v, ranks)),
        _ => {}
    }
}

/// Replaces the numbers behind names in a type's identifier; those of array lengths stay.
fn renumbered_type(text: &str, ranks: &BTreeMap<u64, u64>) -> String {
    let mut out = String::new();
    let mut rest = text;
    let words =
        ["t_struct$_", "t_enum$_", "t_contract$_", "t_super$_", "t_userDefinedValueType$_", "t_module"];
    while let Some((at, word)) = words.iter().filter_map(|w| Some((rest.find(w)?, *w))).min() {
        let name = at + word.len();
        let mark = if word == "t_module" { "_" } else { "_$" };
        let Some(end) = rest[name..].find(mark) else { break };
        let digits = name + end + mark.len();
        let count = rest[digits..].bytes().take_while(u8::is_ascii_digit).count();
        let rank = rest[digits..digits + count].parse().ok().and_then(|n: u64| ranks.get(&n));
        out.push_str(&rest[..digits]);
        out.push_str(&format!("{rank:?}"));
        rest = &rest[digits + count..];
    }
    out + rest
}

/// Finds the first place where two trees differ.
fn difference(path: &str, ours: &Value, theirs: &Value) -> Option<String> {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let kind = b.get("nodeType").and_then(Value::as_str).map_or(String::new(), |k| format!("<{k}>"));
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            // Numbers come last: what they follow from is seen first.
            let (late, early): (Vec<&String>, Vec<&String>) =
                keys.into_iter().partition(|k| k.as_str() == "id" || k.as_str() == "scope");
            early.into_iter().chain(late).find_map(|key| {
                let at = format!("{path}{kind}.{key}");
                match (a.get(key), b.get(key)) {
                    (Some(x), Some(y)) => difference(&at, x, y),
                    (x, y) => {
                        Some(format!("{at} src {}: {x:?} for {y:?}", b.get("src").unwrap_or(&Value::Null)))
                    }
                }
            })
        }
        (Value::Array(a), Value::Array(b)) => {
            let each = a.iter().zip(b).enumerate();
            each.into_iter()
                .find_map(|(i, (x, y))| difference(&format!("{path}[{i}]"), x, y))
                .or_else(|| (a.len() != b.len()).then(|| format!("{path}: {ours} for {theirs}")))
        }
        _ => (ours != theirs).then(|| format!("{path}: {ours} for {theirs}")),
    }
}

/// Compares a program; returns how many files are equal and the first difference of each other one.
fn compare(folder: &Path, sources: &Sources) -> Result<(usize, Vec<String>), String> {
    let theirs = ranked(peer(folder, sources)?);
    let ours = ranked(ours(sources)?);
    let mut equal = 0;
    let mut differ = Vec::new();
    for (name, tree) in &theirs {
        match difference(name, ours.get(name).unwrap_or(&Value::Null), tree) {
            None => equal += 1,
            Some(text) => differ.push(text),
        }
    }
    Ok((equal, differ))
}

fn fixtures() -> Vec<(String, Sources)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ast");
    let mut names: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    names.sort();
    let texts = names.iter().filter(|p| p.extension().is_some_and(|e| e == "sol"));
    let all: Sources = texts
        .map(|p| {
            let name = p.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(p).unwrap())
        })
        .collect();
    vec![("fixtures".into(), all)]
}

#[test]
fn trees_of_fixtures_equal_solcs() {
    let Some(folder) = compilers::solc_folder() else {
        assert!(std::env::var("FUSOR_REQUIRE").is_err(), "solc is required and is not there");
        println!("skipped: the npm package solc is not there");
        return;
    };
    for (name, sources) in fixtures() {
        let (equal, differ) = compare(&folder, &sources).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(differ.is_empty() && equal == sources.len(), "{equal} equal\n{}", differ.join("\n"));
    }
}

/// Holds one tree against the file beside it, so that it is checked without solc; FUSOR_BLESS=1 writes the file.
#[test]
fn a_tree_stays_as_it_is() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ast");
    let text = std::fs::read_to_string(folder.join("lib.sol")).unwrap();
    let trees = ours(&Sources::from([("lib.sol".to_owned(), text)])).unwrap();
    let found = format!("{}\n", serde_json::to_string_pretty(&trees["lib.sol"]).unwrap());
    let expected = folder.join("lib.json");
    if std::env::var("FUSOR_BLESS").is_ok() {
        std::fs::write(&expected, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(&expected).unwrap_or_default());
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.ends_with("test") {
            continue; // needs packages that are not there
        }
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "sol") {
            found.push(path);
        }
    }
}

/// Reads a package's files and what they import.
fn package(folder: &Path) -> Sources {
    let root = folder.ancestors().find(|a| a.ends_with("node_modules")).expect("a folder in node_modules");
    let mut paths = Vec::new();
    collect(folder, &mut paths);
    let names = paths.iter().filter_map(|p| Some(p.strip_prefix(root).ok()?.to_str()?.to_owned()));
    let mut open: Vec<String> = names.collect();
    let mut all = Sources::new();
    while let Some(name) = open.pop() {
        if all.contains_key(&name) {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(root.join(&name)) else { continue };
        for line in text.split(';') {
            if let Some(path) = line.contains("import").then(|| line.rsplit('"').nth(1)).flatten() {
                open.push(fusor_compiler::imports::resolve(&name, path, &[]));
            }
        }
        // Some files want one older version of solc.
        let text = text.replace("pragma solidity 0.8.", "pragma solidity ^0.8.");
        all.insert(name, text);
    }
    all
}

/// The packages of a `node_modules` folder that are compared.
const PACKAGES: &[&str] =
    &["@openzeppelin/contracts", "solady/src", "solmate/src", "@prb/math/src", "@uniswap/v4-core/src"];

fn folders(given: &str) -> Vec<PathBuf> {
    let each = given.split(':').map(PathBuf::from);
    each.flat_map(|f| {
        if f.ends_with("node_modules") { PACKAGES.iter().map(|p| f.join(p)).collect() } else { vec![f] }
    })
    .collect()
}

/// FUSOR_PACKAGES names a `node_modules` folder, or folders inside one, separated by colons.
#[test]
fn trees_of_packages_equal_solcs() {
    let Ok(folders) = std::env::var("FUSOR_PACKAGES") else {
        println!("skipped: FUSOR_PACKAGES names no folder");
        return;
    };
    let solc = compilers::solc_folder().expect("the npm package solc");
    let mut all = Vec::new();
    for folder in self::folders(&folders) {
        let shown = folder.display();
        let (equal, differ) = compare(&solc, &package(&folder)).unwrap_or_else(|e| panic!("{shown}: {e}"));
        println!("{shown}: {equal} files equal, {} differ", differ.len());
        all.extend(differ);
    }
    for text in &all {
        println!("{text}");
    }
    assert!(all.is_empty());
}

/// FUSOR_CONFORMANCE names a file of conformance cases; those that both compilers take are compared.
#[test]
fn trees_of_conformance_cases_equal_solcs() {
    let Ok(file) = std::env::var("FUSOR_CONFORMANCE") else {
        println!("skipped: FUSOR_CONFORMANCE names no file");
        return;
    };
    let solc = compilers::solc_folder().expect("the npm package solc");
    let mut text = String::new();
    let open = std::fs::File::open(&file).expect("the file of cases");
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(open), &mut text).expect("the cases");
    let (mut equal, mut refused, mut all) = (0, 0, Vec::new());
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).expect("a case");
        let files = case["sources"].as_object().into_iter().flatten();
        let sources: Sources =
            files.map(|(n, t)| (n.clone(), t.as_str().unwrap_or_default().to_owned())).collect();
        match compare(&solc, &sources) {
            Ok((n, differ)) => {
                equal += n;
                all.extend(differ.into_iter().map(|d| format!("{}: {d}", case["name"])));
            }
            Err(_) => refused += 1,
        }
    }
    println!("{equal} files equal, {} differ, {refused} cases refused", all.len());
    for text in &all {
        println!("{text}");
    }
    assert!(all.is_empty());
}
