//! Is what a block holds so far: its transactions and their receipts.

use super::Ending;
use crate::{
    receipt::{FiringReceipt, Receipt},
    tx::Transaction,
};
use alloy_eips::eip2718::Typed2718;
use alloy_primitives::B256;

/// Is what a block holds so far.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) height: u64,
    pub(super) gas_used: u64,
    pub(super) transactions: Vec<Transaction>,
    pub(super) receipts: Vec<Receipt>,
    /// How long the cascade is that each transaction is part of; zero for a user's.
    pub(super) depths: Vec<u32>,
}

impl Record {
    pub(super) fn new(height: u64) -> Self {
        Self { height, gas_used: 0, transactions: Vec::new(), receipts: Vec::new(), depths: Vec::new() }
    }

    /// Makes room for so many more transactions.
    pub(super) fn expect(&mut self, transactions: usize) {
        self.transactions.reserve(transactions);
        self.receipts.reserve(transactions);
        self.depths.reserve(transactions);
    }

    /// Adds a user's transaction.
    pub(super) fn user(&mut self, tx: Transaction, hash: B256, ending: Ending, gas_used: u64) {
        self.push(tx, hash, ending, gas_used, None);
        self.depths.push(0);
    }

    /// Adds a firing, `depth` steps down its cascade.
    pub(super) fn firing(&mut self, tx: Transaction, ending: Ending, firing: FiringReceipt, depth: u32) {
        let (hash, gas_used) = (tx.hash(), firing.gas_used);
        self.push(tx, hash, ending, gas_used, Some(firing.into()));
        self.depths.push(depth);
    }

    fn push(
        &mut self,
        tx: Transaction,
        tx_hash: B256,
        ending: Ending,
        gas_used: u64,
        firing: Option<Box<FiringReceipt>>,
    ) {
        self.gas_used = self.gas_used.saturating_add(gas_used);
        self.receipts.push(Receipt {
            tx_hash,
            tx_type: tx.ty(),
            block: self.height,
            index: self.receipts.len() as u64,
            from: tx.sender(),
            to: tx.to(),
            success: ending.success,
            gas_used,
            cumulative_gas_used: self.gas_used,
            logs: ending.logs,
            created: ending.created,
            output: ending.output,
            halt: ending.halt,
            firing,
        });
        self.transactions.push(tx);
    }
}
