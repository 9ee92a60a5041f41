//! Is the nodes of a run, their disks and links, and the run itself.
//!
//! ```text
//! ground   the genesis
//! life     a validator through all its restarts
//! mishap   faults as they happen
//! verdict  what is looked at in the end
//! ```

mod ground;
mod life;
mod mishap;
mod verdict;

use self::{life::Life, mishap::fair_weather};
use super::{
    changes,
    count::Counts,
    faults,
    setting::{Outcome, Setting},
    traffic::Traffic,
    witness::Witness,
};
use crate::{genesis::Genesis, node::Node};
use alloy_primitives::Address;
use commonware_cryptography::ed25519::PublicKey;
use commonware_p2p::simulated::{Config, Network, Oracle};
use commonware_runtime::{Clock, Runner, Supervisor, deterministic};
use commonware_utils::{NZUsize, Probability, probability, sync::Mutex};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{sync::Arc, time::Duration};

const CHAIN_ID: u64 = 1_337;
/// Simulated time in which a healed network must make blocks again.
const HEALED_WITHIN: Duration = Duration::from_secs(120);
/// Blocks that it must make in that time.
const HEALED_BLOCKS: u64 = 3;
/// Most simulated time of a run with faults, for each block.
const BLOCK_TIME_MAX: Duration = Duration::from_secs(30);

const SURE: Probability = probability!(1.0);

type Context = deterministic::Context;

/// Runs nodes until the honest ones have reached the height, and says what did not hold.
pub fn run(setting: Setting) -> Outcome {
    let config = deterministic::Config::new().with_seed(setting.seed).with_cycle(Duration::from_millis(2));
    deterministic::Runner::new(config).start(|context| async move {
        let mut world = World::new(context, setting).await;
        world.live().await;
        world.end().await
    })
}

struct World {
    context: Context,
    setting: Setting,
    rng: StdRng,
    oracle: Oracle<PublicKey, Context>,
    lives: Vec<Life>,
    witness: Arc<Mutex<Witness>>,
    traffic: Traffic,
    genesis: Genesis,
    faults: u32,
    punished: usize,
    changes: (usize, usize),
    committee_seeds: u64,
    /// The contract that triggers start.
    clockwork: Option<Address>,
    joined: bool,
    left: bool,
    counts: Counts,
}

impl World {
    async fn new(context: Context, setting: Setting) -> Self {
        let mut rng = StdRng::seed_from_u64(setting.seed ^ 0x5eed);
        let all = setting.nodes + u32::from(setting.changes);
        let lives: Vec<Life> = (0..all).map(|index| Life::new(index, setting, &mut rng)).collect();
        let keys: Vec<PublicKey> = lives.iter().map(|life| life.keys.public()).collect();
        let config = Config {
            max_size: 8 << 20,
            max_peers_per_set: NZUsize!(keys.len() + 1),
            disconnect_on_block: true,
            tracked_peer_sets: NZUsize!(4),
        };
        let (network, oracle) = Network::new_with_peers(context.child("network"), config, keys).await;
        network.start();
        let genesis = ground::genesis(&lives, setting);
        let (witness, counts) = (Arc::default(), Counts::default());
        let traffic = Traffic::new(CHAIN_ID);
        let mut world = Self {
            context,
            setting,
            rng,
            oracle,
            lives,
            witness,
            traffic,
            genesis,
            faults: 0,
            punished: 0,
            changes: (0, 0),
            committee_seeds: 0,
            clockwork: None,
            joined: false,
            left: false,
            counts,
        };
        world.relink(|_, _| Some(fair_weather())).await;
        for index in 0..setting.nodes {
            world.boot(index).await;
        }
        world
    }

    /// Lets time run, with traffic and faults, until the height is reached or the time is over.
    async fn live(&mut self) {
        let mut next_fault = self.context.current() + faults::pause(&mut self.rng);
        let blocks = u32::try_from(self.setting.blocks).unwrap_or(u32::MAX);
        let over = self.context.current() + BLOCK_TIME_MAX * blocks;
        while self.lowest() < self.setting.blocks && self.context.current() < over && self.sound() {
            self.context.sleep(Duration::from_millis(250)).await;
            self.send();
            if self.joined && self.life(self.setting.nodes).is_some_and(|life| life.running.is_none()) {
                // It starts with an empty disk, some time after it was registered.
                self.boot(self.setting.nodes).await;
            }
            if self.setting.faults && self.context.current() >= next_fault {
                let fault = faults::choose(&mut self.rng, self.setting.nodes);
                self.suffer(fault).await;
                next_fault = self.context.current() + faults::pause(&mut self.rng);
            }
        }
    }

    /// Heals everything, demands new blocks, and looks at what is left.
    async fn end(mut self) -> Outcome {
        if self.setting.faults {
            self.relink(|_, _| Some(fair_weather())).await;
        }
        for index in 0..self.lives.len() as u32 {
            if self.life(index).is_some_and(|life| life.running.is_none()) {
                self.boot(index).await;
            }
        }
        let enough = self.highest().max(self.setting.blocks) + HEALED_BLOCKS;
        let by = self.context.current() + HEALED_WITHIN;
        while self.context.current() < by && self.sound() && (self.lowest() < enough || self.missing() > 0) {
            self.context.sleep(Duration::from_millis(250)).await;
        }
        self.judge(enough);
        self.outcome()
    }

    fn fail(&self, what: String) {
        self.witness.lock().fail(what);
    }

    fn sound(&self) -> bool {
        self.witness.lock().violations.is_empty()
    }

    fn life(&self, index: u32) -> Option<&Life> {
        self.lives.get(index as usize)
    }

    /// Returns the height of the honest node that is furthest behind.
    fn lowest(&self) -> u64 {
        let witness = self.witness.lock();
        let honest =
            (0u32..).zip(&self.lives).filter(|(_, life)| life.mischief.is_none() && life.running.is_some());
        honest
            .map(|(index, _)| witness.heights.get(&index).copied().unwrap_or_default())
            .min()
            .unwrap_or_default()
    }

    fn highest(&self) -> u64 {
        self.witness.lock().heights.values().max().copied().unwrap_or_default()
    }

    fn missing(&self) -> usize {
        let witness = self.witness.lock();
        self.traffic.taken.iter().filter(|hash| !witness.included.contains_key(*hash)).count()
    }

    fn send(&mut self) {
        let running: Vec<Node> = self
            .lives
            .iter()
            .filter(|life| life.mischief.is_none())
            .filter_map(|life| life.running.as_ref().map(|running| running.node.clone()))
            .collect();
        if running.is_empty() {
            return;
        }
        for _ in 0..self.due() {
            let chosen = self.rng.random_range(0..running.len());
            if let Some(node) = running.get(chosen) {
                self.clockwork = self.clockwork.or_else(|| self.traffic.release(node));
                self.change(node);
                self.traffic.send(&mut self.rng, node);
            }
        }
    }

    /// Has a validator join, once, and the last of the first ones leave after it, once.
    fn change(&mut self, node: &Node) {
        if !self.setting.changes || self.rng.random_bool(0.9) {
            return;
        }
        let key = |index: u32| self.lives.get(index as usize).map(|life| life.keys.clone());
        let (Some(last), Some(new)) = (key(self.setting.nodes - 1), key(self.setting.nodes)) else { return };
        if !self.joined {
            self.joined = changes::join(&mut self.traffic, node, &new).is_some();
        } else if !self.left && self.highest() > self.setting.epoch_length {
            self.left = changes::leave(&mut self.traffic, node, last.id()).is_some();
        }
    }

    /// Says how many transactions users send now; it is asked four times a second.
    fn due(&mut self) -> u32 {
        if self.setting.load.is_empty() {
            return self.rng.random_bool(0.6).into();
        }
        let height = self.highest();
        let load = self.setting.load.iter().find(|load| height < load.until);
        let rate = load.map_or(0, |load| load.rate);
        rate / 4 + u32::from(self.rng.random_range(0..4) < rate % 4)
    }
}
