//! Checks what is told of code: its instructions as text, its source map.

use super::harness::{compilers, fixtures};
use super::{build, input, solc};
use alloy_primitives::hex;
use fusor_compiler::artifact::Code;
use fusor_compiler::driver::Options;
use fusor_compiler::outputs::opcodes::opcodes;
use serde_json::json;

const SOURCE: &str = "contract C { uint x = 0xabcdef0011; uint immutable y = 3; function f() public { x = y; } \
    function g(uint a) public view returns (uint) { return block.prevrandao + uint(blobhash(a)); } }";

#[test]
fn instructions_are_spelled_as_by_solc() {
    assert_eq!(
        opcodes(&[0x60, 0x00, 0x61, 0x00, 0xab, 0x5f, 0x0c, 0xfe, 0x61, 0x01]),
        "PUSH1 0x0 PUSH2 0xAB PUSH0 0x0C INVALID PUSH2 0x1 "
    );
    let select =
        json!({ "outputSelection": { "*": { "*": ["evm.bytecode.object", "evm.bytecode.opcodes"] } } });
    let Some(output) = solc(&[input(&[("a.sol", SOURCE)], select)]) else { return };
    let code = &output[0]["contracts"]["a.sol"]["C"]["evm"]["bytecode"];
    let bytes = hex::decode(code["object"].as_str().unwrap()).unwrap();
    assert_eq!(opcodes(&bytes), code["opcodes"].as_str().unwrap());
}

/// Reads a source map: start, length, file and jump of each instruction.
fn source_map(code: &Code) -> Vec<(i64, i64, i64, String)> {
    let mut last = [String::new(), String::new(), String::new(), String::new()];
    code.source_map
        .split(';')
        .map(|entry| {
            for (field, new) in last.iter_mut().zip(entry.split(':')) {
                if !new.is_empty() {
                    *field = new.to_owned();
                }
            }
            let number = |i: usize| last[i].parse().unwrap_or_else(|_| panic!("{entry}"));
            (number(0), number(1), number(2), last[3].clone())
        })
        .collect()
}

/// Checks a source map against code and file; returns the jumps into and out of functions.
fn check(code: &Code, text: &str, what: &str) -> (usize, usize) {
    let (mut at, mut into, mut out) = (0, 0, 0);
    for (start, length, file, jump) in source_map(code) {
        let byte = *code.bytes.get(at).unwrap_or_else(|| panic!("{what}: more entries than instructions"));
        at += 1 + usize::from(byte.checked_sub(0x5f).filter(|n| *n <= 32).unwrap_or(0));
        assert!(jump == "-" || byte == 0x56, "{what}: {jump} at {byte:#x}");
        into += usize::from(jump == "i");
        out += usize::from(jump == "o");
        if file == 0 {
            let end = usize::try_from(start + length).unwrap();
            assert!(text.get(start as usize..end).is_some(), "{what}: {start}:{length} is not in the file");
        }
    }
    (into, out)
}

#[test]
fn every_instruction_maps_into_a_file() {
    let (mut into, mut out) = (0, 0);
    for (name, source) in fixtures().iter().filter(|(_, text)| compilers::is_plain(text)) {
        for artifact in compilers::artifacts(name, source).unwrap() {
            if artifact.file != *name || artifact.runtime.bytes.is_empty() {
                continue;
            }
            for code in [&artifact.creation, &artifact.runtime] {
                let (i, o) = check(code, source, &format!("{name} {}", artifact.name));
                (into, out) = (into + i, out + o);
            }
        }
    }
    assert!(into > 100 && out > 50, "{into} jumps into functions, {out} out of them");
}

#[test]
fn functions_begin_where_they_are_said_to() {
    let mut seen = 0;
    for (name, source) in fixtures().iter().filter(|(_, text)| compilers::is_plain(text)) {
        for artifact in compilers::artifacts(name, source).unwrap() {
            for function in &artifact.runtime.functions {
                assert_eq!(artifact.runtime.bytes[function.entry], 0x5b, "{name} {}", function.name);
                seen += 1;
            }
            let data = artifact.runtime.function_debug_data();
            assert_eq!(data.as_object().unwrap().len(), artifact.runtime.functions.len());
        }
    }
    assert!(seen > 100, "{seen} functions");
}

#[test]
fn a_revert_maps_to_its_statement() {
    let source = "contract C { function f(uint a) public pure { require(a > 7, \"low\"); } }";
    let artifact = build(source, &Options::default()).remove(0);
    let mut at = 0;
    let mut reverts = Vec::new();
    for (start, length, ..) in source_map(&artifact.runtime) {
        let byte = artifact.runtime.bytes[at];
        at += 1 + usize::from(byte.checked_sub(0x5f).filter(|n| *n <= 32).unwrap_or(0));
        if byte == 0xfd {
            reverts.extend(source.get(start as usize..(start + length) as usize));
        }
    }
    assert!(reverts.contains(&"require(a > 7, \"low\")"), "{reverts:?}");
}
