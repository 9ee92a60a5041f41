//! Makes a new database so that a crash meanwhile leaves one that is made or one that is unmade.
//!
//! The whole image is prepared in memory and written with its first bytes, the magic number of the file, last.
//! As the image depends on the genesis only, an unmade database is recognised: it holds nothing but zeros and
//! bytes of the image.

use super::{
    StoreError,
    fault::Disk,
    held::Write,
    table::{ALL, FORMAT, FORMAT_KEY, GENESIS_KEY, META},
};
use alloy_primitives::B256;
use redb::{Database, StorageBackend};
use std::io;

const MAGIC: &[u8] = b"redb\x1a\x0a\xa9\x0d\x0a";
const CHUNK_BYTES: usize = 64 << 10;

/// Says whether a backend has not the magic number of a database, or not all of it.
pub(super) fn is_unmade(backend: &impl StorageBackend) -> io::Result<bool> {
    let mut start = [0; MAGIC.len()];
    let there = start.len().min(usize::try_from(backend.len()?).unwrap_or(usize::MAX));
    if let Some(start) = start.get_mut(..there).filter(|start| !start.is_empty()) {
        backend.read(0, start)?;
    }
    Ok(start != MAGIC)
}

/// Returns a database with empty tables as bytes.
pub(super) fn image(genesis: B256) -> Result<Vec<u8>, StoreError> {
    let disk = Disk::new();
    let db = Database::builder().create_with_backend(disk.backend())?;
    let tx = db.begin_write()?;
    for table in ALL {
        tx.open_table(table)?;
    }
    {
        let mut meta = tx.open_table(META)?;
        meta.insert(FORMAT_KEY, &FORMAT.to_be_bytes()[..])?;
        meta.insert(GENESIS_KEY, genesis.as_slice())?;
    }
    tx.commit()?;
    drop(db);
    Ok(disk.data())
}

/// Says whether a backend holds what a crash can leave of writing `image`: nothing, or a part of it.
pub(super) fn is_cut_short(backend: &impl StorageBackend, image: &[u8]) -> io::Result<bool> {
    if !is_unmade(backend)? || backend.len()? > image.len() as u64 {
        return Ok(false);
    }
    let len = usize::try_from(backend.len()?).unwrap_or(usize::MAX);
    let mut chunk = vec![0; CHUNK_BYTES];
    for (part, offset) in image.get(..len).unwrap_or_default().chunks(CHUNK_BYTES).zip(0u64..) {
        let chunk = chunk.get_mut(..part.len()).unwrap_or_default();
        backend.read(offset.saturating_mul(CHUNK_BYTES as u64), chunk)?;
        if chunk.iter().zip(part).any(|(found, made)| *found != 0 && found != made) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Lists what writes `image`; the magic number comes last.
pub(super) fn writes(image: &[u8]) -> Vec<Write> {
    let (magic, rest) = image.split_at_checked(MAGIC.len()).unwrap_or_default();
    vec![
        Write::Len(image.len() as u64),
        Write::Bytes(MAGIC.len() as u64, rest.to_vec()),
        Write::Sync,
        Write::Bytes(0, magic.to_vec()),
        Write::Sync,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_depends_on_the_genesis_only() {
        let one = image(B256::ZERO).unwrap();
        assert!(one == image(B256::ZERO).unwrap());
        assert!(one != image(B256::repeat_byte(1)).unwrap());
        assert!(one.starts_with(MAGIC));
        assert!(one.len() < 8 << 20, "{}", one.len());
    }

    #[test]
    fn only_parts_of_the_image_are_cut_short() {
        let image = image(B256::ZERO).unwrap();
        let is = |data: Vec<u8>| is_cut_short(&Disk::with(data).backend(), &image).unwrap();
        let unmade = [&[0; 9], &image[9..]].concat();
        assert!(is(Vec::new()) && is(vec![0; 100]) && is(unmade.clone()) && is(image[..5].to_vec()));
        assert!(!is(image.clone()) && !is(vec![0; image.len() + 1]) && !is(b"redc".to_vec()));
        let used = image.iter().rposition(|byte| *byte != 0).unwrap();
        let mut other = unmade;
        other[used] ^= 0xff;
        assert!(!is(other));
    }
}
