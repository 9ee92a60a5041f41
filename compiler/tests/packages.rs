//! Compiles every source of npm packages and holds ABI, method identifiers, documentation and storage layout against solc's.
//!
//! FUSOR_PACKAGES names folders inside a `node_modules`, separated by colons, for example
//! `FUSOR_PACKAGES=/x/node_modules/solady/src`; without it nothing is tested here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod harness;

use fusor_compiler::artifact::Artifact;
use fusor_compiler::compilation::{Compilation, DiskProvider};
use fusor_compiler::driver::{Options, compile};
use harness::compilers;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.ends_with("test") {
            continue; // needs packages that are not there
        }
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "sol") {
            found.push(path);
        }
    }
}

fn build(root: &Path, name: &str) -> Result<Vec<Artifact>, String> {
    let provider =
        DiskProvider { embedded: fusor_stdlib::find, roots: vec![root.to_owned()], remappings: Vec::new() };
    let mut program = Compilation::new(provider);
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
fn peer(root: &Path, names: &[String]) -> Option<Value> {
    let folder = compilers::solc_folder()?;
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    let mut open: Vec<String> = names.to_vec();
    while let Some(name) = open.pop() {
        if all.contains_key(&name) {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(root.join(&name)) else { continue };
        for line in text.split(';') {
            if let Some(path) = line.contains("import").then(|| line.rsplit('"').nth(1)).flatten() {
                open.push(fusor_compiler::compilation::resolve_path(&name, path, &[]));
            }
        }
        all.insert(name, text);
    }
    let files: Map<String, Value> = all.into_iter().map(|(n, t)| (n, json!({ "content": t }))).collect();
    let select =
        json!({ "*": { "*": ["abi", "devdoc", "userdoc", "evm.methodIdentifiers", "storageLayout"] } });
    let input =
        json!({ "language": "Solidity", "sources": files, "settings": { "outputSelection": select } });
    let output = compilers::run_solc(&folder, &input.to_string()).ok()?;
    serde_json::from_str(&output).ok()
}

#[test]
fn packages_compile_with_solcs_interfaces() {
    let Ok(folders) = std::env::var("FUSOR_PACKAGES") else {
        println!("skipped: FUSOR_PACKAGES names no folder");
        return;
    };
    let (mut files, mut refused, mut differ, mut contracts) = (0, Vec::new(), Vec::new(), 0);
    for folder in folders.split(':').map(PathBuf::from) {
        let root =
            folder.ancestors().find(|a| a.ends_with("node_modules")).expect("a folder in node_modules");
        let mut paths = Vec::new();
        sources(&folder, &mut paths);
        let names: Vec<String> =
            paths.iter().filter_map(|p| Some(p.strip_prefix(root).ok()?.to_str()?.to_owned())).collect();
        let peer = peer(root, &names).unwrap_or(Value::Null);
        for name in &names {
            files += 1;
            match build(root, name) {
                Err(e) => {
                    refused.push(format!("{name}\n{}", e.lines().take(9).collect::<Vec<_>>().join("\n")))
                }
                Ok(artifacts) => {
                    for artifact in artifacts.iter().filter(|a| a.file == *name) {
                        contracts += 1;
                        differ.extend(compare(artifact, &peer["contracts"][name][&artifact.name]));
                    }
                }
            }
        }
    }
    println!("{files} files, {} refused, {contracts} contracts, {} differ", refused.len(), differ.len());
    for text in refused.iter().chain(&differ) {
        println!("{text}");
    }
    assert!(refused.is_empty() && differ.is_empty());
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
