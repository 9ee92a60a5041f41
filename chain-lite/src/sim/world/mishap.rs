//! Lets nodes and links suffer, and heals them.

use super::{SURE, World};
use crate::{sim::faults::Fault, store::fault::Disk};
use commonware_cryptography::ed25519::PublicKey;
use commonware_p2p::simulated::Link;
use commonware_runtime::Clock;
use commonware_utils::Probability;
use rand::RngExt;
use std::{collections::BTreeSet, time::Duration};

impl World {
    /// Has a fault happen, and ends it.
    pub(super) async fn suffer(&mut self, fault: Fault) {
        self.faults += 1;
        tracing::debug!(?fault, "fault");
        match fault {
            Fault::PowerCut { node, back } => {
                let seed = self.rng.random();
                self.crash(node, |disk| disk.crash(seed)).await;
                self.pass(back).await;
                self.boot(node).await;
            }
            Fault::Kill { node, back } => {
                self.crash(node, Disk::kill).await;
                self.pass(back).await;
                self.boot(node).await;
            }
            Fault::DiskFull { node, writes, back } => {
                if let Some(life) = self.life(node) {
                    life.disk.fill_after(Some(writes));
                }
                self.pass(back).await;
                self.crash(node, Disk::kill).await;
                if let Some(life) = self.life(node) {
                    life.disk.fill_after(None);
                }
                self.boot(node).await;
            }
            Fault::Partition { side, one_way, lasts } => {
                let side: BTreeSet<u32> = side.into_iter().collect();
                self.relink(|from, to| match (side.contains(&from), side.contains(&to)) {
                    (true, false) => None,
                    (false, true) if !one_way => None,
                    _ => Some(fair_weather()),
                })
                .await;
                self.pass(lasts).await;
                self.relink(|_, _| Some(fair_weather())).await;
            }
            Fault::BadWeather { latency, loss_percent, lasts } => {
                let link = Link {
                    latency,
                    jitter: latency / 2,
                    success_rate: Probability::new(100 - u64::from(loss_percent.min(99)), 100)
                        .unwrap_or(SURE),
                };
                self.relink(|_, _| Some(link.clone())).await;
                self.pass(lasts).await;
                self.relink(|_, _| Some(fair_weather())).await;
            }
        }
    }

    /// Lets time pass while users go on.
    async fn pass(&mut self, time: Duration) {
        let until = self.context.current() + time;
        while self.context.current() < until {
            self.context.sleep(Duration::from_millis(250)).await;
            self.send();
        }
    }

    async fn crash(&mut self, index: u32, harm: impl FnOnce(&Disk)) {
        let Some(life) = self.lives.get_mut(index as usize) else { return };
        let Some(running) = life.running.take() else { return };
        *running.crashed.lock() = true;
        running.handle.abort();
        // An aborted task has nothing to say.
        let _ = running.handle.await;
        harm(&life.disk);
    }

    /// Starts a node from what its disk holds.
    pub(super) async fn boot(&mut self, index: u32) {
        let genesis = self.genesis.clone();
        let Some(life) = self.lives.get(index as usize) else { return };
        match life.boot(index, self, genesis).await {
            Ok(running) => {
                if let Some(life) = self.lives.get_mut(index as usize) {
                    life.running = Some(running);
                }
            }
            Err(what) => self.fail(format!("node {index} does not start: {what}")),
        }
    }

    /// Gives each pair of nodes the link that `link` says, or none.
    pub(super) async fn relink(&self, link: impl Fn(u32, u32) -> Option<Link>) {
        let keys: Vec<PublicKey> = self.lives.iter().map(|life| life.keys.public()).collect();
        for (from, from_key) in (0u32..).zip(&keys) {
            for (to, to_key) in (0u32..).zip(&keys).filter(|(to, _)| *to != from) {
                // There is no link to remove at the beginning.
                let _ = self.oracle.remove_link(from_key.clone(), to_key.clone()).await;
                if let Some(link) = link(from, to) {
                    let linked = self.oracle.add_link(from_key.clone(), to_key.clone(), link).await;
                    if let Err(error) = linked {
                        self.fail(format!("simulated link: {error}"));
                    }
                }
            }
        }
    }
}

/// Is a good link.
pub(super) fn fair_weather() -> Link {
    Link { latency: Duration::from_millis(20), jitter: Duration::from_millis(10), success_rate: SURE }
}
