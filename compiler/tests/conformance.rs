//! Runs a conformance corpus named by FUSOR_CONFORMANCE; without it nothing is tested here.
//!
//! `FUSOR_CONFORMANCE=semantic-open.jsonl.gz cargo test -p fusor-compiler --test conformance -- --nocapture`
#![allow(clippy::unwrap_used)]

use fusor_compiler::conformance::{self, Verdict};

#[test]
fn the_corpus_has_no_wrong_result() {
    let Ok(file) = std::env::var("FUSOR_CONFORMANCE") else {
        println!("skipped: FUSOR_CONFORMANCE names no corpus");
        return;
    };
    let filter = std::env::var("FUSOR_FILTER").unwrap_or_default();
    let report = conformance::run(file.as_ref(), &filter).unwrap();
    for case in &report.cases {
        match &case.verdict {
            Verdict::Passed => {}
            Verdict::Failed(why) => println!("FAILED {}: {why}", case.name),
            Verdict::Unsupported(why) => println!("UNSUPPORTED {}: {why}", case.name),
        }
    }
    for (category, count) in report.by_category() {
        println!(
            "{category}: {} passed, {} failed, {} unsupported",
            count.passed, count.failed, count.unsupported
        );
    }
    let total = report.total();
    let (gas, bytes) = report.ratios();
    println!(
        "{} passed, {} failed, {} unsupported; gas 0.{gas:03}, size 0.{bytes:03} of solc via-IR (thousandths {gas}, {bytes})",
        total.passed, total.failed, total.unsupported
    );
    assert_eq!(total.failed, 0);
}
