//! Writes and reads the calls of ERC-20 that are used.

use alloy_primitives::{Address, U256};

/// `transfer(address,uint256)`.
const TRANSFER: [u8; 4] = [0xa9, 0x05, 0x9c, 0xbb];

/// Writes a call of `transfer`.
pub(super) fn transfer(to: Address, amount: U256) -> Vec<u8> {
    [&TRANSFER[..], to.into_word().as_slice(), &amount.to_be_bytes::<32>()].concat()
}

/// Reads a call of `transfer` in its one canonical form.
pub(super) fn read_transfer(data: &[u8]) -> Option<(Address, U256)> {
    let (to, amount) = (data.get(16..36)?, data.get(36..68)?);
    let (to, amount) = (Address::from_slice(to), U256::from_be_slice(amount));
    (transfer(to, amount) == data).then_some((to, amount))
}

/// Says whether what `transfer` returned means success: nothing, or a word that is 1. Older tokens return nothing.
pub(super) fn means_success(returned: &[u8]) -> bool {
    returned.is_empty()
        || <[u8; 32]>::try_from(returned).is_ok_and(|word| U256::from_be_bytes(word) == U256::from(1))
}
