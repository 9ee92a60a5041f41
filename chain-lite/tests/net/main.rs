//! Runs nodes on loopback sockets and real disks, in one process.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod calls;
mod refused;
mod rig;
mod running;
mod snapshot;
mod waiting;
