//! Holds what the compiler writes beside code against its rules and against solc.
//!
//! Parts that need node and npm say so and pass without them, unless FUSOR_REQUIRE=1.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

#[path = "outputs/code.rs"]
mod code;
#[path = "outputs/evm_versions.rs"]
mod evm_versions;
#[path = "outputs/gas.rs"]
mod gas;
mod harness;
#[path = "outputs/metadata.rs"]
mod metadata;
#[path = "outputs/natspec.rs"]
mod natspec;
#[path = "outputs/revert_strings.rs"]
mod revert_strings;

use fusor_compiler::artifact::Artifact;
use fusor_compiler::driver::{Options, compile_source};
use harness::compilers;
use serde_json::{Map, Value, json};

/// Compiles one text by Fusor's compiler.
fn build(source: &str, options: &Options) -> Vec<Artifact> {
    compile_source("a.sol", source, options).unwrap_or_else(|e| panic!("{e}"))
}

/// Makes standard JSON for files.
fn input(files: &[(&str, &str)], settings: Value) -> Value {
    let sources: Map<String, Value> =
        files.iter().map(|(name, text)| ((*name).to_owned(), json!({ "content": text }))).collect();
    json!({ "language": "Solidity", "sources": sources, "settings": settings })
}

/// Runs solc on each input; none when it is not there.
fn solc(inputs: &[Value]) -> Option<Vec<Value>> {
    let Some(folder) = compilers::solc_folder() else {
        assert!(std::env::var("FUSOR_REQUIRE").is_err(), "solc is required and is not there");
        println!("skipped: no solc (node and npm are needed)");
        return None;
    };
    let text = compilers::run_solc_each(&folder, &json!(inputs).to_string()).expect("solc runs");
    Some(serde_json::from_str(&text).expect("solc's output is JSON"))
}
