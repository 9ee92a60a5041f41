//! Checks what must hold before a node starts, then opens its chain. Nothing is written before all checks passed.

use super::{NetError, NodeConfig, SnapshotSource, snapshot};
use crate::{
    chain::Chain,
    ledger::{Ledger, reopen},
    store::Store,
};
use alloy_primitives::B256;
use std::{
    fs::{self, File},
    io::BufReader,
    net::{SocketAddr, TcpListener},
    time::{SystemTime, UNIX_EPOCH},
};

/// Seconds by which this machine's clock may be behind a final block, or behind the chain's beginning.
pub const DRIFT_MAX: u64 = 15;

/// Is a node that can start: its chain is open.
#[derive(Debug)]
pub struct Prepared {
    pub(super) config: NodeConfig,
    pub(super) store: Store,
    pub(super) ledger: Ledger,
    pub(super) genesis: B256,
}

impl Prepared {
    /// Says whether the node is a validator of the next epoch; others follow.
    pub fn is_validator(&self) -> bool {
        let me = self.config.keys.id();
        self.ledger.members().iter().any(|member| member.key == me)
    }

    /// Returns the key that names the node.
    pub fn key(&self) -> B256 {
        self.config.keys.id()
    }

    /// Returns the hash of block 0.
    pub fn genesis(&self) -> B256 {
        self.genesis
    }

    /// Returns the height of the last final block on disk.
    pub fn height(&self) -> u64 {
        self.ledger.height()
    }
}

/// Checks the nodes of a process, then opens their chains. Errors: a genesis that no node can run with, ports in use,
/// a wrong clock, a folder that cannot be used or is another chain's.
pub fn prepare(nodes: Vec<NodeConfig>) -> Result<Vec<Prepared>, NetError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let hashes = nodes.iter().map(|node| check(node, now)).collect::<Result<Vec<B256>, _>>()?;
    nodes.into_iter().zip(hashes).map(|(node, genesis)| open(node, genesis, now)).collect()
}

fn check(node: &NodeConfig, now: u64) -> Result<B256, NetError> {
    let chain = Chain::new(node.genesis.clone())?;
    if node.genesis.consensus.as_ref().is_none_or(|consensus| consensus.validators.is_empty()) {
        return Err(NetError::NoConsensus);
    }
    let begins = node.genesis.time.saturating_sub(now);
    if begins > DRIFT_MAX && !node.settings.warp {
        return Err(NetError::BeforeGenesis(begins));
    }
    free(node.listen, "peers", "--listen")?;
    node.rpc.map_or(Ok(()), |address| free(address, "JSON-RPC", "--rpc"))?;
    node.metrics.map_or(Ok(()), |address| free(address, "metrics", "--metrics"))?;
    Ok(chain.head().hash)
}

/// Refuses an address that cannot be listened on.
fn free(address: SocketAddr, purpose: &'static str, option: &'static str) -> Result<(), NetError> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(source) => Err(NetError::Listen { address, purpose, option, source }),
    }
}

/// Makes the chain from a snapshot, if the node is told to.
fn fill(config: &NodeConfig) -> Result<(), NetError> {
    let Some(SnapshotSource { file, trust }) = &config.snapshot else { return Ok(()) };
    let journals = config.datadir.join("consensus");
    if fs::read_dir(&journals).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(NetError::Journals(journals));
    }
    let input = File::open(file).map_err(|source| NetError::Snapshot { path: file.clone(), source })?;
    let info = snapshot::import(&config.datadir, &config.genesis, BufReader::new(input), *trust)?;
    tracing::info!(node = config.name, height = info.head.height, hash = %info.head.hash, "begins with a snapshot");
    Ok(())
}

fn open(config: NodeConfig, genesis: B256, now: u64) -> Result<Prepared, NetError> {
    fill(&config)?;
    let store = Store::open(&config.datadir, genesis)
        .map_err(|source| NetError::Store { path: config.datadir.clone(), source })?;
    let ledger = reopen(config.genesis.clone(), &store, config.threads)?;
    let behind = ledger.chain().time().saturating_sub(now);
    if behind > DRIFT_MAX && !config.settings.warp {
        return Err(NetError::Behind(behind));
    }
    Ok(Prepared { config, store, ledger, genesis })
}
