//! Runs a corpus of sources with the errors that they deserve, through the same door as tools do.

use super::{CorpusError, lines};
use crate::standard_json;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    name: String,
    category: String,
    sources: BTreeMap<String, String>,
    settings: Settings,
    expect: String,
    expected: Vec<Expected>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    stage: String,
    evm_version: String,
    #[serde(rename = "viaIR")]
    via_ir: Option<bool>,
    optimizer: Option<bool>,
}

/// Is a finding that a case states; a place is missing where there is none.
#[derive(Debug, Deserialize, PartialEq)]
struct Expected {
    severity: String,
    code: Option<String>,
    file: Option<String>,
    start: Option<i64>,
    end: Option<i64>,
}

/// Says how a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Accepted as expected.
    Accepted,
    /// Rejected as expected.
    Rejected {
        /// True when the first expected error is reported with solc's number.
        code: bool,
        /// True when it is reported at its place, too.
        place: bool,
    },
    /// A wrong program is accepted.
    WronglyAccepted,
    /// A valid program is rejected.
    WronglyRejected,
}

/// Is what a case gave.
#[derive(Debug, Clone)]
pub struct CaseReport {
    /// The case's name.
    pub name: String,
    /// Its category.
    pub category: String,
    /// How it ended.
    pub verdict: Verdict,
}

/// Is true when a file's first case is one of syntax.
///
/// # Errors
/// Returns [`CorpusError`] when the file cannot be read.
pub fn is_syntax(file: &Path) -> Result<bool, CorpusError> {
    let first = lines(file)?.into_iter().next().unwrap_or_default();
    let value: Value = serde_json::from_str(&first).unwrap_or(Value::Null);
    Ok(value.get("expect").is_some())
}

/// Runs the cases of a file whose name contains `filter`.
///
/// # Errors
/// Returns [`CorpusError`] when the file is not a corpus.
pub fn run(file: &Path, filter: &str) -> Result<Vec<CaseReport>, CorpusError> {
    let mut reports = Vec::new();
    for (i, line) in lines(file)?.iter().enumerate() {
        let case: Case = serde_json::from_str(line)
            .map_err(|e| CorpusError::Line { line: i + 1, reason: e.to_string() })?;
        if case.name.contains(filter) {
            let verdict = verdict(&case);
            reports.push(CaseReport { name: case.name, category: case.category, verdict });
        }
    }
    Ok(reports)
}

fn verdict(case: &Case) -> Verdict {
    let found = found(case);
    let rejected = found.iter().any(|e| e.severity == "error");
    match (rejected, case.expect == "error") {
        (true, false) => return Verdict::WronglyRejected,
        (false, true) => return Verdict::WronglyAccepted,
        (false, false) => return Verdict::Accepted,
        (true, true) => {}
    }
    let Some(first) = case.expected.iter().find(|e| e.severity == "error") else {
        return Verdict::Rejected { code: true, place: true };
    };
    let same = || found.iter().filter(|e| e.code == first.code);
    let there = |e: &Expected| (&e.file, e.start, e.end) == (&first.file, first.start, first.end);
    Verdict::Rejected { code: same().next().is_some(), place: same().any(there) }
}

/// Compiles a case as far as it says and returns what is reported.
fn found(case: &Case) -> Vec<Expected> {
    let sources: serde_json::Map<String, Value> =
        case.sources.iter().map(|(name, text)| (name.clone(), json!({ "content": text }))).collect();
    let settings = &case.settings;
    let whole = settings.stage == "compilation";
    let selection = if whole { json!({ "*": { "*": ["evm.bytecode"] } }) } else { json!({}) };
    let mut request = json!({
        "language": "Solidity",
        "sources": sources,
        "settings": {
            "evmVersion": settings.evm_version,
            "viaIR": settings.via_ir.unwrap_or(false),
            "optimizer": { "enabled": settings.optimizer.unwrap_or(true) },
            "outputSelection": selection,
        },
    });
    if settings.stage == "parsing"
        && let Some(settings) = request.get_mut("settings").and_then(Value::as_object_mut)
    {
        settings.insert("stopAfter".into(), json!("parsing"));
    }
    let answer = standard_json::run(&request.to_string(), &standard_json::no_files);
    let answer: Value = serde_json::from_str(&answer).unwrap_or(Value::Null);
    let errors = answer.get("errors").and_then(Value::as_array);
    errors.into_iter().flatten().map(reported).collect()
}

fn reported(error: &Value) -> Expected {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let place = error.get("sourceLocation");
    let number = |key: &str| place.and_then(|p| p.get(key)).and_then(Value::as_i64);
    Expected {
        severity: text(error.get("severity")).unwrap_or_default(),
        code: text(error.get("errorCode")),
        file: text(place.and_then(|p| p.get("file"))),
        start: number("start"),
        end: number("end"),
    }
}
