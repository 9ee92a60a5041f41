//! Chooses what goes wrong, and when.

use rand::{RngExt, rngs::StdRng};
use std::time::Duration;

/// Is something that goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fault {
    /// A node's power fails: writes that were not synced are lost or torn. It comes back after a while.
    PowerCut { node: u32, back: Duration },
    /// A node's process is killed; what was written stays.
    Kill { node: u32, back: Duration },
    /// A node's disk is full after a few more writes, until it is started again.
    DiskFull { node: u32, writes: u64, back: Duration },
    /// Nodes of the two sides do not hear each other; if `one_way`, the first side still hears the second.
    Partition { side: Vec<u32>, one_way: bool, lasts: Duration },
    /// Every link is slow and loses messages.
    BadWeather { latency: Duration, loss_percent: u8, lasts: Duration },
}

/// Chooses a fault.
pub(super) fn choose(rng: &mut StdRng, nodes: u32) -> Fault {
    let node = rng.random_range(0..nodes);
    let while_ = Duration::from_millis(rng.random_range(500..8_000));
    match rng.random_range(0..10) {
        0..=2 => Fault::PowerCut { node, back: while_ },
        3 => Fault::Kill { node, back: while_ },
        4 => Fault::DiskFull { node, writes: rng.random_range(0..40), back: while_ },
        5..=7 => Fault::Partition {
            side: (0..nodes).filter(|_| rng.random_bool(0.5)).collect(),
            one_way: rng.random_bool(0.3),
            lasts: while_,
        },
        _ => Fault::BadWeather {
            latency: Duration::from_millis(rng.random_range(50..600)),
            loss_percent: rng.random_range(0..30),
            lasts: while_,
        },
    }
}

/// Chooses how long it is until the next fault.
pub(super) fn pause(rng: &mut StdRng) -> Duration {
    Duration::from_millis(rng.random_range(1_000..8_000))
}
