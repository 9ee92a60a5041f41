//! Tells of the network that makes the blocks: its round, groups and validators, as this node sees them.

use super::{Answer, Context};
use crate::rpc::{
    args::Args,
    error::RpcError,
    network::NetworkView,
    shape::{print, quantity},
};
use alloy_primitives::{Bytes, U256};
use serde_json::{Value, json};
use std::sync::Arc;

/// Tells how this node stands.
pub(super) fn status(context: &Context, _: Args) -> Answer {
    let network = network(context)?;
    let status = network.status().map_err(RpcError::refused)?;
    let heard = network.heard();
    let (pending, queued) = status.pool;
    Ok(json!({
        "height": quantity(status.height),
        "head": status.head,
        "highest": quantity(status.highest),
        "epoch": quantity(status.epoch),
        "epochLength": quantity(status.epoch_length),
        "x": quantity(u64::from(status.groups)),
        "seed": status.seed,
        "beacon": {
            "key": status.beacon.key.map(Bytes::from),
            "dealings": quantity(status.beacon.dealings.into()),
            "quorum": quantity(status.quorum as u64),
            "share": status.share,
        },
        "nextTime": quantity(status.time),
        "node": status.me,
        "group": status.group.map(|group| quantity(u64::from(group))),
        "representatives": representatives(&*network)?,
        "offers": quantity(status.offers as u64),
        "packagesHeard": quantity(heard.packages),
        "offersHeard": quantity(heard.offers),
        "finalityMilliseconds": quantity(network.latency_ms()),
        "workMicroseconds": quantity(network.worked_us()),
        "cheats": quantity(network.cheats()),
        "peers": quantity(context.backend.peers() as u64),
        "pool": { "pending": quantity(pending as u64), "queued": quantity(queued as u64) },
    }))
}

/// Lists the groups of the next block's round.
pub(super) fn groups(context: &Context, _: Args) -> Answer {
    let groups = network(context)?.groups().map_err(RpcError::refused)?;
    let rows = groups.into_iter().map(|group| {
        json!({
            "group": quantity(u64::from(group.group)),
            "representative": group.representative,
            "members": group.members,
            "package": group.package.map(|transactions| quantity(transactions as u64)),
        })
    });
    Ok(rows.collect())
}

/// Lists the committee.
pub(super) fn validators(context: &Context, _: Args) -> Answer {
    let validators = network(context)?.validators().map_err(RpcError::refused)?;
    let rows = validators.into_iter().map(|validator| {
        json!({
            "node": validator.key,
            "owner": validator.owner,
            "payout": validator.payout,
            "stake": print(U256::from(validator.stake)),
            "weight": quantity(validator.weight),
            "represents": validator.represents.map(|group| quantity(u64::from(group))),
        })
    });
    Ok(rows.collect())
}

fn network(context: &Context) -> Result<Arc<dyn NetworkView>, RpcError> {
    let none = || RpcError::refused("no network: a chain of one node");
    context.backend.network().ok_or_else(none)
}

fn representatives(network: &dyn NetworkView) -> Result<Value, RpcError> {
    let groups = network.groups().map_err(RpcError::refused)?;
    Ok(groups.into_iter().map(|group| json!(group.representative)).collect())
}
