//! Has `forge` build and test the project in `tests/foundry` with our binary as its compiler.
//!
//! FUSOR_NODE_MODULES names a folder `node_modules` with forge (`@foundry-rs/forge-linux-amd64`) and the packages that
//! the project imports; FUSOR_BINARY the `fusor` binary, by default the one beside the tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the packages and the binary, or says what is missing.
fn tools() -> Result<(PathBuf, PathBuf), String> {
    let modules = std::env::var("FUSOR_NODE_MODULES").map_err(|_| "FUSOR_NODE_MODULES names no folder")?;
    let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    let built = beside.join(profile).join("fusor");
    let binary = std::env::var("FUSOR_BINARY").map_or(built, PathBuf::from);
    match binary.exists() {
        true => Ok((PathBuf::from(modules), binary)),
        false => Err(format!("there is no {}", binary.display())),
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn forge_builds_and_tests_a_project() {
    let (modules, binary) = match tools() {
        Ok(tools) => tools,
        Err(reason) if std::env::var("FUSOR_REQUIRE").is_ok_and(|v| v == "1") => panic!("{reason}"),
        Err(reason) => {
            println!("skipped: {reason}");
            return;
        }
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("foundry");
    let _ = std::fs::remove_dir_all(&folder);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foundry"), &folder);
    std::os::unix::fs::symlink(&modules, folder.join("node_modules")).unwrap();
    let done = Command::new(modules.join("@foundry-rs/forge-linux-amd64/bin/forge"))
        .args(["test", "--use"])
        .arg(&binary)
        .current_dir(&folder)
        .env("HOME", &folder)
        .env("NO_COLOR", "1")
        .output()
        .expect("forge runs");
    let text = String::from_utf8_lossy(&done.stdout);
    println!("{text}{}", String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success());
    let sum =
        text.lines().rev().find(|line| line.contains("tests passed")).expect("a last line with the sum");
    assert!(sum.contains(" 0 failed, 0 skipped"), "{sum}");
}
