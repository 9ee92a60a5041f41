//! Names what a transaction touches.

use alloy_primitives::{Address, U256};
use std::hash::{Hash, Hasher};

/// Is one thing that transactions read and write. Whoever reads a word of an account also reads the account, so an
/// account that comes into being or goes stands for its storage too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Balance, nonce and code of an account, and whether it exists.
    Account(Address),
    /// A word of its storage.
    Word(Address, U256),
}

impl Hash for Key {
    // Numbers of fixed size, for a hasher takes longer over slices.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (Self::Account(address) | Self::Word(address, _)) = self;
        let [first @ .., a, b, c, d] = address.into_array();
        state.write_u128(u128::from_ne_bytes(first));
        state.write_u32(u32::from_ne_bytes([a, b, c, d]));
        if let Self::Word(_, word) = self {
            word.as_limbs().iter().for_each(|limb| state.write_u64(*limb));
        }
    }
}
