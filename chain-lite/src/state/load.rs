//! Fills a state from a store; nothing of it can be undone.

use super::{Head, State};
use alloy_primitives::{Address, B256, U256};
use revm::bytecode::Bytecode;

impl State {
    /// Puts an account without its storage.
    pub(crate) fn load_head(&mut self, address: Address, head: Head) {
        self.put_head(address, Some(head));
    }

    /// Puts a storage word; the account has to be there. Returns whether it is.
    pub(crate) fn load_word(&mut self, address: Address, key: U256, value: U256) -> bool {
        let known = self.accounts.contains_key(&address);
        if known {
            self.put_word(address, key, value);
        }
        known
    }

    /// Keeps code.
    pub(crate) fn load_code(&mut self, hash: B256, code: Bytecode) {
        self.put_code(hash, code);
    }

    /// Says whether the code of every account is there.
    pub(crate) fn codes_complete(&self) -> bool {
        let known = |head: &Head| {
            head.code_hash == alloy_primitives::KECCAK256_EMPTY || self.codes.contains_key(&head.code_hash)
        };
        self.accounts.values().all(|entry| known(&entry.head))
    }

    /// Replaces the hashes of recent blocks; `first` is the height of the first of `hashes`.
    pub(crate) fn load_block_hashes(&mut self, first: u64, hashes: Vec<B256>) {
        self.hashes.replace(first, hashes);
    }
}
