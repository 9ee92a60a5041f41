//! Answers questions about the stored chain; each reads the last commit.

use super::{
    ChainHead, Store, StoreError, record,
    table::{CERTIFICATES, PACKAGES, RECEIPTS, TRANSACTIONS, Table},
};
use crate::{receipt::Receipt, tx::Transaction};
use alloy_primitives::B256;

impl Store {
    /// Returns the newest block; none before block 0.
    pub fn head(&self) -> Result<Option<ChainHead>, StoreError> {
        self.read()?.head()
    }

    /// Returns a block in the caller's encoding.
    pub fn block(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.read()?.block(height)
    }

    /// Returns the hash of a block.
    pub fn hash(&self, height: u64) -> Result<Option<B256>, StoreError> {
        self.read()?.hash(height)
    }

    /// Returns the height of a block.
    pub fn height(&self, hash: B256) -> Result<Option<u64>, StoreError> {
        self.read()?.height(hash)
    }

    /// Returns the transactions of a block in order; none if the block is not there.
    pub fn transactions(&self, height: u64) -> Result<Vec<Transaction>, StoreError> {
        self.read()?.transactions(height)
    }

    /// Returns the receipts of a block in order; none if the block is not there.
    pub fn receipts(&self, height: u64) -> Result<Vec<Receipt>, StoreError> {
        self.read()?.receipts(height)
    }

    /// Finds a transaction: height and position of its last inclusion. A firing that repeats an earlier one byte
    /// for byte has its hash.
    pub fn place(&self, hash: B256) -> Result<Option<(u64, u32)>, StoreError> {
        self.read()?.place(hash)
    }

    /// Returns a transaction.
    pub fn transaction(&self, hash: B256) -> Result<Option<Transaction>, StoreError> {
        self.read()?.at_place(hash, TRANSACTIONS, record::transaction)
    }

    /// Returns the receipt of a transaction.
    pub fn receipt(&self, hash: B256) -> Result<Option<Receipt>, StoreError> {
        self.read()?.at_place(hash, RECEIPTS, record::receipt)
    }

    /// Returns the finality certificate of a block in the caller's encoding.
    pub fn certificate(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(CERTIFICATES, &height.to_be_bytes(), opaque)
    }

    /// Returns a package in the caller's encoding.
    pub fn package(&self, digest: B256) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(PACKAGES, digest.as_slice(), opaque)
    }

    pub(super) fn get<T>(
        &self,
        table: Table,
        key: &[u8],
        decode: impl FnOnce(&[u8]) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.read()?.get(table, key, decode)
    }
}

pub(super) fn opaque(raw: &[u8]) -> Result<Vec<u8>, StoreError> {
    Ok(raw.to_vec())
}
