//! Lists the accounts that the extension needs in a chain's genesis.

use crate::account;
use alloy_primitives::{Address, Bytes};

/// Is an account as genesis holds it; its balance and storage are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenesisAccount {
    /// Where it stands.
    pub address: Address,
    /// Its nonce: 1, or EIP-161 would delete it when touched.
    pub nonce: u64,
    /// Its code: INVALID, which no call reaches because the system precompile answers.
    pub code: Bytes,
}

/// Returns the system accounts in the order of [`account::SYSTEM`].
pub fn genesis_accounts() -> Vec<GenesisAccount> {
    let account = |address| GenesisAccount { address, nonce: 1, code: Bytes::from_static(&[0xfe]) };
    account::SYSTEM.into_iter().map(account).collect()
}
