//! Reads `settings` of a request.

use super::request::{RequestError, form, known_keys, object, text, texts};
use crate::driver::{Options, RevertStrings};
use crate::evm_version::EvmVersion;
use crate::imports::Remapping;
use crate::outputs::metadata::{BytecodeHash, Metadata};
use alloy_primitives::{Address, hex};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Is how a request wants its sources compiled.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) remappings: Vec<Remapping>,
    pub(super) parse_only: bool,
    /// Addresses by library by file.
    pub(super) libraries: BTreeMap<String, BTreeMap<String, Address>>,
    pub(super) options: Options,
}

impl Settings {
    /// Reads the settings.
    pub(super) fn parse(value: &Map<String, Value>) -> Result<Self, RequestError> {
        known_keys(value, &KEYS)?;
        let mut options = Options { enforce_limits: false, ..Options::default() };
        read_optimizer(value.get("optimizer"), &mut options)?;
        read_debug(value.get("debug"), &mut options)?;
        if let Some(name) = value.get("evmVersion") {
            let name = text(name, "settings.evmVersion")?;
            options.evm_version =
                EvmVersion::parse(name).map_err(|error| RequestError::Value(error.to_string()))?;
        }
        let remappings = read_remappings(value.get("remappings"))?;
        let libraries = read_libraries(value.get("libraries"))?;
        options.metadata = Some(Metadata {
            remappings: remappings.iter().map(Remapping::to_string).collect(),
            libraries: by_full_name(&libraries),
            via_ir: flag(value.get("viaIR"), "settings.viaIR")?.unwrap_or(false),
            optimizer_details: value.get("optimizer").and_then(|o| o.get("details")).cloned(),
            ..read_metadata(value.get("metadata"))?
        });
        let parse_only = read_stop(value.get("stopAfter"))?;
        Ok(Self { remappings, parse_only, libraries, options })
    }
}

const KEYS: [&str; 13] = [
    "debug",
    "eofVersion",
    "evmVersion",
    "experimental",
    "libraries",
    "metadata",
    "modelChecker",
    "optimizer",
    "outputSelection",
    "remappings",
    "stopAfter",
    "viaIR",
    "viaSSACFG",
];

fn read_remappings(value: Option<&Value>) -> Result<Vec<Remapping>, RequestError> {
    let list = value.map(|v| texts(v, "settings.remappings")).transpose()?.unwrap_or_default();
    let bad = |text: &str| RequestError::Value(format!("Invalid remapping: \"{text}\""));
    list.iter().map(|text| text.parse().map_err(|_| bad(text))).collect()
}

fn read_stop(value: Option<&Value>) -> Result<bool, RequestError> {
    match value.map(|v| text(v, "settings.stopAfter")).transpose()? {
        None => Ok(false),
        Some("parsing") => Ok(true),
        Some(other) => Err(RequestError::Value(format!(
            "\"{other}\" is no value of settings.stopAfter; the only one is \"parsing\""
        ))),
    }
}

fn read_optimizer(value: Option<&Value>, options: &mut Options) -> Result<(), RequestError> {
    let Some(value) = value else { return Ok(()) };
    let optimizer = object(value, "settings.optimizer")?;
    known_keys(optimizer, &["enabled", "runs", "details"])?;
    if let Some(enabled) = flag(optimizer.get("enabled"), "settings.optimizer.enabled")? {
        options.optimize = enabled || optimizer.get("details").is_some();
    }
    match optimizer.get("runs") {
        None => Ok(()),
        Some(runs) => {
            let number =
                runs.as_u64().ok_or_else(|| form("settings.optimizer.runs", "a number from 0 up"))?;
            options.runs = u32::try_from(number).unwrap_or(u32::MAX);
            Ok(())
        }
    }
}

fn read_debug(value: Option<&Value>, options: &mut Options) -> Result<(), RequestError> {
    let Some(value) = value else { return Ok(()) };
    let debug = object(value, "settings.debug")?;
    known_keys(debug, &["revertStrings", "debugInfo"])?;
    if let Some(mode) = debug.get("revertStrings") {
        options.revert_strings = match text(mode, "settings.debug.revertStrings")? {
            "default" => RevertStrings::Default,
            "strip" => RevertStrings::Strip,
            "debug" => RevertStrings::Debug,
            other => {
                return Err(RequestError::Value(format!(
                    "\"{other}\" is no value of settings.debug.revertStrings; take default, strip or debug"
                )));
            }
        };
    }
    if let Some(info) = debug.get("debugInfo") {
        texts(info, "settings.debug.debugInfo")?;
    }
    Ok(())
}

fn read_metadata(value: Option<&Value>) -> Result<Metadata, RequestError> {
    let Some(value) = value else { return Ok(Metadata::default()) };
    let metadata = object(value, "settings.metadata")?;
    known_keys(metadata, &["useLiteralContent", "bytecodeHash", "appendCBOR"])?;
    let literal = flag(metadata.get("useLiteralContent"), "settings.metadata.useLiteralContent")?;
    let append = flag(metadata.get("appendCBOR"), "settings.metadata.appendCBOR")?;
    let hash = metadata.get("bytecodeHash").map(|v| text(v, "settings.metadata.bytecodeHash")).transpose()?;
    let bytecode_hash = match hash {
        None | Some("ipfs") => BytecodeHash::Ipfs,
        Some("bzzr1") => BytecodeHash::Bzzr1,
        Some("none") => BytecodeHash::None,
        Some(other) => {
            return Err(RequestError::Value(format!(
                "\"{other}\" is no value of settings.metadata.bytecodeHash; take ipfs, bzzr1 or none"
            )));
        }
    };
    Ok(Metadata {
        bytecode_hash,
        append_cbor: append.unwrap_or(true),
        literal_content: literal.unwrap_or(false),
        ..Metadata::default()
    })
}

/// Lists libraries as metadata does, by `file:name`.
fn by_full_name(libraries: &BTreeMap<String, BTreeMap<String, Address>>) -> BTreeMap<String, String> {
    let full =
        |file: &str, name: &str| if file.is_empty() { name.to_owned() } else { format!("{file}:{name}") };
    let all = libraries.iter().flat_map(|(file, list)| list.iter().map(move |(name, at)| (file, name, at)));
    all.map(|(file, name, address)| (full(file, name), hex::encode_prefixed(address))).collect()
}

fn read_libraries(
    value: Option<&Value>,
) -> Result<BTreeMap<String, BTreeMap<String, Address>>, RequestError> {
    let mut all = BTreeMap::new();
    let Some(value) = value else { return Ok(all) };
    for (file, libraries) in object(value, "settings.libraries")? {
        let key = format!("settings.libraries.{file}");
        let mut addresses = BTreeMap::new();
        for (name, address) in object(libraries, &key)? {
            addresses.insert(name.clone(), library_address(text(address, &format!("{key}.{name}"))?)?);
        }
        all.insert(file.clone(), addresses);
    }
    Ok(all)
}

/// Reads a library's address: `0x` and 40 hex digits.
pub(super) fn library_address(text: &str) -> Result<Address, RequestError> {
    let bad = || RequestError::Value(format!("\"{text}\" is no address of a library: 0x and 40 hex digits"));
    if !text.starts_with("0x") || text.len() != 42 {
        return Err(bad());
    }
    text.parse().map_err(|_| bad())
}

fn flag(value: Option<&Value>, key: &str) -> Result<Option<bool>, RequestError> {
    value.map(|v| v.as_bool().ok_or_else(|| form(key, "true or false"))).transpose()
}
