//! Makes calls with arguments near the limits of their types, and malformed ones.

use crate::generator::dice::Dice;
use crate::harness::fuzz::Random;
use crate::harness::literal;
use alloy_dyn_abi::{DynSolType, DynSolValue, Specifier};
use alloy_json_abi::{JsonAbi, Param, StateMutability};
use alloy_primitives::{Address, U256};

/// Is one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub data: Vec<u8>,
    pub value: U256,
    pub from: Address,
}

fn values(params: &[Param], random: &mut Random) -> Vec<DynSolValue> {
    let types: Vec<DynSolType> = params.iter().filter_map(|p| p.resolve().ok()).collect();
    types.iter().map(|ty| random.value(ty)).collect()
}

fn sender(dice: &mut Dice) -> Address {
    Address::from_word(U256::from(0x1000 + 0x1000 * dice.below(2)).into())
}

/// Makes the creation's arguments (first step) and calls of every function, in random order.
pub fn draw(abi: &JsonAbi, seed: u64, each: usize) -> Vec<Step> {
    let mut dice = Dice::new(seed ^ 0x5eed);
    let mut random = Random::new(dice.next());
    let (data, payable) = match &abi.constructor {
        Some(c) => {
            (literal::encode(values(&c.inputs, &mut random)), c.state_mutability == StateMutability::Payable)
        }
        None => (Vec::new(), false),
    };
    let value = if payable { U256::from(dice.below(3)) } else { U256::ZERO };
    let mut steps = vec![Step { data, value, from: sender(&mut dice) }];
    let functions: Vec<_> = abi.functions().collect();
    for _ in 0..each * functions.len() {
        let function = *dice.pick(&functions);
        let mut data = function.selector().to_vec();
        data.extend(literal::encode(values(&function.inputs, &mut random)));
        if dice.chance(12) {
            spoil(&mut data, &mut dice);
        }
        let payable = function.state_mutability == StateMutability::Payable;
        let value = if payable || dice.chance(4) { U256::from(dice.below(3)) } else { U256::ZERO };
        steps.push(Step { data, value, from: sender(&mut dice) });
    }
    for data in [vec![], vec![1, 2, 3], vec![0xde, 0xad, 0xbe, 0xef, 1]] {
        steps.push(Step { data, value: U256::from(dice.below(2)), from: sender(&mut dice) });
    }
    steps
}

/// Makes call data wrong: cut off, with dirty bytes, or with an offset or length that is far too large.
fn spoil(data: &mut Vec<u8>, dice: &mut Dice) {
    if data.len() <= 4 {
        return data.extend([0; 3]);
    }
    let words = (data.len() - 4) / 32;
    let word = 4 + 32 * dice.below(words);
    match dice.below(6) {
        0 => data.truncate(4 + dice.below(data.len() - 4)),
        1 => data[word] = 0xff,
        2 => data[word + 31] = data[word + 31].wrapping_add(1 + dice.below(40) as u8),
        3 => data[word..word + 32].fill(0xff),
        4 => data[word + 20] = 1,
        _ => {
            let at = 4 + dice.below(data.len() - 4);
            data[at] = dice.next() as u8;
        }
    }
}
