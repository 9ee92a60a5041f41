//! Tests custody of outer coins: keys, books, proofs, and calls through the EVM.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test may panic"
)]

mod books;
#[path = "../common/mod.rs"]
mod common;
mod evm;
mod keys;
mod model;
mod proofs;
mod world;
