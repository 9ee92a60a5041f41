//! Reads chain and state as one commit left them, for as long as the reader likes; writes go on meanwhile.

use super::{
    ChainHead, Store, StoreError,
    query::opaque,
    record::{self, Place},
    table::{
        ACCOUNTS, BLOCKS, CERTIFICATES, CODES, HASHES, HEAD_KEY, HEIGHTS, META, PLACES, RECEIPTS,
        TRANSACTIONS, Table, WORDS,
    },
};
use crate::{receipt::Receipt, state::Head, tx::Transaction};
use alloy_primitives::{Address, B256, KECCAK256_EMPTY, U256};
use redb::{ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable};
use revm::bytecode::Bytecode;
use std::fmt;

/// Is a table of a reading.
type Rows = ReadOnlyTable<&'static [u8], &'static [u8]>;

/// Is the chain up to one block, with the state after it. What is written later is not seen, and does not wait; the
/// file keeps what was overwritten until the reading is dropped.
pub struct Reading {
    tx: ReadTransaction,
    accounts: Rows,
    words: Rows,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").finish_non_exhaustive()
    }
}

impl Store {
    /// Begins to read the last commit.
    pub fn read(&self) -> Result<Reading, StoreError> {
        let tx = self.db.begin_read()?;
        Ok(Reading { accounts: tx.open_table(ACCOUNTS)?, words: tx.open_table(WORDS)?, tx })
    }
}

impl Reading {
    /// Returns the newest block; none before block 0.
    pub fn head(&self) -> Result<Option<ChainHead>, StoreError> {
        self.get(META, HEAD_KEY, record::head)
    }

    /// Returns an account without its storage; none if it does not exist.
    pub fn account(&self, address: Address) -> Result<Option<Head>, StoreError> {
        self.accounts.get(address.as_slice())?.map(|raw| record::account(raw.value())).transpose()
    }

    /// Returns a storage word.
    pub fn word(&self, address: Address, key: U256) -> Result<U256, StoreError> {
        let raw = self.words.get(record::word_key_bytes(address, key).as_slice())?;
        raw.map_or(Ok(U256::ZERO), |raw| record::word(raw.value()))
    }

    /// Returns the code with a hash; empty if there is none.
    pub fn code(&self, hash: B256) -> Result<Bytecode, StoreError> {
        if hash == KECCAK256_EMPTY {
            return Ok(Bytecode::default());
        }
        Ok(self.get(CODES, hash.as_slice(), |raw| record::code(hash, raw))?.unwrap_or_default())
    }

    /// Returns a block in the caller's encoding.
    pub fn block(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(BLOCKS, &height.to_be_bytes(), opaque)
    }

    /// Returns the height of the first block; not 0 if the chain here began with a snapshot.
    pub fn first_block(&self) -> Result<Option<u64>, StoreError> {
        let blocks = self.tx.open_table(BLOCKS)?;
        let first = blocks.first()?;
        first.map(|(key, _)| record::height(key.value())).transpose()
    }

    /// Returns the finality certificate of a block in the caller's encoding, where it was given with the block.
    pub fn certificate(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(CERTIFICATES, &height.to_be_bytes(), opaque)
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

    pub(super) fn get<T>(
        &self,
        table: Table,
        key: &[u8],
        decode: impl FnOnce(&[u8]) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let table = self.tx.open_table(table)?;
        table.get(key)?.map(|raw| decode(raw.value())).transpose()
    }

    pub(super) fn at_place<T>(
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
        let table = self.tx.open_table(table)?;
        let (first, last): (Place, Place) = ((height, 0), (height, u32::MAX));
        let (first, last) = (record::place_bytes(first), record::place_bytes(last));
        table.range::<&[u8]>(&first[..]..=&last[..])?.map(|entry| decode(entry?.1.value())).collect()
    }
}
