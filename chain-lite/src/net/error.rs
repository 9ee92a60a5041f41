//! Names what keeps a node from starting, or ends it.

use crate::{error::ChainError, ledger::KeepError, node::Reason, store::StoreError};
use std::{io, net::SocketAddr, path::PathBuf};
use thiserror::Error;

/// Says why a node does not start, or why it stopped.
#[derive(Debug, Error)]
pub enum NetError {
    /// The custodian beside the node does not start.
    #[error("custodian: {0}")]
    Custody(#[from] crate::custody::HostError),
    /// Another program uses the address, or it is not this machine's.
    #[error("cannot listen on {address} for {purpose}: {source}; choose another address with {option}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What it is for.
        purpose: &'static str,
        /// The option that names it.
        option: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// The clock says that the chain has not begun.
    #[error("the chain begins in {0} seconds by this machine's clock; check the clock, or wait")]
    BeforeGenesis(u64),
    /// The clock is behind the last final block.
    #[error("this machine's clock is {0} seconds behind the last final block; set the clock")]
    Behind(u64),
    /// The genesis describes no consensus.
    #[error("the genesis describes no consensus: there are no validators")]
    NoConsensus,
    /// The genesis is none that a chain can run with.
    #[error("genesis: {0}")]
    Genesis(#[from] ChainError),
    /// Folders cannot be made.
    #[error("cannot use the data folder {path}: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Chain and state cannot be opened.
    #[error("{path}: {source}")]
    Store {
        /// The data folder.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// What the store holds is no chain.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The consensus engine's records cannot be opened.
    #[error("records of consensus: {0}")]
    Archive(#[from] StoreError),
    /// The file of a snapshot cannot be read.
    #[error("cannot read the snapshot {path}: {source}")]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The folder has no chain to export.
    #[error("{0} holds no chain")]
    NoChain(PathBuf),
    /// The folder has the engine's journals of another chain than the snapshot would make.
    #[error("{0} is not empty: it belongs to a chain that was here before; move it away first")]
    Journals(PathBuf),
    /// A block's committee is not that of the next one, or it has none.
    #[error(
        "no snapshot can stand at block {0}, which is block 0 or ends an epoch; start the node, stop it a block later \
         and try again"
    )]
    EpochEnds(u64),
    /// A block became final by the certificate of a later one.
    #[error(
        "block {0} has no certificate of its own; start the node, stop it some blocks later and try again"
    )]
    NoCertificate(u64),
    /// A node stopped.
    #[error("node {name} stopped: {reason}")]
    Stopped {
        /// Which.
        name: String,
        /// Why.
        reason: Reason,
    },
    /// A task of the network or of the consensus engine failed, for example as its files cannot be written.
    #[error("a task failed: {0}")]
    Task(String),
    /// The process cannot wait for signals.
    #[error("cannot wait for signals: {0}")]
    Signal(io::Error),
}
