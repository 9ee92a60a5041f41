//! Is the nodes of a run, their disks and links, and the run itself.

use super::{
    changes, clockwork,
    count::{Carries, Counting, Counts, Kind},
    faults::{self, Fault},
    hostile::Mischief,
    setting::{Made, Outcome, Setting},
    traffic::{Traffic, address_of},
    wire::{Forger, Wire},
    witness::{Watcher, Witness},
};
use crate::{
    chain::Chain,
    genesis::{BaseFee, Consensus, Genesis},
    hhcm::{Randomness, public_key},
    ledger::{Sabotage, reopen},
    node::{Channels, Honest, Keeper, Node, NodeKeys, Parts, Settings, start},
    pool::{Limits, Pool, PoolRules},
    state::BlockStore,
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
use commonware_utils::{NZU32, NZUsize, Probability, ordered::Set, probability, sync::Mutex};
use fusor_vm::hhcm::{self, Founder, Params, Validator};
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
    punished: usize,
    changes: (usize, usize),
    /// The contract that triggers start.
    clockwork: Option<Address>,
    joined: bool,
    left: bool,
    counts: Counts,
}

/// Is a validator through all its restarts.
struct Life {
    keys: NodeKeys,
    disk: Disk,
    mischief: Option<Mischief>,
    skew_ms: i64,
    merging: bool,
    sabotage: Option<Sabotage>,
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
        let genesis = genesis(&lives, setting);
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
        self.relink(|_, _| Some(fair_weather())).await;
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

    fn judge(&mut self, enough: u64) {
        let lowest = self.lowest();
        // With a third or more of them hostile, nodes may stop; they may never disagree.
        if self.setting.hostile * 3 < self.setting.nodes {
            if lowest < enough {
                self.fail(format!("a node is at height {lowest}, not {enough}, long after all was healed"));
            }
            self.judge_traffic();
        }
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
        match replay(&self.genesis, &store, height, self.clockwork) {
            Ok(ended) => {
                self.judge_punished(&ended.jailed);
                self.changes = ended.changes;
            }
            Err(what) => self.fail(what),
        }
    }

    /// Stake is taken from hostile nodes alone.
    fn judge_punished(&mut self, jailed: &[B256]) {
        for life in &self.lives {
            match (life.mischief, jailed.contains(&life.keys.id())) {
                (None, true) => self.fail(format!("honest node {} lost stake", life.keys.id())),
                (Some(_), true) => self.punished += 1,
                _ => {}
            }
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
            changes: self.changes,
            punished: self.punished,
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
        let mut chance = || Mischief::ALL.get(rng.random_range(0..Mischief::ALL.len())).copied();
        let mischief = if hostile { setting.mischief.or_else(&mut chance) } else { None };
        let skew_ms = if setting.faults { rng.random_range(-3_000..3_000) } else { 0 };
        Self {
            keys: NodeKeys::from_seed(setting.seed.wrapping_mul(1_000) + u64::from(index)),
            disk: Disk::new(),
            mischief,
            skew_ms,
            merging: setting.seed % 2 == 1 || setting.sabotage == Some(Sabotage::IgnoreConflicts),
            sabotage: setting.sabotage.filter(|rule| *rule != Sabotage::VoteTwice || index == 0),
            running: None,
        }
    }

    async fn boot(&self, index: u32, world: &World, genesis: Genesis) -> Result<Running, String> {
        let World { context, oracle, witness, counts, .. } = world;
        let followers = world.lives.iter().map(|life| life.keys.public()).collect();
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let hash = genesis_hash(&genesis)?;
        let store = Store::open_on(self.disk.backend(), hash).map_err(|error| text(&error))?;
        let rules = PoolRules {
            chain_id: genesis.chain_id,
            block_gas_limit: genesis.block_gas_limit,
            dev: genesis.dev,
        };
        let committee: Set<PublicKey> = founders(&genesis);
        let mut ledger = reopen(genesis, &store, 1).map_err(|error| text(&error))?;
        if self.mischief.is_none() {
            witness.lock().start(index, ledger.height(), ledger.head());
        }
        // Half of the runs merge groups, whatever is faster: the network is simulated, not the speed.
        ledger.set_merging(Some(self.merging));
        if let Some(rule) = self.sabotage {
            ledger.sabotage(rule);
        }
        let pool = Pool::new(rules, Limits::default());
        let crashed = Arc::new(Mutex::new(false));
        let watcher = Watcher {
            node: index,
            honest: self.mischief.is_none(),
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
        let (keys, observer) = (self.keys.clone(), keeper(&store, watcher));
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
            let sender = Wire::new(sender, self.forger(channel, &committee));
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
            followers,
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

impl Life {
    /// Returns what the node adds to its messages on a channel: votes go over the first, gossip over the sixth.
    fn forger(&self, channel: u64, committee: &Set<PublicKey>) -> Option<Forger> {
        let votes = self.mischief == Some(Mischief::TwoVotes) || self.sabotage == Some(Sabotage::VoteTwice);
        match channel {
            0 if votes => Forger::second_votes(CHAIN_ID, committee.clone(), self.keys.node.clone()),
            5 if self.mischief == Some(Mischief::Noise) => Some(Forger::Noise),
            _ => None,
        }
    }
}

/// Lists the keys of the first committee.
fn founders(genesis: &Genesis) -> Set<PublicKey> {
    let validators = genesis.consensus.iter().flat_map(|consensus| &consensus.validators);
    Set::from_iter_dedup(validators.filter_map(|founder| public_key(founder.key)))
}

fn keeper(store: &Store, watch: Watcher) -> Arc<Keeper<Watcher>> {
    Arc::new(Keeper { store: store.clone(), watch })
}

fn fair_weather() -> Link {
    Link { latency: Duration::from_millis(20), jitter: Duration::from_millis(10), success_rate: SURE }
}

fn genesis(lives: &[Life], setting: Setting) -> Genesis {
    let first = lives.iter().take(setting.nodes as usize);
    let leaver = address_of(changes::LEAVER).unwrap_or_default();
    let validators = first.zip(1u8..).map(|(life, index)| Founder {
        key: life.keys.id(),
        beacon: life.keys.beacon.public(),
        owner: if u32::from(index) == setting.nodes { leaver } else { Address::repeat_byte(index) },
        payout: Address::repeat_byte(index),
        stake: U256::from(changes::STAKE),
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
        randomness: if setting.seed.is_multiple_of(4) {
            Randomness::Beacon
        } else {
            Randomness::PreviousHash
        },
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
    Traffic::addresses().fold(genesis, |genesis, user| genesis.with_balance(user, U256::from(20_000 * COIN)))
}

fn genesis_hash(genesis: &Genesis) -> Result<B256, String> {
    Chain::new(genesis.clone()).map(|chain| chain.head().hash).map_err(|error| error.to_string())
}

/// Lists the validators that lost stake for a cheat.
fn jailed(chain: &mut Chain) -> Result<Vec<B256>, String> {
    let validators = chain.genesis().consensus.iter().flat_map(|consensus| &consensus.validators);
    let keys: Vec<B256> = validators.map(|founder| founder.key).collect();
    let load = |store: &mut BlockStore<'_>, key| Validator::load(store, key);
    let mut jailed = Vec::new();
    for key in keys {
        let validator = chain.ask(|store| load(store, key)).map_err(|error| error.to_string())?;
        jailed.extend(validator.filter(|validator| validator.jailed).map(|_| key));
    }
    Ok(jailed)
}

/// Counts validators of the first committee that are gone, and those that came.
fn moved(chain: &mut Chain) -> Result<(usize, usize), String> {
    let now = chain.ask(|store| hhcm::committee(store)).map_err(|error| error.to_string())?;
    let now: BTreeSet<B256> = now.iter().map(|member| member.key).collect();
    let first = chain.genesis().consensus.iter().flat_map(|consensus| &consensus.validators);
    let first: BTreeSet<B256> = first.map(|founder| founder.key).collect();
    Ok((first.difference(&now).count(), now.difference(&first).count()))
}

/// Is what a replayed chain says of its validators.
struct Ended {
    jailed: Vec<B256>,
    changes: (usize, usize),
}

/// Runs a stored chain again from its genesis, sequentially.
fn replay(
    genesis: &Genesis,
    store: &Store,
    height: u64,
    clockwork: Option<Address>,
) -> Result<Ended, String> {
    let mut chain = Chain::new(genesis.clone()).map_err(|error| error.to_string())?;
    let coin = chain.coin();
    for number in 1..=height {
        let reading = store.read().map_err(|error| error.to_string())?;
        let block = crate::ledger::kept_block(&reading, number).map_err(|error| error.to_string())?;
        chain.import(&block).map_err(|error| format!("replay of block {number}: {error}"))?;
        let receipts = store.receipts(number).map_err(|error| error.to_string())?;
        if chain.receipts(number) != receipts {
            return Err(format!("replay of block {number} gives other receipts"));
        }
    }
    if let Some(contract) = clockwork {
        clockwork::check(&chain, contract)?;
    }
    let burnt = chain.burnt();
    match chain.coin().checked_add(burnt) == Some(coin) {
        true => Ok(Ended { jailed: jailed(&mut chain)?, changes: moved(&mut chain)? }),
        false => Err(format!("there are {} wei and {burnt} burnt of {coin}", chain.coin())),
    }
}
