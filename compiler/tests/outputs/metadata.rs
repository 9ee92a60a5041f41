//! Checks metadata and the tail of code against solc's.

use super::{input, solc};
use fusor_compiler::artifact::Artifact;
use fusor_compiler::compilation::Compilation;
use fusor_compiler::driver::{Options, RevertStrings, compile};
use fusor_compiler::outputs::metadata::{BytecodeHash, COMPILER_VERSION, Metadata, ipfs_hash, swarm_hash};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const FILES: [(&str, &str); 3] = [
    (
        "lib/a.sol",
        "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.0;\nimport \"../b.sol\";\n/// @title T\nabstract contract A {\n\
         function f() public virtual returns (uint x) { return L.x(); } }\nlibrary L { function x() external pure returns (uint) { return 1; } }",
    ),
    (
        "b.sol",
        "// SPDX-License-Identifier: (MIT OR Apache-2.0)\npragma solidity ^0.8.0;\nimport {A} from \"./lib/a.sol\";\ncontract B is A {\n\
         /// @notice \"quoted\" \u{e4}\u{1f600}\nevent E(string s); constructor(uint a) { emit E(\"\"); require(a > 0, \"none\"); } }\n\
         contract D { function make() public returns (address) { return address(new B(1)); } }",
    ),
    (
        "c.sol",
        "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.0;\ninterface C { /// @dev d\nfunction c() external; }",
    ),
];

fn ours(options: &Options) -> Vec<Artifact> {
    let files = FILES.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned()));
    let mut program = Compilation::new(files.collect::<BTreeMap<String, String>>());
    for (name, _) in FILES {
        program.add_file(name);
    }
    compile(&mut program, options).unwrap_or_else(|d| panic!("{}", d.render(program.source_map(), false)))
}

/// Pairs of our settings and the same for solc.
fn settings() -> Vec<(Options, Value)> {
    let with =
        |metadata: Metadata| Options { optimize: false, metadata: Some(metadata), ..Options::default() };
    let libraries = BTreeMap::from([("lib/a.sol:L".to_owned(), format!("0x{}", "12".repeat(20)))]);
    vec![
        (with(Metadata::default()), json!({})),
        (
            Options { optimize: true, runs: 7, ..with(Metadata { via_ir: true, ..Metadata::default() }) },
            json!({ "optimizer": { "enabled": true, "runs": 7 }, "viaIR": true }),
        ),
        (
            with(Metadata {
                bytecode_hash: BytecodeHash::Bzzr1,
                literal_content: true,
                ..Metadata::default()
            }),
            json!({ "metadata": { "bytecodeHash": "bzzr1", "useLiteralContent": true } }),
        ),
        (
            with(Metadata { bytecode_hash: BytecodeHash::None, ..Metadata::default() }),
            json!({ "metadata": { "bytecodeHash": "none" } }),
        ),
        (
            Options {
                revert_strings: RevertStrings::Strip,
                ..with(Metadata { append_cbor: false, ..Metadata::default() })
            },
            json!({ "metadata": { "appendCBOR": false }, "debug": { "revertStrings": "strip" } }),
        ),
        (
            with(Metadata {
                libraries,
                remappings: vec!["x=y".into(), "a:b=c".into()],
                ..Metadata::default()
            }),
            json!({ "libraries": { "lib/a.sol": { "L": format!("0x{}", "12".repeat(20)) } }, "remappings": ["x=y", "a:b=c"] }),
        ),
    ]
}

/// Splits the tail from code: the name and bytes of the hash, and what is said of the compiler.
fn tail(code: &[u8]) -> Option<(String, Vec<u8>, Vec<u8>)> {
    let (rest, length) = code.split_at(code.len().checked_sub(2)?);
    let length = usize::from(u16::from_be_bytes(length.try_into().ok()?));
    let map = rest.get(rest.len().checked_sub(length)?..)?;
    let (count, mut at) = (map.first()? - 0xa0, 1);
    let mut string = || -> Option<Vec<u8>> {
        let mut length = usize::from(map.get(at)? & 0x1f);
        at += 1;
        if length == 24 {
            length = usize::from(*map.get(at)?);
            at += 1;
        }
        at += length;
        map.get(at - length..at).map(<[u8]>::to_vec)
    };
    let (name, hash) = if count == 2 { (string()?, string()?) } else { Default::default() };
    (string()? == b"solc").then_some(())?;
    let version = string()?;
    (at == map.len()).then(|| (String::from_utf8_lossy(&name).into_owned(), hash, version))
}

fn expected_hash(options: &Options, metadata: &str) -> Vec<u8> {
    match options.metadata.as_ref().unwrap().bytecode_hash {
        BytecodeHash::Ipfs => ipfs_hash(metadata.as_bytes()).to_vec(),
        BytecodeHash::Bzzr1 => swarm_hash(metadata.as_bytes()).to_vec(),
        BytecodeHash::None => Vec::new(),
    }
}

#[test]
fn code_ends_with_the_hash_of_its_metadata() {
    for (options, text) in settings() {
        let append = options.metadata.as_ref().unwrap().append_cbor;
        let plain = ours(&Options { metadata: None, ..options.clone() });
        for (artifact, bare) in ours(&options).iter().zip(&plain) {
            assert!(artifact.metadata.contains(COMPILER_VERSION));
            let code = &artifact.runtime.bytes;
            if !artifact.is_deployable() || !append {
                assert_eq!(*code, bare.runtime.bytes, "{text}");
                continue;
            }
            let (_, hash, version) = tail(code).expect("a tail");
            assert_eq!(hash, expected_hash(&options, &artifact.metadata), "{text}");
            assert_eq!(version, COMPILER_VERSION.as_bytes());
            assert!(artifact.creation.bytes.ends_with(code));
            assert!(tail(&bare.runtime.bytes).is_none());
        }
    }
}

#[test]
fn contained_code_has_the_tail_of_its_own_contract() {
    let all = ours(&Options { metadata: Some(Metadata::default()), ..Options::default() });
    let code = |name: &str| all.iter().find(|a| a.name == name).unwrap();
    let (inner, outer) = (&code("B").creation.bytes, &code("D").runtime.bytes);
    assert!(outer.windows(inner.len()).any(|w| w == inner));
}

#[test]
fn metadata_is_solcs_but_for_the_compilers_version() {
    let select = json!({ "*": { "*": ["metadata", "evm.deployedBytecode.object"] } });
    let inputs: Vec<Value> = settings()
        .into_iter()
        .map(|(_, mut theirs)| {
            theirs["outputSelection"] = select.clone();
            input(&FILES, theirs)
        })
        .collect();
    let Some(outputs) = solc(&inputs) else { return };
    for ((options, text), output) in settings().iter().zip(&outputs) {
        for artifact in ours(options) {
            let theirs = &output["contracts"][&artifact.file][&artifact.name];
            let metadata = theirs["metadata"].as_str().unwrap_or_else(|| panic!("{}", output["errors"]));
            let version = serde_json::from_str::<Value>(metadata).unwrap()["compiler"]["version"].clone();
            let renamed = artifact.metadata.replace(COMPILER_VERSION, version.as_str().unwrap());
            assert_eq!(renamed, metadata, "{text}");
            let code = theirs["evm"]["deployedBytecode"]["object"].as_str().unwrap_or_default();
            if options.metadata.as_ref().unwrap().append_cbor && artifact.is_deployable() {
                let unlinked = code.replace("__$", "000").replace("$__", "000");
                let (_, hash, _) = tail(&alloy_primitives::hex::decode(unlinked).unwrap()).unwrap();
                assert_eq!(hash, expected_hash(options, metadata), "solc's own tail, {text}");
            }
        }
    }
}

/// Files of many sizes around those where the trees of chunks grow.
#[test]
fn addresses_of_files_are_solcs() {
    let sizes = [100, 4096, 4097, 262_144, 262_145, 524_288, 524_289, 528_384, 528_385];
    let file = |size: usize| {
        let text = "// SPDX-License-Identifier: MIT\npragma solidity >=0.8;contract C{}//";
        format!("{text}{}", "0123456789".repeat(size / 10 + 1))
            .get(..size.max(text.len()))
            .unwrap()
            .to_owned()
    };
    let settings = json!({ "outputSelection": { "*": { "*": ["metadata"] } } });
    let inputs: Vec<Value> =
        sizes.iter().map(|size| input(&[("a.sol", &file(*size))], settings.clone())).collect();
    let Some(outputs) = solc(&inputs) else { return };
    for (size, output) in sizes.iter().zip(&outputs) {
        let metadata = output["contracts"]["a.sol"]["C"]["metadata"].as_str().unwrap();
        let metadata: Value = serde_json::from_str(metadata).unwrap();
        let options = Options { metadata: Some(Metadata::default()), ..Options::default() };
        let mut program = Compilation::new(BTreeMap::from([("a.sol".to_owned(), file(*size))]));
        program.add_file("a.sol");
        let ours: Value =
            serde_json::from_str(&compile(&mut program, &options).unwrap()[0].metadata).unwrap();
        assert_eq!(ours["sources"], metadata["sources"], "{size} bytes");
    }
}
