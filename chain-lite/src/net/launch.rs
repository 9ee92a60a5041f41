//! Puts a node together and starts its tasks.

use super::{
    NetError, Prepared, letters,
    metrics::{self, Page},
    peers, snapshot,
    vitals::{Vitals, Watcher},
};
use crate::{
    custody,
    node::{Honest, Keeper, Node, Parts, start},
    pool::{Limits, Pool, PoolRules},
    rpc::{NodeBackend, RpcServer, serve},
    store::{
        Store,
        marshal::{BlockArchive, CertificateArchive},
    },
};
use commonware_consensus::{marshal::store::Blocks, simplex::scheme::ed25519::Scheme};
use commonware_cryptography::{Digestible, certificate::Verifier};
use commonware_runtime::{Clock, Handle, Metrics, Spawner, Supervisor, tokio::Context};
use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

/// Is a node at work; it ends with the runtime, or when it is killed.
pub struct Running {
    /// Its name in the process.
    pub name: String,
    /// The node.
    pub node: Node,
    /// Where its chain and state are kept.
    pub store: Store,
    /// What it is seen doing.
    pub vitals: Arc<Vitals>,
    /// Its RPC server, if it has one.
    pub rpc: Option<RpcServer>,
    /// Where its metrics are, if they are served.
    pub metrics: Option<SocketAddr>,
    tasks: Handle<()>,
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("name", &self.name).field("node", &self.node).finish_non_exhaustive()
    }
}

impl Running {
    /// Ends the node as a crash would: its tasks stop where they are.
    pub async fn kill(self) {
        self.tasks.abort();
        // An aborted task has nothing to say.
        let _ = self.tasks.await;
        if let Some(rpc) = self.rpc {
            rpc.stop();
            rpc.stopped().await;
        }
    }
}

/// Starts a node. Errors: its records cannot be opened, or an address has been taken meanwhile.
pub async fn launch(context: &Context, prepared: Prepared) -> Result<Running, NetError> {
    let Prepared { config, store, ledger, genesis } = prepared;
    let vitals = Arc::new(Vitals::default());
    let watcher = Watcher { name: config.name.clone(), vitals: vitals.clone() };
    let rules = PoolRules {
        chain_id: config.genesis.chain_id,
        block_gas_limit: config.genesis.block_gas_limit,
        dev: config.genesis.dev,
    };
    let pool = Pool::new(rules, Limits::default());
    let keeper =
        Arc::new(Keeper { store: store.clone(), watch: watcher, packages_kept: config.packages_kept });
    let node = Node::new(config.keys.clone(), config.settings, ledger, pool, keeper, Honest, 0);
    node.restore(store.own()?);

    let certificates = CertificateArchive::open(store.clone(), Scheme::certificate_codec_config_unbounded())?;
    let mut blocks = BlockArchive::open(store.clone(), ())?;
    let floor = match snapshot::beginning(&store)? {
        None => None,
        Some((floor, offer)) => {
            // The engine begins where the chain does.
            if blocks.last_index().is_none() {
                blocks = blocks.put(offer.digest(), &Arc::new(offer)).await?.sync().await?;
            }
            Some(floor)
        }
    };
    let backend = NodeBackend::new(node.clone(), store.clone(), vitals.clone());
    let (backend, hosted) = match &config.custody {
        None => (Arc::new(backend), None),
        Some(custody) => {
            let (hosted, inlet, board) = custody::host(custody, config.keys.id(), Arc::new(backend.clone()))?;
            (Arc::new(backend.with_custody(board)), Some((hosted, inlet)))
        }
    };
    let rpc =
        match config.rpc {
            None => None,
            Some(address) => Some(serve(backend, address, config.limits).await.map_err(|source| {
                NetError::Listen { address, purpose: "JSON-RPC", option: "--rpc", source }
            })?),
        };
    let listener = match config.metrics {
        None => None,
        Some(address) => Some(metrics::bind(address).await?),
    };
    let metrics = listener.as_ref().and_then(|listener| listener.local_addr().ok());
    let page = Page { name: config.name.clone(), node: node.clone(), vitals: vitals.clone() };
    let (name, started) = (config.name.clone(), node.clone());
    let context = context.child("node").with_attribute("node", &config.name);
    let tasks = context.spawn(move |context| async move {
        if let Some(listener) = listener {
            let page = page.clone();
            context.child("metrics").spawn(move |context| metrics::listen(context, listener, page));
        }
        context.child("census").spawn(move |context| census(context, page));
        let (channels, letters, oracle, network) = peers::connect(context.child("network"), &config, genesis);
        let parts = Parts {
            channels,
            blocker: oracle.clone(),
            manager: oracle,
            certificates,
            blocks,
            partition: config.name.clone(),
            followers: config.followers.clone(),
            floor,
        };
        letters::carry(&context, letters, hosted);
        start(context.child("tasks"), started, parts).await;
        // The network ends with the node's tasks only.
        let _ = network.await;
    });
    Ok(Running { name, node, store, vitals, rpc, metrics, tasks })
}

/// Counts the peers that are connected, once a second.
async fn census(context: Context, page: Page) {
    loop {
        page.vitals.set_peers(metrics::connected(&context.encode(), &page.name));
        context.sleep(Duration::from_secs(1)).await;
    }
}
