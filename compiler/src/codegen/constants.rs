//! Writes long constants by short programs where that is cheaper over the life of a contract.

use super::Options;
use super::asm::{AsmInst, Item};
use crate::ir::Evm;
use alloy_primitives::U256;

/// Gas for each byte of code at deployment (EIP-170's deposit).
const GAS_PER_BYTE: u64 = 200;

/// Replaces pushes of long constants.
pub(super) fn shorten(code: Vec<AsmInst>, options: &Options) -> Vec<AsmInst> {
    let mut out = Vec::with_capacity(code.len());
    for inst in code {
        match inst.item {
            Item::Push(constant) => {
                let items = cheapest(constant, options);
                out.extend(items.into_iter().map(|item| AsmInst { item, ..inst }));
            }
            _ => out.push(inst),
        }
    }
    out
}

fn cheapest(constant: U256, options: &Options) -> Vec<Item> {
    let direct = vec![Item::Push(constant)];
    if constant.bit_len() <= 40 {
        return direct;
    }
    let programs =
        [direct, shifted(constant), negated(constant), negated_shifted(constant), low_ones(constant)];
    let possible = programs.into_iter().filter(|program| !program.is_empty());
    possible.min_by_key(|program| cost(program, options)).unwrap_or_default()
}

fn cost(program: &[Item], options: &Options) -> u64 {
    let runs = u64::from(options.runs);
    let price = |item: &Item| match item {
        Item::Push(constant) if constant.is_zero() && options.push0 => (2, 1),
        Item::Push(constant) => (3, 1 + constant.bit_len().div_ceil(8).max(1) as u64),
        _ => (3, 1),
    };
    program.iter().map(price).map(|(gas, bytes)| gas * runs + bytes * GAS_PER_BYTE).sum()
}

fn op(op: Evm) -> Item {
    Item::Op(op as u8)
}

fn shifted(constant: U256) -> Vec<Item> {
    let by = constant.trailing_zeros();
    vec![Item::Push(constant >> by), Item::Push(U256::from(by)), op(Evm::Shl)]
}

fn negated(constant: U256) -> Vec<Item> {
    vec![Item::Push(!constant), op(Evm::Not)]
}

fn negated_shifted(constant: U256) -> Vec<Item> {
    if (!constant).is_zero() {
        return Vec::new();
    }
    let mut program = shifted(!constant);
    program.push(op(Evm::Not));
    program
}

fn low_ones(constant: U256) -> Vec<Item> {
    if constant.wrapping_add(U256::from(1)) & constant != U256::ZERO {
        return Vec::new();
    }
    let by = U256::from(256 - constant.bit_len());
    vec![Item::Push(U256::ZERO), op(Evm::Not), Item::Push(by), op(Evm::Shr)]
}
