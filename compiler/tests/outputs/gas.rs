//! Checks gas estimates: bounds where there are any, and never below what a call takes.

use super::build;
use super::harness::{compilers, fixture, fixtures, play};
use alloy_primitives::hex;
use fusor_compiler::driver::Options;
use fusor_compiler::outputs::gas_estimates::{estimate, gas_estimates};
use serde_json::Value;

const SOURCE: &str = "
contract C {
    uint256 public x;
    mapping(address => uint256) m;
    uint256 immutable y;
    constructor(uint256 a) { y = a; }
    function plain(uint256 a) external pure returns (uint256) { return a * 3 + 1; }
    function store(uint256 a) external { x = a; m[msg.sender] = y; }
    function branch(bool a) external { if (a) { x = 1; x = 2; } else { x = 3; } }
    function three() external { for (uint256 i = 0; i < 3; i++) m[address(uint160(i))] = i; }
    function long() external { for (uint256 i = 0; i < 10000; i++) x += 2; }
    function forever() external { while (true) x += 1; }
    function deep(uint256 n) public returns (uint256) { return n == 0 ? x++ : deep(n - 1) + 1; }
    function loop(uint256 n) external { for (uint256 i = 0; i < n; i++) x += i; }
    function call(address a) external { a.call(\"\"); }
    function bytes_(bytes calldata b) external pure returns (bytes32) { return keccak256(b); }
    receive() external payable { x = msg.value; }
}";

fn number(estimates: &Value, name: &str) -> Option<u64> {
    let value = &estimates["external"][name];
    assert!(value.is_string(), "{name} is missing in {estimates}");
    value.as_str().and_then(|text| text.parse().ok())
}

#[test]
fn estimates_are_bounds_or_infinite() {
    let artifacts = build(SOURCE, &Options::default());
    let all = gas_estimates(&artifacts[0]);
    let bound = |name: &str| number(&all, name);
    for name in ["long()", "forever()", "deep(uint256)", "loop(uint256)", "call(address)", "bytes_(bytes)"] {
        assert_eq!(bound(name), None, "{name}");
    }
    assert!(bound("plain(uint256)").is_some_and(|gas| gas < 500), "{all}");
    // two new slots, each cold
    assert!(bound("store(uint256)").is_some_and(|gas| (44_200..46_000).contains(&gas)), "{all}");
    assert!(bound("x()").is_some_and(|gas| (2_100..2_600).contains(&gas)), "{all}");
    assert!(bound("").is_some_and(|gas| gas > 22_000), "{all}");
    assert!(bound("branch(bool)").is_some_and(|gas| gas > 22_000), "{all}");
    let deposit = artifacts[0].runtime.bytes.len() * 200;
    assert_eq!(all["creation"]["codeDepositCost"], deposit.to_string());
    assert_eq!(all["creation"]["executionCost"], "infinite", "what is copied depends on the arguments");
}

#[test]
fn a_plain_creation_has_a_bound() {
    let artifacts = build("contract C { uint256 x = 7; }", &Options::default());
    let all = gas_estimates(&artifacts[0]);
    let part =
        |name: &str| all["creation"][name].as_str().and_then(|t| t.parse::<u64>().ok()).expect("a number");
    assert_eq!(part("totalCost"), part("executionCost") + part("codeDepositCost"));
    assert!((22_100..23_000).contains(&part("executionCost")), "{all}");
}

#[test]
fn no_call_of_a_fixture_takes_more_than_estimated() {
    let (mut bounded, mut calls) = (0, 0);
    for (name, source) in fixtures().iter().filter(|(_, text)| compilers::is_plain(text)) {
        let fixture = fixture::parse(source);
        let artifacts = compilers::artifacts(name, source).unwrap();
        let built = artifacts.iter().map(compilers::from_artifact).collect::<Result<Vec<_>, _>>().unwrap();
        let contract = play::chosen(&fixture, &built, source).unwrap();
        let artifact = artifacts.iter().find(|a| a.name == contract.name).unwrap();
        let mut stage = play::release(&built, contract, &fixture.constructor).unwrap();
        for step in &fixture.steps {
            let receipt = stage.step(step);
            calls += 1;
            let Some(selector) = artifact.method_identifiers.get(&step.call.signature) else { continue };
            let selector = u32::from_str_radix(selector, 16).unwrap();
            let Some(bound) = estimate(&artifact.runtime, selector).filter(|_| receipt.status != "halt")
            else {
                continue;
            };
            let (fixed, least) = play::intrinsic_gas(&play::data_of(step));
            if receipt.gas == least {
                continue; // the data cost more than the call
            }
            let gas = receipt.gas - fixed;
            assert!(
                gas <= bound,
                "{name} {}: {gas} above {bound}, {}",
                step.call.signature,
                hex::encode(play::data_of(step))
            );
            bounded += 1;
        }
    }
    println!("{bounded} of {calls} calls have a bound");
    assert!(bounded * 4 > calls, "{bounded} of {calls} calls have a bound");
}
