//! Checks the front door that tools use: solc's command line.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Folder, fusor, fusor_in};
use std::io::Write;
use std::process::{Command, Stdio};

const SOURCE: &str = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.0;\nimport \"lib/base.sol\";\n\
                      contract C is Base { function f() external pure returns (uint) { return 7; } }\n";
const BASE: &str = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.0;\nabstract contract Base {}\n";

fn project() -> Folder {
    let folder = Folder::new();
    folder.write("c.sol", SOURCE);
    folder.write("lib/base.sol", BASE);
    folder
}

#[test]
fn the_version_is_on_the_last_line() {
    for args in [["--version"].as_slice(), &["solc", "--version"]] {
        let out = fusor(args).succeeds();
        let last = out.lines().last().unwrap();
        assert!(last.starts_with("Version: 0.8.37+"), "{last}");
    }
}

#[test]
fn outputs_are_printed() {
    let folder = project();
    let out = fusor_in(folder.path(), &["solc", "c.sol", "--bin", "--abi", "--hashes"]).succeeds();
    assert!(out.contains("======= c.sol:C =======\nBinary:\n") && out.contains("26121ff0: f()"), "{out}");
    assert!(out.contains("Contract JSON ABI\n[{") && out.contains("lib/base.sol:Base"), "{out}");
    let combined = fusor_in(folder.path(), &["solc", "c.sol", "--combined-json", "abi,bin"]).succeeds();
    let combined: serde_json::Value = serde_json::from_str(&combined).unwrap();
    assert!(combined["contracts"]["c.sol:C"]["bin"].is_string() && combined["version"].is_string());
}

#[test]
fn outputs_go_to_files_once() {
    let folder = project();
    let args = ["solc", "c.sol", "--bin", "--abi", "-o", "made"];
    fusor_in(folder.path(), &args).succeeds();
    assert!(folder.path().join("made/C.bin").exists() && folder.path().join("made/C.abi").exists());
    assert!(fusor_in(folder.path(), &args).fails(1).contains("--overwrite"));
    fusor_in(folder.path(), &[args.as_slice(), &["--overwrite"]].concat()).succeeds();
}

#[test]
fn files_outside_the_allowed_folders_are_not_read() {
    let folder = project();
    let outside = Folder::new();
    outside.write("far.sol", BASE);
    let far = outside.path().to_str().unwrap();
    folder.write("d.sol", &format!("import \"{far}/far.sol\";\n"));
    let told = fusor_in(folder.path(), &["solc", "d.sol", "--abi"]).fails(1);
    assert!(told.contains("outside of allowed directories"), "{told}");
    fusor_in(folder.path(), &["solc", "d.sol", "--abi", "--allow-paths", far]).succeeds();
    folder.write("e.sol", "import \"far/far.sol\";\n");
    fusor_in(folder.path(), &["solc", &format!("far/={far}/"), "e.sol", "--abi"]).succeeds();
    fusor_in(folder.path(), &["solc", "e.sol", "--abi"]).fails(1);
}

#[test]
fn include_paths_need_a_base_path_and_no_ambiguity() {
    let folder = project();
    folder.write("inc/lib/base.sol", BASE);
    folder.write("sub/c.sol", SOURCE);
    fusor_in(folder.path(), &["solc", "sub/c.sol", "--abi", "--base-path", "sub", "--include-path", "inc"])
        .succeeds();
    assert!(
        fusor_in(folder.path(), &["solc", "c.sol", "--include-path", "inc"]).fails(1).contains("base path")
    );
    let both = ["solc", "c.sol", "--abi", "--base-path", ".", "--include-path", "inc"];
    assert!(fusor_in(folder.path(), &both).fails(1).contains("Ambiguous"));
}

#[test]
fn wrong_lines_fail_with_1() {
    let folder = project();
    for args in [
        ["solc"].as_slice(),
        &["solc", "--fly"],
        &["solc", "nowhere.sol"],
        &["solc", "lib"],
        &["solc", "c.sol", "--evm-version", "moon"],
        &["solc", "c.sol", "--optimize-runs", "x"],
        &["--standard-json", "nowhere.json"],
    ] {
        fusor_in(folder.path(), args).fails(1);
    }
    folder.write("bad.sol", "contract {");
    assert!(fusor_in(folder.path(), &["solc", "bad.sol", "--bin"]).fails(1).contains("ParserError"));
}

/// Sends a request to the binary started under `name`.
fn ask(name: &str, args: &[&str], request: &str) -> serde_json::Value {
    let folder = Folder::new();
    let path = folder.path().join(name);
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fusor"), &path).unwrap();
    let mut child =
        Command::new(&path).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success());
    serde_json::from_slice(&done.stdout).unwrap()
}

#[test]
fn standard_json_is_answered_under_every_name() {
    let request = r#"{"language": "Solidity", "sources": {"a.sol": {"content": "contract C {}"}},
        "settings": {"outputSelection": {"*": {"*": ["evm.bytecode.object"]}}}}"#;
    for (name, args) in [
        ("fusor", ["--standard-json"].as_slice()),
        ("fusor", &["--allow-paths", "/x", "--base-path", ".", "--standard-json", "-"]),
        ("fusor", &["solc", "--standard-json"]),
        ("solc", &["--standard-json"]),
        ("solc-0.8.37", &["--standard-json"]),
    ] {
        let answer = ask(name, args, request);
        assert!(answer["contracts"]["a.sol"]["C"]["evm"]["bytecode"]["object"].is_string(), "{answer}");
    }
    assert_eq!(ask("fusor", &["--standard-json"], "{")["errors"][0]["type"], "JSONError");
}
