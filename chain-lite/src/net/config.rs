//! Is what a node is told.

use super::SnapshotSource;
use crate::{
    custody::CustodyNode,
    genesis::Genesis,
    node::{NodeKeys, Settings},
    rpc::ServerLimits,
};
use commonware_cryptography::ed25519::PublicKey;
use commonware_p2p::Ingress;
use std::{net::SocketAddr, path::PathBuf};

/// Is what a node is told.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// Names the node among those of its process: letters, digits, `-` and `_`.
    pub name: String,
    /// Folder of chain and state. The consensus engine's files are in the process's folder.
    pub datadir: PathBuf,
    /// Who the node is.
    pub keys: NodeKeys,
    /// The chain.
    pub genesis: Genesis,
    /// The snapshot that an empty folder is filled from, if it is.
    pub snapshot: Option<SnapshotSource>,
    /// Deadlines and sizes.
    pub settings: Settings,
    /// Where peers connect to.
    pub listen: SocketAddr,
    /// How peers reach that from where they are.
    pub dialable: Ingress,
    /// Nodes that are dialed first.
    pub bootstrappers: Vec<(PublicKey, Ingress)>,
    /// Nodes outside the committee that may connect and follow.
    pub followers: Vec<PublicKey>,
    /// Heights behind the head whose packages are kept for peers that catch up; none keeps all.
    pub packages_kept: Option<u64>,
    /// Where JSON-RPC is served, if it is.
    pub rpc: Option<SocketAddr>,
    /// Bounds for clients of RPC.
    pub limits: ServerLimits,
    /// Where Prometheus metrics are served, if they are.
    pub metrics: Option<SocketAddr>,
    /// Threads that run groups in parallel.
    pub threads: usize,
    /// The custodian beside the node, if there is one.
    pub custody: Option<CustodyNode>,
}

impl NodeConfig {
    /// Makes a configuration for a node that is dialed where it listens, serves nothing and knows nobody.
    pub fn new(
        name: impl Into<String>,
        datadir: PathBuf,
        keys: NodeKeys,
        genesis: Genesis,
        listen: SocketAddr,
    ) -> Self {
        Self {
            name: name.into(),
            datadir,
            keys,
            genesis,
            snapshot: None,
            settings: Settings::default(),
            listen,
            dialable: Ingress::Socket(listen),
            bootstrappers: Vec::new(),
            followers: Vec::new(),
            packages_kept: None,
            rpc: None,
            limits: ServerLimits::default(),
            metrics: None,
            threads: 1,
            custody: None,
        }
    }
}
