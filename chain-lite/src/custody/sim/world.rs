//! Is the run itself: events in the order of simulated time.

use super::{
    ground::{Ground, Shown},
    life::Life,
    outer::World,
    setting::{Outcome, Setting},
    traffic::{self, User},
    witness::Witness,
};
use crate::custody::{Chain as _, State as _, sim::Mischief};
use alloy_primitives::{Address, B256, Log, U256, keccak256};
use alloy_sol_types::SolCall;
use fusor_outer::{Lock, OuterChain, Vault as OuterVault, View};
use fusor_vm::{
    dcrm::{self, Job, JobId, Scheme, Status, Vault},
    precompile::ICustody,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Heights in which all that is open must come to its end.
const HEALED_WITHIN: u64 = 300;
/// Milliseconds between blocks of the outer chain.
const MINE_MS: u64 = 2_500;
/// Milliseconds since 1970 at the start of each run.
const START_MS: u64 = 1_000_000;

/// Above that operators are asked in some runs, in smallest units.
const LARGE: u64 = 200_000;

/// Is something that happens.
pub(super) enum Event {
    Seal,
    Mine,
    Step(usize),
    Deliver { to: usize, from: B256, bytes: Vec<u8> },
    User,
    Fault,
    Boot(usize),
    Restart(usize),
    Mend,
    Recover(usize),
    Change,
}

/// Is a run.
pub(super) struct Run {
    pub(super) setting: Setting,
    pub(super) rng: StdRng,
    pub(super) ground: Ground,
    pub(super) outer: Arc<World>,
    pub(super) lives: Vec<Life>,
    pub(super) users: Vec<User>,
    pub(super) witness: Witness,
    pub(super) outcome: Outcome,
    pub(super) coin: B256,
    pub(super) chain: B256,
    /// Custodians that are cut off.
    pub(super) cut: BTreeSet<usize>,
    pub(super) healing: bool,
    /// False complaints that were thought of.
    pub(super) grudges: Vec<ICustody::complainCall>,
    /// What was sent, if it is to be searched.
    pub(super) sent: Vec<Vec<u8>>,
    /// Whether deposits are credited only if headers prove them too.
    pub(super) proofs: bool,
    size: (u16, u16),
    pub(super) now: u64,
    count: u64,
    events: BTreeMap<(u64, u64), Event>,
}

/// Runs custody until everything that users asked for has come to its end, and says what did not hold.
pub fn run(setting: Setting) -> Outcome {
    match Run::new(setting) {
        Some(run) => run.live(),
        None => Outcome { violations: vec!["the world cannot be made".into()], ..Outcome::default() },
    }
}

impl Run {
    fn new(setting: Setting) -> Option<Self> {
        let mut rng = StdRng::seed_from_u64(setting.seed);
        let size = if rng.random_bool(0.7) { (2, 3) } else { (3, 5) };
        let all = u32::from(size.1) + rng.random_range(2..4);
        let hostile = rng.random_range(1..size.0) - u16::from(rng.random_bool(0.2));
        let mut lives = Vec::new();
        for index in 0..all {
            let drawn = Mischief::ALL.get(rng.random_range(0..Mischief::ALL.len())).copied();
            let mischief = setting.mischief.or(drawn).filter(|_| index < u32::from(hostile));
            lives.push(Life::new(setting.seed, index, mischief)?);
        }
        let users: Vec<User> = (0..3).map(User::new).collect();
        let mut rich: Vec<Address> = lives.iter().map(Life::operator).collect();
        rich.extend(users.iter().map(|user| user.address));
        rich.push(traffic::STEWARD);
        let ground = Ground::new(traffic::STEWARD, &rich, rng.random_range(35..70)).ok()?;
        let proofs = rng.random_bool(0.4);
        let large = rng.random_bool(0.3).then_some(LARGE);
        for life in &mut lives {
            if setting.crash_before_broadcast {
                life.arm();
            }
            let free = setting.by_hand.map(|_| 0).or(large);
            life.by_hand = free.map(|most| ("LTC".to_owned(), U256::from(most))).into_iter().collect();
        }
        let outcome = Outcome { custodians: (all, hostile.into()), ..Outcome::default() };
        let mut run = Self {
            setting,
            rng,
            ground,
            outer: Arc::new(World::new()?),
            lives,
            users,
            witness: Witness::default(),
            outcome,
            coin: dcrm::name("LTC"),
            chain: dcrm::name("litecoin"),
            cut: BTreeSet::new(),
            healing: false,
            grudges: Vec::new(),
            sent: Vec::new(),
            proofs,
            size,
            now: START_MS,
            count: 0,
            events: BTreeMap::new(),
        };
        run.begin();
        Some(run)
    }

    /// Lists the coin, and starts all clocks.
    fn begin(&mut self) {
        for index in 0..self.lives.len() {
            self.boot(index);
            let offset = self.rng.random_range(0..1_000);
            self.after(offset, Event::Step(index));
        }
        self.after(1_000, Event::Seal);
        self.after(MINE_MS, Event::Mine);
        self.after(1_500, Event::User);
        let first = self.rng.random_range(5_000..20_000);
        self.after(first, Event::Fault);
        let change = self.rng.random_range(20_000..80_000);
        self.after(change, Event::Change);
        self.list();
    }

    /// Has something happen after so many milliseconds.
    pub(super) fn after(&mut self, pause: u64, event: Event) {
        self.count = self.count.saturating_add(1);
        self.events.insert((self.now.saturating_add(pause), self.count), event);
    }

    fn live(mut self) -> Outcome {
        let most = self.setting.blocks.saturating_add(HEALED_WITHIN);
        while let Some(((at, _), event)) = self.events.pop_first() {
            self.now = at;
            self.happen(event);
            if !self.healing && self.height() >= self.setting.blocks {
                self.heal();
            }
            if !self.witness.violations.is_empty() || self.height() >= most || self.is_over() {
                break;
            }
        }
        self.judge();
        self.outcome.height = self.height();
        let heads = [self.ground.head(), self.outer.net().hash()];
        self.outcome.history = keccak256(heads.concat());
        self.outcome.violations = std::mem::take(&mut self.witness.violations);
        self.outcome
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Seal => {
                self.after(1_000, Event::Seal);
                self.seal();
            }
            Event::Mine => {
                let pause = self.rng.random_range(MINE_MS / 2..MINE_MS * 3 / 2);
                self.after(pause, Event::Mine);
                let Self { rng, outer, healing, .. } = self;
                let share = if *healing { 1.0 } else { 0.8 };
                outer.net().mine(|_| rng.random_bool(share));
                self.look_outside();
            }
            Event::Step(index) => {
                self.after(1_000, Event::Step(index));
                self.step(index);
            }
            Event::Deliver { to, from, bytes } => self.deliver(to, from, &bytes),
            Event::User => {
                let pause = self.rng.random_range(600..3_000);
                self.after(pause, Event::User);
                self.use_it();
            }
            Event::Fault => self.suffer(),
            Event::Boot(index) => self.boot(index),
            Event::Restart(index) => self.restart(index),
            Event::Mend => self.cut.clear(),
            Event::Recover(index) => self.recover(index),
            Event::Change => self.change(),
        }
    }

    fn seal(&mut self) {
        if let Err(error) = self.ground.seal() {
            self.witness.fail(format!("no block: {error}"));
        }
        let height = self.height();
        if height == 4 {
            let (threshold, size) = self.size;
            let scheme = self.setting.scheme as u8;
            let cap = ICustody::Cap {
                coin: self.coin,
                cap: U256::from(self.rng.random_range(4_000_000..40_000_000_u64)),
            };
            let call =
                ICustody::openVaultCall { chain: self.chain, scheme, threshold, size, caps: vec![cap] };
            self.ground.act(traffic::STEWARD, 0, &call);
        }
        self.look();
        for index in 0..self.lives.len() {
            self.cheat(index);
        }
    }

    pub(super) fn height(&self) -> u64 {
        self.shown().height().unwrap_or_default()
    }

    pub(super) fn shown(&self) -> Shown<'_> {
        Shown { ground: &self.ground, synced: true, mute: false, twist: None }
    }

    /// Returns the logs of custody in the last block.
    pub(super) fn last_logs(&self) -> Vec<Log> {
        self.shown().logs(self.height()).unwrap_or_default()
    }

    pub(super) fn would_pass(&self, from: Address, call: &impl SolCall) -> bool {
        self.shown().estimate(from, U256::ZERO, &call.abi_encode().into()).is_ok()
    }

    pub(super) fn vault(&self) -> Option<Vault> {
        self.ground.ask(|store| Vault::load(store, 1)).ok().flatten()
    }

    /// Lists the lock-outs that are neither paid nor returned, with their jobs.
    pub(super) fn open_jobs(&self) -> Vec<(JobId, Job)> {
        let open = self.witness.requests.values();
        let open = open.filter(|request| matches!(request.status, Status::Asked | Status::Planned));
        let ids =
            open.map(|request| JobId { vault: request.vault, request: request.number, upkeep: B256::ZERO });
        ids.filter_map(|id| Some((id, self.ground.ask(|store| Job::load(store, &id)).ok()?))).collect()
    }

    /// Shows the vault to a hostile custodian.
    pub(super) fn view(&self, index: usize) -> Option<View> {
        let vault = self.vault()?;
        let scheme = match vault.scheme {
            Scheme::Ecdsa => fusor_outer::Scheme::Ecdsa,
            Scheme::Schnorr => fusor_outer::Scheme::Schnorr,
        };
        let id = self.shown().id();
        let lock = |request| {
            let key = self.ground.ask(|store| dcrm::derived_key(store, &vault, request)).ok()?;
            Some(Lock { path: dcrm::context(id, 1, request).0, scheme, key })
        };
        let deposits = self.witness.addresses().filter_map(lock).collect();
        let vault = OuterVault { main: lock(0)?, deposits };
        let health = self.lives.get(index)?.health.clone();
        super::outer::Node { world: self.outer.clone(), health, fuse: Arc::default(), sabotage: None }
            .view(&vault)
            .ok()
    }
}
