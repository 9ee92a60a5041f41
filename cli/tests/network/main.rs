//! Runs `fusor node` and `fusor devnet` as processes: killed, restarted, cut off, and asked by users all the while.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "../common/mod.rs"]
mod common;

mod bond;
mod client;
mod custody;
mod devnet;
mod loopback;
mod namespaces;
mod nodes;
mod snapshot;
