//! Names what can go wrong with a store; nothing is half written in any case.

use super::SnapshotError;
use alloy_primitives::B256;
use std::{io, path::PathBuf};
use thiserror::Error;

/// Is what to do about a damaged database.
const REMEDY: &str = "delete the data folder and let the node catch up from its peers, or import a snapshot";

/// Says why a store cannot do what was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The data folder or the file in it cannot be made, read or written.
    #[error("cannot use the data folder {path}: {source}")]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another process has the database open.
    #[error("the database is open in another process")]
    Locked,
    /// The database belongs to another chain.
    #[error("the database is of another chain: its genesis is {found}, this chain's is {expected}")]
    Genesis {
        /// Hash of the database's genesis.
        found: B256,
        /// Hash of the genesis that was asked for.
        expected: B256,
    },
    /// The database was written by a newer version.
    #[error("the database has format {found}, this version knows formats up to {known}; use a newer version")]
    Format {
        /// The database's format.
        found: u32,
        /// The newest known format.
        known: u32,
    },
    /// The database contradicts itself.
    #[error("the database is damaged: {what}; {REMEDY}")]
    Damaged {
        /// Where and how.
        what: String,
    },
    /// The stored state has another root than the head block.
    #[error("the database is damaged: the state's root is {found}, the head block's is {expected}; {REMEDY}")]
    Root {
        /// Root of the stored state.
        found: B256,
        /// Root in the head block.
        expected: B256,
    },
    /// The store holds no block yet.
    #[error("the database holds no block yet")]
    Empty,
    /// A block does not follow the head.
    #[error("block {height} on parent {parent} does not follow the head {head}")]
    Order {
        /// The block's height.
        height: u64,
        /// Hash of its parent.
        parent: B256,
        /// Hash of the head; zero if there is none.
        head: B256,
    },
    /// A block has not one receipt for each transaction.
    #[error("block has {transactions} transactions and {receipts} receipts")]
    Receipts {
        /// How many transactions.
        transactions: usize,
        /// How many receipts.
        receipts: usize,
    },
    /// The disk is full.
    #[error("no space left for the database: {0}")]
    Full(io::Error),
    /// Reading or writing failed.
    #[error("the database cannot be read or written: {0}")]
    Io(io::Error),
    /// An earlier write failed, so that what the disk holds is not known.
    #[error("an earlier write failed: open the database again")]
    Reopen,
    /// A snapshot cannot be written or imported.
    #[error("snapshot: {0}")]
    Snapshot(#[from] SnapshotError),
    /// The database refuses its use; a bug.
    #[error("internal: {0}")]
    Internal(String),
}

impl StoreError {
    pub(super) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{FileTooLarge, InvalidData, QuotaExceeded, StorageFull, UnexpectedEof};
        match error.kind() {
            StorageFull | QuotaExceeded | FileTooLarge => Self::Full(error),
            InvalidData | UnexpectedEof => Self::damaged(error.to_string()),
            _ => Self::Io(error),
        }
    }
}

impl From<redb::Error> for StoreError {
    fn from(error: redb::Error) -> Self {
        use redb::Error;
        match error {
            Error::Io(error) => error.into(),
            Error::Corrupted(what) => Self::Damaged { what },
            Error::TableDoesNotExist(name) => Self::damaged(format!("table {name} is missing")),
            Error::TableTypeMismatch { table, .. } => {
                Self::damaged(format!("table {table} has another type"))
            }
            Error::DatabaseAlreadyOpen | Error::LockProtocolMismatch => Self::Locked,
            Error::UpgradeRequired(version) => Self::damaged(format!("its file format {version} is too old")),
            Error::PreviousIo => Self::Reopen,
            other => Self::Internal(other.to_string()),
        }
    }
}

/// Lets `?` take the library's many error types.
macro_rules! through_redb {
    ($($error:ty),*) => {$(
        impl From<$error> for StoreError {
            fn from(error: $error) -> Self {
                redb::Error::from(error).into()
            }
        }
    )*};
}

through_redb!(
    redb::StorageError,
    redb::TableError,
    redb::TransactionError,
    redb::CommitError,
    redb::DatabaseError
);
