//! Runs nodes on real sockets, disks and clocks: the same nodes that [`crate::sim`] simulates.
//!
//! ```text
//! config   what a node is told
//! address  how nodes are named and reached
//! snapshot the state of a stopped node as a file, and a node that starts from it
//! check    what must hold before anything is written: ports, clock, folder, chain
//! launch   puts a node together and starts its tasks
//! letters  what custodians tell each other
//! peers    the encrypted network among the nodes
//! vitals   what a node is seen doing: counts, times, whether it stopped
//! metrics  the same for Prometheus, over HTTP
//! run      one process with one or more nodes, until one stops or the process is told to
//! ```

mod address;
mod check;
mod config;
mod error;
mod launch;
mod letters;
mod metrics;
mod peers;
mod run;
mod snapshot;
mod vitals;

pub use address::{AddressError, ingress, node_key, peer};
pub use check::{DRIFT_MAX, Prepared, prepare};
pub use config::NodeConfig;
pub use error::NetError;
pub use launch::{Running, launch};
pub use run::{Process, run, run_while};
pub use snapshot::{SnapshotInfo, SnapshotSource, export, import, inspect};
pub use vitals::{Vitals, Watcher};
