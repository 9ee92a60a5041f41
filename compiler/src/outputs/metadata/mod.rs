//! Writes a contract's metadata as solc does, and the tail of its code that points there.

mod cbor;
mod ipfs;
mod license;
mod swarm;

pub use ipfs::ipfs_hash;
pub use license::{License, license};
pub use swarm::swarm_hash;

use super::sorted;
use crate::driver::{Options, RevertStrings};
use crate::hir::Contract;
use crate::source::FileId;
use alloy_primitives::{hex, keccak256};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Is the compiler's version as metadata and tools spell it: that of the language, then our own.
pub const COMPILER_VERSION: &str = concat!("0.8.37+fusor.", env!("CARGO_PKG_VERSION"));

/// Names the hash of the metadata that code ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BytecodeHash {
    /// The content identifier of IPFS.
    #[default]
    Ipfs,
    /// The hash of Swarm.
    Bzzr1,
    /// None; only the compiler's version is told.
    None,
}

/// Says what metadata holds beside the sources, and what of it the code ends with.
#[derive(Debug, Clone, PartialEq)]
pub struct Metadata {
    /// The hash that code ends with.
    pub bytecode_hash: BytecodeHash,
    /// False to end code without hash and version.
    pub append_cbor: bool,
    /// True to hold the sources' texts instead of their addresses.
    pub literal_content: bool,
    /// Remappings as given, `context:prefix=target`.
    pub remappings: Vec<String>,
    /// Addresses of libraries, by `file:name`.
    pub libraries: BTreeMap<String, String>,
    /// True when solc's `viaIR` was asked for.
    pub via_ir: bool,
    /// The optimiser's `details` as given.
    pub optimizer_details: Option<Value>,
}

impl Default for Metadata {
    fn default() -> Self {
        Self {
            bytecode_hash: BytecodeHash::default(),
            append_cbor: true,
            literal_content: false,
            remappings: Vec::new(),
            libraries: BTreeMap::new(),
            via_ir: false,
            optimizer_details: None,
        }
    }
}

/// Is a file as metadata sees it.
#[derive(Debug, Clone, Default)]
struct SourceNode {
    name: String,
    imports: Vec<FileId>,
    entry: Value,
}

/// Knows what metadata says of each file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    nodes: Vec<SourceNode>,
}

impl Sources {
    /// Adds the next file: its name and text, the files that it imports, its licence.
    pub(crate) fn push(
        &mut self,
        (name, text): (&str, &str),
        imports: Vec<FileId>,
        license: &License,
        settings: &Metadata,
    ) {
        self.nodes.push(SourceNode { name: name.to_owned(), imports, entry: entry(text, license, settings) });
    }

    /// Describes a file and all that it imports, directly or not.
    fn reachable(&self, file: &str) -> Map<String, Value> {
        let start = self.nodes.iter().position(|n| n.name == file);
        let mut open: Vec<usize> = start.into_iter().collect();
        let mut seen = BTreeSet::new();
        let mut all = Map::new();
        while let Some(at) = open.pop() {
            let Some(node) = self.nodes.get(at).filter(|_| seen.insert(at)) else { continue };
            all.insert(node.name.clone(), node.entry.clone());
            open.extend(node.imports.iter().map(|id| *id as usize));
        }
        all
    }
}

fn entry(text: &str, license: &License, settings: &Metadata) -> Value {
    let bytes = text.as_bytes();
    let mut entry = Map::new();
    entry.insert("keccak256".into(), hex::encode_prefixed(keccak256(bytes)).into());
    if let License::One(name) = license {
        entry.insert("license".into(), name.clone().into());
    }
    if settings.literal_content {
        entry.insert("content".into(), text.into());
    } else {
        let swarm = format!("bzz-raw://{}", hex::encode(swarm_hash(bytes)));
        let ipfs = format!("dweb:/ipfs/{}", ipfs::base58(&ipfs_hash(bytes)));
        entry.insert("urls".into(), json!([swarm, ipfs]));
    }
    Value::Object(entry)
}

/// Writes the metadata of a contract; `output` holds its ABI and documentation.
pub(crate) fn metadata(
    contract: &Contract,
    output: Value,
    sources: &Sources,
    options: &Options,
    settings: &Metadata,
) -> String {
    let value = json!({
        "compiler": { "version": COMPILER_VERSION },
        "language": "Solidity",
        "output": output,
        "settings": compile_settings(contract, options, settings),
        "sources": sources.reachable(&contract.file),
        "version": 1,
    });
    ascii(&sorted(value).to_string())
}

/// Spells what is not ASCII by escapes, as solc does.
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        }
    }
    out
}

fn compile_settings(contract: &Contract, options: &Options, settings: &Metadata) -> Value {
    let mut target = Map::new();
    target.insert(contract.file.clone(), contract.name.clone().into());
    let mut all = json!({
        "compilationTarget": target,
        "evmVersion": options.evm_version.name(),
        "libraries": settings.libraries,
        "metadata": switches(settings),
        "optimizer": optimizer(options, settings),
        "remappings": remappings(settings),
    });
    if let Some(map) = all.as_object_mut() {
        match options.revert_strings {
            RevertStrings::Default => {}
            RevertStrings::Strip => drop(map.insert("debug".into(), json!({ "revertStrings": "strip" }))),
            RevertStrings::Debug => drop(map.insert("debug".into(), json!({ "revertStrings": "debug" }))),
        }
        if settings.via_ir {
            map.insert("viaIR".into(), true.into());
        }
    }
    all
}

fn switches(settings: &Metadata) -> Value {
    let hash = match settings.bytecode_hash {
        BytecodeHash::Ipfs => "ipfs",
        BytecodeHash::Bzzr1 => "bzzr1",
        BytecodeHash::None => "none",
    };
    let mut all = Map::new();
    all.insert("bytecodeHash".into(), hash.into());
    if settings.literal_content {
        all.insert("useLiteralContent".into(), true.into());
    }
    if !settings.append_cbor {
        all.insert("appendCBOR".into(), false.into());
    }
    Value::Object(all)
}

fn optimizer(options: &Options, settings: &Metadata) -> Value {
    match &settings.optimizer_details {
        Some(details) => json!({ "details": details, "runs": options.runs }),
        None => json!({ "enabled": options.optimize, "runs": options.runs }),
    }
}

/// Spells each remapping with its context, in order, each once.
fn remappings(settings: &Metadata) -> Vec<String> {
    let spelled = settings.remappings.iter().map(|text| {
        let prefix = text.split('=').next().unwrap_or(text);
        if prefix.contains(':') { text.clone() } else { format!(":{text}") }
    });
    spelled.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Returns what code ends with so that tools find its metadata.
pub(crate) fn tail(metadata: &str, settings: &Metadata) -> Vec<u8> {
    if !settings.append_cbor {
        return Vec::new();
    }
    let bytes = metadata.as_bytes();
    match settings.bytecode_hash {
        BytecodeHash::Ipfs => cbor::tail(Some(("ipfs", &ipfs_hash(bytes))), COMPILER_VERSION),
        BytecodeHash::Bzzr1 => cbor::tail(Some(("bzzr1", &swarm_hash(bytes))), COMPILER_VERSION),
        BytecodeHash::None => cbor::tail(None, COMPILER_VERSION),
    }
}
