//! Compiles every fixture by solc and by Fusor's compiler, plays both side by side on one kind of VM, and compares
//! results, revert data, logs and storage; then calls every function with random arguments.
//!
//! Needs node and npm. Without them it says so and passes, unless FUSOR_REQUIRE=1.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod harness;

use harness::compilers;
use harness::duel::{Totals, play_both};
use harness::fixtures;

#[test]
fn fixtures_behave_as_with_solc() {
    let all: Vec<_> = fixtures().into_iter().filter(|(_, text)| compilers::is_plain(text)).collect();
    let peer = compilers::solc_folder()
        .and_then(|folder| compilers::solc(&folder, &all).map_err(|e| println!("{e}")).ok());
    let Some(peer) = peer else {
        assert!(std::env::var("FUSOR_REQUIRE").is_err(), "solc is required and did not run");
        println!("skipped: no solc (node and npm are needed)");
        return;
    };
    let mut failures = Vec::new();
    let mut totals = Totals::default();
    for (name, source) in &all {
        let theirs = peer.get(name).map_or(&[][..], Vec::as_slice);
        if let Err(e) = play_both(name, source, theirs, &mut totals) {
            failures.push(format!("{name}: {e}"));
        }
    }
    let ratio = |a: f64, b: f64| if b > 0.0 { a / b } else { 0.0 };
    println!(
        "{} of {} fixtures agree with solc over {} calls; gas {:.3}, creation code {:.3} of solc via-IR",
        all.len() - failures.len(),
        all.len(),
        totals.calls,
        ratio(totals.gas.0 as f64, totals.gas.1 as f64),
        ratio(totals.bytes.0 as f64, totals.bytes.1 as f64),
    );
    assert!(failures.is_empty(), "{} fixtures differ\n{}", failures.len(), failures.join("\n"));
}

/// Compiles each program of the folder that FUSOR_PROBES names, several in a file behind lines that begin with
/// `//====`, by both compilers, and reports what only one accepts and where behaviour differs.
#[test]
fn probes_behave_as_with_solc() {
    let Ok(folder) = std::env::var("FUSOR_PROBES") else {
        println!("skipped: FUSOR_PROBES names no folder");
        return;
    };
    let probes = harness::probes(folder.as_ref());
    let solc = compilers::solc_folder().expect("solc");
    let theirs = compilers::solc_each(&solc, &probes).expect("solc runs");
    let mut totals = Totals::default();
    let mut bad = 0;
    for (name, source) in &probes {
        let verdict = match (compilers::ours(name, source), theirs.get(name)) {
            (Ok(_), Some(Ok(built))) => {
                play_both(name, source, built, &mut totals).map_err(|e| format!("DIFFERS {e}"))
            }
            (Err(_), Some(Err(e))) => {
                println!("{name}: both refuse; solc: {}", e.lines().next().unwrap_or_default());
                Ok(())
            }
            (Ok(_), Some(Err(e))) => Err(format!("ONLY FUSOR ACCEPTS; solc: {e}")),
            (Err(e), Some(Ok(_))) => Err(format!("ONLY SOLC ACCEPTS; fusor: {e}")),
            (_, None) => Err("solc gave no answer".to_owned()),
        };
        if let Err(e) = verdict {
            bad += 1;
            println!("## {name}: {e}");
        }
    }
    println!("{} of {} probes agree over {} calls", probes.len() - bad, probes.len(), totals.calls);
    assert_eq!(bad, 0);
}
