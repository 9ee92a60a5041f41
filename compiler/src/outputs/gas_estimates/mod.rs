//! Estimates from the finished code how much gas it takes at most: the dearest way through, storage and accounts
//! always cold. What depends on lengths of input, on loops or on other contracts is infinite.

mod price;
mod walk;

use crate::artifact::{Artifact, Code};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use walk::{Call, Walk};

/// Gas for each byte of deployed code.
const DEPOSIT: u64 = 200;

/// Is true when calls that reach no function do something.
fn answers_unknown_calls(artifact: &Artifact) -> bool {
    let kinds = artifact.abi.as_array().into_iter().flatten().filter_map(|e| e.get("type"));
    kinds.filter_map(Value::as_str).any(|kind| matches!(kind, "receive" | "fallback"))
}

/// Returns a selector that no function has.
fn unused_selector(artifact: &Artifact) -> u32 {
    let used: BTreeSet<u32> = artifact.method_identifiers.values().filter_map(|s| selector(s)).collect();
    (0..=u32::MAX).find(|n| !used.contains(n)).unwrap_or(0)
}

fn selector(hex: &str) -> Option<u32> {
    u32::from_str_radix(hex, 16).ok()
}

/// Estimates a contract's creation and its external functions, in solc's form; the entry without a name stands for
/// calls that reach no function.
pub fn gas_estimates(artifact: &Artifact) -> Value {
    let mut all = Map::new();
    if artifact.creation.bytes.is_empty() {
        return Value::Object(all);
    }
    all.insert("creation".into(), creation(artifact));
    let mut external = Map::new();
    if answers_unknown_calls(artifact) {
        let call = Call::Other(unused_selector(artifact));
        let gas = Walk::new(&artifact.runtime, call).run();
        external.insert(String::new(), spell(gas));
    }
    for (signature, hex) in &artifact.method_identifiers {
        let gas = selector(hex).and_then(|selector| estimate(&artifact.runtime, selector));
        external.insert(signature.clone(), spell(gas));
    }
    if !external.is_empty() {
        all.insert("external".into(), external.into());
    }
    Value::Object(all)
}

fn creation(artifact: &Artifact) -> Value {
    let deposit = DEPOSIT * artifact.runtime.bytes.len() as u64;
    let execution = Walk::new(&artifact.creation, Call::Creation).run();
    let total = execution.and_then(|gas| gas.checked_add(deposit));
    json!({
        "codeDepositCost": deposit.to_string(),
        "executionCost": spell(execution),
        "totalCost": spell(total),
    })
}

fn spell(gas: Option<u64>) -> Value {
    gas.map_or_else(|| "infinite".into(), |gas| gas.to_string().into())
}

/// Returns the most gas that the function with a selector takes; none when there is no bound.
pub fn estimate(runtime: &Code, selector: u32) -> Option<u64> {
    Walk::new(runtime, Call::Function(selector)).run()
}
