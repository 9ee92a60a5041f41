//! Is the nodes of a run, their disks and links, and the run itself.

use super::{
    count::{Carries, Counting, Counts, Kind},
    faults::{self, Fault},
    hostile::Mischief,
    setting::{Made, Outcome, Setting},
    traffic::Traffic,
    witness::{Watcher, Witness},
};
use crate::{
    chain::Chain,
    genesis::{BaseFee, Consensus, Genesis},
    hhcm::Randomness,
    ledger::reopen,
    node::{Channels, Honest, Node, NodeKeys, Parts, Settings, start},
    pool::{Limits, Pool, PoolRules},
    store::{
        Store,
        fault::Disk,
        marshal::{BlockArchive, CertificateArchive},
    },
};
use alloy_primitives::{Address, B256, U256};
use commonware_consensus::simplex::scheme::ed25519::Scheme;
use commonware_cryptography::{certificate::Verifier, ed25519::PublicKey};
use commonware_p2p::simulated::{Config, Link, Network, Oracle};
use commonware_runtime::{Clock, Handle, Quota, Runner, Spawner, Supervisor, deterministic};
use commonware_utils::{NZU32, NZUsize, Probability, probability, sync::Mutex};
use fusor_vm::hhcm::{Founder, Params};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

const CHAIN_ID: u64 = 1_337;
const COIN: u128 = 1_000_000_000_000_000_000;
/// Simulated time in which a healed network must make blocks again.
const HEALED_WITHIN: Duration = Duration::from_secs(120);
/// Blocks that it must make in that time.
const HEALED_BLOCKS: u64 = 3;
/// Most simulated time of a run with faults, for each block.
const BLOCK_TIME_MAX: Duration = Duration::from_secs(30);

const SURE: Probability = probability!(1.0);

/// What a node's channels carry, in the order of [`Channels`].
const CARRIES: [Carries; 7] = [
    Carries::One(Kind::Votes),
    Carries::One(Kind::Certificates),
    Carries::One(Kind::Catchup),
    Carries::One(Kind::Blocks),
    Carries::One(Kind::Catchup),
    Carries::Gossip,
    Carries::One(Kind::Catchup),
];

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
    counts: Counts,
}

/// Is a validator through all its restarts.
struct Life {
    keys: NodeKeys,
    disk: Disk,
    mischief: Option<Mischief>,
    skew_ms: i64,
    running: Option<Running>,
}

struct Running {
    node: Node,
    handle: Handle<()>,
    crashed: Arc<Mutex<bool>>,
}

impl World {
    async fn new(context: Context, setting: Setting) -> Self {
        let mut rng = StdRng::seed_from_u64(setting.seed ^ 0x5eed);
        let lives: Vec<Life> = (0..setting.nodes).map(|index| Life::new(index, setting, &mut rng)).collect();
        let keys: Vec<PublicKey> = lives.iter().map(|life| life.keys.public()).collect();
        let config = Config {
            max_size: 8 << 20,
            max_peers_per_set: NZUsize!(keys.len() + 1),
            disconnect_on_block: true,
            tracked_peer_sets: NZUsize!(4),
        };
        let (network, oracle) = Network::new_with_peers(context.child("network"), config, keys).await;
        network.start();
        let genesis = genesis(&lives, setting);
        let (witness, counts) = (Arc::default(), Counts::default());
        let traffic = Traffic::new(CHAIN_ID);
        let mut world =
            Self { context, setting, rng, oracle, lives, witness, traffic, genesis, faults: 0, counts };
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
            if self.setting.faults && self.context.current() >= next_fault {
                let fault = faults::choose(&mut self.rng, self.setting.nodes);
                self.suffer(fault).await;
                next_fault = self.context.current() + faults::pause(&mut self.rng);
            }
        }
    }

    /// Heals everything, demands new blocks, and looks at what is left.
    async fn end(mut self) -> Outcome {
        self.relink(|_, _| Some(fair_weather())).await;
        for index in 0..self.setting.nodes {
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

    fn judge(&mut self, enough: u64) {
        let lowest = self.lowest();
        if lowest < enough {
            self.fail(format!("a node is at height {lowest}, not {enough}, long after all was healed"));
        }
        self.judge_traffic();
        self.judge_replay();
        self.judge_guilt();
    }

    fn judge_traffic(&mut self) {
        let taken: BTreeSet<B256> = self.traffic.taken.iter().copied().collect();
        let wrong: Vec<String> = {
            let witness = self.witness.lock();
            let times = |hash: &B256| witness.included.get(hash).map_or(0, Vec::len);
            let wrong = taken.iter().filter(|hash| times(hash) != 1);
            wrong.map(|hash| format!("transaction {hash} is final {} times", times(hash))).collect()
        };
        wrong.into_iter().for_each(|what| self.fail(what));
    }

    /// Runs the chain of a node again, one transaction after another, and compares roots, receipts and coin.
    fn judge_replay(&mut self) {
        let Some((store, height)) = self.honest_store() else { return };
        let verdict = replay(&self.genesis, &store, height);
        if let Err(what) = verdict {
            self.fail(what);
        }
    }

    /// No honest node may be called a cheat.
    fn judge_guilt(&mut self) {
        let honest: BTreeSet<B256> =
            self.lives.iter().filter(|life| life.mischief.is_none()).map(|life| life.keys.id()).collect();
        let called: Vec<_> = self.witness.lock().cheats.iter().cloned().collect();
        for (author, what) in called {
            if honest.contains(&author) {
                self.fail(format!("honest node {author} is called a cheat: {what}"));
            }
        }
    }

    fn outcome(self) -> Outcome {
        let height = self.lowest();
        let witness = self.witness.lock();
        let hostile: BTreeSet<B256> =
            self.lives.iter().filter(|life| life.mischief.is_some()).map(|life| life.keys.id()).collect();
        let made = witness.made.values();
        let blocks: Vec<Made> =
            made.map(|(author, made)| Made { hostile: hostile.contains(author), ..*made }).collect();
        let mut finality_ms = witness.finality_ms.clone();
        finality_ms.sort_unstable();
        let included = self.traffic.taken.iter().filter(|hash| witness.included.contains_key(*hash)).count();
        let time = self.context.current().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Outcome {
            violations: witness.violations.clone(),
            height,
            history: self.context.auditor().state(),
            head: witness.at(height).unwrap_or_default(),
            transactions: (self.traffic.taken.len(), included),
            faults: self.faults,
            hostile_blocks: blocks.iter().filter(|made| made.hostile).count() as u64,
            cheats: witness.cheats.len(),
            time_ms: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
            blocks,
            sent: self.counts.lock().clone(),
            finality_ms,
        }
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
        let honest = (0u32..).zip(&self.lives).filter(|(_, life)| life.mischief.is_none());
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
                self.traffic.send(&mut self.rng, node);
            }
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

    async fn suffer(&mut self, fault: Fault) {
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
    async fn boot(&mut self, index: u32) {
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

    async fn relink(&self, link: impl Fn(u32, u32) -> Option<Link>) {
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

    fn honest_store(&self) -> Option<(Store, u64)> {
        let hash = genesis_hash(&self.genesis).ok()?;
        let (index, life) = (0u32..).zip(&self.lives).find(|(_, life)| life.mischief.is_none())?;
        let height = self.witness.lock().heights.get(&index).copied()?;
        // A copy of the disk, as the node still runs.
        Some((Store::open_on(Disk::with(life.disk.data()).backend(), hash).ok()?, height))
    }
}

impl Life {
    fn new(index: u32, setting: Setting, rng: &mut StdRng) -> Self {
        let hostile = index < setting.hostile;
        let mut chance = || Mischief::ALL[rng.random_range(0..Mischief::ALL.len())];
        let mischief = hostile.then(|| setting.mischief.unwrap_or_else(&mut chance));
        let skew_ms = if setting.faults { rng.random_range(-3_000..3_000) } else { 0 };
        Self {
            keys: NodeKeys::from_seed(setting.seed.wrapping_mul(1_000) + u64::from(index)),
            disk: Disk::new(),
            mischief,
            skew_ms,
            running: None,
        }
    }

    async fn boot(&self, index: u32, world: &World, genesis: Genesis) -> Result<Running, String> {
        let World { context, oracle, witness, counts, .. } = world;
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let hash = genesis_hash(&genesis)?;
        let store = Store::open_on(self.disk.backend(), hash).map_err(|error| text(&error))?;
        let rules = PoolRules {
            chain_id: genesis.chain_id,
            block_gas_limit: genesis.block_gas_limit,
            dev: genesis.dev,
        };
        let ledger = reopen(genesis, &store, 1).map_err(|error| text(&error))?;
        let pool = Pool::new(rules, Limits::default());
        let crashed = Arc::new(Mutex::new(false));
        let watcher = Watcher {
            node: index,
            honest: self.mischief.is_none(),
            store: store.clone(),
            witness: witness.clone(),
            crashed: crashed.clone(),
            clock: {
                let context = context.child("watcher");
                Box::new(move || context.current())
            },
            certified: Mutex::default(),
        };
        let mut settings = Settings::default();
        if self.mischief == Some(Mischief::Favour) {
            settings.patient_views = 0;
        }
        let (keys, observer) = (self.keys.clone(), Arc::new(watcher));
        let node = match self.mischief {
            None => Node::new(keys, settings, ledger, pool, observer, Honest, self.skew_ms),
            Some(mischief) => Node::new(keys, settings, ledger, pool, observer, mischief, self.skew_ms),
        };
        node.restore(store.own().map_err(|error| text(&error))?);
        let me = self.keys.public();
        let control = oracle.control(me);
        let mut channels = Vec::new();
        for (carries, channel) in CARRIES.into_iter().zip(0..) {
            let quota = Quota::per_second(NZU32!(4_096));
            let (sender, receiver) = control.register(channel, quota).await.map_err(|error| text(&error))?;
            channels.push((Counting { sender, carries, counts: counts.clone() }, receiver));
        }
        let channels: [_; 7] = channels.try_into().map_err(|_| "seven channels".to_owned())?;
        let [votes, certificates, resolver, broadcast, backfill, gossip, packages] = channels;
        let parts = Parts {
            channels: Channels { votes, certificates, resolver, broadcast, backfill, gossip, packages },
            blocker: control,
            manager: oracle.manager(),
            certificates: CertificateArchive::open(
                store.clone(),
                Scheme::certificate_codec_config_unbounded(),
            )
            .map_err(|error| text(&error))?,
            blocks: BlockArchive::open(store, ()).map_err(|error| text(&error))?,
            partition: format!("node-{index}"),
            followers: Vec::new(),
        };
        let started = node.clone();
        let context = context.child("node").with_attribute("index", index);
        let handle = context.spawn(move |context| async move {
            start(context, started, parts).await;
            std::future::pending::<()>().await;
        });
        Ok(Running { node, handle, crashed })
    }
}

fn fair_weather() -> Link {
    Link { latency: Duration::from_millis(20), jitter: Duration::from_millis(10), success_rate: SURE }
}

fn genesis(lives: &[Life], setting: Setting) -> Genesis {
    let validators = lives.iter().zip(1u8..).map(|(life, index)| Founder {
        key: life.keys.id(),
        beacon: life.keys.beacon.public(),
        owner: Address::repeat_byte(index),
        payout: Address::repeat_byte(index),
        stake: U256::from(10_000 * COIN),
    });
    let params = Params {
        chain_id: CHAIN_ID,
        epoch_length: setting.epoch_length,
        x_start: setting.groups,
        tries_max: 64,
        ..Params::default()
    };
    let params = match setting.fixed {
        true => Params { x_min: setting.groups, x_max: setting.groups, ..params },
        false => params,
    };
    let consensus = Consensus {
        params,
        randomness: if setting.seed % 4 == 0 { Randomness::Beacon } else { Randomness::PreviousHash },
        validators: validators.collect(),
        pool: U256::from(1_000_000 * COIN),
    };
    let genesis = Genesis {
        chain_id: CHAIN_ID,
        block_time: 1,
        block_gas_limit: setting.block_gas_limit,
        time_step_max: Some(3_600),
        base_fee: BaseFee::Market(1_000),
        dev: false,
        consensus: Some(consensus),
        ..Genesis::default()
    };
    Traffic::addresses().fold(genesis, |genesis, user| genesis.with_balance(user, U256::from(1_000 * COIN)))
}

fn genesis_hash(genesis: &Genesis) -> Result<B256, String> {
    Chain::new(genesis.clone()).map(|chain| chain.head().hash).map_err(|error| error.to_string())
}

/// Runs a stored chain again from its genesis, sequentially.
fn replay(genesis: &Genesis, store: &Store, height: u64) -> Result<(), String> {
    let mut chain = Chain::new(genesis.clone()).map_err(|error| error.to_string())?;
    let coin = chain.coin();
    for number in 1..=height {
        let block = crate::ledger::kept_block(store, number).map_err(|error| error.to_string())?;
        chain.import(&block).map_err(|error| format!("replay of block {number}: {error}"))?;
        let receipts = store.receipts(number).map_err(|error| error.to_string())?;
        if chain.receipts(number) != receipts {
            return Err(format!("replay of block {number} gives other receipts"));
        }
    }
    let burnt = chain.burnt();
    match chain.coin().checked_add(burnt) == Some(coin) {
        true => Ok(()),
        false => Err(format!("there are {} wei and {burnt} burnt of {coin}", chain.coin())),
    }
}
