//! Divides nodes and transactions into groups (whitepaper 5.4; design 10).

use super::threads::each;
use crate::tx::Transaction;
pub use fusor_vm::hhcm::{group_of_node, group_of_sender};

/// Divides transactions into `groups`, keeping their order within each.
pub fn split(transactions: Vec<Transaction>, groups: u32, threads: usize) -> Vec<Vec<Transaction>> {
    let part = transactions.len().div_ceil(threads.max(1)).max(1);
    let places = each(threads, transactions.chunks(part).collect(), |part: &[Transaction]| {
        part.iter().map(|tx| group_of_sender(tx.sender(), groups)).collect::<Vec<_>>()
    });
    let mut divided = Vec::new();
    divided.resize_with(groups.max(1) as usize, Vec::new);
    for (tx, group) in transactions.into_iter().zip(places.into_iter().flatten()) {
        if let Some(members) = divided.get_mut(group as usize) {
            members.push(tx);
        }
    }
    divided
}
