//! Keeps chain and state on disk in one database: a block with all that it changed is one write transaction, so
//! a crash at any moment leaves the chain at the end of some block, with the state of exactly that block.
//!
//! ```text
//! table      the database byte by byte
//! record     encoding and decoding of the records
//! open       opening, and refusing before anything is written
//! making     a new database, that a crash leaves made or unmade
//! held       a backend that writes nothing until the database is known to be ours
//! commit     one finalised block
//! reading    chain and state as one commit left them
//! query      blocks, transactions, receipts, certificates, packages
//! packages   forgetting packages of old blocks
//! load       the state into memory
//! snapshot   the state as one file for a fast start
//! marshal    the engine's stores of blocks and certificates
//! fault      a disk in memory that crashes, fills up and fails by seed
//! ```

mod commit;
mod error;
pub mod fault;
mod held;
mod load;
mod making;
pub mod marshal;
mod open;
mod own;
mod packages;
mod query;
mod reading;
mod record;
pub mod snapshot;
mod table;

#[cfg(test)]
mod tests;

pub use commit::Finalised;
pub use error::StoreError;
pub use reading::Reading;
pub use record::decode_any;
pub use snapshot::{Judge, SnapshotError, SnapshotHead};

use alloy_primitives::B256;
use redb::Database;
use std::sync::Arc;

/// Is the newest block of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    /// Height of the block.
    pub height: u64,
    /// Its hash.
    pub hash: B256,
    /// Root of the state after it.
    pub state_root: B256,
}

/// Is a handle on the database of a chain; clones share it. One write runs at a time, others wait; reads see the
/// last commit and never wait.
///
/// After [`StoreError::Io`] or [`StoreError::Full`] from a write, drop all handles and open the store again. It
/// stands at the end of some block then: the one before, or the new one if only its last sync failed.
#[derive(Debug, Clone)]
pub struct Store {
    db: Arc<Database>,
}
