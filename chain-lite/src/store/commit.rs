//! Writes one finalised block with all that it changed, as a whole or not at all.

use super::{
    ChainHead, Store, StoreError,
    record::{self, Place},
    table::{
        ACCOUNTS, BLOCKS, CERTIFICATES, CODES, HASHES, HEAD_KEY, HEIGHTS, META, PACKAGES, PLACES, RECEIPTS,
        TRANSACTIONS, Table, WORDS,
    },
};
use crate::{receipt::Receipt, state::Changeset, tx::Transaction};
use alloy_primitives::B256;
use redb::{ReadableTable, WriteTransaction};

/// Is a finalised block as the store takes it.
#[derive(Debug, Clone, Copy)]
pub struct Finalised<'a> {
    /// Height.
    pub height: u64,
    /// Hash.
    pub hash: B256,
    /// Hash of the parent; of no meaning for block 0.
    pub parent: B256,
    /// Root of the state after the block.
    pub state_root: B256,
    /// The block in the caller's encoding. Its transactions need not be in it.
    pub block: &'a [u8],
    /// Its transactions.
    pub transactions: &'a [Transaction],
    /// Its receipts, one for each transaction.
    pub receipts: &'a [Receipt],
    /// What it changed; for block 0 the whole state.
    pub changes: &'a Changeset,
    /// Finality certificate in the caller's encoding, if it is known by now.
    pub certificate: Option<&'a [u8]>,
    /// Packages by digest, in the caller's encoding.
    pub packages: &'a [(B256, &'a [u8])],
}

impl Store {
    /// Writes a block; it is on disk when this returns. Errors: a block that does not follow the head, not one
    /// receipt for each transaction, a write that fails; nothing of the block is there then.
    pub fn commit(&self, block: &Finalised<'_>) -> Result<(), StoreError> {
        let (transactions, receipts) = (block.transactions.len(), block.receipts.len());
        if transactions != receipts {
            return Err(StoreError::Receipts { transactions, receipts });
        }
        let tx = self.begin_write()?;
        check_order(&tx, block)?;
        write_chain(&tx, block)?;
        write_transactions(&tx, block)?;
        write_state(&tx, block.changes)?;
        write_head(&tx, &ChainHead { height: block.height, hash: block.hash, state_root: block.state_root })?;
        Ok(tx.commit()?)
    }

    /// Keeps the certificate of a block that was written without it.
    pub fn put_certificate(&self, height: u64, certificate: &[u8]) -> Result<(), StoreError> {
        self.put(CERTIFICATES, &height.to_be_bytes(), certificate)
    }

    /// Keeps a package.
    pub fn put_package(&self, digest: B256, package: &[u8]) -> Result<(), StoreError> {
        self.put(PACKAGES, digest.as_slice(), package)
    }

    fn put(&self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let tx = self.begin_write()?;
        put(&tx, table, key, value)?;
        Ok(tx.commit()?)
    }

    /// Begins a write. It commits in two phases: a commit in one trusts a checksum that whoever chooses the
    /// content can forge, and here strangers choose it.
    pub(super) fn begin_write(&self) -> Result<WriteTransaction, StoreError> {
        let mut tx = self.db.begin_write()?;
        tx.set_two_phase_commit(true);
        Ok(tx)
    }
}

pub(super) fn put(tx: &WriteTransaction, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    tx.open_table(table)?.insert(key, value)?;
    Ok(())
}

pub(super) fn write_head(tx: &WriteTransaction, head: &ChainHead) -> Result<(), StoreError> {
    put(tx, META, HEAD_KEY, &record::head_bytes(head))
}

/// Writes what names a block.
pub(super) fn write_hash(tx: &WriteTransaction, height: u64, hash: B256) -> Result<(), StoreError> {
    put(tx, HASHES, &height.to_be_bytes(), hash.as_slice())?;
    put(tx, HEIGHTS, hash.as_slice(), &height.to_be_bytes())
}

fn check_order(tx: &WriteTransaction, block: &Finalised<'_>) -> Result<(), StoreError> {
    let head = match tx.open_table(META)?.get(HEAD_KEY)? {
        Some(raw) => Some(record::head(raw.value())?),
        None => None,
    };
    let follows = match head {
        Some(head) => head.height.checked_add(1) == Some(block.height) && head.hash == block.parent,
        None => block.height == 0,
    };
    let head = head.map(|head| head.hash).unwrap_or_default();
    match follows {
        true => Ok(()),
        false => Err(StoreError::Order { height: block.height, parent: block.parent, head }),
    }
}

fn write_chain(tx: &WriteTransaction, block: &Finalised<'_>) -> Result<(), StoreError> {
    let height = block.height.to_be_bytes();
    put(tx, BLOCKS, &height, block.block)?;
    write_hash(tx, block.height, block.hash)?;
    if let Some(certificate) = block.certificate {
        put(tx, CERTIFICATES, &height, certificate)?;
    }
    let mut packages = tx.open_table(PACKAGES)?;
    for (digest, package) in block.packages {
        packages.insert(digest.as_slice(), *package)?;
    }
    Ok(())
}

fn write_transactions(tx: &WriteTransaction, block: &Finalised<'_>) -> Result<(), StoreError> {
    let mut transactions = tx.open_table(TRANSACTIONS)?;
    let mut receipts = tx.open_table(RECEIPTS)?;
    let mut places = tx.open_table(PLACES)?;
    for ((transaction, receipt), index) in block.transactions.iter().zip(block.receipts).zip(0u32..) {
        let place: Place = (block.height, index);
        let key = record::place_bytes(place);
        transactions.insert(&key[..], record::transaction_bytes(transaction).as_slice())?;
        receipts.insert(&key[..], receipt.encode_stored().as_slice())?;
        places.insert(transaction.hash().as_slice(), &key[..])?;
    }
    Ok(())
}

/// Writes final values.
fn write_state(tx: &WriteTransaction, changes: &Changeset) -> Result<(), StoreError> {
    let mut codes = tx.open_table(CODES)?;
    for (hash, code) in &changes.codes {
        codes.insert(hash.as_slice(), record::code_bytes(code).as_slice())?;
    }
    let mut accounts = tx.open_table(ACCOUNTS)?;
    for (address, head) in &changes.accounts {
        match head {
            Some(head) => drop(accounts.insert(address.as_slice(), record::account_bytes(head).as_slice())?),
            None => drop(accounts.remove(address.as_slice())?),
        }
    }
    let mut words = tx.open_table(WORDS)?;
    for (address, key, value) in &changes.words {
        let key = record::word_key_bytes(*address, *key);
        match value.is_zero() {
            true => drop(words.remove(key.as_slice())?),
            false => drop(words.insert(key.as_slice(), record::word_bytes(*value).as_slice())?),
        }
    }
    Ok(())
}
