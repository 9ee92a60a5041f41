//! Makes a store from a snapshot; it has a head only after its state root was found right.

use super::{Judge, Section, SnapshotError, SnapshotHead, frame::Reader};
use crate::store::{
    ChainHead, Store, StoreError, commit, load, record,
    table::{ACCOUNTS, BLOCKS, CERTIFICATES, CODES, Table, WORDS},
};
use alloy_primitives::B256;
use redb::{ReadableDatabase, StorageBackend};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

/// Is a key and its record.
type Entry = (Vec<u8>, Vec<u8>);

/// Bytes of records after which they are written.
const BATCH_BYTES: usize = 8 << 20;

impl Store {
    /// Makes the store in `folder` from a snapshot that `judge` accepts. The file comes to its place at the end, so a failed or interrupted import leaves none. Errors: a folder that has a database;
    /// a snapshot that is cut, changed, of another chain, refused, or whose state has another root.
    pub fn import(
        folder: &Path,
        input: impl Read,
        genesis: B256,
        mut judge: impl Judge,
    ) -> Result<Self, StoreError> {
        let unusable = |source| StoreError::Folder { path: folder.to_owned(), source };
        let target = Self::file(folder);
        if target.try_exists().map_err(unusable)? {
            return Err(SnapshotError::Exists(target).into());
        }
        fs::create_dir_all(folder).map_err(unusable)?;
        let draft = target.with_extension("importing");
        remove(&draft).map_err(unusable)?;
        let imported =
            Self::open_file(&draft, genesis).and_then(|store| store.fill(input, genesis, &mut judge));
        if let Err(error) = imported {
            remove(&draft).map_err(unusable)?;
            return Err(error);
        }
        fs::rename(&draft, &target).and_then(|()| File::open(folder)?.sync_all()).map_err(unusable)?;
        Self::open(folder, genesis)
    }

    /// Makes a store on an empty backend from a snapshot. After an error the backend holds a store without a
    /// head. Errors: as [`Self::import`].
    pub fn import_on(
        backend: impl StorageBackend,
        input: impl Read,
        genesis: B256,
        mut judge: impl Judge,
    ) -> Result<Self, StoreError> {
        let store = Self::open_on(backend, genesis)?;
        store.fill(input, genesis, &mut judge)?;
        Ok(store)
    }

    fn fill(&self, input: impl Read, genesis: B256, judge: &mut impl Judge) -> Result<(), StoreError> {
        if self.head()?.is_some() {
            return Err(SnapshotError::Content("the store is not empty".into()).into());
        }
        let mut reader = Reader::new(input)?;
        let head = read_head(&mut reader)?;
        if head.genesis != genesis {
            return Err(SnapshotError::Genesis { found: head.genesis, expected: genesis }.into());
        }
        judge.head(&head).map_err(SnapshotError::Refused)?;
        let hashes = read_hashes(&mut reader, &head)?;
        for (section, table, key_len) in
            [(Section::Codes, CODES, 32), (Section::Accounts, ACCOUNTS, 20), (Section::Words, WORDS, 52)]
        {
            self.fill_table(&mut reader, section, table, key_len)?;
        }
        reader.finish()?;
        self.prove(&head, judge)?;
        self.finish(&head, &hashes)
    }

    fn fill_table(
        &self,
        reader: &mut Reader<impl Read>,
        section: Section,
        table: Table,
        key_len: usize,
    ) -> Result<(), StoreError> {
        let (mut batch, mut batch_bytes, mut last) = (Vec::new(), 0usize, None);
        reader.begin(section)?;
        while let Some((key, value)) = read_entry(reader, section, key_len)? {
            if last.replace(key.clone()) >= Some(key.clone()) {
                return Err(reader.broken("keys do not ascend".into()).into());
            }
            batch_bytes = batch_bytes.saturating_add(key.len()).saturating_add(value.len());
            batch.push((key, value));
            if batch_bytes >= BATCH_BYTES {
                self.put_all(table, &batch)?;
                batch.clear();
                batch_bytes = 0;
            }
        }
        self.put_all(table, &batch)
    }

    fn put_all(&self, table: Table, entries: &[Entry]) -> Result<(), StoreError> {
        let tx = self.begin_write()?;
        {
            let mut table = tx.open_table(table)?;
            for (key, value) in entries {
                table.insert(key.as_slice(), value.as_slice())?;
            }
        }
        Ok(tx.commit()?)
    }

    /// Computes the root of what was written, and has the state judged.
    fn prove(&self, head: &SnapshotHead, judge: &mut impl Judge) -> Result<(), StoreError> {
        match load::state_of(&self.db.begin_read()?, head.state_root) {
            Ok(mut state) => Ok(judge.state(head, &mut state).map_err(SnapshotError::Refused)?),
            Err(StoreError::Root { found, expected }) => Err(SnapshotError::Root { found, expected }.into()),
            Err(StoreError::Damaged { what }) => Err(SnapshotError::Content(what).into()),
            Err(error) => Err(error),
        }
    }

    fn finish(&self, head: &SnapshotHead, hashes: &[B256]) -> Result<(), StoreError> {
        let SnapshotHead { height, hash, state_root, .. } = *head;
        let tx = self.begin_write()?;
        for (height, hash) in (0..=height).rev().zip(hashes.iter().rev()) {
            commit::write_hash(&tx, height, *hash)?;
        }
        commit::put(&tx, BLOCKS, &height.to_be_bytes(), &head.block)?;
        if !head.certificate.is_empty() {
            commit::put(&tx, CERTIFICATES, &height.to_be_bytes(), &head.certificate)?;
        }
        commit::write_head(&tx, &ChainHead { height, hash, state_root })?;
        Ok(tx.commit()?)
    }
}

fn remove(draft: &Path) -> io::Result<()> {
    match fs::remove_file(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn read_head(reader: &mut Reader<impl Read>) -> Result<SnapshotHead, SnapshotError> {
    reader.begin(Section::Head)?;
    let head = match reader.record()? {
        Some(raw) => parse_head(raw),
        None => None,
    };
    let head = head.ok_or_else(|| reader.broken("the head has no known form".into()))?;
    match reader.record()? {
        None => Ok(head),
        Some(_) => Err(reader.broken("more than one head".into())),
    }
}

fn parse_head(raw: &[u8]) -> Option<SnapshotHead> {
    let (genesis, raw) = raw.split_first_chunk::<32>()?;
    let (height, raw) = raw.split_first_chunk::<8>()?;
    let (hash, raw) = raw.split_first_chunk::<32>()?;
    let (state_root, raw) = raw.split_first_chunk::<32>()?;
    let (len, raw) = raw.split_first_chunk::<4>()?;
    let (certificate, block) = raw.split_at_checked(usize::try_from(u32::from_be_bytes(*len)).ok()?)?;
    Some(SnapshotHead {
        genesis: genesis.into(),
        height: u64::from_be_bytes(*height),
        hash: hash.into(),
        state_root: state_root.into(),
        certificate: certificate.to_vec(),
        block: block.to_vec(),
    })
}

/// Reads the hashes of the last blocks; exactly those that BLOCKHASH can ask for.
fn read_hashes(reader: &mut Reader<impl Read>, head: &SnapshotHead) -> Result<Vec<B256>, SnapshotError> {
    reader.begin(Section::Hashes)?;
    let expected = head.height.saturating_add(1).min(load::HASHES_MAX);
    let mut hashes = Vec::new();
    while let Some(raw) = reader.record()? {
        let hash = <[u8; 32]>::try_from(raw);
        hashes.push(hash.map(B256::from).map_err(|_| reader.broken("no hash".into()))?);
        if hashes.len() as u64 > expected {
            return Err(reader.broken(format!("more than {expected} hashes")));
        }
    }
    match hashes.last() == Some(&head.hash) && hashes.len() as u64 == expected {
        true => Ok(hashes),
        false => Err(reader.broken(format!("not the {expected} hashes up to the head"))),
    }
}

/// Reads a key and its record, which has to have a known form.
fn read_entry(
    reader: &mut Reader<impl Read>,
    section: Section,
    key_len: usize,
) -> Result<Option<Entry>, SnapshotError> {
    let Some(raw) = reader.record()? else { return Ok(None) };
    let split = raw.split_at_checked(key_len).map(|(key, value)| (key.to_vec(), value.to_vec()));
    let (key, value) = split.ok_or_else(|| reader.broken("a record without its key".into()))?;
    let checked = match section {
        Section::Codes => record::hash(&key).and_then(|hash| record::code(hash, &value)).map(drop),
        Section::Accounts => record::account(&value).map(drop),
        Section::Words => record::word(&value).map(drop),
        Section::Head | Section::Hashes => Ok(()),
    };
    match checked {
        Ok(()) => Ok(Some((key, value))),
        Err(StoreError::Damaged { what }) => Err(reader.broken(what)),
        Err(error) => Err(reader.broken(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// No bytes make the reader panic, and none are taken for a snapshot.
        #[test]
        fn any_bytes_are_refused(raw in prop::collection::vec(any::<u8>(), 0..300), like in any::<bool>()) {
            let start: &[u8] = if like { b"FUSORSNP\0\0\0\x01\x01" } else { b"" };
            let raw = [start, raw.as_slice()].concat();
            let store = Store::memory(B256::ZERO).unwrap();
            prop_assert!(store.fill(raw.as_slice(), B256::ZERO, &mut |_: &SnapshotHead| Ok(())).is_err());
            prop_assert!(store.head().unwrap().is_none());
        }
    }
}
