//! Releases a contract and plays calls on it.

use super::chain::{Chain, DEPLOYER, Receipt, SENDER};
use super::compilers::Built;
use super::fixture::{Call, Fixture, Kind, Step};
use super::literal;
use alloy_dyn_abi::{DynSolType, DynSolValue, Specifier};
use alloy_json_abi::JsonAbi;
use alloy_primitives::{Address, Bytes, U256, hex, keccak256};
use std::collections::BTreeMap;

/// Is a released contract on its own chain.
pub struct Stage {
    pub chain: Chain,
    pub address: Address,
    pub abi: JsonAbi,
    pub release_gas: u64,
    pub code_bytes: usize,
}

/// Releases the libraries that a contract needs, then the contract.
pub fn release(built: &[Built], contract: &Built, call: &Call) -> Result<Stage, String> {
    release_on(Chain::new(), built, contract, call)
}

/// Releases the libraries that a contract needs, then the contract, on a chain at hand.
pub fn release_on(mut chain: Chain, built: &[Built], contract: &Built, call: &Call) -> Result<Stage, String> {
    let mut libraries = BTreeMap::new();
    let mut names: Vec<&Built> = built.iter().filter(|b| b.is_library).collect();
    names.sort_by(|a, b| a.name.cmp(&b.name));
    let needed = needed_libraries(contract, built);
    names.retain(|b| needed.contains(&b.name));
    while libraries.len() < names.len() {
        let before = libraries.len();
        for library in &names {
            if libraries.contains_key(&library.name) {
                continue;
            }
            if let Some(code) = library.linked(&libraries) {
                let receipt = chain.send(DEPLOYER, None, code.into(), U256::ZERO);
                let address = receipt.created.ok_or(format!("library {}: {receipt:?}", library.name))?;
                libraries.insert(library.name.clone(), address);
            }
        }
        if before == libraries.len() {
            return Err("libraries need each other".into());
        }
    }
    let mut code = contract.linked(&libraries).ok_or("an unknown library")?;
    let code_bytes = code.len();
    if let Some(constructor) = &contract.abi.constructor {
        let types: Vec<DynSolType> = constructor
            .inputs
            .iter()
            .map(|p| p.resolve().map_err(|e| e.to_string()))
            .collect::<Result<_, _>>()?;
        code.extend(literal::encode(literal::values(&types, &call.args)));
    }
    let receipt = chain.send(call.from.unwrap_or(SENDER), None, code.into(), call.value);
    let address =
        receipt.created.filter(|_| receipt.status == "ok").ok_or(format!("release: {receipt:?}"))?;
    Ok(Stage { chain, address, abi: contract.abi.clone(), release_gas: receipt.gas, code_bytes })
}

fn needed_libraries(contract: &Built, built: &[Built]) -> Vec<String> {
    let mut needed: Vec<String> = contract.links.iter().map(|(name, _)| name.clone()).collect();
    let mut next = 0;
    while let Some(name) = needed.get(next).cloned() {
        next += 1;
        for library in built.iter().filter(|b| b.name == name) {
            for (inner, _) in &library.links {
                if !needed.contains(inner) {
                    needed.push(inner.clone());
                }
            }
        }
    }
    needed
}

/// Chooses the contract that a fixture names, or the last one of the file.
pub fn chosen<'b>(fixture: &Fixture, built: &'b [Built], source: &str) -> Result<&'b Built, String> {
    let name = match &fixture.contract {
        Some(name) => name.clone(),
        None => last_contract(source).ok_or("no contract in the fixture")?,
    };
    built.iter().find(|b| b.name == name).ok_or(format!("contract {name} is missing"))
}

fn last_contract(source: &str) -> Option<String> {
    let name = |line: &str| {
        let rest = line.strip_prefix("contract ")?;
        Some(rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()?.to_owned())
    };
    source.lines().filter_map(name).next_back()
}

impl Stage {
    /// Sends call data.
    pub fn send(&mut self, from: Option<Address>, data: Vec<u8>, value: U256) -> Receipt {
        self.chain.send(from.unwrap_or(SENDER), Some(self.address), data.into(), value)
    }

    /// Plays one directive.
    pub fn step(&mut self, step: &Step) -> Receipt {
        self.send(step.call.from, data_of(step), step.call.value)
    }

    /// Returns the slots of the contract that are not zero.
    pub fn storage(&mut self) -> BTreeMap<U256, U256> {
        self.chain.storage(self.address)
    }
}

/// Returns the call data of a directive.
pub fn data_of(step: &Step) -> Vec<u8> {
    match &step.kind {
        Kind::Raw(_) => hex::decode(&step.call.args).expect("hex of raw call data"),
        _ => calldata(&step.call.signature, &step.call.args),
    }
}

/// Returns what a call costs before it runs, and the least that its data makes it cost (EIP-7623).
pub fn intrinsic_gas(data: &[u8]) -> (u64, u64) {
    let zeros = data.iter().filter(|b| **b == 0).count() as u64;
    let others = data.len() as u64 - zeros;
    (21_000 + 4 * zeros + 16 * others, 21_000 + 10 * (zeros + 4 * others))
}

fn selector(signature: &str) -> Vec<u8> {
    keccak256(signature).0.get(..4).unwrap_or_default().to_vec()
}

fn calldata(signature: &str, args: &str) -> Vec<u8> {
    let mut data = selector(signature);
    data.extend(literal::encode(literal::values(&literal::types(signature), args)));
    data
}

/// Says what is wrong with a receipt, if anything.
pub fn judge(step: &Step, receipt: &Receipt, abi: &JsonAbi) -> Result<(), String> {
    match &step.kind {
        Kind::Returns(text) => {
            expect_status("ok", receipt)?;
            let expected = expected_results(&step.call.signature, text, abi)?;
            expect_bytes(&expected, &receipt.output)
        }
        Kind::Raw(text) => {
            expect_status("ok", receipt)?;
            let text = if text.is_empty() { "0x" } else { text };
            expect_bytes(&hex::decode(text).map_err(|e| e.to_string())?, &receipt.output)
        }
        Kind::Reverts(text) => {
            if text == "any" {
                return if receipt.status == "ok" { Err("it did not revert".into()) } else { Ok(()) };
            }
            expect_status("revert", receipt)?;
            expect_bytes(&revert_data(text), &receipt.output)
        }
    }
}

fn expect_status(status: &str, receipt: &Receipt) -> Result<(), String> {
    if receipt.status == status {
        return Ok(());
    }
    Err(format!("expected {status}, got {} with {}", receipt.status, receipt.output))
}

fn expect_bytes(expected: &[u8], got: &Bytes) -> Result<(), String> {
    if expected == got.as_ref() {
        return Ok(());
    }
    Err(format!("expected {}, got {got}", hex::encode_prefixed(expected)))
}

fn expected_results(signature: &str, text: &str, abi: &JsonAbi) -> Result<Vec<u8>, String> {
    let function = abi.functions().find(|f| f.signature() == signature);
    let function = function.ok_or(format!("{signature} is not in the ABI"))?;
    let types: Vec<DynSolType> =
        function.outputs.iter().map(|p| p.resolve().map_err(|e| e.to_string())).collect::<Result<_, _>>()?;
    Ok(literal::encode(literal::values(&types, text)))
}

fn revert_data(text: &str) -> Vec<u8> {
    if text == "empty" {
        return Vec::new();
    }
    if let Some(code) = text.strip_prefix("Panic ") {
        return calldata("Panic(uint256)", code);
    }
    if text.starts_with("Error \"") {
        return calldata("Error(string)", text.strip_prefix("Error ").unwrap_or_default());
    }
    let (signature, args) = super::fixture::split_signature(text);
    calldata(&signature, &args)
}

/// Encodes a call of an ABI function.
pub fn encode_call(function: &alloy_json_abi::Function, args: Vec<DynSolValue>) -> Vec<u8> {
    let mut data = function.selector().to_vec();
    data.extend(literal::encode(args));
    data
}
