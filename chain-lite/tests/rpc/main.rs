//! Asks the RPC server everything: in process, over a socket, and by tools that others wrote.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]
#![allow(unreachable_pub, reason = "one test program of several files")]

mod clients;
#[path = "../common/mod.rs"]
mod common;
mod execute;
mod filters;
mod methods;
mod rig;
mod server;
mod shapes;
