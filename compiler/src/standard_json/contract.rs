//! Writes a contract's artifact with the outputs that are asked for.

use super::request::Request;
use super::selection::Selection;
use super::settings::Settings;
use crate::artifact::{Artifact, Code};
use crate::outputs::{gas_estimates::gas_estimates, opcodes::opcodes};
use serde_json::{Map, Value, json};

/// Returns `contracts`: by file, by name.
pub(super) fn all(artifacts: Vec<Artifact>, request: &Request) -> Map<String, Value> {
    let mut files: Map<String, Value> = Map::new();
    for mut artifact in artifacts {
        link(&mut artifact, &request.settings);
        let outputs = Outputs { artifact: &artifact, selection: &request.selection }.to_json();
        if let Some(file) = files.entry(artifact.file.clone()).or_insert_with(|| json!({})).as_object_mut() {
            file.insert(artifact.name.clone(), Value::Object(outputs));
        }
    }
    files
}

/// Puts the libraries' addresses in place; an empty file stands for any.
fn link(artifact: &mut Artifact, settings: &Settings) {
    let references = artifact.creation.link_references.iter().chain(&artifact.runtime.link_references);
    let mut wanted: Vec<(String, String)> = references.map(|r| (r.file.clone(), r.library.clone())).collect();
    wanted.sort();
    wanted.dedup();
    for (file, library) in wanted {
        let of_file = |file: &str| settings.libraries.get(file).and_then(|list| list.get(&library));
        if let Some(address) = of_file(&file).or_else(|| of_file("")) {
            artifact.link(&file, &library, address.into_array());
        }
    }
}

struct Outputs<'a> {
    artifact: &'a Artifact,
    selection: &'a Selection,
}

impl Outputs<'_> {
    fn to_json(&self) -> Map<String, Value> {
        let a = self.artifact;
        let mut out = Map::new();
        self.put(&mut out, "abi", || a.abi.clone());
        self.put(&mut out, "userdoc", || a.userdoc.clone());
        self.put(&mut out, "devdoc", || a.devdoc.clone());
        self.put(&mut out, "metadata", || json!(a.metadata));
        self.put(&mut out, "storageLayout", || a.storage_layout.clone());
        self.put(&mut out, "transientStorageLayout", || a.transient_storage_layout.clone());
        self.put(&mut out, "ir", || json!(a.ir));
        self.put(&mut out, "irOptimized", || json!(a.ir));
        let evm = self.evm();
        if !evm.is_empty() {
            out.insert("evm".into(), Value::Object(evm));
        }
        out
    }

    fn evm(&self) -> Map<String, Value> {
        let a = self.artifact;
        let mut out = Map::new();
        self.put_as(&mut out, "assembly", "evm.assembly", || json!(a.assembly));
        self.put_as(&mut out, "methodIdentifiers", "evm.methodIdentifiers", || json!(a.method_identifiers));
        self.put_as(&mut out, "gasEstimates", "evm.gasEstimates", || gas_estimates(a));
        for (key, code) in [("bytecode", &a.creation), ("deployedBytecode", &a.runtime)] {
            let code = self.code(&format!("evm.{key}"), code);
            if !code.is_empty() {
                out.insert(key.into(), Value::Object(code));
            }
        }
        out
    }

    fn code(&self, group: &str, code: &Code) -> Map<String, Value> {
        let mut out = Map::new();
        let mut put = |key: &str, value: &dyn Fn() -> Value| {
            self.put_as(&mut out, key, &format!("{group}.{key}"), value);
        };
        put("object", &|| json!(code.object()));
        put("opcodes", &|| json!(opcodes(&code.bytes)));
        put("sourceMap", &|| json!(code.source_map));
        put("linkReferences", &|| code.links_json());
        put("functionDebugData", &|| code.function_debug_data());
        put("generatedSources", &|| json!([]));
        if group == "evm.deployedBytecode" {
            put("immutableReferences", &|| code.immutables_json());
        }
        out
    }

    fn put(&self, out: &mut Map<String, Value>, key: &str, value: impl Fn() -> Value) {
        self.put_as(out, key, key, value);
    }

    fn put_as(&self, out: &mut Map<String, Value>, key: &str, name: &str, value: impl Fn() -> Value) {
        if self.selection.wants(&self.artifact.file, &self.artifact.name, name) {
            out.insert(key.into(), value());
        }
    }
}
