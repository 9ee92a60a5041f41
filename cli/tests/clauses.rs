//! Runs a contract whose description has one clause of each kind; the checks stand in its scenario.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Folder, Ran, fusor};

#[test]
fn every_clause_of_a_description_runs() {
    let folder = Folder::new();
    let svg = folder.path().join("plot.svg");
    let Ran { code, out, err } = fusor(&["run", "cli/tests/clauses", "--svg", svg.to_str().unwrap()]);
    assert_eq!(code, 0, "{out}\n{err}");
    let count = |part: &str| out.lines().filter(|line| line.contains(part)).count();
    // Of three logs one fails a constant bound, which the chain checks without a firing; one fails the rest of `where`.
    assert_eq!(count("c.hear(by, tone, name)"), 2, "{out}");
    assert_eq!(count("will retry: \"closed\""), 3, "{out}");
    // The window closed earlier after the second tick: three more came on the same grid.
    assert_eq!(count("c.tick "), 5, "{out}");
    // 1 February and 1 March 2026 are Sundays.
    assert_eq!(count("2026-02-02 ") + count("2026-03-02 "), 2, "{out}");
    assert_eq!(count("deadline"), 1, "{out}");
}
