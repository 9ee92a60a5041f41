//! Answers questions about the stored chain.

use super::{
    ChainHead, Store, StoreError,
    record::{self, Place},
    table::{
        BLOCKS, CERTIFICATES, HASHES, HEAD_KEY, HEIGHTS, META, PACKAGES, PLACES, RECEIPTS, TRANSACTIONS,
        Table,
    },
};
use crate::{receipt::Receipt, tx::Transaction};
use alloy_primitives::B256;
use redb::ReadableDatabase;

impl Store {
    /// Returns the newest block; none before block 0.
    pub fn head(&self) -> Result<Option<ChainHead>, StoreError> {
        self.get(META, HEAD_KEY, record::head)
    }

    /// Returns a block in the caller's encoding.
    pub fn block(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(BLOCKS, &height.to_be_bytes(), opaque)
    }

    /// Returns the hash of a block.
    pub fn hash(&self, height: u64) -> Result<Option<B256>, StoreError> {
        self.get(HASHES, &height.to_be_bytes(), record::hash)
    }

    /// Returns the height of a block.
    pub fn height(&self, hash: B256) -> Result<Option<u64>, StoreError> {
        self.get(HEIGHTS, hash.as_slice(), record::height)
    }

    /// Returns the transactions of a block in order; none if the block is not there.
    pub fn transactions(&self, height: u64) -> Result<Vec<Transaction>, StoreError> {
        self.list(TRANSACTIONS, height, record::transaction)
    }

    /// Returns the receipts of a block in order; none if the block is not there.
    pub fn receipts(&self, height: u64) -> Result<Vec<Receipt>, StoreError> {
        self.list(RECEIPTS, height, record::receipt)
    }

    /// Finds a transaction: height and position of its last inclusion. A firing that repeats an earlier one byte
    /// for byte has its hash.
    pub fn place(&self, hash: B256) -> Result<Option<(u64, u32)>, StoreError> {
        self.get(PLACES, hash.as_slice(), record::place)
    }

    /// Returns a transaction.
    pub fn transaction(&self, hash: B256) -> Result<Option<Transaction>, StoreError> {
        self.at_place(hash, TRANSACTIONS, record::transaction)
    }

    /// Returns the receipt of a transaction.
    pub fn receipt(&self, hash: B256) -> Result<Option<Receipt>, StoreError> {
        self.at_place(hash, RECEIPTS, record::receipt)
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
        let table = self.db.begin_read()?.open_table(table)?;
        table.get(key)?.map(|raw| decode(raw.value())).transpose()
    }

    fn at_place<T>(
        &self,
        hash: B256,
        table: Table,
        decode: impl FnOnce(&[u8]) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match self.place(hash)? {
            Some(place) => self.get(table, &record::place_bytes(place), decode),
            None => Ok(None),
        }
    }

    /// Lists the records of one block.
    fn list<T>(
        &self,
        table: Table,
        height: u64,
        decode: impl Fn(&[u8]) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let table = self.db.begin_read()?.open_table(table)?;
        let (first, last): (Place, Place) = ((height, 0), (height, u32::MAX));
        let (first, last) = (record::place_bytes(first), record::place_bytes(last));
        table.range::<&[u8]>(&first[..]..=&last[..])?.map(|entry| decode(entry?.1.value())).collect()
    }
}

fn opaque(raw: &[u8]) -> Result<Vec<u8>, StoreError> {
    Ok(raw.to_vec())
}
