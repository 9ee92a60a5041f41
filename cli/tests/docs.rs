//! Runs the examples of the documentation: files are written as named, commands run in order.
//!
//! A block that opens with ```` ```csc file=name ```` or ```` ```json file=name ```` becomes a file; each line of a
//! ```` ```sh ```` block that begins with `fusor` is run and must succeed, or fail in a ```` ```sh fails ```` block.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Folder, fusor_in, root};
use std::path::PathBuf;

/// Is a fenced block: the words after the fence and the text.
struct Block {
    info: String,
    text: String,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(info), None) => open = Some(Block { info: info.to_string(), text: String::new() }),
            (None, Some(block)) => block.text.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

fn pages() -> Vec<PathBuf> {
    let docs = root().join("docs");
    let mut pages: Vec<_> = std::fs::read_dir(docs).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| path.extension().is_some_and(|end| end == "md"));
    pages.push(root().join("README.md"));
    pages.sort();
    pages
}

#[test]
fn every_example_of_the_documentation_runs() {
    let mut commands = 0;
    for page in pages() {
        let folder = Folder::new();
        for block in blocks(&std::fs::read_to_string(&page).unwrap()) {
            let mut words = block.info.split_whitespace();
            let (kind, rest) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
            if let ("csc" | "sol" | "json", Some(name)) = (kind, rest.strip_prefix("file=")) {
                folder.write(name, &block.text);
            }
            if kind == "sh" {
                for line in block.text.lines().filter(|line| line.starts_with("fusor ")) {
                    let args: Vec<_> = line.split_whitespace().skip(1).collect();
                    let ran = fusor_in(folder.path(), &args);
                    let wanted = if rest == "fails" { 1 } else { 0 };
                    assert_eq!(ran.code, wanted, "{}: {line}\n{}\n{}", page.display(), ran.out, ran.err);
                    commands += 1;
                }
            }
        }
    }
    assert!(commands >= 4, "the documentation runs {commands} commands");
}

#[test]
fn code_blocks_of_contracts_are_files() {
    for page in pages() {
        for block in blocks(&std::fs::read_to_string(&page).unwrap()) {
            let named = block.info.contains("file=");
            assert!(named || !block.info.starts_with("csc"), "{}: a csc block is not tested", page.display());
        }
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap();
            if !path.is_empty() && !path.starts_with("http") {
                let path = page.parent().unwrap().join(path);
                assert!(path.exists(), "{} links to {}", page.display(), path.display());
            }
        }
    }
}

/// Returns the tests that the table of known cheats names, with their files.
fn cheats() -> Vec<(String, String)> {
    let page = std::fs::read_to_string(root().join("docs/custody.md")).unwrap();
    let table = page.split("## Known cheats").nth(1).unwrap().to_string();
    let mut found = Vec::new();
    for part in table.lines().filter_map(|line| line.split('|').nth(2)).flat_map(|cell| cell.split("; ")) {
        let names: Vec<_> = part.split('`').skip(1).step_by(2).collect();
        if let Some((file, tests)) = names.split_first() {
            found.extend(tests.iter().map(|test| (file.to_string(), test.to_string())));
        }
    }
    found
}

#[test]
fn tests_of_known_cheats_are_there() {
    let cheats = cheats();
    assert!(cheats.len() > 40, "{}", cheats.len());
    for (file, test) in cheats {
        let text = std::fs::read_to_string(root().join(&file)).unwrap_or_default();
        assert!(text.contains(&format!("fn {test}(")), "docs/custody.md names {test} of {file}");
    }
}

#[test]
fn the_custodians_file_can_be_used() {
    let page = std::fs::read_to_string(root().join("docs/custody.md")).unwrap();
    let block = blocks(&page).into_iter().find(|block| block.info == "json file=custody.json").unwrap();
    let config = fusor_chain_lite::custody::CustodyConfig::read(&block.text).unwrap();
    assert_eq!(config.bond, alloy_primitives::U256::from(10).pow(alloy_primitives::U256::from(21)));
    assert_eq!(config.chains.len(), 2);
}
