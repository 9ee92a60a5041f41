#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]
//! Compares the interfaces that contracts import with what the system precompiles answer: the `sol!` blocks of
//! the `vm` crate are the truth.

use std::collections::BTreeMap;
use std::path::Path;

/// Takes comments out of Rust or Solidity.
fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join(" ")
}

/// Reads the struct definitions of an interface as (name, types of the fields).
fn structs(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for part in text.split("struct ").skip(1) {
        let (Some(open), Some(close)) = (part.find('{'), part.find('}')) else { continue };
        let fields = part[open + 1..close].split(';').filter_map(|field| field.split_whitespace().next());
        found.insert(part[..open].trim().to_string(), fields.collect::<Vec<_>>().join(","));
    }
    found
}

/// Writes a parameter list as its types, structs spelled out.
fn types(list: &str, structs: &BTreeMap<String, String>) -> String {
    let one = |param: &str| {
        let ty = param.split_whitespace().next().unwrap_or("");
        let (base, array) = ty.split_once('[').map_or((ty, ""), |(base, _)| (base, "[]"));
        structs.get(base).map_or(ty.to_string(), |fields| format!("({fields}){array}"))
    };
    list.split(',').map(str::trim).filter(|p| !p.is_empty()).map(one).collect::<Vec<_>>().join(",")
}

/// Reads every function as (name, "(inputs) mutability (outputs)").
fn functions(text: &str) -> BTreeMap<String, String> {
    let text = without_comments(text);
    let structs = structs(&text);
    let mut found = BTreeMap::new();
    for part in text.split("function ").skip(1) {
        let declaration = &part[..part.find(';').expect("a declaration ends")];
        let (name, rest) = declaration.split_once('(').expect("parameters");
        let (inputs, rest) = rest.split_once(')').expect("parameters end");
        let outputs = rest.split_once("returns").map_or("", |(_, list)| list.trim());
        let outputs = outputs.trim_start_matches('(').trim_end_matches(')');
        let kind = ["pure", "view", "payable"].into_iter().find(|k| rest.split_whitespace().any(|w| w == *k));
        let shape = format!(
            "({}) {} ({})",
            types(inputs, &structs),
            kind.unwrap_or("nonpayable"),
            types(outputs, &structs)
        );
        found.insert(name.trim().to_string(), shape);
    }
    found
}

fn check(interface: &str, source: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vm/src/precompile").join(source);
    let rust = std::fs::read_to_string(path).expect("the precompile's source");
    let block = &rust[rust.find("sol! {").expect("a sol! block")..];
    let block = &block[..block.find("\n}\n").expect("the block's end")];
    let ours = fusor_stdlib::find(interface).expect("an embedded interface");
    assert_eq!(functions(ours), functions(block), "{interface} against {source}");
}

#[test]
fn interfaces_equal_the_precompiles() {
    check("fusor/interfaces/ILedger.sol", "ledger.rs");
    check("fusor/interfaces/IUsufruct.sol", "usufruct.rs");
    check("fusor/interfaces/ITriggers.sol", "triggers.rs");
    check("fusor/interfaces/INested.sol", "nested.rs");
    check("fusor/interfaces/IERC20View.sol", "erc20.rs");
    check("fusor/interfaces/IConsensus.sol", "hhcm.rs");
    check("fusor/interfaces/ICustody.sol", "dcrm.rs");
}

#[test]
fn the_reader_sees_differences() {
    let text =
        "struct S { uint256 a; bytes b; } function f(S calldata s, uint64[] x) external returns (bool ok);";
    assert_eq!(functions(text)["f"], "((uint256,bytes),uint64[]) nonpayable (bool)");
    assert_eq!(functions("function g() external view returns (uint256);")["g"], "() view (uint256)");
}
