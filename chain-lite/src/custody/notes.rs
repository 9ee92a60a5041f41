//! Keeps what a custodian must remember beside its shards: what was posted on the chain, plans, and how far it read.

use std::{collections::BTreeMap, path::Path};
use thiserror::Error;

/// Says why notes cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("notes of the custodian: {0}")]
pub struct NotesError(pub String);

/// Keeps values by name, ordered.
pub trait Notes {
    /// Reads a value.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, NotesError>;
    /// Writes values, all or none; a value of none removes the name.
    fn put(&mut self, changes: Vec<(String, Option<Vec<u8>>)>) -> Result<(), NotesError>;
    /// Lists names and values that begin with `prefix`, in order.
    fn list(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, NotesError>;
}

/// Keeps notes in memory, for simulations.
#[derive(Debug, Clone, Default)]
pub struct MemoryNotes(BTreeMap<String, Vec<u8>>);

impl Notes for MemoryNotes {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, NotesError> {
        Ok(self.0.get(name).cloned())
    }

    fn put(&mut self, changes: Vec<(String, Option<Vec<u8>>)>) -> Result<(), NotesError> {
        for (name, value) in changes {
            match value {
                Some(value) => drop(self.0.insert(name, value)),
                None => drop(self.0.remove(&name)),
            }
        }
        Ok(())
    }

    fn list(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, NotesError> {
        let from = self.0.range(prefix.to_owned()..);
        let found = from.take_while(|(name, _)| name.starts_with(prefix));
        Ok(found.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}

const TABLE: redb::TableDefinition<'static, &str, &[u8]> = redb::TableDefinition::new("notes");

/// Keeps notes on disk.
#[derive(Debug)]
pub struct DiskNotes(redb::Database);

fn failed(error: impl std::fmt::Display) -> NotesError {
    NotesError(error.to_string())
}

impl DiskNotes {
    /// Opens the notes in a file, or makes them.
    pub fn open(path: &Path) -> Result<Self, NotesError> {
        let database = redb::Database::create(path).map_err(failed)?;
        let write = database.begin_write().map_err(failed)?;
        write.open_table(TABLE).map_err(failed)?;
        write.commit().map_err(failed)?;
        Ok(Self(database))
    }
}

impl Notes for DiskNotes {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, NotesError> {
        use redb::ReadableDatabase as _;
        let read = self.0.begin_read().map_err(failed)?;
        let table = read.open_table(TABLE).map_err(failed)?;
        Ok(table.get(name).map_err(failed)?.map(|value| value.value().to_vec()))
    }

    fn put(&mut self, changes: Vec<(String, Option<Vec<u8>>)>) -> Result<(), NotesError> {
        let write = self.0.begin_write().map_err(failed)?;
        {
            let mut table = write.open_table(TABLE).map_err(failed)?;
            for (name, value) in &changes {
                match value {
                    Some(value) => drop(table.insert(name.as_str(), value.as_slice()).map_err(failed)?),
                    None => drop(table.remove(name.as_str()).map_err(failed)?),
                }
            }
        }
        write.commit().map_err(failed)
    }

    fn list(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, NotesError> {
        use redb::ReadableDatabase as _;
        let read = self.0.begin_read().map_err(failed)?;
        let table = read.open_table(TABLE).map_err(failed)?;
        let mut found = Vec::new();
        for row in table.range(prefix..).map_err(failed)? {
            let (name, value) = row.map_err(failed)?;
            if !name.value().starts_with(prefix) {
                break;
            }
            found.push((name.value().to_owned(), value.value().to_vec()));
        }
        Ok(found)
    }
}
