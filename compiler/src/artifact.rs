//! Describes what compiling one contract gives, and writes it as JSON that Foundry's tools read.

use crate::codegen::FunctionPlace;
use crate::hir::{ContractKind, DescriptionRecord};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Is a place in code where the linker puts a library's address (20 bytes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkReference {
    /// The library's file.
    pub file: String,
    /// The library's name.
    pub library: String,
    /// Offset of the address in the code, in bytes.
    pub offset: usize,
}

/// Is a place in runtime code that construction overwrites with an immutable (32 bytes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImmutableReference {
    /// The immutable's name, qualified by its contract.
    pub name: String,
    /// Offset in the code, in bytes.
    pub offset: usize,
}

/// Is bytecode with what is needed to link, patch and debug it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Code {
    /// The bytes; link references hold zeros until linked.
    pub bytes: Vec<u8>,
    /// Where library addresses go.
    pub link_references: Vec<LinkReference>,
    /// Where immutables go (runtime code only).
    pub immutable_references: Vec<ImmutableReference>,
    /// The source map in solc's compressed form, `s:l:f:j;...`.
    pub source_map: String,
    /// The internal functions that have code of their own.
    pub functions: Vec<FunctionPlace>,
}

/// Holds everything known about one compiled contract.
#[derive(Debug, Clone, Default)]
pub struct Artifact {
    /// The contract's name.
    pub name: String,
    /// Its file as imported.
    pub file: String,
    /// What kind of contract it is; abstract contracts and interfaces have no code.
    pub kind: ContractKind,
    /// Code that deploys the contract; constructor arguments are appended by the deployer.
    pub creation: Code,
    /// Code of the deployed contract.
    pub runtime: Code,
    /// The JSON ABI.
    pub abi: Value,
    /// The storage layout in solc's form.
    pub storage_layout: Value,
    /// The transient storage layout in solc's form.
    pub transient_storage_layout: Value,
    /// The documentation for users in solc's form.
    pub userdoc: Value,
    /// The documentation for developers in solc's form.
    pub devdoc: Value,
    /// The metadata, when asked for.
    pub metadata: String,
    /// Signature to selector in hex without prefix.
    pub method_identifiers: BTreeMap<String, String>,
    /// Triggers of the contract's description sections.
    pub descriptions: Vec<DescriptionRecord>,
    /// The IR of both modules as text, after optimisation.
    pub ir: String,
    /// The assembly of both modules as text.
    pub assembly: String,
}

impl Code {
    /// Is true when every library address is in place.
    pub fn is_linked(&self) -> bool {
        self.link_references.is_empty()
    }

    /// Puts a library's address at each of its references and forgets them; returns how many there were.
    pub fn link(&mut self, file: &str, library: &str, address: [u8; 20]) -> usize {
        let (mine, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.link_references)
            .into_iter()
            .partition(|r| r.library == library && r.file == file);
        for reference in &mine {
            if let Some(hole) = self.bytes.get_mut(reference.offset..reference.offset + 20) {
                hole.copy_from_slice(&address);
            }
        }
        self.link_references = rest;
        mine.len()
    }

    /// Tells debuggers where internal functions begin, in solc's form; our functions have no node of the tree.
    pub fn function_debug_data(&self) -> Value {
        let entry = |f: &FunctionPlace| {
            let data = json!({
                "entryPoint": f.entry, "id": null, "parameterSlots": f.params, "returnSlots": f.returns,
            });
            (format!("@{}", f.name), data)
        };
        self.functions.iter().map(entry).collect::<Map<_, _>>().into()
    }

    /// Returns the code in hex without prefix; a placeholder stands where a library's address is missing.
    pub fn object(&self) -> String {
        let mut hex = alloy_primitives::hex::encode(&self.bytes);
        for reference in &self.link_references {
            let at = reference.offset * 2;
            if hex.get(at..at + 40).is_some() {
                hex.replace_range(at..at + 40, &placeholder(&reference.file, &reference.library));
            }
        }
        hex
    }

    /// Returns the link references in solc's form.
    pub fn links_json(&self) -> Value {
        let mut links = json!({});
        for r in &self.link_references {
            if let Some(files) = links.as_object_mut() {
                let file = files.entry(r.file.clone()).or_insert_with(|| json!({}));
                push_at(file, &r.library, json!({ "length": 20, "start": r.offset }));
            }
        }
        links
    }

    /// Returns the immutable references in solc's form.
    pub fn immutables_json(&self) -> Value {
        let mut immutables = json!({});
        for r in &self.immutable_references {
            push_at(&mut immutables, &r.name, json!({ "length": 32, "start": r.offset }));
        }
        immutables
    }

    fn to_json(&self) -> Value {
        json!({
            "object": format!("0x{}", self.object()),
            "sourceMap": self.source_map,
            "functionDebugData": self.function_debug_data(),
            "linkReferences": self.links_json(),
            "immutableReferences": self.immutables_json(),
        })
    }
}

fn push_at(object: &mut Value, key: &str, item: Value) {
    if let Some(map) = object.as_object_mut()
        && let Some(list) = map.entry(key).or_insert_with(|| json!([])).as_array_mut()
    {
        list.push(item);
    }
}

/// Returns the 40 characters that stand for an unlinked library: `__$` + 34 hex digits of the hash + `$__`.
fn placeholder(file: &str, library: &str) -> String {
    let hash = alloy_primitives::keccak256(format!("{file}:{library}"));
    let digits = alloy_primitives::hex::encode(hash);
    format!("__${}$__", digits.get(..34).unwrap_or_default())
}

/// Returns the path of a contract's artifact below the output folder: `<File>.sol/<Contract>.json`.
pub fn path(file: &str, contract: &str) -> PathBuf {
    let file = file.rsplit('/').next().unwrap_or(file);
    PathBuf::from(file).join(format!("{contract}.json"))
}

impl Artifact {
    /// Is true when the contract can be deployed.
    pub fn is_deployable(&self) -> bool {
        matches!(self.kind, ContractKind::Contract | ContractKind::Library)
    }

    /// Returns the path below the output folder: `<File>.sol/<Contract>.json`.
    pub fn path(&self) -> PathBuf {
        path(&self.file, &self.name)
    }

    /// Puts a library's address into both codes.
    pub fn link(&mut self, file: &str, library: &str, address: [u8; 20]) {
        self.creation.link(file, library, address);
        self.runtime.link(file, library, address);
    }

    /// Returns the artifact as JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "abi": self.abi,
            "bytecode": self.creation.to_json(),
            "deployedBytecode": self.runtime.to_json(),
            "devdoc": self.devdoc,
            "metadata": self.metadata,
            "methodIdentifiers": self.method_identifiers,
            "storageLayout": self.storage_layout,
            "transientStorageLayout": self.transient_storage_layout,
            "userdoc": self.userdoc,
            "fusor": {
                "contract": self.name,
                "file": self.file,
                "descriptions": self.descriptions.iter().map(description_json).collect::<Vec<_>>(),
            },
        })
    }
}

fn description_json(d: &DescriptionRecord) -> Value {
    json!({
        "description": d.description,
        "kind": d.kind,
        "handler": d.handler,
        "text": d.text,
        "selector": d.selector.map(alloy_primitives::hex::encode_prefixed),
        "gas": d.gas,
        "escrow": d.escrow.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linking_fills_every_reference_of_the_library() {
        let reference = |offset| LinkReference { file: "a.sol".into(), library: "L".into(), offset };
        let mut code = Code { bytes: vec![0; 64], ..Code::default() };
        code.link_references = vec![reference(1), reference(30)];
        assert!(code.object().contains("__$"));
        assert_eq!(code.link("b.sol", "L", [7; 20]), 0);
        assert_eq!(code.link("a.sol", "L", [7; 20]), 2);
        assert!(code.is_linked());
        assert_eq!(code.bytes.iter().filter(|b| **b == 7).count(), 40);
    }
}
