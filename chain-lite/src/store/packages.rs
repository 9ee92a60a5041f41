//! Forgets packages of old blocks. Blocks replay from their transactions; packages are for peers that catch up.

use super::{
    Store, StoreError, record,
    table::{BLOCKS, META, PACKAGES, PACKAGES_KEY},
};
use alloy_primitives::B256;
use redb::{ReadableDatabase, ReadableTable, WriteTransaction};

/// Heights that are forgotten in one write, at least and at most: a write costs a sync of the disk.
const BATCH: u64 = 64;
const BATCH_MAX: u64 = 1_024;

impl Store {
    /// Returns the height from which on packages are kept.
    pub fn packages_from(&self) -> Result<u64, StoreError> {
        let meta = self.db.begin_read()?.open_table(META)?;
        meta.get(PACKAGES_KEY)?.map_or(Ok(0), |raw| record::height(raw.value()))
    }

    /// Forgets packages of blocks below `to`, some heights at a time; `named` reads from a block's encoding which
    /// packages it names. It does nothing while few heights are to be forgotten. Errors: a write that fails; nothing
    /// is forgotten then.
    pub fn forget_packages(&self, to: u64, named: impl Fn(&[u8]) -> Vec<B256>) -> Result<(), StoreError> {
        let from = self.packages_from()?;
        if to.saturating_sub(from) < BATCH {
            return Ok(());
        }
        let to = to.min(from.saturating_add(BATCH_MAX));
        let tx = self.begin_write()?;
        remove(&tx, from..to, named)?;
        tx.open_table(META)?.insert(PACKAGES_KEY, to.to_be_bytes().as_slice())?;
        Ok(tx.commit()?)
    }
}

fn remove(
    tx: &WriteTransaction,
    heights: std::ops::Range<u64>,
    named: impl Fn(&[u8]) -> Vec<B256>,
) -> Result<(), StoreError> {
    let (blocks, mut packages) = (tx.open_table(BLOCKS)?, tx.open_table(PACKAGES)?);
    let (first, end) = (heights.start.to_be_bytes(), heights.end.to_be_bytes());
    for block in blocks.range::<&[u8]>(&first[..]..&end[..])? {
        for digest in named(block?.1.value()) {
            packages.remove(digest.as_slice())?;
        }
    }
    Ok(())
}
