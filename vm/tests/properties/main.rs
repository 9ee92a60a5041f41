//! Runs random sequences of every ledger and usufruct operation, with time moving over window borders and
//! reverts at random depth, and compares each step with a plain model: on the ledger alone ([`world`]), and
//! by random contracts in the EVM ([`chain`]).
//!
//! `FUSOR_PROPERTY_CASES` and `FUSOR_PROPERTY_SEED` change how many sequences run and which.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod chain;
mod contract;
mod fault;
mod model;
mod operation;
mod world;

use chain::Chain;
use fault::{Sabotage, Saboteur};
use proptest::{
    collection::vec,
    prelude::any,
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, RngSeed, TestCaseError, TestError, TestRunner},
};
use std::{cell::RefCell, collections::BTreeMap};
use world::World;

/// Is the number of sequences of both tests: four fifths run on the ledger alone, one fifth by contracts in
/// the EVM.
const SEQUENCES: u32 = 10_000;
/// Is the most steps in a sequence.
const STEPS: usize = 40;

/// Is what sequences must get done often; those marked `native` on the native coin.
const REACHED: [&str; 22] = [
    "mint",
    "burn",
    "send",
    "send native",
    "pairs",
    "approve",
    "transfer from",
    "grant",
    "grant native",
    "sub-grant",
    "accept",
    "accept native",
    "accept sub-grant",
    "decline",
    "give back",
    "revoke",
    "revoke with descendants",
    "move",
    "accept ownership",
    "accept ownership native",
    "decline ownership",
    "clean",
];

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Is what contracts must get done at least once.
const REACHED_BY_CONTRACTS: [&str; 21] = [
    "call",
    "call with assets",
    "create",
    "delegate call",
    "static call",
    "nested call",
    "self-destruct",
    "revert frame",
    "halt frame",
    "through a precompile",
    "question",
    "mint",
    "send",
    "grant",
    "grant native",
    "accept",
    "accept native",
    "accept sub-grant",
    "accept ownership",
    "revoke",
    "clean",
];

fn config(shard: u64) -> Config {
    Config {
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(from_environment("FUSOR_PROPERTY_SEED", 2018).wrapping_add(shard)),
        ..Config::default()
    }
}

fn sequences(cases: u32, shard: u64, sabotage: Sabotage) -> Result<(), TestError<Vec<[u16; 24]>>> {
    // A fault that is expected needs no smallest example.
    let max_shrink_iters = if sabotage == Sabotage::None { 2_000 } else { 0 };
    let config = Config { cases, max_shrink_iters, ..config(shard) };
    TestRunner::new(config).run(&vec(any::<[u16; 24]>(), 24..=STEPS), |steps| {
        let mut world = World::new(Saboteur(sabotage));
        for step in &steps {
            world.step(step).map_err(TestCaseError::fail)?;
        }
        world.check_invariants().map_err(TestCaseError::fail)
    })
}

fn shard(number: u64) {
    let cases = from_environment("FUSOR_PROPERTY_CASES", SEQUENCES.into()) as u32 / 5;
    if let Err(error) = sequences(cases, number, Sabotage::None) {
        panic!("{error}");
    }
}

#[test]
fn random_sequences_equal_the_model_1() {
    shard(1);
}

#[test]
fn random_sequences_equal_the_model_2() {
    shard(2);
}

#[test]
fn random_sequences_equal_the_model_3() {
    shard(3);
}

#[test]
fn random_sequences_equal_the_model_4() {
    shard(4);
}

/// Runs random contracts in the real EVM: `blocks` per chain, each with one transaction of nested frames.
fn chains(cases: u32, shard: u64) -> Result<BTreeMap<&'static str, u32>, TestError<Vec<Vec<u16>>>> {
    let done = RefCell::new(BTreeMap::<&str, u32>::new());
    let config = Config { cases, max_shrink_iters: 300, ..config(shard) };
    let blocks = vec(vec(any::<u16>(), 200), 4..=8);
    TestRunner::new(config).run(&blocks, |blocks| {
        let mut chain = Chain::new();
        for numbers in &blocks {
            chain.block(numbers).map_err(TestCaseError::fail)?;
        }
        let mut done = done.borrow_mut();
        chain.done.iter().for_each(|(name, count)| *done.entry(name).or_default() += count);
        Ok(())
    })?;
    Ok(done.into_inner())
}

fn chain_shard(number: u64) {
    let cases = from_environment("FUSOR_PROPERTY_CASES", SEQUENCES.into()) as u32 / 10;
    let done = chains(cases, number).unwrap_or_else(|error| panic!("{error}"));
    println!("{done:#?}");
    let reached = REACHED_BY_CONTRACTS.iter().all(|name| done.contains_key(name));
    assert!(reached || cases < 500, "contracts no longer reach everything: {done:?}");
}

#[test]
fn random_contracts_equal_the_model_1() {
    chain_shard(11);
}

#[test]
fn random_contracts_equal_the_model_2() {
    chain_shard(12);
}

#[test]
fn contracts_notice_a_model_that_is_wrong() {
    let mut chain = Chain::new();
    chain.block(&[7; 200]).unwrap();
    chain.forge();
    assert!(chain.block(&[7; 200]).is_err());
}

/// Counts what the sequences get done, so that a change of the generator cannot empty the other tests unseen.
#[test]
fn sequences_reach_every_operation() {
    let mut done = BTreeMap::<&str, u32>::new();
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(0) });
    for _ in 0..1_000 {
        let steps = vec(any::<[u16; 24]>(), 24..=STEPS).new_tree(&mut runner).unwrap().current();
        let mut world = World::new(Saboteur(Sabotage::None));
        steps.iter().for_each(|step| world.step(step).unwrap());
        world.done.iter().for_each(|(name, count)| *done.entry(name).or_default() += count);
    }
    println!("{done:#?}");
    for name in REACHED {
        assert!(done.get(name).is_some_and(|count| *count >= 20), "{name}: {:?}", done.get(name));
    }
}

/// Breaks the ledger on purpose and expects the property tests to see it. The fault is a storage write that
/// gets lost below the ledger, the way a forgotten line, a swapped branch or a cache that is not flushed
/// would show. Tests that pass with a broken ledger would prove nothing; so each fault must turn at least one
/// of these sequences red.
#[test]
fn a_deliberate_fault_is_caught() {
    let faults = [
        Sabotage::LostDebit,
        Sabotage::LostMark,
        Sabotage::LostEnd,
        Sabotage::LostEntry,
        Sabotage::LostSeventh,
    ];
    for fault in faults {
        let caught = sequences(400, 9, fault);
        assert!(matches!(caught, Err(TestError::Fail(..))), "{fault:?} went unseen");
    }
    assert!(sequences(400, 9, Sabotage::None).is_ok(), "the same sequences pass without a fault");
}
