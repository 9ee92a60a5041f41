//! Runs `fusor actus` on the reference, on a case of its own, and on files that are wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Folder, fusor, fusor_in, root};
use std::path::PathBuf;

/// A bond of two half-years at 10 %, with its events worked out by hand.
const CASE: &str = r#"{
 "own": {
  "terms": {
   "contractType": "PAM", "contractID": "own", "statusDate": "2020-12-31T00:00:00", "currency": "USD",
   "contractRole": "RPA", "notionalPrincipal": " 1000", "initialExchangeDate": "2021-01-01T00:00:00",
   "maturityDate": "2022-01-01T00:00:00", "nominalInterestRate": 0.1, "cycleOfInterestPayment": "P6ML1",
   "cycleAnchorDateOfInterestPayment": "2021-07-01T00:00:00", "dayCountConvention": "30E360"
  },
  "to": "",
  "dataObserved": {},
  "eventsObserved": [],
  "results": [
   {"eventDate": "2021-01-01T00:00", "eventType": "IED", "payoff": -1000, "currency": "USD"},
   {"eventDate": "2021-07-01T00:00", "eventType": "IP", "payoff": 50, "currency": "USD"},
   {"eventDate": "2022-01-01T00:00", "eventType": "IP", "payoff": 50.0, "currency": "USD"},
   {"eventDate": "2022-01-01T00:00", "eventType": "MD", "payoff": 1e3, "currency": "USD", "notionalPrincipal": 0}
  ]
 }
}"#;

fn reference() -> Option<PathBuf> {
    let shared = std::env::var_os("FUSOR_SHARED").map(PathBuf::from).unwrap_or(root().join("../shared"));
    let path = shared.join("conformance/actus/actus-tests-pam.json");
    let required = std::env::var("FUSOR_REQUIRE").is_ok_and(|value| value == "1");
    assert!(path.exists() || !required, "the ACTUS reference is missing");
    path.exists().then_some(path)
}

#[test]
fn the_template_equals_the_reference() {
    let Some(path) = reference() else {
        println!("skipped: no ACTUS reference beside the repository");
        return;
    };
    let out = fusor(&["actus", path.to_str().unwrap()]).succeeds();
    let last = out.lines().last().unwrap();
    let passed: usize = last.split_whitespace().next().unwrap().parse().unwrap();
    assert!(passed >= 10 && last.contains(" 0 failed"), "{last}");
    let one = fusor(&["actus", path.to_str().unwrap(), "--case", "pam21"]).succeeds();
    assert!(one.contains("pam21 passed") && one.ends_with("1 passed, 0 failed, 0 unsupported\n"), "{one}");
}

#[test]
fn a_case_passes_only_with_the_right_events() {
    let folder = Folder::new();
    let run = |text: &str| {
        folder.write("case.json", text);
        fusor_in(folder.path(), &["actus", "case.json"])
    };
    let out = run(CASE).succeeds();
    assert!(out.contains("own passed") && out.ends_with("1 passed, 0 failed, 0 unsupported\n"), "{out}");
    let fails = |from: &str, to: &str, message: &str| {
        assert!(CASE.contains(from));
        let ran = run(&CASE.replace(from, to));
        assert!(ran.out.contains("own FAILED") && ran.out.contains(message), "{}", ran.out);
        assert!(ran.out.ends_with("0 passed, 1 failed, 0 unsupported\n"));
        ran.fails(1);
    };
    fails("\"payoff\": 50.0,", "\"payoff\": 50.000001,", "payoff 50 instead of 50.000001");
    fails("2021-07-01T00:00\", \"eventType\"", "2021-07-02T00:00\", \"eventType\"", "no IP on 2021-07-02");
    fails("\"notionalPrincipal\": 0}", "\"notionalPrincipal\": 1}", "notionalPrincipal 0 instead of 1");
    // With an end before the wrong event the rest agrees.
    let early = CASE
        .replace("\"payoff\": 50.0,", "\"payoff\": 51,")
        .replace("\"to\": \"\"", "\"to\": \"2021-12-31\"");
    assert!(run(&early).succeeds().contains("own passed"));
}

#[test]
fn what_is_not_supported_is_named() {
    let folder = Folder::new();
    let run = |from: &str, to: &str| {
        folder.write("case.json", &CASE.replace(from, to));
        fusor_in(folder.path(), &["actus", "case.json"]).succeeds()
    };
    let out = run("\"PAM\"", "\"LAM\"");
    assert!(out.contains("own unsupported: contractType LAM"), "{out}");
    assert!(out.ends_with("0 passed, 0 failed, 1 unsupported\n"));
    let out = run("\"currency\": \"USD\",\n", "\"currency\": \"USD\", \"delinquencyRate\": \"0.1\",\n");
    assert!(out.contains("own unsupported: delinquencyRate 0.1"), "{out}");
    let out = run("\"eventsObserved\": []", "\"eventsObserved\": [{\"type\": \"PP\"}]");
    assert!(out.contains("own unsupported: observed PP"), "{out}");
}

#[test]
fn a_malformed_file_is_refused_with_the_keys_path() {
    let folder = Folder::new();
    let fails = |from: &str, to: &str, message: &str| {
        folder.write("case.json", &CASE.replace(from, to));
        let err = fusor_in(folder.path(), &["actus", "case.json"]).fails(1);
        assert!(err.contains(message), "no {message:?} in\n{err}");
    };
    fails(
        "\"currency\": \"USD\",\n",
        "\"foo\": 1,\n",
        "case.json:4:92: own.terms.foo: expected a term of the ACTUS dictionary",
    );
    fails(
        "\"maturityDate\"",
        "\"maturitydate\"",
        "(perhaps `maturityDate`), found the unknown term `maturitydate`",
    );
    fails("\" 1000\"", "\"much\"", "own.terms.notionalPrincipal: expected a decimal number");
    fails(
        "\"P6ML1\"",
        "\"monthly\"",
        "own.terms.cycleOfInterestPayment: expected a cycle such as P1ML0, found \"monthly\"",
    );
    fails("\"30E360\"", "\"30E\"", "own.terms.dayCountConvention: expected one of AA, A360");
    fails("2022-01-01T00:00:00", "2022-02-30T00:00:00", "own.terms.maturityDate: expected a date");
    fails("\"payoff\": 1e3", "\"payoff\": \"x\"", "own.results[3].payoff: expected a decimal number");
    fails("\"results\"", "\"result\"", "own: expected the key `results`, found none");
    fails("\"to\": \"\",", "\"to\": \"\"", "case.json:10:3: expected `,` or `}`, found `\"`");
    let err = fusor_in(folder.path(), &["actus", "case.json", "--case", "x"]).fails(1);
    assert!(err.contains("error"), "{err}");
    folder.write("case.json", CASE);
    let err = fusor_in(folder.path(), &["actus", "case.json", "--case", "x"]).fails(1);
    assert!(err.contains("no case x; the file has own"), "{err}");
}
