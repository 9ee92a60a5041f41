//! Runs compiled IR on the VM: fixtures with expectations inside, and random programs against the reference
//! interpreter.

mod fuzz;
mod vm;

use super::{CodegenError, Options, compile};
use crate::ir::{Module, interp, parse};
use alloy_primitives::{U256, hex};
use vm::{Run, run_code};

const OPTIONS: [bool; 2] = [false, true];

fn options(optimize: bool) -> Options {
    Options { optimize, ..Options::default() }
}

pub(crate) fn runtime_code(module: &Module, optimize: bool) -> Vec<u8> {
    // Random programs may be longer than a contract may be.
    let options = Options { enforce_limits: false, ..options(optimize) };
    match compile(module, &[], &options) {
        Ok(output) => output.creation,
        Err(error) => panic!("{error}\n{}", crate::ir::print(module)),
    }
}

/// Runs each fixture under `tests/ir`: `;! calldata 0x.. => return 0x..` lines are checked in the VM with and
/// without the optimiser, and in the interpreter where it knows all operations.
#[test]
fn fixtures_behave_as_they_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ir");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        count += check_fixture(&path.display().to_string(), &text);
    }
    assert!(count >= 20, "only {count} expectations found");
}

fn check_fixture(name: &str, text: &str) -> usize {
    let module = parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut count = 0;
    for line in text.lines().filter_map(|line| line.trim().strip_prefix(";! ")) {
        let (calldata, expected) = line.split_once("=>").expect("an expectation has `=>`");
        let calldata = words(calldata);
        for optimize in OPTIONS {
            let code = runtime_code(&module, optimize);
            let found = run_code(&code, &calldata, 30_000_000);
            assert_eq!(found.describe(), describe(expected), "{name}: {line} (optimize: {optimize})");
        }
        let mut world = interp::World { calldata: calldata.clone(), ..Default::default() };
        match interp::run(&module, &mut world, 10_000_000) {
            Ok(end) => {
                assert_eq!(Run::from_interp(end, &world).describe(), describe(expected), "{name}: {line}")
            }
            Err(interp::InterpError::Unsupported(_)) => {}
            Err(error) => panic!("{name}: {line}: {error}"),
        }
        count += 1;
    }
    count
}

/// Reads words and `0x` byte strings (those with more than 64 digits or an odd width stay bytes).
fn words(text: &str) -> Vec<u8> {
    text.split_whitespace()
        .flat_map(|word| word.parse::<U256>().expect("a number").to_be_bytes::<32>())
        .collect()
}

fn describe(expected: &str) -> String {
    let expected = expected.trim();
    let (kind, rest) = expected.split_once(' ').unwrap_or((expected, ""));
    format!("{kind} {}", hex::encode(words(rest)))
}

#[test]
fn code_above_the_limit_is_refused_with_the_excess() {
    let mut module =
        parse(r#"module "big" { data "d" 0x00 entry @main fn @main() -> 0 { b0: stop } }"#).unwrap();
    module.trailer = vec![0xab; super::CREATION_LIMIT];
    let error = compile(&module, &[], &options(true)).unwrap_err();
    assert!(matches!(error, CodegenError::TooLarge { over: 3, what: "creation", .. }), "{error}");
    let relaxed = Options { enforce_limits: false, ..Options::default() };
    assert!(compile(&module, &[], &relaxed).is_ok());
}

#[test]
fn modules_that_contain_each_other_are_refused() {
    let a = parse(r#"module "a" { object "b" entry @main fn @main() -> 0 { b0: stop } }"#).unwrap();
    let b = parse(r#"module "b" { object "a" entry @main fn @main() -> 0 { b0: stop } }"#).unwrap();
    let modules = [a.clone(), b];
    assert_eq!(compile(&a, &modules, &options(true)).unwrap_err(), CodegenError::Cycle("a".to_owned()));
    assert_eq!(compile(&a, &[], &options(true)).unwrap_err(), CodegenError::MissingModule("b".to_owned()));
}

#[test]
fn creation_code_installs_runtime_code_with_immutables() {
    let runtime = parse(
        r#"module "C.runtime" { immutable "x" entry @main
        fn @main() -> 0 { b0: v0 = loadimmutable "x"
 mstore 0, v0
 return 0, 0x20 } }"#,
    )
    .unwrap();
    let creation = parse(
        r#"module "C" { object "C.runtime" immutable "x" runtime "C.runtime" entry @main
        fn @main() -> 0 { b0:
            v0 = dataoffset "C.runtime"
            v1 = datasize "C.runtime"
            v2 = memstart
            codecopy v2, v0, v1
            setimmutable "x", v2, 0x2a
            return v2, v1 } }"#,
    )
    .unwrap();
    for optimize in OPTIONS {
        let output = compile(&creation, std::slice::from_ref(&runtime), &options(optimize)).unwrap();
        let deployed = run_code(&output.creation, &[], 30_000_000).output;
        assert_eq!(deployed.len(), output.runtime.len());
        assert_eq!(output.immutable_refs["x"].len(), 1);
        let answer = run_code(&deployed, &[], 30_000_000);
        assert_eq!(answer.output, U256::from(42).to_be_bytes::<32>());
    }
}

#[test]
fn library_addresses_are_left_to_the_linker() {
    let module = parse(
        r#"module "m" { library "a.sol:L" entry @main
        fn @main() -> 0 { b0: v0 = linkersymbol "a.sol:L"
 mstore 0, v0
 return 0, 0x20 } }"#,
    )
    .unwrap();
    let output = compile(&module, &[], &options(true)).unwrap();
    let place = output.creation_link_refs["a.sol:L"][0];
    assert_eq!(place.length, 20);
    let mut code = output.creation;
    code[place.start..place.start + 20].fill(0x11);
    assert_eq!(run_code(&code, &[], 1_000_000).output[12..], [0x11; 20]);
}

#[test]
fn source_map_has_one_entry_an_instruction() {
    let module = parse(
        r#"module "m" { entry @main
        fn @main() -> 0 { b0: v0 = calldataload 0 !1:20:3
            mstore 0, v0 !1:30:4
            return 0, 0x20 !1:40:5 } }"#,
    )
    .unwrap();
    let output = compile(&module, &[], &options(false)).unwrap();
    let map = output.creation_source_map;
    assert!(map.starts_with("20:3:1:-;;30:4"), "{map}");
    let instructions = output.asm_text.lines().filter(|line| line.starts_with("  ")).count();
    assert_eq!(map.split(';').count(), instructions);
}
