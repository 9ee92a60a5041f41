#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]
//! Runs the demonstration of custody with real nodes of the outer chains.

mod common;

use common::Folder;
use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

/// Says whether a program is there as the demonstration looks for it.
fn is_there(name: &str, variable: &str, package: &str) -> bool {
    let told = std::env::var_os(variable).map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let modules = std::env::var_os("FUSOR_NODE_MODULES").map(PathBuf::from);
    let mut places: Vec<_> = std::env::split_paths(&path).map(|folder| folder.join(name)).collect();
    places.extend(told);
    places.extend(modules.map(|folder| folder.join(package)));
    places.iter().any(|place| place.is_file())
}

/// Says which peer is missing; a missing one is a failure where all are required.
fn peers() -> bool {
    let wanted = [
        ("litecoind", "FUSOR_LITECOIND", "-"),
        ("anvil", "FUSOR_ANVIL", "@foundry-rs/anvil-linux-amd64/bin/anvil"),
    ];
    let missing = wanted.iter().find(|(name, variable, package)| !is_there(name, variable, package));
    match missing {
        None => true,
        Some((name, ..)) => {
            assert!(std::env::var_os("FUSOR_REQUIRE").is_none(), "{name} is not installed");
            println!("skipped: {name} is not installed");
            false
        }
    }
}

fn short_demo() -> String {
    let folder = Folder::new();
    let place = folder.path().join("demo");
    let output = Command::new(env!("CARGO_BIN_EXE_fusor"))
        .args(["demo", "custody", "--short", "--folder"])
        .arg(&place)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let log = std::fs::read_to_string(place.join("devnet.log")).unwrap_or_default();
    assert!(output.status.success(), "{out}\n{err}\n{log}");
    assert_no_secret(&place, &log);
    out
}

/// Reads every byte that the nodes stored or logged, and finds none of the custodians' secrets.
fn assert_no_secret(place: &std::path::Path, log: &str) {
    let secrets: Vec<Vec<u8>> = (0..5)
        .filter_map(fusor_chain_lite::founding::custodian)
        .flat_map(|keys| [keys.shards().to_vec(), keys.signer().to_bytes().to_vec()])
        .collect();
    let mut folders = vec![place.to_path_buf()];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap_or_default();
            read += bytes.len();
            for secret in &secrets {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_slice());
                assert!(!found, "a secret stands in {}", path.display());
            }
        }
    }
    assert!(read > 100_000, "only {read} bytes were read");
    for secret in &secrets {
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!log.contains(&hex));
    }
}

#[test]
fn coins_of_litecoin_are_locked_in_and_out_with_real_nodes() {
    if !peers() {
        return;
    }
    let out = short_demo();
    assert!(out.contains("its key is generated, held by nobody"), "{out}");
    assert!(out.contains("alice holds the mapping of LTC"), "{out}");
    assert!(out.contains("4 of 5 operators agree to it by hand"), "{out}");
    assert!(out.contains("LTC: paid outside, its mapping is destroyed"), "{out}");
}
