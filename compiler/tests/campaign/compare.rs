//! Plays one program as each compiler made it, side by side, and looks for differences.

use super::calls::{self, Step};
use super::{Finding, Outcome, Program, Script};
use crate::harness::chain::{Chain, DEPLOYER, Receipt};
use crate::harness::compilers::Built;
use alloy_primitives::{Address, U256, hex};
use serde_json::Value;
use std::collections::BTreeMap;

/// A third of the gas that each call is given: such calls are about limits.
const HEAVY_GAS: u64 = 10_000_000;
/// Gas that every transaction costs.
const BASE_GAS: u64 = 21_000;

/// Compares what the compilers say about each contract.
pub fn interfaces(mine: &Program, peer: &Program) -> Option<Finding> {
    let kinds = ["abi", "methods", "layout", "transient layout"];
    for (name, theirs) in &peer.interfaces {
        let Some(ours) = mine.interfaces.get(name) else {
            return Some(Finding::new("missing contract", name.clone()));
        };
        for (kind, (a, b)) in kinds.iter().zip(ours.iter().zip(theirs)) {
            let (a, b) = (plain(a), plain(b));
            if a != b {
                return Some(Finding::new(kind, format!("{name}\nours {a}\nsolc {b}")));
            }
        }
    }
    None
}

/// Drops what numbers syntax nodes, which no two compilers agree on.
fn plain(json: &Value) -> String {
    let mut text = String::new();
    let mut after = false;
    for c in json.to_string().chars() {
        if after && c.is_ascii_digit() {
            continue;
        }
        after = c == ')' || text.ends_with("\"astId\"") && c == ':';
        text.push(c);
    }
    text
}

/// Is one compiler's contract on its own chain.
struct Stage {
    chain: Chain,
    address: Address,
    masks: BTreeMap<U256, U256>,
}

/// Plays the script on all versions.
pub fn behaviour(mine: &[Program; 2], peer: &Program, script: &Script<'_>, outcome: &mut Outcome) {
    let Some(main) = peer.built.iter().find(|b| b.name == "Main") else { return };
    let drawn;
    let steps = match script {
        Script::Random { seed, each } => {
            drawn = calls::draw(&main.abi, *seed, *each);
            &drawn[..]
        }
        Script::Given(steps) => steps,
    };
    let Some((first, rest)) = steps.split_first() else { return };
    let masks = masks(&peer.built);
    let versions = [&peer.built, &mine[0].built, &mine[1].built];
    let mut stages = Vec::new();
    let mut receipts = Vec::new();
    for built in versions {
        let (chain, receipt) = release(built, first);
        stages.push(Stage { chain, address: receipt.created.unwrap_or_default(), masks: masks.clone() });
        // the code itself differs, and so does what storing it costs
        let output = if receipt.status == "ok" { Default::default() } else { receipt.output.clone() };
        receipts.push(Receipt { output, gas: 0, ..receipt });
    }
    outcome.bytes = (size(&mine[0].built), size(&peer.built));
    if let Some(mut finding) = difference(&receipts, &mut stages, outcome) {
        finding.kind = format!("release {}", finding.kind);
        finding.steps = vec![first.clone()];
        outcome.finding = Some(finding);
        return;
    }
    if receipts[0].status != "ok" {
        return;
    }
    for (i, step) in rest.iter().enumerate() {
        let receipts: Vec<Receipt> = stages
            .iter_mut()
            .map(|s| s.chain.send(step.from, Some(s.address), step.data.clone().into(), step.value))
            .collect();
        if let Some(mut finding) = difference(&receipts, &mut stages, outcome) {
            finding.detail = format!("call {}\n{}", hex::encode(&step.data), finding.detail);
            finding.steps = steps[..i + 2].to_vec();
            outcome.finding = Some(finding);
            return;
        }
        if receipts[0].status == "halt" && (receipts[1].status != "halt" || receipts[2].status != "halt") {
            return; // the chains are no longer in the same state
        }
        outcome.calls += 1;
        count_gas(step, &receipts, outcome);
    }
}

fn size(built: &[Built]) -> usize {
    built.iter().filter(|b| b.name == "Main").map(|b| b.code.len()).sum()
}

fn count_gas(step: &Step, receipts: &[Receipt], outcome: &mut Outcome) {
    if receipts[0].status != "ok" {
        return;
    }
    outcome.succeeded += 1;
    let zeros = step.data.iter().filter(|b| **b == 0).count() as u64;
    let data = zeros * 4 + (step.data.len() as u64 - zeros) * 16;
    let own = |r: &Receipt| r.gas.saturating_sub(BASE_GAS + data);
    let (a, b) = (own(&receipts[1]), own(&receipts[0]));
    outcome.gas.0 += a;
    outcome.gas.1 += b;
    if a > b + b / 2 + 1000 {
        outcome.costly.push(format!("{a} instead of {b} gas: {}", hex::encode(&step.data)));
    }
}

/// Compares receipts and states: solc's first, then ours optimised and not.
fn difference(receipts: &[Receipt], stages: &mut [Stage], outcome: &Outcome) -> Option<Finding> {
    let peer = receipts[0].clone();
    let expected = state(&mut stages[0]);
    for (i, receipt) in receipts.iter().enumerate().skip(1) {
        let how = if i == 1 { "optimised" } else { "unoptimised" };
        let heavy = peer.gas > HEAVY_GAS || receipt.gas > HEAVY_GAS;
        if peer.status != receipt.status && (peer.status == "halt" || receipt.status == "halt") && heavy {
            continue;
        }
        let show = || format!("ours {how} {receipt:?}\nsolc {peer:?}");
        if receipt.status != peer.status {
            return Some(Finding::new(&format!("status {how} {} {}", receipt.status, peer.status), show()));
        }
        if receipt.output != peer.output {
            return Some(Finding::new(&format!("output {how} {}", receipt.status), show()));
        }
        if receipt.logs != peer.logs {
            return Some(Finding::new(&format!("logs {how}"), show()));
        }
        let state = state(&mut stages[i]);
        if state != expected {
            let detail = format!("ours {how} {state:x?}\nsolc {expected:x?}\nafter {} calls", outcome.calls);
            return Some(Finding::new(&format!("state {how}"), detail));
        }
    }
    None
}

/// Returns all accounts without their addresses, which depend on the code for `create2`, and with function
/// pointers masked, which are numbers of the compiler's own.
fn state(stage: &mut Stage) -> Vec<(u64, U256, BTreeMap<U256, U256>)> {
    let mut all: Vec<_> = stage
        .chain
        .accounts()
        .into_iter()
        .map(|(_, nonce, balance, slots)| {
            let masked =
                slots.into_iter().map(|(k, v)| (k, v & stage.masks.get(&k).copied().unwrap_or(U256::MAX)));
            (nonce, balance, masked.filter(|(_, v)| !v.is_zero()).collect())
        })
        .collect();
    all.sort();
    all
}

/// Finds the bits of storage that hold internal function pointers.
fn masks(built: &[Built]) -> BTreeMap<U256, U256> {
    let mut masks = BTreeMap::new();
    for contract in built {
        for entry in contract.layout["storage"].as_array().into_iter().flatten() {
            if !entry["type"].as_str().unwrap_or_default().starts_with("t_function_internal") {
                continue;
            }
            let slot: U256 = entry["slot"].as_str().unwrap_or("0").parse().unwrap_or_default();
            let shift = 8 * entry["offset"].as_u64().unwrap_or_default() as usize;
            *masks.entry(slot).or_insert(U256::MAX) &= !(U256::from(u64::MAX) << shift);
        }
    }
    masks
}

/// Releases the library and the contract.
fn release(built: &[Built], step: &Step) -> (Chain, Receipt) {
    let mut chain = Chain::new();
    let mut libraries = BTreeMap::new();
    for library in built.iter().filter(|b| b.is_library) {
        let code = library.linked(&libraries).unwrap_or_default();
        let receipt = chain.send(DEPLOYER, None, code.into(), U256::ZERO);
        libraries.insert(library.name.clone(), receipt.created.unwrap_or_default());
    }
    let main = built.iter().find(|b| b.name == "Main").and_then(|m| m.linked(&libraries));
    let mut code = main.unwrap_or_default();
    code.extend(&step.data);
    let receipt = chain.send(step.from, None, code.into(), step.value);
    (chain, receipt)
}
