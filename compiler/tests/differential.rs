//! Compiles every fixture by solc and by Fusor's compiler, plays both side by side on one kind of VM, and compares
//! results, revert data, logs and storage; then calls every function with random arguments.
//!
//! Needs node and npm. Without them it says so and passes, unless FUSOR_REQUIRE=1.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod harness;

use alloy_dyn_abi::{DynSolType, Specifier};
use alloy_json_abi::{JsonAbi, StateMutability};
use alloy_primitives::{Address, U256};
use harness::chain::Receipt;
use harness::compilers::{self, Built};
use harness::fixture::Fixture;
use harness::fuzz::Random;
use harness::play::{self, Stage};
use harness::{fixture, fixtures};

/// Calls of each function with random arguments; `FUSOR_RANDOM_CALLS` sets another number.
const RANDOM_CALLS: u64 = 12;

/// A third of the gas that each call is given.
const HEAVY_GAS: u64 = 10_000_000;

fn random_calls_each() -> u64 {
    std::env::var("FUSOR_RANDOM_CALLS").ok().and_then(|n| n.parse().ok()).unwrap_or(RANDOM_CALLS)
}

/// Sums of gas and code size over what both ran.
#[derive(Default)]
struct Totals {
    calls: usize,
    gas: (u64, u64),
    bytes: (usize, usize),
}

fn pair(fixture: &Fixture, source: &str, mine: &[Built], theirs: &[Built]) -> Result<(Stage, Stage), String> {
    let stage = |built: &[Built]| -> Result<Stage, String> {
        play::release(built, play::chosen(fixture, built, source)?, &fixture.constructor)
    };
    let (ours, peer) =
        (stage(mine).map_err(|e| format!("ours: {e}"))?, stage(theirs).map_err(|e| format!("solc: {e}"))?);
    if ours.abi != peer.abi {
        return Err(abi_difference(&ours.abi, &peer.abi));
    }
    Ok((ours, peer))
}

fn abi_difference(ours: &JsonAbi, peer: &JsonAbi) -> String {
    let list = |abi: &JsonAbi| -> Vec<String> { abi.items().map(|item| format!("{item:?}")).collect() };
    let (mine, theirs) = (list(ours), list(peer));
    let only = |a: &[String], b: &[String]| a.iter().filter(|i| !b.contains(i)).cloned().collect::<Vec<_>>();
    format!("the ABIs differ\nonly ours {:?}\nonly solc's {:?}", only(&mine, &theirs), only(&theirs, &mine))
}

fn compare(
    a: &Receipt,
    b: &Receipt,
    ours: &mut Stage,
    peer: &mut Stage,
    totals: &mut Totals,
) -> Result<(), String> {
    // a call that nearly exhausts gas or stack is about limits, not about behaviour
    if a.status != b.status
        && (a.status == "halt" && b.gas > HEAVY_GAS || b.status == "halt" && a.gas > HEAVY_GAS)
    {
        return Ok(());
    }
    if (a.status, &a.output, &a.logs) != (b.status, &b.output, &b.logs) {
        return Err(format!("ours {a:?}\nsolc {b:?}"));
    }
    let (mine, theirs) = (ours.storage(), peer.storage());
    if mine != theirs {
        return Err(format!("storage differs\nours {mine:x?}\nsolc {theirs:x?}"));
    }
    totals.calls += 1;
    if a.status != "halt" {
        totals.gas.0 += a.gas - 21_000;
        totals.gas.1 += b.gas - 21_000;
    }
    Ok(())
}

fn play_both(name: &str, source: &str, theirs: &[Built], totals: &mut Totals) -> Result<(), String> {
    let fixture = fixture::parse(source);
    let mine = compilers::ours(name, source)?;
    let (mut ours, mut peer) = pair(&fixture, source, &mine, theirs)?;
    totals.bytes.0 += ours.code_bytes;
    totals.bytes.1 += peer.code_bytes;
    for step in &fixture.steps {
        let (a, b) = (ours.step(step), peer.step(step));
        compare(&a, &b, &mut ours, &mut peer, totals).map_err(|e| format!("line {}: {e}", step.line))?;
    }
    random_calls(name, &mut ours, &mut peer, totals)
}

/// Calls every function with random arguments, in an order that the seed gives.
fn random_calls(name: &str, ours: &mut Stage, peer: &mut Stage, totals: &mut Totals) -> Result<(), String> {
    let seed =
        name.bytes().fold(1469, |hash: u64, b| hash.wrapping_mul(1_099_511).wrapping_add(u64::from(b)));
    let mut random = Random::new(seed);
    let functions: Vec<_> = ours.abi.functions().cloned().collect();
    if functions.is_empty() {
        return Ok(());
    }
    for _ in 0..random_calls_each() * functions.len() as u64 {
        let Some(function) = functions.get(random.below(functions.len() as u64) as usize) else { continue };
        let types: Vec<DynSolType> = function.inputs.iter().filter_map(|p| p.resolve().ok()).collect();
        let args: Vec<_> = types.iter().map(|ty| random.value(ty)).collect();
        let mut data = play::encode_call(function, args.clone());
        if random.below(10) == 0 && data.len() > 4 {
            // malformed: a byte changed or the end cut off
            let at = 4 + random.below(data.len() as u64 - 4) as usize;
            if random.below(2) == 0 {
                data.truncate(at);
            } else if let Some(byte) = data.get_mut(at) {
                *byte = random.next() as u8;
            }
        }
        let payable = function.state_mutability == StateMutability::Payable;
        let value = if payable || random.below(20) == 0 { U256::from(random.below(3)) } else { U256::ZERO };
        let from = Address::from_word(U256::from(0x1000 + 0x1000 * random.below(2)).into());
        let (a, b) = (ours.send(Some(from), data.clone(), value), peer.send(Some(from), data.clone(), value));
        compare(&a, &b, ours, peer, totals).map_err(|e| {
            let hex = alloy_primitives::hex::encode(&data);
            format!("random call {} {args:?} value {value} data {hex}: {e}", function.signature())
        })?;
    }
    Ok(())
}

#[test]
fn fixtures_behave_as_with_solc() {
    let all: Vec<_> = fixtures().into_iter().filter(|(_, text)| compilers::is_plain(text)).collect();
    let peer = compilers::solc_folder()
        .and_then(|folder| compilers::solc(&folder, &all).map_err(|e| println!("{e}")).ok());
    let Some(peer) = peer else {
        assert!(std::env::var("FUSOR_REQUIRE").is_err(), "solc is required and did not run");
        println!("skipped: no solc (node and npm are needed)");
        return;
    };
    let mut failures = Vec::new();
    let mut totals = Totals::default();
    for (name, source) in &all {
        let theirs = peer.get(name).map_or(&[][..], Vec::as_slice);
        if let Err(e) = play_both(name, source, theirs, &mut totals) {
            failures.push(format!("{name}: {e}"));
        }
    }
    let ratio = |a: f64, b: f64| if b > 0.0 { a / b } else { 0.0 };
    println!(
        "{} of {} fixtures agree with solc over {} calls; gas {:.3}, creation code {:.3} of solc via-IR",
        all.len() - failures.len(),
        all.len(),
        totals.calls,
        ratio(totals.gas.0 as f64, totals.gas.1 as f64),
        ratio(totals.bytes.0 as f64, totals.bytes.1 as f64),
    );
    assert!(failures.is_empty(), "{} fixtures differ\n{}", failures.len(), failures.join("\n"));
}
