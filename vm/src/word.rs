//! Packs and unpacks the fields of a storage word.

use alloy_primitives::{Address, U256};

/// Returns the `bits` bits of `word` from bit `low` on.
pub(crate) fn field(word: U256, low: usize, bits: usize) -> U256 {
    let shifted: U256 = word >> low;
    match bits >= 256 {
        true => shifted,
        false => shifted & ((U256::ONE << bits) - U256::ONE),
    }
}

/// Returns the field of at most 64 bits from bit `low` on as an integer.
pub(crate) fn small(word: U256, low: usize, bits: usize) -> u64 {
    field(word, low, bits.min(64)).saturating_to()
}

/// Places `value` at bit `low` of a word.
pub(crate) fn at(value: u64, low: usize) -> U256 {
    U256::from(value) << low
}

/// Returns an address as a word, in its low 160 bits.
pub(crate) fn from_address(address: Address) -> U256 {
    address.into_word().into()
}

/// Returns the address in the low 160 bits of a word.
pub(crate) fn to_address(word: U256) -> Address {
    Address::from_word(word.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_round_trip_beside_each_other() {
        let who = Address::repeat_byte(0xee);
        let word = from_address(who) | at(u64::MAX, 160) | at(0xabcd, 240);
        assert_eq!(to_address(word), who);
        assert_eq!(small(word, 160, 64), u64::MAX);
        assert_eq!(small(word, 240, 16), 0xabcd);
        assert_eq!(small(word, 224, 16), 0);
        assert_eq!(field(U256::MAX, 0, 256), U256::MAX);
    }
}
