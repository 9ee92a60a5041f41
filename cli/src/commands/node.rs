//! `fusor node`: runs a node of a network until it is told to end.

use crate::{
    error::{CliError, Outcome},
    network::{chain, log},
    output,
};
use alloy_primitives::B256;
use fusor_chain_lite::{
    custody::{CustodyConfig, CustodyNode},
    founding::keys,
    net::{self, NodeConfig, Prepared, Process, Running, SnapshotSource},
};
use std::{
    fmt::Display,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// Joins a network: keeps its chain, makes blocks if it is a validator, and answers JSON-RPC.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder of chain and state.
    #[arg(long, value_name = "DIR")]
    datadir: PathBuf,
    /// The genesis file; `DIR/genesis.json` by default.
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
    /// Folder of the node's keys; `DIR/keys` by default.
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// Begin with a snapshot; the data folder holds no chain yet.
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// Hash of the snapshot's block, known from somebody you trust.
    #[arg(long, value_name = "HASH", requires = "snapshot")]
    trust: Option<B256>,
    /// Where peers connect to.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:7337")]
    listen: SocketAddr,
    /// How peers reach this node; as it listens by default.
    #[arg(long, value_name = "HOST:PORT")]
    external: Option<String>,
    /// A node that is dialed first; once for each.
    #[arg(long, value_name = "KEY@HOST:PORT")]
    bootstrap: Vec<String>,
    /// A node outside the committee that may follow; once for each.
    #[arg(long, value_name = "KEY")]
    follower: Vec<String>,
    /// Keep packages of so many blocks for nodes that catch up; all by default.
    #[arg(long, value_name = "BLOCKS", value_parser = clap::value_parser!(u64).range(1_024..))]
    packages_kept: Option<u64>,
    /// Where JSON-RPC is served; not by default.
    #[arg(long, value_name = "IP:PORT")]
    rpc: Option<SocketAddr>,
    /// Where Prometheus metrics are served; not by default.
    #[arg(long, value_name = "IP:PORT")]
    metrics: Option<SocketAddr>,
    /// Run a custodian of outer coins beside the node, as this file says (docs/custody.md); it keeps its shares in
    /// `DIR/custody`.
    #[arg(long, value_name = "FILE", requires = "custody_key")]
    custody: Option<PathBuf>,
    /// The custodian's key, which `fusor custody key new` makes.
    #[arg(long, value_name = "FILE", requires = "custody")]
    custody_key: Option<PathBuf>,
    /// Simulate the chain's time, on a network for development whose nodes all do: it leaps to the next due trigger when
    /// nothing else waits.
    #[arg(long)]
    time_warp: bool,
    /// Write logs as JSON.
    #[arg(long)]
    log_json: bool,
}

/// Runs the node.
pub(crate) fn run(args: &Args) -> Outcome {
    log::start("warn,fusor_chain_lite=info", args.log_json)?;
    let nodes = net::prepare(vec![config(args)?])?;
    for node in &nodes {
        output::print(&introduction(args, node))?;
    }
    let folder = args.datadir.join("consensus");
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    net::run(Process { folder, threads, nodes }, ready)?;
    output::print("node ended\n")
}

fn config(args: &Args) -> Outcome<NodeConfig> {
    let genesis = args.genesis.clone().unwrap_or_else(|| args.datadir.join("genesis.json"));
    let genesis = chain::genesis(&genesis)?;
    let folder = args.keys.clone().unwrap_or_else(|| args.datadir.join("keys"));
    let keys = keys::read(&folder)?;
    let mut config = NodeConfig::new("node", args.datadir.clone(), keys, genesis, args.listen);
    config.snapshot = args.snapshot.clone().map(|file| SnapshotSource { file, trust: args.trust });
    match &args.external {
        Some(external) => config.dialable = net::ingress(external).map_err(wrong("--external"))?,
        None if args.listen.ip().is_unspecified() => {
            let message = format!("{} is every address; say with --external how peers reach it", args.listen);
            return Err(CliError::Option { option: "--listen", message });
        }
        None => {}
    }
    let peers = args.bootstrap.iter().map(|text| net::peer(text));
    config.bootstrappers = peers.collect::<Result<_, _>>().map_err(wrong("--bootstrap"))?;
    let followers = args.follower.iter().map(|text| net::node_key(text));
    config.followers = followers.collect::<Result<_, _>>().map_err(wrong("--follower"))?;
    config.packages_kept = args.packages_kept;
    config.settings.warp = args.time_warp;
    config.rpc = args.rpc;
    config.metrics = args.metrics;
    config.custody = custodian(args, config.genesis.custody.is_some())?;
    config.threads = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(config)
}

/// Reads what the custodian beside the node is told. Errors: a file that cannot be used, or a chain without custody.
fn custodian(args: &Args, founded: bool) -> Outcome<Option<CustodyNode>> {
    let Some((path, key)) = args.custody.as_deref().zip(args.custody_key.as_deref()) else { return Ok(None) };
    if !founded {
        let message = "this chain has no custody: its genesis file has no `custody`".to_owned();
        return Err(CliError::Option { option: "--custody", message });
    }
    let config = custody_file(path)?;
    Ok(Some(CustodyNode { config, keys: keys::read_custodian(key)?, folder: args.datadir.join("custody") }))
}

fn custody_file(path: &Path) -> Outcome<CustodyConfig> {
    let told =
        |error| CliError::Option { option: "--custody", message: format!("{}: {error}", path.display()) };
    CustodyConfig::read(&output::read_text(path)?).map_err(told)
}

fn wrong<E: Display>(option: &'static str) -> impl Fn(E) -> CliError {
    move |error| CliError::Option { option, message: error.to_string() }
}

fn introduction(args: &Args, node: &Prepared) -> String {
    let role = match node.is_validator() {
        true => "validator",
        false => "follower: its key is not of a validator; peers take it if they name it with --follower",
    };
    let (key, genesis, height) = (node.key(), node.genesis(), node.height());
    let custody = args.custody.as_ref().map(|_| "custodian beside it\n").unwrap_or_default();
    format!("node {key}\nrole {role}\nchain {genesis}\nheight {height}\npeers at {}\n{custody}", args.listen)
}

fn ready(running: &[Running]) {
    for node in running {
        let rpc = node.rpc.as_ref().map(|rpc| format!("rpc http://{}\n", rpc.address()));
        let metrics = node.metrics.map(|address| format!("metrics http://{address}/metrics\n"));
        // A node whose output nobody reads goes on.
        let _ = output::print(&format!("{}{}ready\n", rpc.unwrap_or_default(), metrics.unwrap_or_default()));
    }
}
