//! Compiles functions with more values than the stack can reach, with and without the optimiser, and runs them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod harness;

use alloy_primitives::{Bytes, U256, keccak256};
use fusor_compiler::driver::{Options, compile_source};
use harness::chain::{Chain, DEPLOYER, SENDER};

const X: u64 = 7;

/// Runs `f(uint256)` of the contract `C` on [`X`].
fn run(body: &str, optimize: bool) -> U256 {
    let source =
        format!("// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\ncontract C {{ {body} }}");
    let options = Options { optimize, enforce_limits: false, ..Options::default() };
    let artifacts = compile_source("C.sol", &source, &options).unwrap();
    let mut chain = Chain::new();
    let code = artifacts.into_iter().next().unwrap().creation.bytes;
    let created = chain.send(DEPLOYER, None, Bytes::from(code), U256::ZERO);
    let data = [&keccak256("f(uint256)")[..4], &U256::from(X).to_be_bytes::<32>()].concat();
    let receipt = chain.send(SENDER, created.created, data.into(), U256::ZERO);
    assert_eq!(receipt.status, "ok");
    U256::from_be_slice(&receipt.output)
}

fn check(body: &str, expected: u64) {
    for optimize in [false, true] {
        assert_eq!(run(body, optimize), U256::from(expected), "optimize: {optimize}");
    }
}

fn list(count: u64, item: impl Fn(u64) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(", ")
}

fn sum(count: u64, item: impl Fn(u64) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(" + ")
}

#[test]
fn two_hundred_locals_live_at_once() {
    let locals: String = (0..200).map(|i| format!("uint v{i} = x * {} + w;", i + 1)).collect();
    let changes: String = (0..200).map(|i| format!("v{i} += v{};", (i + 7) % 200)).collect();
    let body = format!(
        "uint w = 3; function f(uint x) external returns (uint) {{ {locals} w = x;
        for (uint k = 0; k < 2; k++) {{ {changes} }} return {}; }}",
        sum(200, |i| format!("v{i}"))
    );
    let mut v: Vec<u64> = (0..200).map(|i| X * (i + 1) + 3).collect();
    for at in (0..200).chain(0..200) {
        v[at] += v[(at + 7) % 200];
    }
    check(&body, v.iter().sum());
}

#[test]
fn sixty_parameters_and_results() {
    let body = format!(
        "function g({}) internal view returns ({}) {{ require(a0 < gasleft()); {} }}
        function f(uint x) external view returns (uint) {{ ({}) = g({}); return {}; }}",
        list(60, |i| format!("uint a{i}")),
        list(60, |i| format!("uint r{i}")),
        (0..60).map(|i| format!("r{i} = a{} * {};", 59 - i, i + 1)).collect::<String>(),
        list(60, |i| format!("uint s{i}")),
        list(60, |i| format!("x + {i}")),
        sum(60, |i| format!("s{i} * {}", i % 3)),
    );
    check(&body, (0..60).map(|i| (X + 59 - i) * (i + 1) * (i % 3)).sum());
}

#[test]
fn expressions_nest_deeply() {
    let mut expression = "x".to_string();
    let mut expected = X;
    for level in 1..=100 {
        expression = format!("(x * {level} + h(x, {expression}) % {})", level + 1_000);
        expected = X * level + (X + expected) % (level + 1_000);
    }
    let body = format!(
        "function h(uint a, uint b) internal view returns (uint) {{ return gasleft() > 0 ? a + b : 0; }}
        function f(uint x) external view returns (uint) {{ return {expression}; }}"
    );
    check(&body, expected);
}

#[test]
fn recursion_keeps_what_is_spilled() {
    let body = format!(
        "function g(uint n, {}) internal returns (uint) {{
            if (n == 0) return {};
            uint below = g(n - 1, {});
            w += below;
            return below + {};
        }}
        uint w; function f(uint x) external returns (uint) {{ return g(x, {}); }}",
        list(30, |i| format!("uint a{i}")),
        sum(30, |i| format!("a{i}")),
        list(30, |i| format!("a{i} + {i}")),
        sum(30, |i| format!("a{i}")),
        list(30, |i| format!("{i}")),
    );
    let level = |n: u64| (0..30).map(|i| i + n * i).sum::<u64>();
    check(&body, (0..=X).map(level).sum());
}

#[test]
fn recursion_that_returns_its_own_result_needs_no_stack() {
    let body = "function g(uint n, uint sum) internal returns (uint) {
            w = sum;
            return n == 0 ? sum : n % 2 == 0 ? g(n - 1, sum + n) : h(sum + n, n - 1);
        }
        function h(uint sum, uint n) internal returns (uint) { w += n; return g(n, sum); }
        uint w; function f(uint x) external returns (uint) { return g(x * 1000, 0); }";
    let sum_to = |n: u64| n * (n + 1) / 2;
    assert_eq!(run(body, true), U256::from(sum_to(X * 1000)));
    let statements = "function g(uint n, uint sum) internal returns (uint) {
            if (n == 0) return sum;
            w = sum;
            return g(n - 1, sum + n);
        }
        uint w; function f(uint x) external returns (uint) { return g(x * 1000, 0); }";
    assert_eq!(run(statements, true), U256::from(sum_to(X * 1000)));
}
