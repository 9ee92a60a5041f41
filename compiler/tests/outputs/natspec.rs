//! Checks documentation: what is written, and which tags are refused.

use super::{build, input, solc};
use fusor_compiler::compilation::Compilation;
use fusor_compiler::driver::Options;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SOURCE: &str = include_str!("natspec.sol");
const EXPECTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outputs/natspec.json");

/// Sources with the numbers of what solc finds in their comments.
const REFUSED: &[(&str, &[u16])] = &[
    ("/// @return x\ncontract C {}", &[6546]),
    ("/// @foo x\ncontract C {}", &[6546]),
    ("contract C { /// @title x\nfunction f() public {} }", &[6546]),
    ("contract C { /// @inheritdoc C\nevent E(); }", &[6546]),
    ("contract C { /// @title y\nuint w; }", &[6546]),
    ("contract C { /// @param x y\nuint public v; }", &[6546]),
    ("/// @notice x\nuint constant c = 1;", &[6546]),
    ("/// see a@b.c\ncontract C {}", &[6546]),
    ("contract C { /// @param x y\nfunction f(uint a) public {} }", &[3881]),
    ("contract C { /// @param x y\nmodifier f(uint a) { _; } }", &[3881]),
    ("contract C { /// @param x y\nerror E(uint a); }", &[3881]),
    ("contract C { /// @param x y\nfallback() external {} }", &[3881]),
    ("contract C { /// @param\nfunction f(uint a) public {} }", &[3335]),
    ("contract C { /// @param a\nfunction f(uint a) public {} }", &[9942]),
    ("contract C { /// @return a\n/// @return b\nfunction f() public returns (uint) {} }", &[2604]),
    ("contract C { /// @return z a\nfunction f() public returns (uint q) {} }", &[5856]),
    ("contract C { struct S { uint a; } /// @return x first\nS public z; }", &[5856]),
    ("contract C { /// @custom: x\nfunction f() public {} }", &[6564]),
    ("contract C { /// @custom:A1 x\nfunction f() public {} }", &[2968]),
    ("contract X {} contract C { /// @inheritdoc X\nfunction f() public {} }", &[4682]),
    ("contract C { /// @inheritdoc Y\nfunction f() public {} }", &[9397]),
    ("struct S { uint a; } contract C { /// @inheritdoc S\nfunction f() public {} }", &[1430]),
    ("contract C { /// @inheritdoc\nfunction f() public {} }", &[1933]),
    (
        "contract B { function f() public virtual {} } contract C is B {\n/// @inheritdoc B\n/// @inheritdoc B\nfunction f() public override {} }",
        &[5142],
    ),
    // nothing is said of tags that document no entry of the interface
    (
        "contract C { /// @foo x\nstruct S { uint a; }\n/// @return\nenum E { A }\nfunction f() public { /// @foo\n} }",
        &[],
    ),
    ("contract C { /// @param a b\n/// @param a c\nfunction f(uint a) public {} }", &[]),
    ("contract C { /// @return q\nfunction f() public returns (uint q) {} }", &[]),
];

fn ours() -> Value {
    let docs = |a: &fusor_compiler::artifact::Artifact| json!({ "devdoc": a.devdoc, "userdoc": a.userdoc });
    build(SOURCE, &Options::default()).iter().map(|a| (a.name.clone(), docs(a))).collect()
}

#[test]
fn documentation_is_what_solc_writes() {
    let text = std::fs::read_to_string(EXPECTED).unwrap_or_default();
    let expected: Value = serde_json::from_str(&text).unwrap_or_default();
    let settings = json!({ "outputSelection": { "*": { "*": ["devdoc", "userdoc"] } } });
    if let Some(output) = solc(&[input(&[("a.sol", SOURCE)], settings)]) {
        let theirs = &output[0]["contracts"]["a.sol"];
        assert!(theirs.is_object(), "{}", output[0]["errors"]);
        if std::env::var_os("FUSOR_BLESS").is_some() {
            std::fs::write(EXPECTED, format!("{theirs:#}\n")).unwrap();
        } else {
            assert_eq!(*theirs, expected, "the expectation is not solc's");
        }
    }
    let ours = ours();
    for (name, docs) in expected.as_object().expect("contracts") {
        assert_eq!(format!("{:#}", ours[name]), format!("{docs:#}"), "{name}");
    }
}

fn found(source: &str) -> Vec<u16> {
    let mut program = Compilation::new(BTreeMap::from([("a.sol".to_owned(), source.to_owned())]));
    program.add_file("a.sol");
    program.check().iter().filter(|d| d.code.id == "E0209").filter_map(|d| d.solc).collect()
}

#[test]
fn wrong_tags_are_refused_with_solcs_numbers() {
    for (source, numbers) in REFUSED {
        assert_eq!(found(source), *numbers, "{source}");
    }
    let inputs: Vec<Value> = REFUSED.iter().map(|r| input(&[("a.sol", r.0)], json!({}))).collect();
    for ((source, numbers), output) in REFUSED.iter().zip(solc(&inputs).unwrap_or_default()) {
        let errors = output["errors"].as_array().into_iter().flatten().filter(|e| e["severity"] == "error");
        let mut theirs: Vec<u16> = errors.filter_map(|e| e["errorCode"].as_str()?.parse().ok()).collect();
        theirs.dedup();
        assert_eq!(theirs, *numbers, "solc on {source}");
    }
}
