//! Prints outputs as solc does: to standard output, to files, or as combined JSON.

use crate::{error::Outcome, output};
use fusor_compiler::standard_json::VERSION;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Is an output of a contract: option, place in the answer, title, ending of its file.
pub(super) type Kind = (&'static str, &'static str, &'static str, &'static str);

/// Lists the outputs of contracts in the order of printing.
pub(super) const KINDS: [Kind; 16] = [
    ("asm", "evm.assembly", "EVM assembly:", ".evm"),
    ("opcodes", "evm.bytecode.opcodes", "Opcodes:", ".opcode"),
    ("srcmap", "evm.bytecode.sourceMap", "Source map:", ".srcmap"),
    (
        "srcmap-runtime",
        "evm.deployedBytecode.sourceMap",
        "Source map of the runtime part:",
        ".srcmap-runtime",
    ),
    ("bin", "evm.bytecode.object", "Binary:", ".bin"),
    ("bin-runtime", "evm.deployedBytecode.object", "Binary of the runtime part:", ".bin-runtime"),
    ("ir", "ir", "IR:", ".yul"),
    ("ir-optimized", "irOptimized", "Optimized IR:", "_opt.yul"),
    ("gas", "evm.gasEstimates", "Gas estimation:", ".gas"),
    ("hashes", "evm.methodIdentifiers", "Function signatures:", ".signatures"),
    ("metadata", "metadata", "Metadata:", "_meta.json"),
    ("abi", "abi", "Contract JSON ABI", ".abi"),
    ("storage-layout", "storageLayout", "Contract Storage Layout:", "_storage.json"),
    (
        "transient-storage-layout",
        "transientStorageLayout",
        "Contract Transient Storage Layout:",
        "_transient_storage.json",
    ),
    ("userdoc", "userdoc", "User Documentation", ".docuser"),
    ("devdoc", "devdoc", "Developer Documentation", ".docdev"),
];

/// Lists the outputs of combined JSON: its key, the place in the answer.
pub(super) const COMBINED: [(&str, &str); 18] = [
    ("abi", "abi"),
    ("asm", "evm.assembly"),
    ("bin", "evm.bytecode.object"),
    ("bin-runtime", "evm.deployedBytecode.object"),
    ("devdoc", "devdoc"),
    ("function-debug", "evm.bytecode.functionDebugData"),
    ("function-debug-runtime", "evm.deployedBytecode.functionDebugData"),
    ("generated-sources", "evm.bytecode.generatedSources"),
    ("generated-sources-runtime", "evm.deployedBytecode.generatedSources"),
    ("hashes", "evm.methodIdentifiers"),
    ("metadata", "metadata"),
    ("opcodes", "evm.bytecode.opcodes"),
    ("srcmap", "evm.bytecode.sourceMap"),
    ("srcmap-runtime", "evm.deployedBytecode.sourceMap"),
    ("storage-layout", "storageLayout"),
    ("transient-storage-layout", "transientStorageLayout"),
    ("userdoc", "userdoc"),
    ("ir", "ir"),
];

/// Finds a value by its keys, joined by dots.
fn find<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}

/// Calls `visit` with file, name and outputs of each contract.
fn each(answer: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let files = answer.get("contracts").and_then(Value::as_object).into_iter().flatten();
    files.flat_map(|(file, contracts)| {
        let contracts = contracts.as_object().into_iter().flatten();
        contracts.map(move |(name, outputs)| (file.as_str(), name.as_str(), outputs))
    })
}

/// Writes an output as solc shows it.
fn show(option: &str, value: &Value, pretty: bool) -> String {
    match (option, value) {
        ("hashes", Value::Object(methods)) => {
            let line = |(name, selector): (&String, &Value)| {
                format!("{}: {name}\n", selector.as_str().unwrap_or(""))
            };
            methods.iter().map(line).collect()
        }
        (_, Value::String(text)) => text.clone(),
        (_, value) if pretty => format!("{value:#}"),
        (_, value) => value.to_string(),
    }
}

/// Prints the outputs that are asked for.
pub(super) fn contracts(answer: &Value, wanted: &[String], pretty: bool) -> Outcome {
    let mut text = String::new();
    for (file, name, outputs) in each(answer) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n======= {file}:{name} =======");
        for (option, path, title, _) in KINDS.iter().filter(|(option, ..)| wanted.iter().any(|w| w == option))
        {
            if let Some(value) = find(outputs, path) {
                let _ = writeln!(text, "{title}\n{}", show(option, value, pretty));
            }
        }
    }
    if wanted.iter().any(|w| w == "ast-compact-json") {
        text.push_str("JSON AST (compact format):\n\n");
        for (file, ast) in trees(answer) {
            let _ = writeln!(text, "\n======= {file} =======\n{}", show("", ast, pretty));
        }
    }
    output::print(&text)
}

fn trees(answer: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let sources = answer.get("sources").and_then(Value::as_object).into_iter().flatten();
    sources.filter_map(|(file, source)| Some((file.as_str(), source.get("ast")?)))
}

/// Returns the files of the outputs that are asked for.
pub(super) fn files(
    answer: &Value,
    wanted: &[String],
    pretty: bool,
    folder: &Path,
) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for (_, name, outputs) in each(answer) {
        for (option, path, _, ending) in
            KINDS.iter().filter(|(option, ..)| wanted.iter().any(|w| w == option))
        {
            if let Some(value) = find(outputs, path) {
                files.push((folder.join(format!("{name}{ending}")), show(option, value, pretty)));
            }
        }
    }
    if wanted.iter().any(|w| w == "ast-compact-json") {
        for (file, ast) in trees(answer) {
            let name = file.rsplit('/').next().unwrap_or(file);
            files.push((folder.join(format!("{name}_json.ast")), show("", ast, pretty)));
        }
    }
    files
}

/// Returns combined JSON.
pub(super) fn combined(answer: &Value, wanted: &[String]) -> Value {
    let mut contracts = Map::new();
    for (file, name, outputs) in each(answer) {
        let mut entry = Map::new();
        for (key, path) in COMBINED.iter().filter(|(key, _)| wanted.iter().any(|w| w == key)) {
            entry.insert((*key).to_owned(), find(outputs, path).cloned().unwrap_or(Value::Null));
        }
        contracts.insert(format!("{file}:{name}"), Value::Object(entry));
    }
    let sources = answer.get("sources").and_then(Value::as_object);
    let names: Vec<&String> = sources.map(|list| list.keys().collect()).unwrap_or_default();
    let mut out = json!({ "contracts": contracts, "sourceList": names, "version": VERSION });
    if wanted.iter().any(|w| w == "ast") {
        let trees: Map<String, Value> =
            trees(answer).map(|(file, ast)| (file.to_owned(), json!({ "AST": ast }))).collect();
        if let Some(out) = out.as_object_mut() {
            out.insert("sources".into(), Value::Object(trees));
        }
    }
    out
}
