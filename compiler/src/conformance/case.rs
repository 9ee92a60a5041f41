//! Reads one case of the corpus.

use crate::driver::RevertStrings;
use alloy_primitives::{Address, Log, U256, hex};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Is a program with what it must do.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) category: String,
    pub(super) sources: BTreeMap<String, String>,
    pub(super) main_source: String,
    pub(super) contract: String,
    #[serde(default)]
    pub(super) libraries: Vec<Library>,
    settings: Value,
    pub(super) constructor: Message,
    pub(super) steps: Vec<Step>,
    #[serde(default)]
    solc: Value,
}

/// Names a library to be deployed and linked.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Library {
    pub(super) file: String,
    pub(super) name: String,
}

/// Is a message with what it must give. The constructor is one with `args` for call data.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Message {
    #[serde(default)]
    pub(super) signature: String,
    #[serde(default)]
    calldata: String,
    #[serde(default)]
    args: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    status: String,
    output: Option<String>,
    logs: Option<Vec<Value>>,
}

/// Is what to do after the deployment.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(super) enum Step {
    Call(Message),
    Balance { address: String, expected: String },
    StorageEmpty { expected: bool },
    Account { address: String },
}

/// Is what a message must give.
pub(super) struct Expected {
    pub(super) status: String,
    pub(super) output: Option<Vec<u8>>,
    pub(super) logs: Option<Vec<Value>>,
}

impl Case {
    pub(super) fn passes_via_ir(&self) -> bool {
        let modes = self.settings.get("passes").and_then(Value::as_array);
        modes.is_some_and(|modes| modes.iter().any(|mode| mode == "ir"))
    }
    pub(super) fn revert_strings(&self) -> RevertStrings {
        match self.settings.get("revertStrings").and_then(Value::as_str) {
            Some("debug") => RevertStrings::Debug,
            Some("strip") => RevertStrings::Strip,
            _ => RevertStrings::Default,
        }
    }
    pub(super) fn peer_gas(&self) -> u64 {
        self.solc.pointer("/ir/callGas").and_then(Value::as_u64).unwrap_or(0)
    }
    pub(super) fn peer_bytes(&self) -> u64 {
        self.solc.pointer("/ir/deployedSize").and_then(Value::as_u64).unwrap_or(0)
    }
}

impl Message {
    pub(super) fn data(&self) -> Vec<u8> {
        hex::decode(&self.calldata).unwrap_or_default()
    }
    pub(super) fn args(&self) -> Vec<u8> {
        hex::decode(&self.args).unwrap_or_default()
    }
    pub(super) fn value(&self) -> U256 {
        self.value.parse().unwrap_or_default()
    }
    pub(super) fn expected(&self) -> Expected {
        Expected {
            status: if self.status.is_empty() { "ok".into() } else { self.status.clone() },
            output: self.output.as_ref().and_then(|text| hex::decode(text).ok()),
            logs: self.logs.clone(),
        }
    }
}

pub(super) fn address(text: &str) -> Result<Address, String> {
    text.parse().map_err(|e| format!("address {text}: {e}"))
}

/// Compares logs by address, topics and data.
pub(super) fn compare_logs(expected: &[Value], got: &[Log], contract: Address) -> Result<(), String> {
    let seen: Vec<String> = got.iter().map(|log| spell(log, contract)).collect();
    let wanted: Vec<String> = expected.iter().map(spell_expected).collect();
    if seen == wanted { Ok(()) } else { Err(format!("logs {seen:?}, expected {wanted:?}")) }
}

fn spell(log: &Log, contract: Address) -> String {
    let who = if log.address == contract { "contract".into() } else { format!("{:#x}", log.address) };
    let topics: Vec<String> = log.data.topics().iter().map(|t| format!("{t:#x}")).collect();
    format!("{who} {} {}", topics.join(","), hex::encode_prefixed(&log.data.data))
}

fn spell_expected(log: &Value) -> String {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_lowercase();
    let topics: Vec<String> = log["topics"].as_array().into_iter().flatten().map(&text).collect();
    let data = text(&log["data"]);
    let data = if data.is_empty() { "0x".into() } else { data };
    format!("{} {} {data}", text(&log["address"]), topics.join(","))
}
