//! Keeps encodings by height and digest: first in memory, after a sync on disk.

use crate::store::{Store, StoreError, record, table::Table};
use commonware_storage::rmap::RMap;
use redb::{ReadableDatabase, ReadableTable};
use std::{collections::BTreeMap, fmt};

/// Is an archive in two tables.
pub(super) struct Archive {
    store: Store,
    by_height: Table,
    by_digest: Table,
    /// Heights on disk and in memory.
    ranges: RMap,
    pending: BTreeMap<u64, Entry>,
    pending_digests: BTreeMap<Vec<u8>, u64>,
}

#[derive(Debug)]
struct Entry {
    digest: Vec<u8>,
    encoding: Vec<u8>,
}

impl fmt::Debug for Archive {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pending = self.pending.keys().collect::<Vec<_>>();
        out.debug_struct("Archive")
            .field("ranges", &self.ranges)
            .field("pending", &pending)
            .finish_non_exhaustive()
    }
}

impl Archive {
    pub(super) fn open(store: Store, by_height: Table, by_digest: Table) -> Result<Self, StoreError> {
        let mut ranges = RMap::new();
        for entry in store.db.begin_read()?.open_table(by_height)?.iter()? {
            ranges.insert(record::height(entry?.0.value())?);
        }
        let (pending, pending_digests) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { store, by_height, by_digest, ranges, pending, pending_digests })
    }

    /// Keeps an encoding in memory unless its height or digest is known.
    pub(super) fn put(
        &mut self,
        height: u64,
        digest: &[u8],
        encode: impl FnOnce() -> Vec<u8>,
    ) -> Result<(), StoreError> {
        if !self.has(height) && self.height_of(digest)?.is_none() {
            let digest = digest.to_vec();
            self.pending_digests.insert(digest.clone(), height);
            self.pending.insert(height, Entry { digest, encoding: encode() });
            self.ranges.insert(height);
        }
        Ok(())
    }

    /// Writes what is in memory, as a whole or not at all.
    pub(super) fn sync(&mut self) -> Result<(), StoreError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let tx = self.store.begin_write()?;
        {
            let mut by_height = tx.open_table(self.by_height)?;
            let mut by_digest = tx.open_table(self.by_digest)?;
            for (height, Entry { digest, encoding }) in &self.pending {
                let key = height.to_be_bytes();
                by_height.insert(&key[..], record::digested_bytes(digest, encoding).as_slice())?;
                by_digest.insert(digest.as_slice(), &key[..])?;
            }
        }
        tx.commit()?;
        self.pending.clear();
        self.pending_digests.clear();
        Ok(())
    }

    pub(super) fn has(&self, height: u64) -> bool {
        self.ranges.get(height).is_some()
    }

    pub(super) fn get(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        match self.pending.get(&height) {
            Some(entry) => Ok(Some(entry.encoding.clone())),
            None => self.store.get(self.by_height, &height.to_be_bytes(), |raw| {
                record::digested(raw).map(|(_, encoding)| encoding.to_vec())
            }),
        }
    }

    pub(super) fn get_by_digest(&self, digest: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.height_of(digest)? {
            Some(height) => self.get(height),
            None => Ok(None),
        }
    }

    /// Forgets everything below height `min`, on disk at once.
    pub(super) fn prune(&mut self, min: u64) -> Result<(), StoreError> {
        let Some(last) = min.checked_sub(1).filter(|_| self.ranges.first_index() < Some(min)) else {
            return Ok(());
        };
        let tx = self.store.begin_write()?;
        {
            let mut by_height = tx.open_table(self.by_height)?;
            let mut by_digest = tx.open_table(self.by_digest)?;
            let end = min.to_be_bytes();
            let old = by_height.extract_from_if::<&[u8], _>(..&end[..], |_, _| true)?;
            for entry in old {
                let (_, value) = entry?;
                by_digest.remove(record::digested(value.value())?.0)?;
            }
        }
        tx.commit()?;
        self.ranges.remove(0, last);
        self.pending = self.pending.split_off(&min);
        self.pending_digests.retain(|_, height| *height >= min);
        Ok(())
    }

    /// Lists up to `max` heights from `start` on that lie in gaps.
    pub(super) fn missing(&self, start: u64, max: usize) -> Vec<u64> {
        if max == 0 { Vec::new() } else { self.ranges.missing_items(start, max) }
    }

    pub(super) fn ranges(&self) -> &RMap {
        &self.ranges
    }

    fn height_of(&self, digest: &[u8]) -> Result<Option<u64>, StoreError> {
        match self.pending_digests.get(digest) {
            Some(height) => Ok(Some(*height)),
            None => self.store.get(self.by_digest, digest, record::height),
        }
    }
}
