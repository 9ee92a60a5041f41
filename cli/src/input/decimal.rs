//! Parses decimals into integers of 18 decimal places without ever touching a float.

use alloy_primitives::{I256, U256};
use thiserror::Error;

/// Is the number of decimal places of every fixed-point value.
pub(crate) const PLACES: i64 = 18;

/// Says why a text is not an 18-decimal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum DecimalError {
    #[error("not a decimal number")]
    Malformed,
    #[error("more than 18 decimal places")]
    TooFine,
    #[error("too large")]
    TooLarge,
}

/// Says what to do with digits past the 18th decimal place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Excess {
    /// Refuses them, unless they are zeros.
    Refuse,
    /// Drops them: at most 1e-18 is lost, ten orders below the tolerance of any comparison.
    Drop,
}

/// Parses `text` (blanks around it allowed, exponent allowed) exactly into units of 1e-18.
pub(crate) fn parse(text: &str, excess: Excess) -> Result<I256, DecimalError> {
    let (negative, digits, exponent) = split(text.trim())?;
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Ok(I256::ZERO);
    }
    let magnitude = scale(significant, exponent.checked_add(PLACES).ok_or(DecimalError::TooLarge)?, excess)?;
    let value = I256::try_from(magnitude).map_err(|_| DecimalError::TooLarge)?;
    Ok(if negative { -value } else { value })
}

/// Splits into sign, all digits without the point, and the power of ten of the last digit.
fn split(text: &str) -> Result<(bool, String, i64), DecimalError> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, exponent.parse::<i32>().map_err(|_| DecimalError::Malformed)?)
        }
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DecimalError::Malformed);
    }
    let shift = i64::try_from(fraction.len()).map_err(|_| DecimalError::TooFine)?;
    Ok((negative, digits, i64::from(exponent) - shift))
}

/// Multiplies the digits by ten to the `power`, dropping or refusing what falls below one.
fn scale(digits: &str, power: i64, excess: Excess) -> Result<U256, DecimalError> {
    let mut text = digits.to_string();
    if power >= 0 {
        if power > 80 {
            return Err(DecimalError::TooLarge);
        }
        text.extend(std::iter::repeat_n('0', usize::try_from(power).unwrap_or(80)));
    } else {
        let cut = usize::try_from(-power).unwrap_or(usize::MAX);
        let dropped = text.split_off(text.len().saturating_sub(cut));
        if excess == Excess::Refuse && dropped.bytes().any(|b| b != b'0') {
            return Err(DecimalError::TooFine);
        }
    }
    if text.is_empty() {
        return Ok(U256::ZERO);
    }
    U256::from_str_radix(&text, 10).map_err(|_| DecimalError::TooLarge)
}

/// Writes an 18-decimal integer as a decimal without trailing zeros.
pub(crate) fn show(value: I256) -> String {
    let sign = if value.is_negative() { "-" } else { "" };
    format!("{sign}{}", show_units(value.unsigned_abs(), 18))
}

/// Writes an amount of base units with `decimals` places, without trailing zeros.
pub(crate) fn show_units(amount: U256, decimals: u8) -> String {
    let places = usize::from(decimals);
    let digits = amount.to_string();
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { whole.to_string() } else { format!("{whole}.{fraction}") }
}

/// Says whether `actual` lies within 1e-8 absolute plus 1e-8 relative of `expected`.
pub(crate) fn agrees(actual: I256, expected: I256) -> bool {
    let absolute = U256::from(10_000_000_000u64);
    let relative = expected.unsigned_abs() / U256::from(100_000_000u64);
    match actual.checked_sub(expected) {
        Some(difference) => difference.unsigned_abs() <= absolute.saturating_add(relative),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(parse(text, Excess::Refuse).map(show), Ok(expected.to_string()), "{text}");
    }

    #[test]
    fn reads_exactly() {
        check("  3000", "3000");
        check("   0", "0");
        check("-200", "-200");
        check("25.4794520547945", "25.4794520547945");
        check("0.015938271604938273", "0.015938271604938273");
        check("1e-3", "0.001");
        check("-1.50E2", "-150");
        check("1.000000000000000000000", "1");
        check(".5", "0.5");
        assert_eq!(parse("1", Excess::Refuse), Ok(I256::try_from(1_000_000_000_000_000_000u64).unwrap()));
    }

    #[test]
    fn refuses_what_it_cannot_hold() {
        for text in ["", "-", ".", "1.2.3", "1 2", "0x10", "1e", "NaN", "1_000"] {
            assert_eq!(parse(text, Excess::Refuse), Err(DecimalError::Malformed), "{text}");
        }
        assert_eq!(parse("1e-19", Excess::Refuse), Err(DecimalError::TooFine));
        assert_eq!(parse("1e-19", Excess::Drop), Ok(I256::ZERO));
        assert_eq!(parse("1e60", Excess::Refuse), Err(DecimalError::TooLarge));
        assert_eq!(parse("1e2000000000", Excess::Refuse), Err(DecimalError::TooLarge));
        assert_eq!(parse("1e-2000000000", Excess::Drop), Ok(I256::ZERO));
    }

    #[test]
    fn compares_absolute_plus_relative() {
        let number = |text| parse(text, Excess::Refuse).unwrap();
        assert!(agrees(number("0.00000001"), number("0")));
        assert!(!agrees(number("0.000000010000000001"), number("0")));
        assert!(agrees(number("3000.00003001"), number("3000")));
        assert!(!agrees(number("3000.00003002"), number("3000")));
        assert!(!agrees(number("-3000"), number("3000")));
    }

    #[test]
    fn shows_units() {
        assert_eq!(show_units(U256::from(1_250_000u64), 6), "1.25");
        assert_eq!(show_units(U256::from(7), 0), "7");
        assert_eq!(show_units(U256::from(1), 18), "0.000000000000000001");
    }
}
