//! Tells what the node is.

use super::{Answer, Context};
use crate::rpc::{
    args::{Args, kind},
    shape::{print, quantity},
};
use alloy_primitives::{Bytes, keccak256};
use serde_json::json;

/// Returns the name and version of the software.
pub(super) fn client_version(_: &Context, _: Args) -> Answer {
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    Ok(json!(format!("fusor/v{}/{machine}-{system}", env!("CARGO_PKG_VERSION"))))
}

/// Returns the Keccak-256 of bytes.
pub(super) fn sha3(_: &Context, mut args: Args) -> Answer {
    Ok(print(keccak256(args.required::<Bytes>(kind::BYTES)?)))
}

/// Returns the chain id in decimal.
pub(super) fn net_version(context: &Context, _: Args) -> Answer {
    Ok(json!(context.chain()?.genesis().chain_id.to_string()))
}

/// Says that connections are taken.
pub(super) fn listening(_: &Context, _: Args) -> Answer {
    Ok(json!(true))
}

/// Returns the number of connected nodes.
pub(super) fn peer_count(context: &Context, _: Args) -> Answer {
    Ok(quantity(context.backend.peers() as u64))
}

/// Returns the chain id.
pub(super) fn chain_id(context: &Context, _: Args) -> Answer {
    Ok(quantity(context.chain()?.genesis().chain_id))
}

/// Says how far the node is; false if it has caught up.
pub(super) fn syncing(context: &Context, _: Args) -> Answer {
    Ok(match context.backend.syncing() {
        None => json!(false),
        Some(at) => json!({
            "startingBlock": quantity(at.starting),
            "currentBlock": quantity(at.current),
            "highestBlock": quantity(at.highest),
        }),
    })
}

/// Lists the accounts whose keys the node holds: none.
pub(super) fn accounts(_: &Context, _: Args) -> Answer {
    Ok(json!([]))
}
