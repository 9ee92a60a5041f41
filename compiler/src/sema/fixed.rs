//! Knows which numbers and types fit fixed-point types. They are checked as in solc; code is made for them by no
//! compiler.

use super::rational::{self, Rational};
use crate::hir::Ty;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed};

/// Is the largest number of digits behind the point.
const DECIMALS_MAX: u8 = 80;

/// Returns a number in units of a fixed-point type's last digit, when the type holds it exactly.
pub(super) fn scaled(n: &Rational, ty: &Ty) -> Option<BigInt> {
    let Ty::Fixed { signed, bits, decimals } = ty else { return None };
    let units = &n.value * ten_to(*decimals);
    let whole = units.is_integer().then(|| units.to_integer())?;
    rational::fits(&whole, *signed, *bits).then_some(whole)
}

/// Returns the smallest type that holds a number that is not whole, cut to as many digits as a type can have.
pub(super) fn smallest_type(n: &Rational) -> Option<Ty> {
    let signed = n.value.is_negative();
    let limit = BigRational::from(BigInt::one() << if signed { 255u32 } else { 256 });
    let mut value = n.value.abs();
    let mut decimals = 0;
    while !value.is_integer() && decimals < DECIMALS_MAX && &value * ten_to(1) < limit {
        value *= ten_to(1);
        decimals += 1;
    }
    let units = if signed { -value.to_integer() } else { value.to_integer() };
    let bits = (1..=32u16).map(|bytes| bytes * 8).find(|bits| rational::fits(&units, signed, *bits))?;
    Some(Ty::Fixed { signed, bits, decimals })
}

/// Is true when a fixed-point type holds every value of an integer or fixed-point type.
pub(super) fn holds(to: &Ty, from: &Ty) -> bool {
    let Ty::Fixed { signed, bits, decimals } = to else { return false };
    let (own_sign, own_bits, own_decimals) = match from {
        Ty::Int { signed, bits } => (*signed, *bits, 0),
        Ty::Fixed { signed, bits, decimals } => (*signed, *bits, *decimals),
        _ => return false,
    };
    if own_decimals > *decimals || (own_sign && !signed) {
        return false;
    }
    let top = |signed: bool, bits: u16| BigRational::from(BigInt::one() << (bits - u16::from(signed)));
    top(own_sign, own_bits) / ten_to(own_decimals) <= top(*signed, *bits) / ten_to(*decimals)
}

fn ten_to(exponent: u8) -> BigRational {
    BigRational::from(BigInt::from(10).pow(u32::from(exponent)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Rational {
        rational::parse_decimal(text, None).unwrap()
    }

    fn ty(signed: bool, bits: u16, decimals: u8) -> Ty {
        Ty::Fixed { signed, bits, decimals }
    }

    #[test]
    fn numbers_take_the_smallest_type() {
        assert_eq!(smallest_type(&number("0.5")), Some(ty(false, 8, 1)));
        assert_eq!(smallest_type(&number("3.25")), Some(ty(false, 16, 2)));
        assert_eq!(scaled(&number("2.55"), &ty(false, 8, 2)), Some(BigInt::from(255)));
        assert_eq!(scaled(&number("2.56"), &ty(false, 8, 2)), None);
        assert_eq!(scaled(&number("0.125"), &ty(false, 256, 2)), None);
    }

    #[test]
    fn types_convert_when_nothing_is_lost() {
        let int = |signed, bits| Ty::Int { signed, bits };
        assert!(holds(&ty(false, 16, 1), &int(false, 8)));
        assert!(!holds(&ty(false, 8, 1), &int(false, 8)));
        assert!(!holds(&ty(false, 256, 1), &int(true, 8)));
        assert!(holds(&ty(true, 128, 18), &ty(false, 8, 2)));
        assert!(!holds(&ty(true, 128, 1), &ty(false, 8, 2)));
    }
}
