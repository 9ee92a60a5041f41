//! Answers requests in solc's standard JSON form: text in, text out.

mod contract;
mod finding;
mod program;
mod request;
mod selection;
mod settings;

use finding::Finding;
use program::{Outcome, Sources};
pub use request::RequestError;
use request::{Language, Request};
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Is the version of the language that requests are answered for.
pub const LANGUAGE_VERSION: &str = "0.8.37";

pub use crate::outputs::metadata::COMPILER_VERSION as VERSION;

/// Reads a file that a request names (by `urls` or by an import) but does not hold; the error says why it cannot.
pub type Reader<'a> = dyn Fn(&str) -> Result<Vec<u8>, String> + 'a;

/// Refuses every file: all sources are in the request.
///
/// # Errors
/// Always.
pub fn no_files(_: &str) -> Result<Vec<u8>, String> {
    Err("the request holds no such source".into())
}

/// Answers a request. Whatever is wrong with it or its sources is told in the answer.
pub fn run(input: &str, read: &Reader<'_>) -> String {
    let answer = catch_unwind(AssertUnwindSafe(|| answer(input, read))).unwrap_or_else(|_| {
        let message = "the compiler stopped unexpectedly; please report the request";
        failure(&Finding::general("InternalCompilerError", message))
    });
    crate::outputs::sorted(answer).to_string()
}

fn answer(input: &str, read: &Reader<'_>) -> Value {
    let request = match Request::parse(input) {
        Ok(request) => request,
        Err(error) => return failure(&Finding::general("JSONError", &error.to_string())),
    };
    let (sources, findings) = Sources::gather(&request, read);
    let outcome = if !findings.is_empty() {
        Outcome { findings, ..Outcome::default() }
    } else {
        match request.language {
            Language::Solidity => sources.compile(&request),
            Language::Yul => sources.compile_yul(&request),
        }
    };
    outcome.into_json()
}

fn failure(finding: &Finding) -> Value {
    json!({ "errors": [finding.to_json()] })
}
