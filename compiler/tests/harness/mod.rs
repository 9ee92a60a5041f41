//! Plays fixtures: reads their directives, releases contracts on an EVM, calls them and observes what happens.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a broken fixture is a broken test")]

pub mod chain;
pub mod compilers;
pub mod duel;
pub mod fixture;
pub mod fuzz;
pub mod literal;
pub mod play;

use std::path::PathBuf;

/// Lists the fixtures of the language and of the standard library, in the order of their names; `FUSOR_FIXTURE`
/// restricts them to names that contain it.
pub fn fixtures() -> Vec<(String, String)> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let only = std::env::var("FUSOR_FIXTURE").unwrap_or_default();
    let folders = [here.join("tests/contracts"), here.join("../stdlib/tests/contracts")];
    let mut found: Vec<(String, String)> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).expect("the fixtures' folder"))
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?.to_owned();
            (name.ends_with(".sol") && name.contains(&only))
                .then(|| std::fs::read_to_string(&path).map(|text| (name, text)).expect("a readable fixture"))
        })
        .collect();
    found.sort();
    found
}

/// Lists the programs of a folder of probes: several stand in one file behind lines that begin with `//====`.
pub fn probes(folder: &std::path::Path) -> Vec<(String, String)> {
    let only = std::env::var("FUSOR_FIXTURE").unwrap_or_default();
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder of probes") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a readable probe");
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default().to_owned();
        for (i, part) in text.split("//====").enumerate().filter(|(_, part)| !part.trim().is_empty()) {
            let name = format!("{stem}-{i:03}.sol");
            if name.contains(&only) {
                found.push((name, format!("//{part}")));
            }
        }
    }
    found.sort();
    found
}
