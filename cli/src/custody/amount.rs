//! Reads and shows amounts of coins exactly.

use crate::input::decimal::{self, Excess};
use alloy_primitives::U256;

/// Is the most decimals that a coin has.
pub(crate) const DECIMALS_MAX: u8 = 18;

/// Reads a decimal number of coins into smallest units. Errors: no number, less than zero, or more decimal places than
/// the coin has.
pub(crate) fn read(text: &str, decimals: u8) -> Result<U256, String> {
    let value = decimal::parse(text, Excess::Refuse).map_err(|error| format!("`{text}`: {error}"))?;
    if value.is_negative() {
        return Err(format!("`{text}` is less than zero"));
    }
    let unit = U256::from(10).pow(U256::from(DECIMALS_MAX.saturating_sub(decimals)));
    match value.unsigned_abs().div_rem(unit) {
        (units, rest) if rest.is_zero() => Ok(units),
        _ => Err(format!("`{text}` has more than {decimals} decimals")),
    }
}

/// Shows smallest units as a decimal number of coins with the coin's name.
pub(crate) fn show(units: U256, decimals: u8, name: &str) -> String {
    format!("{} {name}", decimal::show_units(units, decimals))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_coin_can_hold_and_nothing_else() {
        assert_eq!(read("0.5", 8), Ok(U256::from(50_000_000)));
        assert_eq!(read("21000000", 8), Ok(U256::from(2_100_000_000_000_000u64)));
        assert_eq!(read("0.000000000000000001", 18), Ok(U256::ONE));
        assert_eq!(read("7", 0), Ok(U256::from(7)));
        assert_eq!(read("1.500", 1), Ok(U256::from(15)));
        assert_eq!(read("0.000000001", 8), Err("`0.000000001` has more than 8 decimals".into()));
        assert_eq!(read("0.5", 0), Err("`0.5` has more than 0 decimals".into()));
        assert_eq!(read("-1", 8), Err("`-1` is less than zero".into()));
        assert_eq!(read("half", 8), Err("`half`: not a decimal number".into()));
    }

    #[test]
    fn shows_what_it_read() {
        for text in ["0.5", "1", "0.00000001", "12345.678"] {
            assert_eq!(show(read(text, 8).unwrap(), 8, "LTC"), format!("{text} LTC"));
        }
    }
}
