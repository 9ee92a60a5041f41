//! Names what a transaction touches.

use alloy_primitives::{Address, U256};

/// Is one thing that transactions read and write. Whoever reads a word of an account also reads the account, so an
/// account that comes into being or goes stands for its storage too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// Balance, nonce and code of an account, and whether it exists.
    Account(Address),
    /// A word of its storage.
    Word(Address, U256),
}
