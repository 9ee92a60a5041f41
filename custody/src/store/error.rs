//! Why the store refuses.

use std::io;

use thiserror::Error;

/// Why the store refused.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The disk failed. The store takes no more writes until it is opened anew.
    #[error("disk: {0}")]
    Io(#[from] io::Error),
    /// An earlier write failed, so that what is on the disk is not known.
    #[error("an earlier write failed; open the store anew")]
    Broken,
    /// The journal has reached its largest size.
    #[error("journal is full")]
    Full,
    /// The file was written under another node key.
    #[error("written under another node key")]
    WrongKey,
    /// The file belongs to another vault.
    #[error("file of another vault")]
    OtherVault,
    /// The file belongs to another epoch than its name says.
    #[error("file of epoch {found}")]
    OtherEpoch {
        /// The epoch it belongs to.
        found: u64,
    },
    /// The shard belongs to other terms, or another member, than asked for.
    #[error("shard of other terms or another member")]
    OtherTerms,
    /// The file is torn or was changed.
    #[error("file is torn or was changed")]
    Damaged,
    /// The file was written by a later version.
    #[error("file of version {0}, which this program does not know")]
    FutureVersion(u16),
    /// There is no shard of this epoch.
    #[error("no shard of epoch {0}")]
    Missing(u64),
    /// The epoch is not the active one, or is past.
    #[error("epoch {0} is not active")]
    NotActive(u64),
    /// The request has been used for another message, key or scheme: refused for ever.
    #[error("request was used for another message")]
    OtherMessage,
    /// The attempt, or a later one, has been used.
    #[error("attempt is used")]
    UsedAttempt,
}
