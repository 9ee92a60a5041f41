//! Does exact arithmetic on number literals.

use alloy_primitives::U256;
use num_bigint::{BigInt, BigUint, Sign};
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::ast::{BinaryOp, Unit};

/// Is the largest size of a literal's numerator or denominator in bits, as in solc.
const BITS_MAX: u64 = 4096;

/// Is the exact value of a literal expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rational {
    /// The value.
    pub(crate) value: BigRational,
    /// The number of bytes that a hex literal spells (`0x00ff` is 2), as long as it stands alone.
    pub(crate) hex_bytes: Option<usize>,
    /// The type of a constant's value; none for literals.
    pub(crate) ty: Option<IntTy>,
}

/// Is an integer type: signed or not, and its bits.
pub(crate) type IntTy = (bool, u16);

impl Rational {
    /// Wraps a value that no longer is a plain hex literal.
    pub(crate) fn new(value: BigRational) -> Self {
        Self { value, hex_bytes: None, ty: None }
    }

    /// Returns the value when it is whole.
    pub(crate) fn integer(&self) -> Option<BigInt> {
        self.value.is_integer().then(|| self.value.to_integer())
    }
}

/// Reads a decimal literal with checked digits. None when it is out of every range.
pub(crate) fn parse_decimal(text: &str, unit: Option<Unit>) -> Option<Rational> {
    let text: String = text.chars().filter(|c| *c != '_').collect();
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => (m.to_owned(), e.parse::<i64>().unwrap_or(i64::MAX)),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((&mantissa, ""));
    let digits = format!("0{whole}{fraction}");
    if digits.bytes().all(|b| b == b'0') {
        return Some(Rational::new(BigRational::zero()));
    }
    if digits.len() > 1300 || exponent.unsigned_abs() > 1300 {
        return None;
    }
    let value: BigInt = digits.parse().ok()?;
    let shift = exponent - fraction.len() as i64;
    // As in solc: a power above 0 makes the numerator longer, one below it the denominator.
    let size = if exponent < 0 { tens_bits(fraction.len() as u64) + 1 } else { value.bits() };
    if size + tens_bits(exponent.unsigned_abs()) > BITS_MAX {
        return None;
    }
    let value = BigRational::from(value) * power_of_ten(shift)?;
    Some(Rational::new(value * unit_factor(unit)))
}

/// Returns how many bits a number grows by that is multiplied by a power of ten.
fn tens_bits(exponent: u64) -> u64 {
    exponent.saturating_mul(33_219_281) / 10_000_000
}

/// Reads a hex literal with checked digits. None when it is out of every range.
pub(crate) fn parse_hex(text: &str, unit: Option<Unit>) -> Option<Rational> {
    let digits: String = text.get(2..)?.chars().filter(|c| *c != '_').collect();
    if digits.len() > 1024 {
        return None;
    }
    let value = BigInt::parse_bytes(digits.as_bytes(), 16)?;
    let hex_bytes = (unit.is_none() && digits.len().is_multiple_of(2)).then_some(digits.len() / 2);
    Some(Rational { value: BigRational::from(value) * unit_factor(unit), hex_bytes, ty: None })
}

/// Is true for a hex literal that stands for an address: one of 40 digits.
pub(crate) fn is_address(text: &str) -> bool {
    text.len() == 42 && !text.contains('_')
}

fn power_of_ten(exponent: i64) -> Option<BigRational> {
    let power = BigRational::from(BigInt::from(10).pow(u32::try_from(exponent.unsigned_abs()).ok()?));
    Some(if exponent < 0 { power.recip() } else { power })
}

fn unit_factor(unit: Option<Unit>) -> BigRational {
    let whole: u64 = match unit {
        None | Some(Unit::Wei | Unit::Seconds) => 1,
        Some(Unit::Gwei) => 1_000_000_000,
        Some(Unit::Ether) => 1_000_000_000_000_000_000,
        Some(Unit::Minutes) => 60,
        Some(Unit::Hours) => 3_600,
        Some(Unit::Days) => 86_400,
        Some(Unit::Weeks) => 604_800,
        Some(Unit::Years) => 31_536_000,
        Some(Unit::BasisPoints) => return BigRational::new(1.into(), 10_000.into()),
        Some(Unit::Percent) => return BigRational::new(1.into(), 100.into()),
    };
    BigRational::from(BigInt::from(whole))
}

/// Says why literal arithmetic has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The operator does not apply to these values.
    Operator,
    /// Division or remainder by zero.
    DivisionByZero,
    /// The result is out of every range.
    TooLarge,
}

/// Computes `a op b`; comparisons are not literal arithmetic.
pub(crate) fn binary(op: BinaryOp, a: &BigRational, b: &BigRational) -> Result<BigRational, Fault> {
    let result = match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div if b.is_zero() => return Err(Fault::DivisionByZero),
        BinaryOp::Mod if b.is_zero() => return Err(Fault::DivisionByZero),
        BinaryOp::Div => a / b,
        BinaryOp::Mod => a - b * (a / b).trunc(),
        BinaryOp::Exp => power(a, b)?,
        BinaryOp::Shl => shift(a, b, true)?,
        BinaryOp::Shr => shift(a, b, false)?,
        BinaryOp::BitAnd => bits(a, b, |x, y| x & y)?,
        BinaryOp::BitOr => bits(a, b, |x, y| x | y)?,
        BinaryOp::BitXor => bits(a, b, |x, y| x ^ y)?,
        _ => return Err(Fault::Operator),
    };
    bounded(result)
}

/// Computes `~a`.
pub(crate) fn bit_not(a: &BigRational) -> Result<BigRational, Fault> {
    if !a.is_integer() {
        return Err(Fault::Operator);
    }
    Ok(BigRational::from(-a.to_integer() - BigInt::one()))
}

fn bounded(value: BigRational) -> Result<BigRational, Fault> {
    let fits = value.numer().bits() <= BITS_MAX && value.denom().bits() <= BITS_MAX;
    if fits { Ok(value) } else { Err(Fault::TooLarge) }
}

fn power(a: &BigRational, b: &BigRational) -> Result<BigRational, Fault> {
    if !b.is_integer() {
        return Err(Fault::Operator);
    }
    let negative = b.is_negative();
    if a.is_zero() && negative {
        return Err(Fault::DivisionByZero);
    }
    if a.abs().is_one() || a.is_zero() {
        let odd = (b.to_integer() % BigInt::from(2)) != BigInt::zero();
        let one = BigRational::one();
        return Ok(match (b.is_zero(), odd) {
            (true, _) => one,
            (_, true) => a.clone(),
            _ => a * a,
        });
    }
    let exponent = b.to_integer().abs().to_u32().ok_or(Fault::TooLarge)?;
    let size = a.numer().bits().max(a.denom().bits());
    if size.saturating_mul(u64::from(exponent)) > 2 * BITS_MAX {
        return Err(Fault::TooLarge);
    }
    let raised = BigRational::new_raw(a.numer().pow(exponent), a.denom().pow(exponent));
    Ok(if negative { raised.recip() } else { raised })
}

fn shift(a: &BigRational, b: &BigRational, left: bool) -> Result<BigRational, Fault> {
    if !a.is_integer() || !b.is_integer() || b.is_negative() {
        return Err(Fault::Operator);
    }
    let amount = b.to_integer().to_u32().ok_or(Fault::TooLarge)?;
    let value = a.to_integer();
    if left {
        if a.is_zero() {
            return Ok(a.clone());
        }
        if u64::from(amount) + value.bits() > BITS_MAX {
            return Err(Fault::TooLarge);
        }
        return Ok(BigRational::from(value << amount));
    }
    // BigInt's shift rounds towards minus infinity, as solc's does.
    Ok(BigRational::from(value >> amount.min(2 * BITS_MAX as u32)))
}

fn bits(
    a: &BigRational,
    b: &BigRational,
    op: impl Fn(BigInt, BigInt) -> BigInt,
) -> Result<BigRational, Fault> {
    if !a.is_integer() || !b.is_integer() {
        return Err(Fault::Operator);
    }
    Ok(BigRational::from(op(a.to_integer(), b.to_integer())))
}

/// Is true when a whole value fits an integer type.
pub(crate) fn fits(value: &BigInt, signed: bool, bits: u16) -> bool {
    if !signed {
        return !value.is_negative() && value.bits() <= u64::from(bits);
    }
    let bits = u64::from(bits);
    if value.is_negative() { (value + BigInt::one()).bits() < bits } else { value.bits() < bits }
}

/// Returns the smallest integer type that holds a whole value: (signed, bits). None beyond 256 bits.
pub(crate) fn smallest_type(value: &BigInt) -> Option<(bool, u16)> {
    let signed = value.is_negative();
    (1..=32u16).map(|bytes| (signed, bytes * 8)).find(|(signed, bits)| fits(value, *signed, *bits))
}

/// Returns a whole value as a 256-bit two's complement word. The value fits some 256-bit type.
pub(crate) fn to_word(value: &BigInt) -> U256 {
    let magnitude: &BigUint = value.magnitude();
    let mut word = U256::ZERO;
    for (i, limb) in magnitude.to_u64_digits().into_iter().take(4).enumerate() {
        word |= U256::from(limb) << (64 * i);
    }
    if value.sign() == Sign::Minus { word.wrapping_neg() } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> BigRational {
        parse_decimal(text, None).unwrap().value
    }

    #[test]
    fn literals_are_exact() {
        assert_eq!(dec("1.5e3"), dec("1500"));
        assert_eq!(dec(".5"), BigRational::new(1.into(), 2.into()));
        assert_eq!(binary(BinaryOp::Div, &dec("5"), &dec("2")), Ok(dec("2.5")));
        assert_eq!(binary(BinaryOp::Mod, &-dec("5"), &dec("3")), Ok(-dec("2")));
        assert_eq!(binary(BinaryOp::Exp, &dec("2"), &-dec("2")), Ok(dec("0.25")));
        assert_eq!(binary(BinaryOp::Div, &dec("5"), &dec("0")), Err(Fault::DivisionByZero));
        assert_eq!(binary(BinaryOp::Exp, &dec("10"), &dec("9999")), Err(Fault::TooLarge));
        assert_eq!(binary(BinaryOp::Exp, &dec("1"), &dec("99999999999999")), Ok(dec("1")));
        assert_eq!(binary(BinaryOp::Shr, &-dec("5"), &dec("1")), Ok(-dec("3")));
    }

    #[test]
    fn ranges_are_those_of_the_types() {
        let n = |v: i64| BigInt::from(v);
        assert_eq!(smallest_type(&n(255)), Some((false, 8)));
        assert_eq!(smallest_type(&n(256)), Some((false, 16)));
        assert_eq!(smallest_type(&n(-128)), Some((true, 8)));
        assert_eq!(smallest_type(&n(-129)), Some((true, 16)));
        assert!(!fits(&n(-1), false, 256));
        assert_eq!(to_word(&n(-1)), U256::MAX);
    }
}
