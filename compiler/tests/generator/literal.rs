//! Writes literals; values near the limits of their type are frequent.

use super::dice::Dice;
use super::types::Ty;
use super::world::World;
use alloy_primitives::{Address, U256, hex};

/// Writes a literal of a value type, with a conversion so that its type is fixed.
pub fn value(world: &World, dice: &mut Dice, ty: &Ty) -> String {
    match ty {
        Ty::Bool => (if dice.chance(50) { "true" } else { "false" }).into(),
        Ty::Uint(bits) => format!("uint{bits}({})", unsigned(dice, *bits)),
        Ty::Int(bits) => format!("int{bits}({})", signed(dice, *bits)),
        Ty::Address => address(dice),
        Ty::Payable => format!("payable({})", address(dice)),
        Ty::Fixed(n) => fixed(dice, *n),
        Ty::Enum(i) => {
            let (name, members) = &world.enums[*i];
            format!("{name}.{}", dice.pick(members))
        }
        Ty::Wrapped(i) => {
            let wrapped = &world.wrapped[*i];
            format!("{}.wrap({})", wrapped.name, value(world, dice, &wrapped.inner))
        }
        _ => String::new(),
    }
}

fn power(bits: usize) -> U256 {
    if bits >= 256 { U256::ZERO } else { U256::from(1) << bits }
}

/// Draws a number that fits into so many bits.
fn unsigned(dice: &mut Dice, bits: usize) -> String {
    let mask = power(bits).wrapping_sub(U256::from(1));
    let n = match dice.below(10) {
        0..=4 => U256::from(dice.below(6)),
        5 => U256::from(dice.below(256)),
        6 => mask - U256::from(dice.below(3)),
        7 => U256::from(1) << dice.below(bits),
        8 => (U256::from(1) << dice.below(bits)) - U256::from(1),
        _ => U256::from_limbs([dice.next(), dice.next(), dice.next(), dice.next()]),
    } & mask;
    // forty hexadecimal digits would be read as an address
    match dice.below(8) {
        0 if format!("{n:x}").len() < 38 => format!("0x{n:x}"),
        1 if n == U256::from(1000) => "1e3".into(),
        _ => n.to_string(),
    }
}

fn signed(dice: &mut Dice, bits: usize) -> String {
    let half = U256::from(1) << (bits - 1);
    match dice.below(6) {
        0 => format!("-{half}"),
        1 => (half - U256::from(1)).to_string(),
        2 => "-1".into(),
        3 if bits > 8 => format!("-{}", dice.below(130)),
        4 => format!("-{}", unsigned(dice, bits - 1)),
        _ => unsigned(dice, bits - 1),
    }
}

fn address(dice: &mut Dice) -> String {
    match dice.below(4) {
        0 => "address(0)".into(),
        1 => format!("address({})", dice.below(5) * 0x1000),
        2 => "address(type(uint160).max)".into(),
        _ => {
            let mut bytes = [0; 20];
            bytes.iter_mut().for_each(|b| *b = dice.next() as u8);
            format!("address({})", Address::from(bytes).to_checksum(None))
        }
    }
}

fn fixed(dice: &mut Dice, n: usize) -> String {
    let mut bytes = vec![0; n];
    match dice.below(4) {
        0 => {}
        1 => bytes.fill(0xff),
        _ => bytes.iter_mut().for_each(|b| *b = dice.next() as u8),
    }
    match dice.below(4) {
        0 if n >= 3 => format!("bytes{n}(\"a{}\")", dice.below(10)),
        1 => format!("bytes{n}(hex\"{}\")", hex::encode(&bytes)),
        // twenty bytes are an address
        _ if n == 20 => format!("bytes20(uint160({}))", dice.below(1000)),
        _ => format!("bytes{n}(0x{})", hex::encode(&bytes)),
    }
}

/// Writes a string literal without its type.
pub fn text(dice: &mut Dice) -> String {
    match dice.below(8) {
        0 => "\"\"".into(),
        1 => "\"a\\x41\\n\\\"\\u00e9\"".into(),
        2 => "unicode\"gr\u{fc}n \u{1f600}\"".into(),
        3 => "\"thirty-one bytes are still short\"".replace("still ", ""),
        4 => "\"this text is longer than thirty-two bytes, \" \"and of two parts\"".into(),
        5 => "\"exactly thirty-two bytes of text\"".into(),
        _ => format!("'t{}'", dice.below(1000)),
    }
}

/// Writes a literal of bytes.
pub fn bytes(dice: &mut Dice) -> String {
    let len = *dice.pick(&[0, 1, 3, 31, 32, 33, 70]);
    let bytes: Vec<u8> = (0..len).map(|_| dice.next() as u8).collect();
    format!("hex\"{}\"", hex::encode(bytes))
}
