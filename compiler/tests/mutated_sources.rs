//! Changes tokens and bytes of valid sources: the compiler must answer, soon and without a panic, and accept what
//! solc accepts.
//!
//! `FUSOR_RANDOM_SECONDS=600` runs longer, from `FUSOR_RANDOM_SEED` on. Needs node and npm for the comparison;
//! without them it says so and passes, unless FUSOR_REQUIRE=1.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod campaign;
mod generator;
mod harness;

use campaign::server::{self, Mode, Solc};
use fusor_compiler::compilation::Compilation;
use fusor_compiler::driver::{Options, compile_hir};
use generator::dice::Dice;
use harness::{compilers, fixtures};
use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

/// Mutations of a run that says nothing else: of tokens, each held against solc, and of bytes.
const TOKENS: usize = 60;
const BYTES: usize = 150;
/// How long an answer may take on a machine that does much else; debug builds get more.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 5 });
/// What solc says of sources for another release of 0.8, which are compiled here.
const OTHER_RELEASE: &str = "requires different compiler version";

/// Words that stand in the place of others.
const WORDS: [&str; 42] = [
    "uint256",
    "int8",
    "bytes",
    "string",
    "memory",
    "storage",
    "calldata",
    "view",
    "pure",
    "payable",
    "external",
    "internal",
    "public",
    "private",
    "virtual",
    "override",
    "constant",
    "immutable",
    "mapping",
    "struct",
    "return",
    "delete",
    "new",
    "this",
    "super",
    "unchecked",
    "assembly",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ";",
    ",",
    "=",
    "==",
    "0",
    "1",
    "-1",
    "\"x\"",
    "0xffffffffffffffffffffffffffffffffffffffff",
];

fn seconds() -> Option<u64> {
    std::env::var("FUSOR_RANDOM_SECONDS").ok()?.parse().ok()
}

fn first_seed() -> u64 {
    std::env::var("FUSOR_RANDOM_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1)
}

/// Lists sources that solc can compile too.
fn sources() -> Vec<(String, String)> {
    fixtures().into_iter().filter(|(_, t)| compilers::is_plain(t) && !t.contains("import ")).collect()
}

/// Cuts a text into tokens and what is between them; comments count as between.
fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let len = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |i| i + 2)
        } else if c.is_whitespace() {
            rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len())
        } else if c == '"' {
            rest[1..].find('"').map_or(rest.len(), |i| i + 2)
        } else if c.is_alphanumeric() || c == '_' || c == '$' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        let (token, after) = rest.split_at(len);
        found.push(token);
        rest = after;
    }
    found
}

fn is_token(text: &str) -> bool {
    !text.starts_with("//") && !text.starts_with("/*") && !text.starts_with(char::is_whitespace)
}

/// Changes one token.
fn mutate_token(text: &str, dice: &mut Dice) -> String {
    let mut all: Vec<String> = tokens(text).into_iter().map(str::to_owned).collect();
    let places: Vec<usize> = (0..all.len()).filter(|i| is_token(&all[*i])).collect();
    let (at, other) = (*dice.pick(&places), *dice.pick(&places));
    match dice.below(6) {
        0 => all[at].clear(),
        1 => all[at] = format!("{0} {0}", all[at]),
        2 => all.swap(at, other),
        3 => all[at] = all[other].clone(),
        4 => all[at] = (*dice.pick(&WORDS)).into(),
        _ => all[at] = format!("{} {}", dice.pick(&WORDS), all[at]),
    }
    all.concat()
}

/// Changes some bytes; what is no UTF-8 any more is read with replacement characters.
fn mutate_bytes(text: &str, dice: &mut Dice) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..dice.within(1, 8) {
        let at = dice.below(bytes.len());
        match dice.below(if bytes.len() < 2 { 2 } else { 5 }) {
            0 => bytes[at] = dice.next() as u8,
            1 => bytes.insert(at, *dice.pick(b"(){}[]\"'/*\\;=<>0x~\n")),
            2 => drop(bytes.remove(at)),
            3 => bytes.truncate(at + 1),
            _ => {
                let to = (at + dice.below(200)).min(bytes.len());
                let piece = bytes[at..to].to_vec();
                let there = dice.below(bytes.len());
                bytes.splice(
                    there..there,
                    piece.iter().copied().cycle().take(piece.len() * dice.within(1, 30)),
                );
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Is the answer of Fusor's compiler: accepted, or the first error.
fn ours(text: &str) -> Result<(), String> {
    let mut program = Compilation::new(BTreeMap::<String, String>::new());
    program.add_text(server::FILE, text);
    let found = program.check().clone();
    let Some(hir) = program.hir() else {
        let text = found.render(program.source_map(), false);
        return Err(text.lines().find(|l| l.contains("rror")).unwrap_or("no message").to_owned());
    };
    let options = Options { optimize: false, enforce_limits: false, ..Options::default() };
    match compile_hir(hir, &options) {
        Ok(_) => Ok(()),
        Err(d) => Err(format!("back end: {}", d.render(program.source_map(), false))),
    }
}

/// Compiles a text; what must never happen is an error of its own.
fn answer(text: &str) -> Result<Result<(), String>, String> {
    let start = Instant::now();
    let answer = catch_unwind(|| ours(text)).map_err(|_| "a panic".to_owned())?;
    if start.elapsed() > ANSWER_TIME_MAX {
        return Err(format!("{:?} for an answer", start.elapsed()));
    }
    match &answer {
        Err(e) if e.contains("unexpectedly") || e.contains("internal:") => Err(e.clone()),
        _ => Ok(answer),
    }
}

fn keep(seed: u64, text: &str) {
    if let Ok(folder) = std::env::var("FUSOR_RANDOM_OUT") {
        let _ = std::fs::write(format!("{folder}/mutation-{seed}.sol"), text);
    }
}

#[test]
fn changed_bytes_get_an_answer() {
    let sources = sources();
    let start = Instant::now();
    let mut failures = Vec::new();
    let mut seed = first_seed();
    let mut count = 0;
    while seconds().map_or(count < BYTES, |s| start.elapsed().as_secs() < s) {
        let mut dice = Dice::new(seed ^ 0xb17e);
        let (name, text) = dice.pick(&sources).clone();
        let changed = mutate_bytes(&text, &mut dice);
        if let Err(e) = answer(&changed) {
            keep(seed, &changed);
            failures.push(format!("seed {seed}, {name}: {e}"));
        }
        count += 1;
        seed += 1;
    }
    println!("{count} sources with changed bytes, {} without a proper answer", failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn changed_tokens_are_judged_as_by_solc() {
    let Some(mut solc) = compilers::solc_folder().and_then(|folder| Solc::start(&folder).ok()) else {
        assert!(std::env::var("FUSOR_REQUIRE").is_err(), "solc is required and did not run");
        println!("skipped: no solc (node and npm are needed)");
        return;
    };
    let sources = sources();
    let start = Instant::now();
    let (mut failures, mut seed, mut count, mut accepted) = (Vec::new(), first_seed(), 0, 0);
    while seconds().map_or(count < TOKENS, |s| start.elapsed().as_secs() < s) {
        let mut dice = Dice::new(seed ^ 0x70c);
        let (name, text) = dice.pick(&sources).clone();
        let changed = mutate_token(&text, &mut dice);
        solc.send(&changed, Mode::Check).unwrap();
        let mine = answer(&changed);
        let error = server::error(&solc.answer().unwrap());
        accepted += usize::from(error.is_none());
        let failure = match (mine, error) {
            (Err(e), _) => Some(e),
            (Ok(Err(e)), None) => Some(format!("refused here alone: {e}")),
            (Ok(Ok(())), Some(e)) if e.contains(OTHER_RELEASE) => None,
            (Ok(Ok(())), Some(e)) => Some(format!("refused by solc alone: {}", e.replace('\n', " "))),
            _ => None,
        };
        if let Some(e) = failure {
            keep(seed, &changed);
            println!("seed {seed}, {name}: {}", e.get(..300).unwrap_or(&e));
            failures.push(seed);
        }
        count += 1;
        seed += 1;
    }
    println!(
        "{count} sources with a changed token, {accepted} accepted by solc, {} judged otherwise",
        failures.len()
    );
    assert!(failures.is_empty(), "seeds {failures:?}");
}
