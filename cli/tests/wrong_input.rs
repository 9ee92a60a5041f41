//! Feeds the binary what users get wrong: it says all that is wrong, where, and leaves nothing behind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Folder, fusor_in};

const LAMP: &str = "pragma solidity ^0.8.20;
contract Lamp {
    uint256 public lit;
    constructor() payable {}
    function light() internal { lit++; }
}
";

/// Checks a lamp with this description, and that it says `messages` and nothing is written.
#[track_caller]
fn refused(description: &str, messages: &[&str]) {
    let folder = Folder::new();
    folder.write("lamp.csc", &format!("{LAMP}description Lamp {{\n{description}\n}}\n"));
    let err = fusor_in(folder.path(), &["build", "lamp.csc"]).fails(1);
    for message in messages {
        assert!(err.contains(message), "no {message:?} in\n{err}");
    }
    assert_eq!(folder.files(), ["lamp.csc"]);
}

#[test]
fn all_errors_of_a_source_are_reported_with_place_and_help() {
    let folder = Folder::new();
    let source = "pragma solidity ^0.8.20;
contract A {
    uint256 x;
    function f() public returns (uint8) { return x; }
    function g() public { y = 1; }
    function h() public { this.k(; }
}
";
    folder.write("a.sol", source);
    let err = fusor_in(folder.path(), &["build", "a.sol", "--out", "made"]).fails(1);
    for part in ["a.sol:4:50", "a.sol:5:27", "a.sol:6:34", "Help: convert it explicitly: `uint8(...)`"] {
        assert!(err.contains(part), "no {part:?} in\n{err}");
    }
    assert!(err.contains("3 errors found; nothing was made"));
    assert_eq!(folder.files(), ["a.sol"]);
}

#[test]
fn an_error_keeps_the_artifacts_of_the_last_good_build() {
    let folder = Folder::new();
    folder.write("a.sol", "pragma solidity ^0.8.20; contract A { function f() public {} }");
    fusor_in(folder.path(), &["build", "a.sol"]).succeeds();
    let artifact = folder.path().join("out/a.sol/A.json");
    let before = std::fs::read(&artifact).unwrap();
    folder.write("a.sol", "pragma solidity ^0.8.20; contract A { function f() public { g(); } }");
    fusor_in(folder.path(), &["build", "a.sol"]).fails(1);
    assert_eq!(std::fs::read(&artifact).unwrap(), before);
}

#[test]
fn a_description_is_checked_at_its_span() {
    let every = "on every 1d from 1800000000 until 1900000000";
    let policy = "policy { gas 100_000; escrow 1 ether; }";
    refused(
        &format!("{every} do shine();\n{policy}"),
        &["lamp.csc:8:49", "`Lamp` has no function `shine`", "Help: name a function of the contract"],
    );
    refused(
        &format!("{every} if lit do light();\n{policy}"),
        &["lamp.csc:8:49", "expected `bool`, found `uint256`"],
    );
    refused(
        &format!("on every 1d from 1900000000 until 1800000000 do light();\n{policy}"),
        &["lamp.csc:8:35", "this trigger can never fire"],
    );
    refused(
        &format!("{every} do light();\npolicy {{ gas 100_000; escrow 1 wei; }}"),
        &["lamp.csc:9:30", "does not pay the firings known so far", "Help:"],
    );
    refused(
        &format!("{every} do light();\npolicy {{ gas 100_000; }}"),
        &["lamp.csc:7:13", "nobody pays for the triggers of `Lamp`"],
    );
}

/// Writes a lamp that needs one ether, and a scenario that releases it with `value`.
fn lamp_with(folder: &Folder, value: &str, steps: &str) {
    let description = "description Lamp {
    on every 1d from 1800000000 until 1800500000 do light();
    policy { gas 100_000; escrow 1 ether; }
}
";
    folder.write("lamp.csc", &format!("{LAMP}{description}"));
    let scenario = format!(
        r#"{{ "title": "A lamp", "start": "2026-01-01", "accounts": {{ "al": "10 ether" }},
  "releases": [{{ "name": "lamp", "contract": "lamp.csc:Lamp", "from": "al", "value": "{value}" }}],
  "steps": [{steps}] }}"#
    );
    folder.write("scenario.json", &scenario);
}

#[test]
fn a_release_without_enough_escrow_is_refused() {
    let folder = Folder::new();
    lamp_with(&folder, "0.5 ether", "");
    let ran = fusor_in(folder.path(), &["run", "."]);
    assert!(!ran.out.contains("release by al"), "{}", ran.out);
    let err = ran.fails(1);
    assert!(err.contains("scenario.json:2:16: release of `lamp`: reverted"), "{err}");
    assert_eq!(folder.files(), ["lamp.csc", "scenario.json"]);
    // The same release with enough of it goes through: nothing else stood in its way.
    lamp_with(
        &folder,
        "1 ether",
        r#"{ "run": "quiet", "limit": "2030-01-01" }, { "check": "lamp.lit", "returns": ["6"] }"#,
    );
    fusor_in(folder.path(), &["run", "."]).succeeds();
}

#[test]
fn a_scenario_names_file_place_and_path_of_what_is_wrong() {
    let folder = Folder::new();
    let fails = |steps: &str, message: &str| {
        lamp_with(&folder, "1 ether", steps);
        let err = fusor_in(folder.path(), &["run", "scenario.json"]).fails(1);
        assert!(err.contains(message), "no {message:?} in\n{err}");
    };
    fails(
        r#"{ "call": "lamp.light", "from": "bob" }"#,
        "scenario.json:3:45: steps[0].from: expected the name of an account (al), found \"bob\"",
    );
    fails(
        r#"{ "call": "lamp.light", "from": "al" }"#,
        "3:13: steps[0]: `lamp` has no function `light`; it has lit",
    );
    fails(r#"{ "check": "lamp.lit", "returns": ["1"] }"#, "3:13: steps[0]: lamp.lit returned 0, not 1");
    fails(
        r#"{ "check": "lamp.lit", "returns": [] }"#,
        "steps[0]: `lit() returns` takes 1 value (uint256 ), not 0",
    );
    fails(r#"{ "holds": "al", "amount": "1 ether" }"#, "steps[0]: al holds");
    fails(
        r#"{ "call": "lamp.lit", "from": "al", "reverts": "No" }"#,
        "steps[0]: ought to revert with \"No\" and did not",
    );
    fails(
        r#"{ "wait": 1 }"#,
        "3:13: steps[0]: expected one of the keys call, run, check, holds, found none of them",
    );
    fails("{", "scenario.json:3:14: expected a key in quotes, found `]`");
    folder.write("scenario.json", "{}");
    let err = fusor_in(folder.path(), &["run", "."]).fails(1);
    assert!(err.contains("scenario.json:1:1: the document: expected the key `title`, found none"), "{err}");
    assert!(fusor_in(folder.path(), &["run", "nowhere"]).fails(1).contains("cannot read nowhere"));
}

#[test]
fn a_source_without_a_scenario_has_a_calendar_from_a_date_on() {
    let folder = Folder::new();
    lamp_with(&folder, "1 ether", "");
    std::fs::remove_file(folder.path().join("scenario.json")).unwrap();
    let calendar = |more: &[&str]| fusor_in(folder.path(), &[&["calendar", "lamp.csc"], more].concat());
    assert!(calendar(&[]).fails(1).contains("say when it is released with --start DATE"));
    calendar(&["--start", "soon"]).fails(2);
    let out = calendar(&["--start", "2026-01-01"]).succeeds();
    assert!(out.contains("2027-01-15 08:00:00") && out.contains("6 firings"), "{out}");
    assert!(out.contains("without any call after the release"), "{out}");
    assert!(!out.contains("live conditions"), "the clock alone starts it: {out}");
    // Released after the first ticks: those are missed.
    let late = calendar(&["--start", "2027-01-17"]).succeeds();
    assert!(late.contains("4 firings"), "{late}");
    folder.write("plain.csc", LAMP);
    let err = fusor_in(folder.path(), &["calendar", "plain.csc", "--start", "2026-01-01"]).fails(1);
    assert!(err.contains("no contract of plain.csc has a description"), "{err}");
}

#[test]
fn what_happened_before_a_failure_is_printed() {
    let folder = Folder::new();
    lamp_with(&folder, "1 ether", r#"{ "run": "next" }, { "check": "lamp.lit", "returns": ["2"] }"#);
    let ran = fusor_in(folder.path(), &["run", "."]);
    assert!(ran.out.contains("lamp.light"), "{}", ran.out);
    assert!(ran.fails(1).contains("steps[1]: lamp.lit returned 1, not 2"));
    assert_eq!(folder.files(), ["lamp.csc", "scenario.json"]);
}

#[test]
fn an_empty_folder_has_nothing_to_build() {
    let folder = Folder::new();
    assert!(fusor_in(folder.path(), &["build"]).fails(1).contains("no .sol or .csc file in ."));
    assert!(fusor_in(folder.path(), &["check", "gone.sol"]).fails(1).contains("cannot read gone.sol"));
}
