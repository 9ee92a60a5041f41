//! Watches, spends and reorganises a real `anvil`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;
mod deposits;
mod node;
mod spending;
