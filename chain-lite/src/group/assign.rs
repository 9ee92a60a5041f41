//! Divides nodes and transactions into groups (whitepaper 5.4; design 10).

use crate::tx::Transaction;
pub use fusor_vm::hhcm::{group_of_node, group_of_sender};

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
