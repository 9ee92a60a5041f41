//! Opens the database of a chain, or makes it; refuses what is not this chain's before anything is written.

use super::{
    Store, StoreError,
    held::Held,
    making, record,
    table::{ALL, FORMAT, FORMAT_KEY, GENESIS_KEY, META},
};
use crate::founding::keys::only_owner;
use alloy_primitives::B256;
use redb::{
    Builder, Database, ReadableDatabase, StorageBackend,
    backends::{FileBackend, InMemoryBackend},
};
use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Name of the database in the data folder.
const FILE: &str = "chain.redb";
/// Most memory for cached pages, in bytes.
const CACHE_BYTES_MAX: usize = 64 << 20;

impl Store {
    /// Opens the store in `folder`, which is made if it is not there. The whole file is checked first, since a
    /// broken disk may have changed it. Errors: a folder that cannot be used, a database that is open elsewhere,
    /// belongs to another genesis, is newer than this version, or is damaged; nothing is written then.
    pub fn open(folder: &Path, genesis: B256) -> Result<Self, StoreError> {
        fs::create_dir_all(folder).map_err(|source| unusable(folder, source))?;
        Self::open_file(&Self::file(folder), genesis)
    }

    /// Returns the path of the database in `folder`.
    pub fn file(folder: &Path) -> PathBuf {
        folder.join(FILE)
    }

    /// Opens a store in memory.
    pub fn memory(genesis: B256) -> Result<Self, StoreError> {
        Self::open_on(InMemoryBackend::new(), genesis)
    }

    /// Opens the store on any backend. Errors: as [`Self::open`].
    pub fn open_on(backend: impl StorageBackend, genesis: B256) -> Result<Self, StoreError> {
        let image = if making::is_unmade(&backend)? { making::image(genesis)? } else { Vec::new() };
        let made = image.is_empty() || !making::is_cut_short(&backend, &image)?;
        let writes = if made { Vec::new() } else { making::writes(&image) };
        let (held, release) = Held::new(backend, writes)?;
        let db = database(held)?;
        check(&db, genesis)?;
        // The lock is held only now: another process may have made the database meanwhile.
        if !made && !making::is_cut_short(release.inner(), &image)? {
            return Err(StoreError::Locked);
        }
        release.release()?;
        Ok(Self { db: Arc::new(db) })
    }

    pub(super) fn open_file(path: &Path, genesis: B256) -> Result<Self, StoreError> {
        Self::open_on(backend(path)?, genesis).map_err(|error| match error {
            StoreError::Io(source) => unusable(path, source),
            error => error,
        })
    }
}

fn unusable(path: &Path, source: io::Error) -> StoreError {
    StoreError::Folder { path: path.to_owned(), source }
}

fn backend(path: &Path) -> Result<FileBackend, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    // A node's shares of keys are in it.
    only_owner(&mut options);
    let open = options.open(path);
    let file: File = open.map_err(|source| unusable(path, source))?;
    Ok(FileBackend::new(file)?)
}

/// Opens the database and checks every page of it.
fn database(backend: impl StorageBackend) -> Result<Database, StoreError> {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES_MAX).set_check_integrity_on_open(true);
    Ok(builder.create_with_backend(backend)?)
}

/// Checks format, genesis and that all tables are there.
fn check(db: &Database, genesis: B256) -> Result<(), StoreError> {
    let tx = db.begin_read()?;
    let meta = tx.open_table(META)?;
    let entry = |key: &'static [u8]| {
        let missing = || StoreError::damaged(format!("it lacks its {}", String::from_utf8_lossy(key)));
        meta.get(key)?.ok_or_else(missing)
    };
    match record::format(entry(FORMAT_KEY)?.value())? {
        FORMAT => {}
        found => return Err(StoreError::Format { found, known: FORMAT }),
    }
    let found = record::hash(entry(GENESIS_KEY)?.value())?;
    if found != genesis {
        return Err(StoreError::Genesis { found, expected: genesis });
    }
    for table in ALL {
        tx.open_table(table)?;
    }
    Ok(())
}
