//! Watches, spends and reorganises a real `litecoind` in regtest. Every spend is also judged by Bitcoin's own rules.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;
mod deposits;
mod node;
mod proofs;
mod spending;
