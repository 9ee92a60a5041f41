//! Divides nodes and transactions into groups (whitepaper 5.4; design 10).

use crate::tx::Transaction;
use alloy_primitives::{Address, B256, U256, keccak256};

/// Returns the group of a sender's transactions among `groups`: `keccak256(sender) mod groups`. All of a sender's
/// transactions are in one group, so that nonces follow each other. 0 groups count as 1.
pub fn group_of_sender(sender: Address, groups: u32) -> u32 {
    remainder(keccak256(sender), groups)
}

/// Returns the group of a node among `groups`: `keccak256(seed ‖ public key) mod groups`.
pub fn group_of_node(seed: B256, public_key: &[u8], groups: u32) -> u32 {
    let mut input = seed.to_vec();
    input.extend_from_slice(public_key);
    remainder(keccak256(input), groups)
}

/// Divides transactions into `groups`, keeping their order within each.
pub fn split(transactions: Vec<Transaction>, groups: u32) -> Vec<Vec<Transaction>> {
    let mut divided = Vec::new();
    divided.resize_with(groups.max(1) as usize, Vec::new);
    for tx in transactions {
        let group = group_of_sender(tx.sender(), groups) as usize;
        if let Some(members) = divided.get_mut(group) {
            members.push(tx);
        }
    }
    divided
}

fn remainder(hash: B256, groups: u32) -> u32 {
    let rest = U256::from_be_bytes(hash.0).checked_rem(U256::from(groups.max(1))).unwrap_or_default();
    u32::try_from(rest).unwrap_or_default()
}
