//! Types a block: Ethereum's header over typed transactions.

use crate::{receipt::Receipt, tx::Transaction};
use alloy_consensus::{Header, proofs::ordered_trie_root_with_encoder};
use alloy_eips::Encodable2718;
use alloy_primitives::{B256, Bloom, U256};
use fusor_vm::account::COLLECTOR;
use revm::context::BlockEnv;

/// Is a sealed block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The header.
    pub header: Header,
    /// Its hash.
    pub hash: B256,
    /// System transactions first, then users'.
    pub transactions: Vec<Transaction>,
}

impl Block {
    /// Seals a block.
    pub fn new(header: Header, transactions: Vec<Transaction>) -> Self {
        let hash = header.hash_slow();
        Self { header, hash, transactions }
    }
}

/// Returns what contracts can read of a block, all of it fixed before the block runs.
pub(crate) fn env_of(header: &Header) -> BlockEnv {
    BlockEnv {
        number: U256::from(header.number),
        beneficiary: COLLECTOR,
        timestamp: U256::from(header.timestamp),
        gas_limit: header.gas_limit,
        basefee: header.base_fee_per_gas.unwrap_or_default(),
        prevrandao: Some(header.mix_hash),
        ..BlockEnv::default()
    }
}

/// Returns the root of a list of transactions, as a header has it.
pub(crate) fn transactions_root(transactions: &[Transaction]) -> B256 {
    ordered_trie_root_with_encoder(transactions, |tx, out| tx.encode_2718(out))
}

/// Returns the transactions root and the receipts root.
pub(crate) fn roots_of(transactions: &[Transaction], receipts: &[Receipt]) -> (B256, B256) {
    let transactions = transactions_root(transactions);
    let receipts = ordered_trie_root_with_encoder(receipts, |receipt, out| receipt.encode_2718(out));
    (transactions, receipts)
}

/// Joins the blooms of all receipts.
pub(crate) fn bloom_of(receipts: &[Receipt]) -> Bloom {
    receipts.iter().flat_map(|receipt| &receipt.logs).collect()
}
