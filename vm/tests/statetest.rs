//! Runs a fixed part of Ethereum's GeneralStateTests, chosen by a hash of the path.
//!
//! The corpus is looked for in `$FUSOR_SHARED` or in `../shared` beside the repository. Without it the test
//! prints a line and passes, or fails if `FUSOR_REQUIRE=1`. `FUSOR_STATETEST_PARTS` sets into how many parts
//! the corpus is cut, of which one runs; 1 runs all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

use fusor_vm::statetest::{self, Report};
use std::{env, num::NonZeroUsize, path::PathBuf, thread::available_parallelism};

const DEFAULT_PARTS: u64 = 16;

fn corpus() -> Option<PathBuf> {
    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent()?.to_owned();
    let shared =
        env::var_os("FUSOR_SHARED").map(PathBuf::from).or(Some(repository.parent()?.join("shared")))?;
    let archive = shared.join("conformance/state/GeneralStateTests.tar.xz");
    archive.exists().then_some(archive)
}

fn print(report: &Report) {
    for (fork, tally) in &report.forks {
        println!("{fork}: {} passed, {} failed", tally.passed, tally.failed);
    }
    for (fork, cases) in &report.unsupported {
        println!("{fork}: {cases} unsupported");
    }
    println!(
        "extensions on: {} the same, {} differ after meeting an extension",
        report.same_with_extensions,
        report.met_extension.len()
    );
    for case in report.met_extension.iter().take(400) {
        println!("met an extension: {case}");
    }
    for failure in report.failures.iter().take(200) {
        println!("FAILED {} (extensions {}): {}", failure.case, failure.extensions, failure.reason);
    }
}

#[test]
fn a_share_of_the_general_state_tests_passes() {
    let Some(archive) = corpus() else {
        assert!(env::var_os("FUSOR_REQUIRE").is_none_or(|v| v != "1"), "the state test corpus is absent");
        println!("skipped: the state test corpus is absent");
        return;
    };
    let parts = env::var("FUSOR_STATETEST_PARTS").ok().and_then(|v| v.parse().ok()).unwrap_or(DEFAULT_PARTS);
    let files = statetest::sample(statetest::load(&archive).unwrap(), 0, parts);
    let threads = available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let report = statetest::run(&files, threads, &|_| ());
    print(&report);
    assert!(report.passed() > 0, "the sample is empty");
    assert_eq!(report.failed(), 0);
}
