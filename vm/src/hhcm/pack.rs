//! Packs two amounts into a word, multiplies and divides them without overflow.

use crate::fault::Fault;
use alloy_primitives::U256;

/// Packs two amounts, the first in the low half.
pub(super) fn pair(low: u128, high: u128) -> U256 {
    U256::from(low) | U256::from(high) << 128
}

/// Reads what [`pair`] packed.
pub(super) fn halves(word: U256) -> (u128, u128) {
    let low: U256 = word & U256::from(u128::MAX);
    let high: U256 = word >> 128;
    (low.saturating_to(), high.saturating_to())
}

/// Packs four numbers, the first in the lowest bits.
pub(super) fn lanes(lanes: [u64; 4]) -> U256 {
    U256::from_limbs(lanes)
}

/// Returns `a * b / c`, rounded down; 0 for a `c` of 0, the largest amount where the result does not fit.
pub(super) fn share(a: u128, b: u128, c: u128) -> u128 {
    let product: U256 = U256::from(a) * U256::from(b);
    product.checked_div(U256::from(c)).unwrap_or_default().saturating_to()
}

/// Returns `a * b / c`, rounded up; 0 for a `c` of 0.
pub(super) fn share_up(a: u128, b: u128, c: u128) -> u128 {
    let product: U256 = U256::from(a) * U256::from(b);
    let (c, one) = (U256::from(c), U256::ONE);
    match c.is_zero() || product.is_zero() {
        true => 0,
        false => ((product - one) / c + one).saturating_to(),
    }
}

/// Reads an amount of wei; more than 2^128 - 1 is misuse.
pub(super) fn amount(value: U256) -> Result<u128, Fault> {
    u128::try_from(value).map_err(|_| Fault::Misuse("amount above 2^128 - 1"))
}

/// Adds amounts of wei; a sum above 2^128 - 1 is misuse.
pub(super) fn plus(a: u128, b: u128) -> Result<u128, Fault> {
    a.checked_add(b).ok_or(Fault::Misuse("amount above 2^128 - 1"))
}

/// Subtracts amounts of wei that the books must hold.
pub(super) fn minus(a: u128, b: u128) -> Result<u128, Fault> {
    a.checked_sub(b).ok_or(Fault::Misuse("books of the stake do not add up"))
}
