//! Writes the state after the head into a snapshot while the chain goes on.

use super::{Section, SnapshotHead, frame::Writer};
use crate::store::{
    Store, StoreError, load, record,
    table::{ACCOUNTS, BLOCKS, CERTIFICATES, CODES, FINAL_CERTS, GENESIS_KEY, HEAD_KEY, META, Table, WORDS},
};
use redb::{ReadTransaction, ReadableDatabase, ReadableTable};
use std::io::Write;

impl Store {
    /// Writes a snapshot of the head as it is now; commits that come meanwhile are not in it. Returns the head
    /// that it stands at. Errors: an empty or damaged store; a writer that fails.
    pub fn export(&self, out: impl Write) -> Result<SnapshotHead, StoreError> {
        let tx = self.db.begin_read()?;
        let head = head(&tx)?;
        let mut writer = Writer::new(out)?;
        write_head(&mut writer, &head)?;
        write_hashes(&mut writer, &tx)?;
        for (section, table) in
            [(Section::Codes, CODES), (Section::Accounts, ACCOUNTS), (Section::Words, WORDS)]
        {
            write_table(&mut writer, &tx, section, table)?;
        }
        writer.finish()?;
        Ok(head)
    }
}

fn head(tx: &ReadTransaction) -> Result<SnapshotHead, StoreError> {
    let meta = tx.open_table(META)?;
    let head = record::head(meta.get(HEAD_KEY)?.ok_or(StoreError::Empty)?.value())?;
    let genesis = meta.get(GENESIS_KEY)?.ok_or_else(|| StoreError::damaged("it lacks its genesis"))?;
    let at_head = |table: Table| -> Result<Option<Vec<u8>>, StoreError> {
        let found = tx.open_table(table)?.get(&head.height.to_be_bytes()[..])?;
        Ok(found.map(|raw| raw.value().to_vec()))
    };
    let engines = at_head(FINAL_CERTS)?;
    let engines =
        engines.as_deref().map(record::digested).transpose()?.map(|(_, certificate)| certificate.to_vec());
    Ok(SnapshotHead {
        genesis: record::hash(genesis.value())?,
        height: head.height,
        hash: head.hash,
        state_root: head.state_root,
        certificate: at_head(CERTIFICATES)?.or(engines).unwrap_or_default(),
        block: at_head(BLOCKS)?.ok_or_else(|| StoreError::damaged("the head block is missing"))?,
    })
}

fn write_head(writer: &mut Writer<impl Write>, head: &SnapshotHead) -> Result<(), StoreError> {
    let SnapshotHead { genesis, height, hash, state_root, certificate, block } = head;
    let len = u32::try_from(certificate.len()).unwrap_or(u32::MAX);
    writer.begin(Section::Head)?;
    writer.record(
        Section::Head,
        &[
            genesis.as_slice(),
            &height.to_be_bytes(),
            hash.as_slice(),
            state_root.as_slice(),
            &len.to_be_bytes(),
            certificate,
            block,
        ],
    )?;
    Ok(writer.end()?)
}

fn write_hashes(writer: &mut Writer<impl Write>, tx: &ReadTransaction) -> Result<(), StoreError> {
    let raw = tx.open_table(META)?.get(HEAD_KEY)?.ok_or(StoreError::Empty)?;
    let (_, hashes) = load::recent_hashes(tx, &record::head(raw.value())?)?;
    writer.begin(Section::Hashes)?;
    for hash in hashes {
        writer.record(Section::Hashes, &[hash.as_slice()])?;
    }
    Ok(writer.end()?)
}

fn write_table(
    writer: &mut Writer<impl Write>,
    tx: &ReadTransaction,
    section: Section,
    table: Table,
) -> Result<(), StoreError> {
    writer.begin(section)?;
    for entry in tx.open_table(table)?.iter()? {
        let (key, value) = entry?;
        writer.record(section, &[key.value(), value.value()])?;
    }
    Ok(writer.end()?)
}
