//! Reads and shows amounts of coin: a decimal and its unit, as `12.5 coins`, `3 gwei` or `7 wei`. Never a float.

use alloy_primitives::U256;
use thiserror::Error;

/// Says why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AmountError {
    /// It is not a decimal and a unit.
    #[error("expected a decimal and a unit")]
    Malformed,
    /// The unit is unknown.
    #[error("expected the unit `coins`, `gwei` or `wei`")]
    Unit,
    /// It has a part smaller than a wei.
    #[error("expected no part smaller than a wei")]
    TooFine,
    /// It exceeds 256 bits.
    #[error("expected less than 2^256 wei")]
    TooLarge,
}

/// Reads an amount into wei. Errors: anything but decimal digits, one point at most, blanks and a unit.
pub fn parse(text: &str) -> Result<U256, AmountError> {
    let mut words = text.split_whitespace();
    let (Some(number), Some(unit), None) = (words.next(), words.next(), words.next()) else {
        return Err(AmountError::Malformed);
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Err(AmountError::Malformed);
    }
    let places = places(unit)?;
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > places {
        return Err(AmountError::TooFine);
    }
    let whole = whole.trim_start_matches('0');
    if whole.len() > 78 {
        return Err(AmountError::TooLarge);
    }
    let all = format!("0{whole}{fraction:0<places$}");
    U256::from_str_radix(&all, 10).map_err(|_| AmountError::TooLarge)
}

fn places(unit: &str) -> Result<usize, AmountError> {
    match unit {
        "coin" | "coins" => Ok(18),
        "gwei" => Ok(9),
        "wei" => Ok(0),
        _ => Err(AmountError::Unit),
    }
}

/// Shows an amount of wei as [`parse`] reads it: in coins, or below a thousandth of one in gwei or wei.
pub fn show(wei: U256) -> String {
    let gwei = U256::from(1_000_000_000u64);
    match wei {
        _ if wei.is_zero() || wei >= U256::from(1_000_000_000_000_000u64) => format!("{} coins", coins(wei)),
        _ if (wei % gwei).is_zero() => format!("{} gwei", wei / gwei),
        _ => format!("{wei} wei"),
    }
}

/// Shows an amount of wei in coins, exactly and without the unit.
pub fn coins(wei: U256) -> String {
    let digits = format!("{:0>19}", wei.to_string());
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(18));
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { whole.to_string() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_units_exactly() {
        let wei = |text| parse(text).map(|wei| wei.to_string());
        assert_eq!(wei("7 wei").as_deref(), Ok("7"));
        assert_eq!(wei(" 1.5  gwei ").as_deref(), Ok("1500000000"));
        assert_eq!(wei("0.000000000000000001 coins").as_deref(), Ok("1"));
        assert_eq!(wei("81920000 coins").as_deref(), Ok("81920000000000000000000000"));
        assert_eq!(wei("1.500000000000000000000 coin").as_deref(), Ok("1500000000000000000"));
    }

    #[test]
    fn refuses_what_is_no_amount() {
        for text in
            ["", "1", "coins", "1e3 coins", "-1 coins", "1. coins", ".5 coins", "1 2 coins", "1,5 coins"]
        {
            assert_eq!(parse(text), Err(AmountError::Malformed), "{text}");
        }
        assert_eq!(parse("1 ether"), Err(AmountError::Unit));
        assert_eq!(parse("0.5 wei"), Err(AmountError::TooFine));
        assert_eq!(parse("0.0000000001 gwei"), Err(AmountError::TooFine));
        assert_eq!(parse(&format!("{} wei", "9".repeat(78))), Err(AmountError::TooLarge));
        assert_eq!(parse(&format!("{} coins", "9".repeat(100_000))), Err(AmountError::TooLarge));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_the_same(limbs: [u64; 4], shift in 0usize..256) {
            let wei = U256::from_limbs(limbs) >> shift;
            prop_assert_eq!(parse(&show(wei)), Ok(wei));
        }
    }
}
