//! Remembers in the output folder what each artifact was made from, so that a second build makes only those that an edit
//! concerns.

use crate::{error::Outcome, output};
use alloy_primitives::{B256, Keccak256, hex, keccak256};
use fusor_compiler::inputs::ContractInput;
use serde_json::{Map, Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Is the record's file below the output folder.
const FILE: &str = ".fusor-build.json";

/// Knows the artifacts of the last build by their paths: a hash of what each was made from, and one of its text.
#[derive(Debug, Default)]
pub(crate) struct Record {
    path: PathBuf,
    rows: Map<String, Value>,
}

impl Record {
    /// Reads the record of an output folder; one that is not there or cannot be read knows nothing.
    pub(crate) fn read(out: &Path) -> Self {
        let path = out.join(FILE);
        let text = fs::read(&path).unwrap_or_default();
        let rows = match serde_json::from_slice(&text) {
            Ok(Value::Object(rows)) => rows,
            _ => Map::new(),
        };
        Self { path, rows }
    }

    /// Is true when the file at `path` is the artifact made from these inputs.
    pub(crate) fn is_fresh(&self, path: &Path, inputs: B256) -> bool {
        let row = self.rows.get(&*path.to_string_lossy());
        let known = |key: &str| row.and_then(|r| r.get(key)).and_then(Value::as_str);
        known("inputs") == Some(&hex::encode(inputs))
            && fs::read(path).is_ok_and(|text| known("text") == Some(&hex::encode(keccak256(text))))
    }

    /// Notes an artifact that was written.
    pub(crate) fn note(&mut self, path: &Path, inputs: B256, text: &str) {
        let row = json!({ "inputs": hex::encode(inputs), "text": hex::encode(keccak256(text)) });
        self.rows.insert(path.to_string_lossy().into_owned(), row);
    }

    /// Forgets artifacts that `keep` does not name and writes the record.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub(crate) fn write(mut self, keep: impl Fn(&Path) -> bool) -> Outcome {
        self.rows.retain(|path, _| keep(Path::new(path)));
        output::write_whole(&self.path, format!("{:#}\n", Value::Object(self.rows)).as_bytes())
    }
}

/// Hashes all that a contract's artifact is made from: sources, settings, and the compiler itself.
pub(crate) fn inputs_hash(contract: &ContractInput, settings: &str) -> B256 {
    let mut all = Keccak256::new();
    for part in [contract.file.as_str(), &contract.name, settings, &compiler()] {
        all.update(keccak256(part));
    }
    all.update(contract.hash);
    all.finalize()
}

/// Names the binary that runs, so that another one makes all artifacts anew.
fn compiler() -> String {
    let about = std::env::current_exe().and_then(fs::metadata);
    let changed = about.as_ref().ok().and_then(|m| m.modified().ok());
    let changed = changed.and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
    format!("{} {:?} {changed:?}", env!("CARGO_PKG_VERSION"), about.map(|m| m.len()).ok())
}
