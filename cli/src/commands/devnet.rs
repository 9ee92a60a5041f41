//! `fusor devnet`: runs a network of several nodes in one process, for development.

use crate::{
    error::{CliError, Outcome},
    input::date,
    network::log,
    output,
};
use alloy_primitives::hex;
use fusor_chain_lite::{
    custody::{CustodyConfig, CustodyNode},
    founding::{Dev, custodian, dev},
    net::{self, NodeConfig, Process, Running},
    rpc::Change,
};
use fusor_vm::dcrm;
use std::{
    fmt::Write,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// Most nodes of one process.
const NODES_MAX: u32 = 64;

/// Starts nodes that are connected by sockets, with funded accounts that everybody knows the keys of.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many nodes; all of them are validators.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=i64::from(NODES_MAX)))]
    nodes: u32,
    /// Folder in which the chain is kept; by default a new one that is removed at the end.
    #[arg(long, value_name = "DIR")]
    datadir: Option<PathBuf>,
    /// Where the first node serves JSON-RPC; the others take the ports after it.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8545")]
    rpc: SocketAddr,
    /// Where the first node serves Prometheus metrics; not by default.
    #[arg(long, value_name = "IP:PORT")]
    metrics: Option<SocketAddr>,
    /// Seconds between blocks.
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    block_time: u64,
    /// Simulate the chain's time: it leaps to the next due trigger when nothing else waits.
    #[arg(long)]
    time_warp: bool,
    /// When simulated time begins.
    #[arg(long, value_name = "DATE", requires = "time_warp", default_value = "2013-01-01", value_parser = date::parse)]
    start: u64,
    /// Found custody, with a custodian beside each node that reaches the outer chains which this file names (the `chains`
    /// of a custodian's file; docs/custody.md).
    #[arg(long, value_name = "FILE")]
    custody: Option<PathBuf>,
    /// Print no blocks.
    #[arg(long)]
    quiet: bool,
    /// Write logs as JSON.
    #[arg(long)]
    log_json: bool,
}

/// Runs the network.
pub(crate) fn run(args: &Args) -> Outcome {
    log::start("warn", args.log_json)?;
    let temporary = args.datadir.is_none().then(Temporary::new);
    let folder = match (&temporary, &args.datadir) {
        (Some(temporary), _) => temporary.0.clone(),
        (None, Some(folder)) => folder.clone(),
        (None, None) => std::env::temp_dir(),
    };
    let mut made = dev(args.nodes, args.block_time);
    if args.custody.is_some() {
        made = made.with_custody();
    }
    // A chain that is kept must have the same block 0 at the next start; the others begin now.
    made.genesis.time = match (args.time_warp, &temporary) {
        (true, _) => args.start,
        (false, Some(_)) => now(),
        (false, None) => made.genesis.time,
    };
    let configs = configs(args, &made, &folder)?;
    let introduction = introduction(args, &made, &configs);
    let nodes = net::prepare(configs)?;
    let threads = std::thread::available_parallelism().map_or(2, usize::from).max(4);
    let process = Process { folder: folder.join("consensus"), threads, nodes };
    net::run(process, |running| {
        // A network whose output nobody reads goes on.
        let _ = output::print(&introduction);
        if let Some(first) = running.first().filter(|_| !args.quiet) {
            tell_blocks(first);
        }
    })?;
    output::print("network ended\n")
}

fn configs(args: &Args, made: &Dev, folder: &Path) -> Outcome<Vec<NodeConfig>> {
    let listens = free_addresses(made.keys.len())?;
    let known = made.keys.first().zip(listens.first());
    let known: Vec<_> = known.map(|(keys, listen)| (keys.public(), (*listen).into())).into_iter().collect();
    let chains = args.custody.as_deref().map(outer_chains).transpose()?;
    let nodes = (0u16..).zip(&made.keys).zip(listens);
    let config = nodes.map(|((index, keys), listen)| {
        let name = format!("node-{index}");
        let datadir = folder.join(&name);
        let mut config = NodeConfig::new(name, datadir, keys.clone(), made.genesis.clone(), listen);
        config.bootstrappers = known.clone();
        config.rpc = Some(nth("--rpc", args.rpc, index)?);
        config.metrics = args.metrics.filter(|_| index == 0);
        config.settings.warp = args.time_warp;
        let folder = config.datadir.join("custody");
        config.custody = chains.as_ref().and_then(|chains| beside(index, chains, folder));
        Ok(config)
    });
    config.collect()
}

/// Reads how outer chains are reached.
fn outer_chains(path: &Path) -> Outcome<CustodyConfig> {
    let text = output::read_text(path)?;
    CustodyConfig::read(&text).map_err(|error| CliError::Option {
        option: "--custody",
        message: format!("{}: {error}", path.display()),
    })
}

/// Returns the custodian beside node `index`: of an owner and a provider of its own, as development needs it.
fn beside(index: u16, file: &CustodyConfig, folder: PathBuf) -> Option<CustodyNode> {
    let own = |what: &str| format!("{what}-{index}");
    let config = CustodyConfig {
        owner: own(&file.owner),
        provider: own(&file.provider),
        bond: dcrm::Rules::default().min_bond.try_into().unwrap_or_default(),
        ..file.clone()
    };
    Some(CustodyNode { config, keys: custodian(index.into())?, folder })
}

/// Returns loopback addresses that are free now.
pub(super) fn free_addresses(count: usize) -> Outcome<Vec<SocketAddr>> {
    let taken = (0..count).map(|_| TcpListener::bind(("127.0.0.1", 0))).collect::<Result<Vec<_>, _>>();
    let addresses = taken.and_then(|taken| taken.iter().map(TcpListener::local_addr).collect());
    addresses.map_err(|error| CliError::Option { option: "--nodes", message: error.to_string() })
}

fn nth(option: &'static str, first: SocketAddr, index: u16) -> Outcome<SocketAddr> {
    let port = first.port().checked_add(index).filter(|_| first.port() > 0);
    let none = || CliError::Option { option, message: format!("no port for node {index} after {first}") };
    Ok(SocketAddr::new(first.ip(), port.ok_or_else(none)?))
}

fn introduction(args: &Args, made: &Dev, configs: &[NodeConfig]) -> String {
    let mut out = format!(
        "{} nodes, chain id {}, a block every {} s. For development: everybody knows these keys.\n\nAccounts\n",
        args.nodes, made.genesis.chain_id, args.block_time
    );
    for (index, (address, key)) in made.accounts.iter().enumerate() {
        // Writing to a string does not fail.
        let _ = writeln!(out, "({index}) {address} (10000 coins) {}", hex::encode_prefixed(key));
    }
    out.push_str("\nJSON-RPC\n");
    for config in configs {
        if let Some(address) = config.rpc {
            let _ = writeln!(out, "{} http://{address}", config.name);
        }
    }
    if let Some(address) = args.metrics {
        let _ = writeln!(out, "\nmetrics http://{address}/metrics");
    }
    out.push('\n');
    out
}

/// Returns seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Prints a line for each block that becomes final at a node, until the process ends.
fn tell_blocks(running: &Running) {
    let (node, vitals) = (running.node.clone(), running.vitals.clone());
    let mut changes = vitals.changes();
    std::thread::spawn(move || {
        while let Ok(change) = changes.blocking_recv() {
            let Change::Block(height) = change else { continue };
            let count = node.ledger(|ledger| ledger.chain().block(height).map(|b| b.transactions.len()));
            let latency = vitals.latency_ms();
            let line =
                format!("block {height}: {} transactions, final after {latency} ms\n", count.unwrap_or(0));
            if output::print(&line).is_err() {
                return;
            }
        }
    });
}

/// Is a folder that goes away at the end.
pub(super) struct Temporary(pub(super) PathBuf);

impl Temporary {
    pub(super) fn new() -> Self {
        Self(std::env::temp_dir().join(format!("fusor-devnet-{}", std::process::id())))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // It may never have been made.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
