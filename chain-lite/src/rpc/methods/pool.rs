//! Takes transactions and shows those that wait.

use super::{Answer, Context};
use crate::{
    error::InvalidTx,
    rpc::{
        args::{Args, kind},
        error::RpcError,
        shape::{self, print, quantity},
    },
    tx::Transaction,
};
use alloy_primitives::Bytes;
use serde_json::{Map, Value, json};

/// Takes a signed transaction and returns its hash.
pub(super) fn send_raw(context: &Context, mut args: Args) -> Answer {
    let raw: Bytes = args.required(kind::BYTES)?;
    let tx = Transaction::decode_signed(&raw).map_err(|error| match error {
        InvalidTx::Encoding(_) => RpcError::Params(format!("parameter 1: {error}")),
        other => RpcError::refused(other),
    })?;
    context.backend.submit(tx).map(print).map_err(RpcError::refused)
}

/// Counts what waits.
pub(super) fn status(context: &Context, _: Args) -> Answer {
    let (pending, queued) = context.backend.pool().status();
    Ok(json!({ "pending": quantity(pending as u64), "queued": quantity(queued as u64) }))
}

/// Lists what waits by sender and nonce.
pub(super) fn content(context: &Context, _: Args) -> Answer {
    let content = context.backend.pool().content();
    let (mut pending, mut queued) = (Map::new(), Map::new());
    for (sender, content) in content {
        let sender = sender.to_checksum(None);
        for (rows, transactions) in [(&mut pending, content.pending), (&mut queued, content.queued)] {
            if !transactions.is_empty() {
                rows.insert(sender.clone(), by_nonce(&transactions));
            }
        }
    }
    Ok(json!({ "pending": pending, "queued": queued }))
}

fn by_nonce(transactions: &[Transaction]) -> Value {
    let rows = transactions.iter().map(|tx| (tx.nonce().to_string(), shape::transaction(tx, None)));
    Value::Object(rows.collect())
}
