//! Compiles every source of npm packages and holds ABI, method identifiers, documentation and storage layout against
//! solc's.
//!
//! FUSOR_PACKAGES names a `node_modules` folder, whose packages listed here are taken, or folders inside one,
//! separated by colons: `FUSOR_PACKAGES=/x/node_modules` or `FUSOR_PACKAGES=/x/node_modules/solady/src`. Without it
//! nothing is tested here. Left out are files that are for an older language or that import what is not there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod harness;

use fusor_compiler::artifact::Artifact;
use fusor_compiler::compilation::{Compilation, DiskProvider, FileProvider};
use fusor_compiler::driver::{Options, compile};
use fusor_compiler::imports::{Remapping, resolve};
use harness::compilers;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The packages of a `node_modules` folder that are compiled whole.
const PACKAGES: &[&str] = &[
    "@openzeppelin/contracts",
    "@openzeppelin/contracts-upgradeable",
    "solady/src",
    "solmate/src",
    "@prb/math",
    "@account-abstraction/contracts",
    "@uniswap/v4-core/src",
    "@uniswap/v4-core/test",
    "@uniswap/v4-periphery/src",
    "@uniswap/v4-periphery/test",
    "@uniswap/v4-periphery/script",
    "@safe-global/safe-contracts/contracts",
    "@uniswap/v3-core/contracts",
    "@uniswap/v2-core/contracts",
];

/// Remappings that Foundry finds by itself, where a package lists none.
const FOUND_BY_FOUNDRY: &[(&str, &str, &str)] =
    &[("@uniswap/v4-periphery", "permit2/", "@uniswap/v4-periphery/lib/permit2/")];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "sol") {
            found.push(path);
        }
    }
    found.sort();
}

/// Serves files below `node_modules`; pragmas for one version of 0.8 alone are opened.
#[derive(Clone)]
struct Files(DiskProvider);

impl Files {
    fn new(root: &Path, remappings: Vec<Remapping>) -> Self {
        Self(DiskProvider { embedded: fusor_stdlib::find, roots: vec![root.to_owned()], remappings })
    }

    fn text(&self, name: &str) -> Option<String> {
        String::from_utf8(self.read(name).ok()?).ok()
    }
}

impl FileProvider for Files {
    fn resolve(&self, importer: &str, path: &str) -> String {
        self.0.resolve(importer, path)
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        let text = String::from_utf8(self.0.read(name)?).map_err(|e| e.to_string())?;
        Ok(text.replace("pragma solidity 0.8.", "pragma solidity >=0.8.").into_bytes())
    }
}

/// Reads the remappings of the package that a folder lies in.
fn remappings(root: &Path, folder: &Path) -> Vec<Remapping> {
    let mut all = Vec::new();
    for package in folder.ancestors().take_while(|a| *a != root) {
        let name = package.strip_prefix(root).unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(package.join("remappings.txt")).unwrap_or_default();
        let lines = text.lines().filter_map(|line| line.split_once('='));
        all.extend(lines.map(|(from, to)| remapping(from.trim(), &format!("{name}/{}", to.trim()))));
        let known = FOUND_BY_FOUNDRY.iter().filter(|(of, ..)| *of == name);
        all.extend(known.map(|(_, from, to)| remapping(from, to)));
    }
    // A target that is not there stands for a package beside this one.
    all.retain(|r| root.join(&r.target).exists());
    all
}

fn remapping(prefix: &str, target: &str) -> Remapping {
    Remapping { prefix: prefix.into(), target: target.into(), ..Remapping::default() }
}

fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for statement in text.split(';') {
        let statement = statement.rsplit('\n').take(40).collect::<Vec<_>>();
        let from = statement.iter().rev().skip_while(|l| !l.trim_start().starts_with("import"));
        let joined = from.copied().collect::<Vec<_>>().join(" ");
        let quoted: Vec<&str> = joined.split(['"', '\'']).collect();
        if joined.trim_start().starts_with("import") && quoted.len() >= 3 {
            found.push(quoted[quoted.len() - 2].to_owned());
        }
    }
    found
}

/// Collects a file and all that it imports; none when something is missing or is for an older language.
fn closure(files: &Files, name: &str) -> Option<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        if all.contains_key(&name) {
            continue;
        }
        let text = files.text(&name)?;
        let old = ["0.5.", "0.6.", "0.7."].iter().any(|v| {
            [format!("pragma solidity ={v}"), format!("pragma solidity {v}"), format!("pragma solidity ^{v}")]
                .iter()
                .any(|p| text.contains(p.as_str()))
        });
        if old || text.contains("<0.8.0") {
            return None;
        }
        for path in imports(&text) {
            open.push(resolve(&name, &path, &files.0.remappings));
        }
        all.insert(name, text);
    }
    Some(all)
}

fn build(files: &Files, name: &str) -> Result<Vec<Artifact>, String> {
    let mut program = Compilation::new(files.clone());
    program.add_file(name);
    let options = Options { enforce_limits: false, ..Options::default() };
    compile(&mut program, &options).map_err(|d| d.render(program.source_map(), false))
}

/// Drops what numbers syntax nodes, which no two compilers agree on.
fn plain(layout: &Value) -> String {
    let mut text = String::new();
    let mut after = false;
    for c in layout.to_string().chars() {
        if after && c.is_ascii_digit() {
            continue;
        }
        after = c == ')' || text.ends_with("\"astId\"") && c == ':';
        text.push(c);
    }
    text
}

/// Asks solc for the interfaces of all files at once.
fn peer(sources: BTreeMap<String, String>, remappings: &[Remapping]) -> Option<Value> {
    let folder = compilers::solc_folder()?;
    let files: Map<String, Value> = sources.into_iter().map(|(n, t)| (n, json!({ "content": t }))).collect();
    let select =
        json!({ "*": { "*": ["abi", "devdoc", "userdoc", "evm.methodIdentifiers", "storageLayout"] } });
    let remappings: Vec<String> = remappings.iter().map(Remapping::to_string).collect();
    let settings = json!({ "outputSelection": select, "remappings": remappings });
    let input = json!({ "language": "Solidity", "sources": files, "settings": settings });
    let output = compilers::run_solc(&folder, &input.to_string()).ok()?;
    serde_json::from_str(&output).ok()
}

/// Counts what was compiled and keeps what is wrong.
#[derive(Default)]
struct Report {
    files: usize,
    left_out: usize,
    contracts: usize,
    refused: Vec<String>,
    differ: Vec<String>,
}

impl Report {
    /// Asks solc; leaves out files that need one that solc refuses, since it then answers nothing.
    fn peer<'n>(
        &mut self,
        files: &Files,
        mut texts: BTreeMap<String, String>,
        mut names: Vec<&'n String>,
    ) -> (Value, Vec<&'n String>) {
        loop {
            let Some(output) = peer(texts.clone(), &files.0.remappings) else { return (Value::Null, names) };
            let bad: Vec<&str> = output["errors"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|e| e["severity"] == "error")
                .filter_map(|e| e["sourceLocation"]["file"].as_str())
                .collect();
            let before = names.len();
            names.retain(|name| {
                closure(files, name).is_some_and(|needed| !bad.iter().any(|file| needed.contains_key(*file)))
            });
            self.left_out += before - names.len();
            if before == names.len() {
                return (output, names);
            }
            texts = names.iter().filter_map(|name| closure(files, name)).flatten().collect();
        }
    }

    fn folder(&mut self, root: &Path, folder: &Path) {
        let remappings = remappings(root, folder);
        let files = Files::new(root, remappings.clone());
        let mut paths = Vec::new();
        sources(folder, &mut paths);
        let all: Vec<String> =
            paths.iter().filter_map(|p| Some(p.strip_prefix(root).ok()?.to_str()?.to_owned())).collect();
        let mut texts = BTreeMap::new();
        let mut names = Vec::new();
        for name in &all {
            match closure(&files, name) {
                Some(needed) => {
                    texts.extend(needed);
                    names.push(name);
                }
                None => self.left_out += 1,
            }
        }
        let (peer, names) = self.peer(&files, texts, names);
        for name in names {
            self.files += 1;
            match build(&files, name) {
                Err(e) => {
                    let start = e.lines().take(9).collect::<Vec<_>>().join("\n");
                    self.refused.push(format!("{name}\n{start}"));
                }
                Ok(artifacts) => {
                    for artifact in artifacts.iter().filter(|a| a.file == *name) {
                        self.contracts += 1;
                        self.differ.extend(compare(artifact, &peer["contracts"][name][&artifact.name]));
                    }
                }
            }
        }
    }
}

#[test]
fn packages_compile_with_solcs_interfaces() {
    let Ok(folders) = std::env::var("FUSOR_PACKAGES") else {
        println!("skipped: FUSOR_PACKAGES names no folder");
        return;
    };
    let mut report = Report::default();
    for folder in folders.split(':').map(PathBuf::from) {
        let root =
            folder.ancestors().find(|a| a.ends_with("node_modules")).expect("a folder in node_modules");
        if folder == root {
            PACKAGES.iter().for_each(|package| report.folder(root, &root.join(package)));
        } else {
            report.folder(root, &folder);
        }
    }
    println!(
        "{} files, {} refused, {} contracts, {} differ; {} files left out",
        report.files,
        report.refused.len(),
        report.contracts,
        report.differ.len(),
        report.left_out
    );
    for text in report.refused.iter().chain(&report.differ) {
        println!("{text}");
    }
    assert!(report.refused.is_empty() && report.differ.is_empty());
}

fn compare(ours: &Artifact, peer: &Value) -> Option<String> {
    if peer.is_null() {
        return Some(format!("{}: solc has no such contract", ours.name));
    }
    let methods = serde_json::to_value(&ours.method_identifiers).unwrap_or_default();
    if methods != peer["evm"]["methodIdentifiers"] {
        return Some(format!(
            "{}:{}: methods {methods}\n{}",
            ours.file, ours.name, peer["evm"]["methodIdentifiers"]
        ));
    }
    if ours.abi != peer["abi"] {
        let only = |a: &Value, b: &Value| -> Vec<String> {
            let list = |v: &Value| v.as_array().cloned().unwrap_or_default();
            list(a).iter().filter(|i| !list(b).contains(i)).map(Value::to_string).collect()
        };
        let (mine, theirs) = (only(&ours.abi, &peer["abi"]), only(&peer["abi"], &ours.abi));
        return Some(format!("{}:{}: ABI {mine:?}\n  solc {theirs:?}", ours.file, ours.name));
    }
    for (mine, name) in [(&ours.devdoc, "devdoc"), (&ours.userdoc, "userdoc")] {
        if *mine != peer[name] {
            return Some(format!("{}:{}: {name} {mine}\n  solc {}", ours.file, ours.name, peer[name]));
        }
    }
    let (mine, theirs) = (plain(&ours.storage_layout), plain(&peer["storageLayout"]));
    (mine != theirs).then(|| format!("{}:{}: layout {mine}\n  solc {theirs}", ours.file, ours.name))
}
