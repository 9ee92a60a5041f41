//! Makes keys and genesis files with the binary, and hands it what is wrong with them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Folder, fusor_in};
use std::fs;

const OWNER: &str = "0x1111111111111111111111111111111111111111";

#[test]
fn one_operator_makes_a_network() {
    let folder = Folder::new();
    let out = fusor_in(folder.path(), &["genesis", "new", "--validators", "2", "--out", "net"]).succeeds();
    assert!(out.contains("2 validators stake 10000 coins each"), "{out}");
    let mut files: Vec<_> = ["genesis.json", "owner.key"].map(|name| format!("net/{name}")).into();
    for node in ["node-1", "node-2"] {
        files.extend(["beacon.key", "node.key", "node.pub.json"].map(|name| format!("net/{node}/{name}")));
    }
    files.sort();
    assert_eq!(folder.files(), files);
    let table = fusor_in(folder.path(), &["genesis", "check", "net/genesis.json"]).succeeds();
    for part in [
        "team",
        "10.00",
        "40.00",
        "50.00",
        "100.00",
        "20000 coins of 2 validators",
        "reward pool   32768000 coins",
    ] {
        assert!(table.contains(part), "no {part:?} in\n{table}");
    }
    let hash = |text: &str| {
        text.lines()
            .find(|line| line.starts_with("block 0"))
            .unwrap()
            .split_whitespace()
            .last()
            .unwrap()
            .to_string()
    };
    assert_eq!(hash(&out), hash(&table));
    for secret in ["net/owner.key", "net/node-1/node.key", "net/node-1/beacon.key"] {
        let secret = fs::read_to_string(folder.path().join(secret)).unwrap();
        assert!(!out.contains(secret.trim()) && !table.contains(secret.trim()));
    }
}

#[test]
fn several_operators_make_a_network() {
    let folder = Folder::new();
    let run = |args: &[&str]| fusor_in(folder.path(), args);
    run(&["genesis", "new", "--validators", "0", "--out", ".", "--owner", OWNER, "--chain-id", "99"])
        .succeeds();
    let err = run(&["genesis", "check", "genesis.json"]).fails(1);
    assert!(err.contains("consensus.validators: expected at least one validator"), "{err}");
    for node in ["a", "b"] {
        let public = run(&["genesis", "keys", node]).succeeds();
        let add =
            ["genesis", "add", "--to", "genesis.json", public.trim(), "--stake", "2500.5", "--owner", OWNER];
        run(&add).succeeds();
        let before = fs::read(folder.path().join("genesis.json")).unwrap();
        let err = run(&add).fails(1);
        assert!(err.contains("node_key: expected a key of its own"), "{err}");
        assert_eq!(fs::read(folder.path().join("genesis.json")).unwrap(), before);
    }
    let table = run(&["genesis", "check", "genesis.json"]).succeeds();
    assert!(table.contains("chain 99") && table.contains("5001 coins of 2 validators"), "{table}");
}

#[test]
fn nothing_is_overwritten_unless_asked() {
    let folder = Folder::new();
    let run = |args: &[&str]| fusor_in(folder.path(), args);
    run(&["genesis", "new", "--validators", "1", "--out", "net"]).succeeds();
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let (key, file) = (read("net/node-1/node.key"), read("net/genesis.json"));
    let err = run(&["genesis", "new", "--validators", "1", "--out", "net"]).fails(1);
    assert!(err.contains("net/genesis.json exists already; --force replaces it"), "{err}");
    let err = run(&["genesis", "keys", "net/node-1"]).fails(1);
    assert!(err.contains("net/node-1/node.key exists already"), "{err}");
    assert_eq!((read("net/node-1/node.key"), read("net/genesis.json")), (key.clone(), file));
    run(&["genesis", "keys", "net/node-1", "--force"]).succeeds();
    assert_ne!(read("net/node-1/node.key"), key);
    run(&["genesis", "new", "--validators", "1", "--out", "net", "--force"]).succeeds();
    assert_eq!(folder.files().len(), 5);
}

#[test]
fn a_refused_network_leaves_nothing_behind() {
    let folder = Folder::new();
    let run = |args: &[&str]| fusor_in(folder.path(), args);
    let err = run(&["genesis", "new", "--validators", "2", "--stake", "1"]).fails(1);
    assert!(
        err.contains("consensus.validators[1].stake: expected at least 1000 coins, found 1 coins"),
        "{err}"
    );
    let err = run(&["genesis", "new", "--validators", "2", "--stake", "40960000"]).fails(1);
    assert!(err.contains("stake: expected at most the 0 coins that are left of `ecosystem`"), "{err}");
    run(&["genesis", "new", "--validators", "513"]).fails(2);
    run(&["genesis", "new", "--validators", "1", "--block-time", "0"]).fails(2);
    run(&["genesis", "new", "--validators", "1", "--stake", "1e3"]).fails(2);
    assert!(folder.files().is_empty());
}

#[test]
fn every_problem_of_a_file_is_printed_with_its_place() {
    let folder = Folder::new();
    let run = |args: &[&str]| fusor_in(folder.path(), args);
    run(&["genesis", "new", "--validators", "1", "--out", ".", "--owner", OWNER]).succeeds();
    let text = fs::read_to_string(folder.path().join("genesis.json")).unwrap();
    let broken = text.replace("\"id\": 1337", "\"id\": -1").replace("\"tau\": 40", "\"tau\": 40.5");
    folder.write("genesis.json", &broken);
    let err = run(&["genesis", "check", "genesis.json"]).fails(1);
    for part in ["genesis.json:4:11: chain.id: expected a whole number", "consensus.params.tau", "help: "] {
        assert!(err.contains(part), "no {part:?} in\n{err}");
    }
    folder.write(
        "genesis.json",
        &text.replace("\"total\": \"81920000 coins\"", "\"total\": \"81920001 coins\""),
    );
    let err = run(&["genesis", "check", "genesis.json"]).fails(1);
    assert!(err.contains("economics.total: expected 81920000 coins, the sum of all allocations"), "{err}");
    assert!(err.contains("economics.total: expected at most 81920000 coins"), "{err}");
    run(&["genesis", "check", "missing.json"]).fails(1);
}
