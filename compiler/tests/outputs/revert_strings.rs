//! Checks the three modes of revert strings against solc, with call data that is wrong in many ways.

use super::harness::chain::{Chain, DEPLOYER, Receipt, SENDER};
use super::harness::fuzz::Random;
use super::harness::play;
use super::{build, input, solc};
use alloy_dyn_abi::{DynSolType, Specifier};
use alloy_json_abi::JsonAbi;
use alloy_primitives::{Address, U256, hex};
use fusor_compiler::artifact::Artifact;
use fusor_compiler::driver::{Options, RevertStrings};
use serde_json::{Value, json};

const SOURCE: &str = include_str!("revert_strings.sol");
/// Calls of each function.
const CALLS: u64 = 80;

fn artifacts(mode: RevertStrings) -> Vec<Artifact> {
    build(SOURCE, &Options { revert_strings: mode, ..Options::default() })
}

fn named<'a>(all: &'a [Artifact], name: &str) -> &'a Artifact {
    all.iter().find(|a| a.name == name).unwrap()
}

/// Is a contract on a chain of its own.
struct Stage {
    chain: Chain,
    at: Address,
}

impl Stage {
    fn new(code: &[u8]) -> Self {
        let mut chain = Chain::new();
        let receipt = chain.send(DEPLOYER, None, code.to_vec().into(), U256::ZERO);
        Self { at: receipt.created.unwrap_or_default(), chain }
    }

    fn call(&mut self, data: &[u8], value: u64) -> Receipt {
        self.chain.send(SENDER, Some(self.at), data.to_vec().into(), U256::from(value))
    }
}

/// Reads the text of `Error(string)`.
fn text(receipt: &Receipt) -> String {
    assert_eq!(receipt.status, "revert");
    let Some(data) = receipt.output.strip_prefix(&[0x08, 0xc3, 0x79, 0xa0]) else { return String::new() };
    let length = U256::from_be_slice(&data[32..64]).to::<usize>();
    String::from_utf8(data[64..64 + length].to_vec()).unwrap()
}

fn words(list: &[u64]) -> Vec<u8> {
    list.iter().flat_map(|n| U256::from(*n).to_be_bytes::<32>()).collect()
}

fn said(stage: &mut Stage, all: &[Artifact], function: &str, list: &[u64], value: u64) -> String {
    let texts = named(all, "Texts");
    let (_, selector) =
        texts.method_identifiers.iter().find(|(k, _)| k.split('(').next() == Some(function)).unwrap();
    text(&stage.call(&[hex::decode(selector).unwrap(), words(list)].concat(), value))
}

#[test]
fn debug_says_why_a_check_failed() {
    let all = artifacts(RevertStrings::Debug);
    let mut stage = Stage::new(&named(&all, "Texts").creation.bytes);
    let mut said = |function: &str, list: &[u64], value: u64| said(&mut stage, &all, function, list, value);
    assert_eq!(said("element", &[], 0), "ABI decoding: tuple data too short");
    assert_eq!(said("element", &[u64::MAX, 0], 0), "ABI decoding: invalid calldata array offset");
    assert_eq!(said("element", &[64, 0, 5], 0), "ABI decoding: invalid calldata array stride");
    assert_eq!(said("element", &[64, 0, 0], 1), "Ether sent to non-payable function");
    assert_eq!(said("slice", &[96, 2, 1, 2, 7, 8], 0), "Slice starts after end");
    assert_eq!(said("slice", &[96, 1, 3, 2, 7, 8], 0), "Slice is greater than length");
    assert_eq!(said("inner", &[64, 0, 1, 1000], 0), "Invalid calldata tail offset");
    assert_eq!(said("inner", &[64, 0, 1, 32, 5], 0), "Calldata tail too short");
    assert_eq!(said("field", &[32, 1], 0), "ABI decoding: struct calldata too short");
    assert_eq!(said("copy", &[32, 1], 0), "ABI decoding: struct data too short");
    assert_eq!(said("copy", &[32, 1, 64, 9], 0), "ABI decoding: invalid byte array length");
    assert_eq!(said("callNothing", &[0x9999], 0), "Target contract does not contain code");
    assert_eq!(said("callNumber", &[0x9999], 0), "Target contract does not contain code");
    assert_eq!(said("values", &[256, 0, 0, 0, 0], 0), "");
    let stage = |name: &str, data: &[u8]| text(&Stage::new(&named(&all, name).creation.bytes).call(data, 0));
    assert_eq!(stage("Receiving", &[1, 2, 3, 4]), "Unknown signature and no fallback defined");
    assert_eq!(stage("Bare", &[]), "Contract does not have fallback nor receive functions");
    let touch = hex::decode(&named(&all, "Lib").method_identifiers["touch(uint256)"]).unwrap();
    assert_eq!(stage("Lib", &touch), "Non-view function of library called without DELEGATECALL");
}

#[test]
fn strip_leaves_out_texts_but_not_their_making() {
    let all = artifacts(RevertStrings::Strip);
    let texts = named(&all, "Texts");
    let mut stage = Stage::new(&texts.creation.bytes);
    let mut call = |i: u64| {
        let selector = hex::decode(&texts.method_identifiers["conditions(uint256,string)"]).unwrap();
        stage.call(&[selector, words(&[i, 64, 0])].concat(), 0)
    };
    for i in 0..8 {
        assert!(call(i).output.is_empty(), "{i}");
    }
    assert!(!call(8).output.is_empty() && !call(9).output.is_empty(), "errors have no text to strip");
    assert_eq!(call(11).status, "ok");
    let code = artifacts(RevertStrings::Default);
    assert!(texts.runtime.bytes.len() < named(&code, "Texts").runtime.bytes.len());
}

/// Changes call data: a word, a byte, or its end.
fn spoil(random: &mut Random, data: &mut Vec<u8>) {
    const WORDS: [u64; 8] = [0, 1, 2, 31, 32, 64, 1 << 32, u64::MAX];
    for _ in 0..random.below(3) {
        let count = (data.len() - 4) / 32;
        if count == 0 {
            return;
        }
        let at = 4 + 32 * random.below(count as u64) as usize;
        match random.below(4) {
            0 => data.truncate(4 + random.below(data.len() as u64 - 3) as usize),
            1 => data[at + 31] = data[at + 31].wrapping_add(random.below(64) as u8),
            2 => data[at] = random.next() as u8,
            _ => data[at..at + 32]
                .copy_from_slice(&U256::from(WORDS[random.below(8) as usize]).to_be_bytes::<32>()),
        }
    }
}

fn duel(name: &str, mine: &[u8], theirs: &[u8], abi: &JsonAbi, seed: u64) -> usize {
    let (mut ours, mut peer) = (Stage::new(mine), Stage::new(theirs));
    let mut random = Random::new(seed);
    let mut texts = 0;
    let mut compare = |data: &[u8], value: u64| {
        let (a, b) = (ours.call(data, value), peer.call(data, value));
        if a.status == "halt" || b.status == "halt" {
            return; // lengths that exhaust gas before they are refused
        }
        assert_eq!(
            (a.status, &a.output),
            (b.status, &b.output),
            "{name} {} value {value}",
            hex::encode(data)
        );
        texts += usize::from(a.output.starts_with(&[0x08, 0xc3, 0x79, 0xa0]));
    };
    for data in [&[][..], &[1], &[1, 2, 3, 4], &[0; 40]] {
        compare(data, 0);
        compare(data, 1);
    }
    for function in abi.functions() {
        let types: Vec<DynSolType> = function.inputs.iter().map(|p| p.resolve().unwrap()).collect();
        for _ in 0..CALLS {
            let args = types.iter().map(|ty| random.value(ty)).collect();
            let mut data = play::encode_call(function, args);
            spoil(&mut random, &mut data);
            compare(&data, u64::from(random.below(16) == 0));
        }
    }
    texts
}

#[test]
fn texts_are_solcs_whatever_the_call_data() {
    let modes = [RevertStrings::Debug, RevertStrings::Strip, RevertStrings::Default];
    let name = |mode: &RevertStrings| match mode {
        RevertStrings::Debug => "debug",
        RevertStrings::Strip => "strip",
        RevertStrings::Default => "default",
    };
    let settings = |mode: &RevertStrings| {
        json!({ "viaIR": true, "optimizer": { "enabled": true }, "debug": { "revertStrings": name(mode) },
            "outputSelection": { "*": { "*": ["abi", "evm.bytecode.object"] } } })
    };
    let inputs: Vec<Value> = modes.iter().map(|mode| input(&[("a.sol", SOURCE)], settings(mode))).collect();
    for (mode, output) in modes.iter().zip(solc(&inputs).unwrap_or_default()) {
        let all = artifacts(*mode);
        for contract in ["Texts", "Receiving", "Falling", "Bare", "Lib"] {
            let theirs = &output["contracts"]["a.sol"][contract];
            let code = theirs["evm"]["bytecode"]["object"]
                .as_str()
                .unwrap_or_else(|| panic!("{}", output["errors"]));
            let abi: JsonAbi = serde_json::from_value(theirs["abi"].clone()).unwrap();
            let mine = &named(&all, contract).creation.bytes;
            let texts = duel(contract, mine, &hex::decode(code).unwrap(), &abi, 7 + contract.len() as u64);
            println!("{} {contract}: {texts} texts", name(mode));
            assert!(contract != "Texts" || *mode != RevertStrings::Debug || texts > 300);
        }
        let mine = &named(&all, "Demanding").creation.bytes;
        let code = output["contracts"]["a.sol"]["Demanding"]["evm"]["bytecode"]["object"].as_str().unwrap();
        for args in [
            words(&[]),
            words(&[64, 0]),
            words(&[64, 64, 0]),
            words(&[64, 96, 1, 0]),
            words(&[64, 96, 0, 9, 9]),
        ] {
            let deploy =
                |code: &[u8]| Chain::new().send(DEPLOYER, None, [code, &args].concat().into(), U256::ZERO);
            let (a, b) = (deploy(mine), deploy(&hex::decode(code).unwrap()));
            assert_eq!(
                (a.status, a.status == "ok" || a.output == b.output),
                (b.status, true),
                "{}",
                hex::encode(&args)
            );
        }
    }
}
