//! Plays a program compiled by Fusor's compiler and by solc side by side and compares what they do.

use super::chain::Receipt;
use super::compilers::{self, Built};
use super::fixture::{self, Fixture};
use super::fuzz::Random;
use super::play::{self, Stage};
use alloy_dyn_abi::{DynSolType, Specifier};
use alloy_json_abi::{JsonAbi, StateMutability};
use alloy_primitives::{Address, U256};

/// Calls of each function with random arguments; `FUSOR_RANDOM_CALLS` sets another number.
const RANDOM_CALLS: u64 = 12;

/// A third of the gas that each call is given.
const HEAVY_GAS: u64 = 10_000_000;

fn random_calls_each() -> u64 {
    std::env::var("FUSOR_RANDOM_CALLS").ok().and_then(|n| n.parse().ok()).unwrap_or(RANDOM_CALLS)
}

/// Sums of gas and code size over what both ran.
#[derive(Default)]
pub struct Totals {
    pub calls: usize,
    pub gas: (u64, u64),
    pub bytes: (usize, usize),
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

/// Plays the directives of a fixture on both, then calls every function with random arguments.
pub fn play_both(name: &str, source: &str, theirs: &[Built], totals: &mut Totals) -> Result<(), String> {
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
