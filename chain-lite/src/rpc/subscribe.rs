//! Sends notices over WebSocket: new heads, logs, transactions that come into the pool.

use super::{
    args::{Args, kind},
    backend::Change,
    error::RpcError,
    methods::{self, Context},
    shape,
};
use alloy_primitives::B256;
use alloy_rpc_types_eth::Filter;
use jsonrpsee::{
    server::{PendingSubscriptionSink, SubscriptionSink},
    types::ErrorObjectOwned,
};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;

/// Most blocks that one notice is caught up over at a time.
const CATCH_UP_MAX: u64 = 128;

/// Is what a subscriber wants to hear of.
#[derive(Debug)]
enum Topic {
    Heads,
    Logs(Box<Filter>),
    Pending { full: bool },
}

impl Topic {
    fn read(parameters: Option<&str>) -> Result<Self, RpcError> {
        let mut args = Args::parse(parameters, 2)?;
        let kinds = "newHeads, logs or newPendingTransactions";
        match args.required::<String>(kinds)?.as_str() {
            "newHeads" => Ok(Self::Heads),
            "newPendingTransactions" => {
                Ok(Self::Pending { full: args.optional(kind::BOOL)?.unwrap_or(false) })
            }
            "logs" => {
                let filter: Filter = args.optional(kind::FILTER)?.unwrap_or_default();
                methods::check_filter(&filter)?;
                Ok(Self::Logs(Box::new(filter)))
            }
            other => Err(RpcError::Params(format!("parameter 1: expected {kinds}, not {other}"))),
        }
    }
}

/// Serves one subscription until the client leaves.
pub(super) async fn run(context: Arc<Context>, parameters: Option<String>, pending: PendingSubscriptionSink) {
    let topic = match Topic::read(parameters.as_deref()) {
        Ok(topic) => Arc::new(topic),
        Err(error) => return pending.reject(ErrorObjectOwned::from(error)).await,
    };
    let mut changes = context.backend.changes();
    let reading = context.clone();
    let height = tokio::task::spawn_blocking(move || reading.backend.chain().map(|chain| chain.height()));
    let Ok(height) = height.await else { return };
    let mut told = match height {
        Ok(height) => height,
        Err(error) => return pending.reject(ErrorObjectOwned::from(RpcError::from(error))).await,
    };
    let Ok(sink) = pending.accept().await else { return };
    loop {
        let change = tokio::select! {
            change = changes.recv() => change,
            () = sink.closed() => return,
        };
        let change = match change {
            Ok(change) => Some(change),
            Err(RecvError::Lagged(_)) => None,
            Err(RecvError::Closed) => return,
        };
        let (reading, about) = (context.clone(), topic.clone());
        let notices = tokio::task::spawn_blocking(move || notices(&reading, &about, change, told));
        let Ok(Ok((notices, height))) = notices.await else { return };
        told = height;
        if send(&sink, notices).await.is_none() {
            return;
        }
    }
}

async fn send(sink: &SubscriptionSink, notices: Vec<Value>) -> Option<()> {
    for notice in notices {
        sink.send(serde_json::value::to_raw_value(&notice).ok()?).await.ok()?;
    }
    Some(())
}

/// Lists what to tell after a change, or after a gap in the feed, and the height up to which all is told.
fn notices(
    context: &Context,
    topic: &Topic,
    change: Option<Change>,
    told: u64,
) -> Result<(Vec<Value>, u64), RpcError> {
    Ok(match (topic, change) {
        (Topic::Pending { full }, Some(Change::Pending(hash))) => (pending(context, hash, *full)?, told),
        (Topic::Pending { .. }, _) | (_, Some(Change::Pending(_))) => (Vec::new(), told),
        (topic, change) => {
            let chain = context.backend.chain()?;
            let head = chain.height();
            // A chain that went back tells its new blocks again.
            let from = match change {
                Some(Change::Block(number)) => number.min(told.saturating_add(1)),
                _ => told.saturating_add(1),
            };
            let from = from.max(head.saturating_sub(CATCH_UP_MAX - 1));
            let told = (from..=head).flat_map(|number| match topic {
                Topic::Logs(filter) => {
                    let logs = methods::logs_of_block(&*chain, filter, number);
                    logs.into_iter().map(shape::print).collect()
                }
                _ => chain.block(number).map(|block| shape::header(&block)).into_iter().collect::<Vec<_>>(),
            });
            (told.collect(), head)
        }
    })
}

fn pending(context: &Context, hash: B256, full: bool) -> Result<Vec<Value>, RpcError> {
    if !full {
        return Ok(vec![shape::print(hash)]);
    }
    if let Some(tx) = context.backend.pool().get(&hash) {
        return Ok(vec![shape::transaction(tx, None)]);
    }
    let chain = context.backend.chain()?;
    // A block may have been faster than this notice.
    let sealed = chain.place_of(hash).and_then(|(number, index)| {
        chain.block(number)?.transactions.get(index).map(|tx| shape::transaction(tx, None))
    });
    Ok(sealed.into_iter().collect())
}
