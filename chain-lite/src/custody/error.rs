//! Says why a custodian cannot do something now.

use super::{chain::ChainError, notes::NotesError, record::RecordError, shards::ShardError};
use fusor_custody::store::StoreError;
use fusor_vm::fault::Fault;
use thiserror::Error;

/// Says why a custodian cannot do something now; it tries again at the next step.
#[derive(Debug, Error)]
pub enum CustodyError {
    /// What the chain shows cannot be read or kept.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A shard cannot be kept or used.
    #[error(transparent)]
    Shard(#[from] ShardError),
    /// A folder of shards cannot be opened.
    #[error("folder of shards: {0}")]
    Folder(#[from] std::io::Error),
}

impl From<ChainError> for CustodyError {
    fn from(error: ChainError) -> Self {
        Self::Record(error.into())
    }
}

impl From<NotesError> for CustodyError {
    fn from(error: NotesError) -> Self {
        Self::Record(error.into())
    }
}

impl From<Fault> for CustodyError {
    fn from(fault: Fault) -> Self {
        ChainError::from(fault).into()
    }
}

impl From<StoreError> for CustodyError {
    fn from(error: StoreError) -> Self {
        Self::Shard(error.into())
    }
}
