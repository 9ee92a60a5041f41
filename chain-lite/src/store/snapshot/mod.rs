//! Carries the state after one block in one file, so that a new node starts without running the blocks before.
//!
//! ```text
//! file      magic "FUSORSNP" ‖ version u32 (1) ‖ sections 1 to 5 ‖ end of file
//! section   number u8 ‖ records ‖ 0 u32 ‖ count of records u64 ‖ checksum 32
//! record    length u32, not 0 ‖ content
//!
//! 1 head      one record: genesis 32 ‖ height u64 ‖ block hash 32 ‖ state root 32
//!             ‖ length of the certificate u32 ‖ certificate ‖ block; both in the store's encoding
//! 2 hashes    block hash 32; the last 256 up to the head, the oldest first
//! 3 codes     code hash 32 ‖ record of the table `codes`
//! 4 accounts  address 20 ‖ record of the table `accounts`
//! 5 words     address 20 ‖ key 32 ‖ record of the table `words`
//! ```
//!
//! Numbers are big-endian. Records of sections 3 to 5 ascend by key, so one state has one file. A checksum is
//! Keccak-256 of everything before it in the file. It finds damage; trust comes from the state root, which the
//! importer computes, and from the certificate, which the caller judges.

mod export;
mod frame;
mod import;

use crate::state::State;
use alloy_primitives::B256;
use std::{io, path::PathBuf};
use thiserror::Error;

const MAGIC: &[u8; 8] = b"FUSORSNP";
const VERSION: u32 = 1;

/// Is a part of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Head = 1,
    Hashes = 2,
    Codes = 3,
    Accounts = 4,
    Words = 5,
}

impl Section {
    /// Returns the section's name in messages.
    fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Hashes => "hashes",
            Self::Codes => "codes",
            Self::Accounts => "accounts",
            Self::Words => "words",
        }
    }

    /// Returns how long a record may be, in bytes: what a reader keeps in memory at once.
    fn record_len_max(self) -> u32 {
        match self {
            Self::Head => 64 << 20,
            Self::Hashes => 32,
            Self::Codes => 16 << 20,
            Self::Accounts => 20 + 72,
            Self::Words => 52 + 32,
        }
    }
}

/// Says which block a snapshot stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotHead {
    /// Hash of the chain's genesis.
    pub genesis: B256,
    /// Height of the block.
    pub height: u64,
    /// Its hash.
    pub hash: B256,
    /// Root of the state after it.
    pub state_root: B256,
    /// Its finality certificate in the caller's encoding; empty if the exporter had none.
    pub certificate: Vec<u8>,
    /// The block in the caller's encoding.
    pub block: Vec<u8>,
}

/// Judges a snapshot whose frame and state root are right. A closure judges the head alone.
pub trait Judge {
    /// Judges the block and its certificate, and checks that the block's header holds the hash and the state root;
    /// says why it refuses.
    fn head(&mut self, head: &SnapshotHead) -> Result<(), String>;

    /// Judges the block by the state after it.
    fn state(&mut self, head: &SnapshotHead, state: &mut State) -> Result<(), String> {
        let _ = (head, state);
        Ok(())
    }
}

impl<F: FnMut(&SnapshotHead) -> Result<(), String>> Judge for F {
    fn head(&mut self, head: &SnapshotHead) -> Result<(), String> {
        self(head)
    }
}

/// Says why a snapshot is refused; nothing of it can be used then. Offsets count bytes from the file's start.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// The file does not begin like a snapshot.
    #[error("not a snapshot")]
    NotASnapshot,
    /// It was written by a newer version.
    #[error("it has version {found}, this program knows versions up to {known}")]
    Version {
        /// The file's version.
        found: u32,
        /// The newest known version.
        known: u32,
    },
    /// It is of another chain.
    #[error("it is of another chain: its genesis is {found}, this chain's is {expected}")]
    Genesis {
        /// Hash of the file's genesis.
        found: B256,
        /// Hash of the genesis that was asked for.
        expected: B256,
    },
    /// The file ends too early.
    #[error("it ends at byte {offset}, in section {section}")]
    Truncated {
        /// Where it ends.
        offset: u64,
        /// In which section.
        section: &'static str,
    },
    /// A record is not as it has to be.
    #[error("section {section} at byte {offset}: {what}")]
    Broken {
        /// Where the record begins.
        offset: u64,
        /// In which section.
        section: &'static str,
        /// What is wrong.
        what: String,
    },
    /// Bytes up to here were changed.
    #[error("the checksum of section {section} at byte {offset} does not fit: the file was changed")]
    Checksum {
        /// Where the checksum stands.
        offset: u64,
        /// Which section ends there.
        section: &'static str,
    },
    /// The state in it has another root than its head says.
    #[error("its state has root {found}, its head says {expected}")]
    Root {
        /// Root of the state.
        found: B256,
        /// Root in the head.
        expected: B256,
    },
    /// The records contradict each other.
    #[error("its records contradict each other: {0}")]
    Content(String),
    /// Whoever imports does not trust the block.
    #[error("its block is refused: {0}")]
    Refused(String),
    /// The data folder has a database already.
    #[error("{0} is there already; move it away first")]
    Exists(PathBuf),
    /// A record is too long for the format.
    #[error("a record of section {section} has {len} bytes, at most {max} are possible")]
    TooLong {
        /// In which section.
        section: &'static str,
        /// Bytes of the record.
        len: usize,
        /// Most bytes.
        max: u32,
    },
    /// The file cannot be read or written.
    #[error("the file cannot be read or written: {0}")]
    Io(#[from] io::Error),
}
