//! Compiles every fixture for each version of the EVM, looks for instructions that it lacks, and plays the
//! fixture's directives under those rules.

use super::harness::chain::Chain;
use super::harness::{compilers, fixture, fixtures, play};
use super::{input, solc};
use fusor_compiler::artifact::{Artifact, Code};
use fusor_compiler::compilation::Compilation;
use fusor_compiler::driver::{EvmVersion, Options, compile};
use fusor_vm::evm::Rules;
use revm::primitives::hardfork::SpecId;
use serde_json::json;
use std::collections::BTreeMap;

/// Instructions with the version that brought them.
const SINCE: [(u8, EvmVersion); 7] = [
    (0x5f, EvmVersion::Shanghai),
    (0x49, EvmVersion::Cancun),
    (0x4a, EvmVersion::Cancun),
    (0x5c, EvmVersion::Cancun),
    (0x5d, EvmVersion::Cancun),
    (0x5e, EvmVersion::Cancun),
    (0x1e, EvmVersion::Osaka),
];

/// Members of contracts with what solc finds for each version from Paris to Osaka.
const REFUSED: &[(&str, [u16; 5])] = &[
    ("function f() public view { assembly { pop(blobhash(0)) } }", [8314, 8314, 0, 0, 0]),
    ("function f() public view { assembly { pop(blobbasefee()) } }", [6679, 6679, 0, 0, 0]),
    ("function f() public pure { assembly { mcopy(0, 0, 0) } }", [7755, 7755, 0, 0, 0]),
    ("function f() public view { assembly { pop(tload(0)) } }", [6243, 6243, 0, 0, 0]),
    ("function f() public { assembly { tstore(0, 0) } }", [6243, 6243, 0, 0, 0]),
    ("function f() public pure { assembly { pop(clz(1)) } }", [4948, 4948, 4948, 4948, 0]),
    ("function f() public view { block.blobbasefee; }", [1006, 1006, 0, 0, 0]),
    ("uint transient x;", [7985, 7985, 0, 0, 0]),
    ("function f() public pure { assembly { let prevrandao := 1 } }", [5568; 5]),
    ("function f() public pure { assembly { function mcopy(a) {} mcopy(1) } }", [0, 0, 5568, 5568, 5568]),
    ("function f() public pure { assembly { let clz := 1 } }", [0, 0, 0, 0, 5568]),
    ("function blobhash(uint) public pure {} function f() public pure { blobhash(1); }", [0; 5]),
];

fn spec(version: EvmVersion) -> SpecId {
    match version {
        EvmVersion::Paris => SpecId::MERGE,
        EvmVersion::Shanghai => SpecId::SHANGHAI,
        EvmVersion::Cancun => SpecId::CANCUN,
        EvmVersion::Prague => SpecId::PRAGUE,
        EvmVersion::Osaka => SpecId::OSAKA,
    }
}

/// Finds an instruction that a version lacks; the source map says how many instructions there are.
fn too_new(code: &Code, version: EvmVersion) -> Option<u8> {
    let mut at = 0;
    for _ in code.source_map.split(';') {
        let byte = *code.bytes.get(at)?;
        if SINCE.iter().any(|(op, since)| *op == byte && *since > version) {
            return Some(byte);
        }
        at += 1 + usize::from(byte.checked_sub(0x5f).filter(|n| *n <= 32).unwrap_or(0));
    }
    None
}

/// Compiles a fixture; none when it uses what the version lacks.
fn compiled(name: &str, source: &str, version: EvmVersion) -> Option<Vec<Artifact>> {
    let mut files: BTreeMap<String, String> =
        fusor_stdlib::files().iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect();
    files.insert(name.to_owned(), source.to_owned());
    let mut program = Compilation::new(files);
    program.add_file(name);
    let options = Options { evm_version: version, ..Options::default() };
    match compile(&mut program, &options) {
        Ok(artifacts) => Some(artifacts),
        Err(found) => {
            let numbers = REFUSED.iter().flat_map(|r| r.1).collect::<Vec<_>>();
            let expected = found.iter().all(|d| d.solc.is_some_and(|n| n > 0 && numbers.contains(&n)));
            assert!(expected, "{name} for {version:?}: {}", found.render(program.source_map(), false));
            None
        }
    }
}

fn plays(name: &str, source: &str, artifacts: &[Artifact], version: EvmVersion) -> Result<usize, String> {
    let fixture = fixture::parse(source);
    let built = artifacts.iter().map(compilers::from_artifact).collect::<Result<Vec<_>, _>>()?;
    let chain = Chain::with_rules(Rules { spec: spec(version), extensions: false, chain_id: 1 });
    let contract = play::chosen(&fixture, &built, source)?;
    let mut stage = play::release_on(chain, &built, contract, &fixture.constructor)?;
    let abi = stage.abi.clone();
    for step in &fixture.steps {
        let receipt = stage.step(step);
        play::judge(step, &receipt, &abi).map_err(|e| format!("{name} line {}: {e}", step.line))?;
    }
    Ok(fixture.steps.len())
}

#[test]
fn fixtures_run_under_each_version() {
    let all: Vec<_> = fixtures().into_iter().filter(|(_, text)| compilers::is_plain(text)).collect();
    for version in EvmVersion::ALL {
        let (mut calls, mut refused) = (0, 0);
        for (name, source) in &all {
            let Some(artifacts) = compiled(name, source, version) else {
                refused += 1;
                continue;
            };
            for artifact in &artifacts {
                for code in [&artifact.creation, &artifact.runtime] {
                    assert_eq!(too_new(code, version), None, "{name} {} {version:?}", artifact.name);
                }
            }
            calls += plays(name, source, &artifacts, version).unwrap_or_else(|e| panic!("{version:?}: {e}"));
        }
        println!("{}: {} fixtures, {calls} calls, {refused} refused", version.name(), all.len());
        assert!(refused <= if version < EvmVersion::Cancun { 3 } else { 0 });
    }
}

#[test]
fn what_a_version_lacks_is_refused_with_solcs_numbers() {
    let source = |member: &str| {
        format!("// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\ncontract C {{ {member} }}")
    };
    let mut inputs = Vec::new();
    for (member, numbers) in REFUSED {
        for (version, number) in EvmVersion::ALL.into_iter().zip(numbers) {
            let text = source(member);
            let mut program = Compilation::new(BTreeMap::from([("a.sol".to_owned(), text.clone())]));
            program.set_evm_version(version);
            program.add_file("a.sol");
            let found = program.check();
            // names that are builtins are refused without solc's number for now
            let expected = *number == 0 || *number == 5568 || found.iter().any(|d| d.solc == Some(*number));
            assert!(expected && found.has_errors() == (*number != 0), "{member} for {version:?}");
            inputs.push((
                input(&[("a.sol", &text)], json!({ "evmVersion": version.name() })),
                member,
                *number,
            ));
        }
    }
    let questions: Vec<_> = inputs.iter().map(|i| i.0.clone()).collect();
    for ((_, member, number), output) in inputs.iter().zip(solc(&questions).unwrap_or_default()) {
        let errors = output["errors"].as_array().into_iter().flatten().filter(|e| e["severity"] == "error");
        let first = errors.filter_map(|e| e["errorCode"].as_str()?.parse::<u16>().ok()).next();
        assert_eq!(first.unwrap_or(0), *number, "solc on {member}");
    }
}
