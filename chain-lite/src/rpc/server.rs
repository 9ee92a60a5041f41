//! Serves HTTP and WebSocket on one port.

use super::{
    backend::Backend,
    methods::{self, Context, METHODS},
    subscribe,
};
use jsonrpsee::{
    RpcModule,
    server::{BatchRequestConfig, IdProvider, RegisterMethodError, Server, ServerConfig, ServerHandle},
    types::{ErrorObjectOwned, SubscriptionId},
};
use std::{
    hash::{BuildHasher, RandomState},
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Bounds what clients may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerLimits {
    /// Most bytes of a request, batches included.
    pub request_bytes: u32,
    /// Most bytes of a response.
    pub response_bytes: u32,
    /// Most requests of a batch.
    pub batch: u32,
    /// Most connections at a time.
    pub connections: u32,
    /// Most subscriptions of one connection.
    pub subscriptions: u32,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            request_bytes: 5 << 20,
            response_bytes: 32 << 20,
            batch: 1_000,
            connections: 256,
            subscriptions: 64,
        }
    }
}

/// Is a running server; it stops when the last handle is dropped or told to.
#[derive(Debug, Clone)]
pub struct RpcServer {
    address: SocketAddr,
    handle: ServerHandle,
}

impl RpcServer {
    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops it.
    pub fn stop(&self) {
        // It may have stopped already.
        let _ = self.handle.stop();
    }

    /// Waits until it has stopped.
    pub async fn stopped(self) {
        self.handle.stopped().await;
    }
}

/// Starts a server on `address`; port 0 takes any that is free. It needs a tokio runtime with I/O. Errors: the
/// address cannot be bound.
pub async fn serve(
    backend: Arc<dyn Backend>,
    address: SocketAddr,
    limits: ServerLimits,
) -> io::Result<RpcServer> {
    let config = ServerConfig::builder()
        .max_request_body_size(limits.request_bytes)
        .max_response_body_size(limits.response_bytes)
        .max_connections(limits.connections)
        .max_subscriptions_per_connection(limits.subscriptions)
        .set_batch_request_config(BatchRequestConfig::Limit(limits.batch))
        .set_id_provider(HexIds::default())
        .set_tcp_no_delay(true)
        .build();
    let server = Server::builder().set_config(config).build(address).await?;
    let address = server.local_addr()?;
    let module = module(Arc::new(Context::new(backend))).map_err(io::Error::other)?;
    Ok(RpcServer { address, handle: server.start(module) })
}

/// Registers every method. Errors: two have one name.
pub fn module(context: Arc<Context>) -> Result<RpcModule<Context>, RegisterMethodError> {
    let mut module = RpcModule::from_arc(context);
    for method in METHODS {
        module.register_blocking_method(method.name, move |parameters, context, _| {
            methods::run(&context, method, parameters.as_str()).map_err(ErrorObjectOwned::from)
        })?;
    }
    module.register_subscription(
        "eth_subscribe",
        "eth_subscription",
        "eth_unsubscribe",
        |parameters, pending, context, _| async move {
            let parameters = parameters.as_str().map(String::from);
            subscribe::run(context, parameters, pending).await;
        },
    )?;
    Ok(module)
}

/// Makes ids as Ethereum's clients do: hexadecimal, and not to be guessed.
#[derive(Debug, Default)]
struct HexIds {
    random: RandomState,
    count: AtomicU64,
}

impl IdProvider for HexIds {
    fn next_id(&self) -> SubscriptionId<'static> {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        SubscriptionId::Str(format!("{:#x}", self.random.hash_one(count)).into())
    }
}
