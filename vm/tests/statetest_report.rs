//! Checks that the state test runner notices what it must: wrong roots and logs, transactions that are or are
//! not valid, files that cannot be read, and programs that meet an extension.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use fusor_vm::statetest::{self, Report, TestFile};
use std::{fs, num::NonZeroUsize};

const NO_LOGS: &str = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347";

/// Makes a test in which a transaction calls an account with this code.
fn file(code: &str, fork: &str, root: &str, logs: &str, exception: &str) -> TestFile {
    let gas = if exception.is_empty() { "0x0186a0" } else { "0x01" };
    let expect = match exception {
        "" => String::new(),
        name => format!(r#""expectException": "{name}","#),
    };
    let json = format!(
        r#"{{"t": {{
            "env": {{"currentCoinbase": "0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba", "currentGasLimit": "0x989680",
                     "currentNumber": "0x01", "currentTimestamp": "0x03e8", "currentBaseFee": "0x0a",
                     "currentRandom": "0x{zero:064}", "currentDifficulty": "0x00"}},
            "pre": {{"0x1000000000000000000000000000000000000000":
                        {{"balance": "0x00", "code": "{code}", "nonce": "0x01", "storage": {{"0x00": "0x05"}}}},
                     "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b":
                        {{"balance": "0xffffffffff", "code": "0x", "nonce": "0x00", "storage": {{}}}}}},
            "transaction": {{"data": ["0x"], "gasLimit": ["{gas}"], "gasPrice": "0x0a", "nonce": "0x00",
                             "sender": "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b",
                             "to": "0x1000000000000000000000000000000000000000", "value": ["0x00"]}},
            "post": {{"{fork}": [{{ {expect} "hash": "{root}", "logs": "{logs}",
                                  "indexes": {{"data": 0, "gas": 0, "value": 0}}}}]}}
        }}}}"#,
        zero = 0
    );
    TestFile { path: "a/t.json".into(), json: json.into_bytes() }
}

fn run(file: TestFile) -> Report {
    statetest::run(&[file], NonZeroUsize::MIN, &|_| ())
}

/// Learns the root from the complaint about a wrong one.
fn root_of(code: &str, exception: &str) -> String {
    let wrong = format!("0x{:064}", 1);
    let report = run(file(code, "Cancun", &wrong, NO_LOGS, exception));
    assert_eq!((report.passed(), report.failed(), report.forks["Cancun"].failed), (0, 1, 1));
    let reason = &report.failures[0].reason;
    assert!(reason.ends_with(&format!("expected {wrong}")), "{reason}");
    reason.split([' ', ',']).nth(2).unwrap().to_owned()
}

#[test]
fn a_right_root_passes_and_wrong_logs_fail() {
    // SSTORE(0, CALLVALUE)
    let root = root_of("0x345f5500", "");
    let report = run(file("0x345f5500", "Cancun", &root, NO_LOGS, ""));
    assert_eq!((report.passed(), report.failed(), report.same_with_extensions), (1, 0, 1));
    assert_ne!(root, root_of("0x00", ""));
    let report = run(file("0x345f5500", "Cancun", &root, &root, ""));
    assert!(report.failures[0].reason.starts_with("logs hash"));
}

#[test]
fn validity_must_be_as_expected() {
    let root = root_of("0x00", "TransactionException.INTRINSIC_GAS_TOO_LOW");
    let report = run(file("0x00", "Cancun", &root, NO_LOGS, "TransactionException.INTRINSIC_GAS_TOO_LOW"));
    assert_eq!((report.passed(), report.failed()), (1, 0));
    let mut valid = file("0x00", "Cancun", &root, NO_LOGS, "TransactionException.INTRINSIC_GAS_TOO_LOW");
    let text = String::from_utf8(valid.json).unwrap().replace(r#"["0x01"]"#, r#"["0x0186a0"]"#);
    valid.json = text.into_bytes();
    assert!(run(valid).failures[0].reason.starts_with("valid, expected"));
}

#[test]
fn a_program_that_meets_an_extension_is_listed_and_no_failure() {
    // ACOUNT, ISZERO, SSTORE(0, ..): with extensions off the byte halts.
    let code = "0xce155f5500";
    let report = run(file(code, "Cancun", &root_of(code, ""), NO_LOGS, ""));
    assert_eq!((report.passed(), report.failed(), report.same_with_extensions), (1, 0, 0));
    assert_eq!(report.met_extension[0].to_string(), "a/t.json t Cancun d0 g0 v0");
}

#[test]
fn unreadable_files_fail_and_unknown_forks_are_named() {
    let report = run(TestFile { path: "x.json".into(), json: b"{\"t\": 3}".to_vec() });
    assert_eq!((report.files, report.failed()), (1, 1));
    let report = run(file("0x00", "Constantinople", NO_LOGS, NO_LOGS, ""));
    assert_eq!((report.passed(), report.failed(), report.unsupported["Constantinople"]), (0, 0, 1));
}

#[test]
fn files_are_found_in_folders_and_samples_cover_all() {
    let folder = std::env::temp_dir().join(format!("fusor-statetest-{}", std::process::id()));
    fs::create_dir_all(folder.join("b")).unwrap();
    for name in ["a.json", "b/c.json", "b/d.txt"] {
        fs::write(folder.join(name), "{}").unwrap();
    }
    let files = statetest::load(&folder).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["a.json", "b/c.json"]);
    let parts = (0..3).flat_map(|part| statetest::sample(files.clone(), part, 3)).count();
    assert_eq!(parts, files.len());
    assert!(statetest::load(&folder).is_err());
}
