//! Checks the command line itself: exit codes, help, and the commands that need no contract.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Folder, fusor, fusor_in};

#[test]
fn wrong_usage_exits_with_2_and_failure_with_1() {
    fusor(&[]).fails(2);
    fusor(&["fly"]).fails(2);
    assert!(
        fusor(&["opcodes", "FLY"]).fails(1).starts_with("error: no opcode of the extension is called FLY")
    );
    assert!(fusor(&["--help"]).succeeds().contains("Usage: fusor <COMMAND>"));
}

#[test]
fn opcodes_prints_all_24() {
    let out = fusor(&["opcodes"]).succeeds();
    assert_eq!(out.lines().filter(|line| line.starts_with("| `0x")).count(), 24);
    assert_eq!(out, std::fs::read_to_string(common::root().join("docs/opcodes.md")).unwrap());
    assert!(fusor(&["opcodes", "asend"]).succeeds().starts_with("| `0xc8` | ASEND | id, to, amount | ok |"));
}

#[test]
fn assembler_and_disassembler_are_inverse() {
    let folder = Folder::new();
    folder.write("code.asm", "PUSH1 0x2a\nASEND\nSTOP\n");
    let code = fusor_in(folder.path(), &["asm", "code.asm"]).succeeds();
    assert_eq!(code, "0x602ac800\n");
    folder.write("code.hex", &code);
    assert_eq!(fusor_in(folder.path(), &["disasm", "code.hex"]).succeeds(), "PUSH1 0x2a\nASEND\nSTOP\n");
    folder.write("bad.asm", "STOP\nFLY\n");
    assert!(fusor_in(folder.path(), &["asm", "bad.asm"]).fails(1).contains("line 2: unknown opcode `FLY`"));
}

#[test]
fn statetest_refuses_what_holds_no_tests() {
    let folder = Folder::new();
    assert!(fusor_in(folder.path(), &["statetest", "."]).fails(1).contains("no .json file found"));
    fusor_in(folder.path(), &["statetest", ".", "--share", "3/2"]).fails(2);
    folder.write("bad.json", "{\"x\": 1}");
    assert!(fusor_in(folder.path(), &["statetest", "."]).fails(1).contains("cases failed: 1"));
}

#[test]
fn bench_measures_transfers_with_and_without_solc() {
    let out = fusor(&["bench", "asend", "--transfers", "10"]).succeeds();
    assert!(out.contains("transaction to the ledger (asend)"));
    let required = std::env::var("FUSOR_REQUIRE").is_ok_and(|value| value == "1");
    let missing = ["npm's solc is missing", "Node.js cannot be started"].iter().any(|why| out.contains(why));
    assert!(out.contains("ERC-20 by solc") || (!required && missing), "{out}");
}
