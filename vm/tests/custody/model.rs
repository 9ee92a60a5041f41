//! Random operations by honest and hostile accounts, against simple books kept apart.

use crate::world::*;
use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolEvent;
use fusor_vm::dcrm::{self, Deposit, JobId, Outcome, State};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use std::collections::{BTreeMap, BTreeSet};

/// Is an open or ended lock-out as the model keeps it.
#[derive(Clone)]
struct Out {
    owner: usize,
    vault: usize,
    amount: u64,
    open: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Sums {
    custody: u64,
    circulating: u64,
    in_flight: u64,
}

impl Sums {
    fn owed(self) -> u64 {
        self.circulating - self.in_flight
    }
}

/// Keeps the books of two vaults of 2 of 3 by the rules as documented, from outcomes alone.
#[derive(Clone)]
struct Model {
    books: [Sums; 2],
    states: [State; 2],
    held: [u64; 2],
    voices: BTreeMap<Vec<u8>, BTreeSet<Address>>,
    credited: BTreeSet<B256>,
    waiting: BTreeMap<B256, (usize, usize, u64)>,
    owners: BTreeMap<u64, (usize, usize)>,
    outs: BTreeMap<u64, Out>,
    lacks: [BTreeMap<Address, u64>; 2],
}

fn worth(amount: u64) -> u64 {
    if amount < 100 { 0 } else { amount - 10 }
}

impl Model {
    fn voice(&mut self, topic: &[&[u8]], who: Address) -> bool {
        let voices = self.voices.entry(topic.concat()).or_default();
        assert!(voices.insert(who), "a voice counts once");
        voices.len() == 2
    }

    fn mint(&mut self, owner: usize, payer: usize, amount: u64) {
        self.books[payer].circulating += worth(amount);
        self.held[owner] += worth(amount);
    }

    fn attested(&mut self, who: Address, deposit: &Deposit, content: &[u8]) {
        if self.credited.contains(&deposit.id) || !self.voice(&[b"deposit", content], who) {
            return;
        }
        self.credited.insert(deposit.id);
        let (vault, amount) = (deposit.vault as usize - 1, deposit.amount.to::<u64>());
        self.books[vault].custody += amount;
        let Some((owner, _)) = self.owners.get(&deposit.request).copied() else { return };
        match self.states[vault] {
            State::Active => self.mint(owner, vault, amount),
            _ => drop(self.waiting.insert(deposit.id, (owner, vault, amount))),
        }
    }

    fn spare(&self, vault: usize) -> u64 {
        self.books[vault].custody.saturating_sub(self.books[vault].owed())
    }

    fn credited_late(&mut self, id: B256) {
        let (owner, home, amount) = self.waiting.remove(&id).unwrap();
        let fits =
            |vault: &usize| self.states[*vault] == State::Active && self.spare(*vault) >= worth(amount);
        let payer = match self.states[home] {
            State::Retiring => (0..2).find(fits).unwrap(),
            _ => home,
        };
        assert!(fits(&payer));
        self.mint(owner, payer, amount);
    }

    fn settled(&mut self, request: u64, success: bool, outflow: u64) {
        let out = self.outs.get_mut(&request).unwrap();
        assert!(std::mem::take(&mut out.open), "settled once");
        let (owner, vault, amount) = (out.owner, out.vault, out.amount);
        let books = &mut self.books[vault];
        books.in_flight -= amount;
        match success {
            true => books.circulating -= amount,
            false => self.held[owner] += amount,
        }
        let lacks = outflow > books.custody || books.owed() > books.custody;
        books.custody = books.custody.saturating_sub(outflow);
        if lacks && self.states[vault] == State::Active {
            self.states[vault] = State::Halted;
        }
        self.check_books(vault);
    }

    fn seen(&self, vault: usize) -> u64 {
        let owed = self.books[vault].owed();
        let mut lacks: Vec<u64> = self.lacks[vault].values().map(|lack| *lack.min(&owed)).collect();
        lacks.sort_unstable();
        lacks.iter().rev().nth(1).copied().unwrap_or_default()
    }

    fn check_books(&mut self, vault: usize) {
        let short = self.books[vault].owed() > self.books[vault].custody;
        if short && self.states[vault] == State::Active {
            self.states[vault] = State::Halted;
        }
    }

    fn check(&mut self, vault: usize) {
        let short = self.books[vault].owed() > self.books[vault].custody || self.seen(vault) > 0;
        if short && self.states[vault] == State::Active {
            self.states[vault] = State::Halted;
        }
    }
}

const USERS: [Address; 2] = [ALICE, BOB];

type Step = (u8, u8, u8, u16);

fn start() -> World {
    let mut world = World::new(6);
    world.vault_of("litecoin", 2, 3);
    world.vault_of("litecoin", 2, 3);
    world
}

/// Does a step in the world, and in the model what its outcome says.
fn step(world: &mut World, model: &mut Model, (kind, a, b, size): Step) {
    let (vault, user) = (usize::from(a % 2), usize::from(b % 2));
    let number = vault as u64 + 1;
    let amount = u64::from(size % 2_000);
    let members = world.members(number);
    let member = match b % 8 {
        7 => ALICE,
        n => members[usize::from(n) % 3],
    };
    let request = u64::from(b / 2 % 12);
    let id = keccak256([b % 16]);
    match kind % 16 {
        0 => {
            if let Ok(request) = world.address(USERS[user], ltc(), number) {
                model.owners.insert(request, (user, vault));
            }
        }
        1..=4 => {
            let requests: Vec<u64> = model.owners.keys().copied().chain([0]).collect();
            let request = requests[usize::from(b / 16) % requests.len()];
            let vault = model.owners.get(&request).map_or(number, |(_, vault)| *vault as u64 + 1);
            // What is said of an output: mostly the truth, sometimes a lie.
            let lie = u64::from(size % 40 == 0) * 5_000;
            let amount = u64::from(b % 6) * 800 + 90 + lie;
            let id = keccak256([b % 6, request as u8]);
            let deposit = Deposit { id, vault, request, coin: ltc(), amount: u(amount) };
            let member = world.members(vault)[usize::from(size) % 3];
            if world.run(|store| dcrm::attest_deposit(store, member, &deposit)).is_ok() {
                let content = [id.as_slice(), &amount.to_be_bytes(), &vault.to_be_bytes()].concat();
                model.attested(member, &deposit, &content);
            }
        }
        5 | 6 => {
            if let Ok(request) = world.lock_out(USERS[user], ltc(), number, amount) {
                model.books[vault].in_flight += amount;
                model.held[user] -= amount;
                model.outs.insert(request, Out { owner: user, vault, amount, open: true });
            }
        }
        7 | 8 => {
            let requests: Vec<u64> = model.outs.keys().copied().collect();
            let request = requests.get(usize::from(size) % requests.len().max(1)).copied().unwrap_or(request);
            let vault = model.outs.get(&request).map_or(number, |out| out.vault as u64 + 1);
            let job = JobId { vault, request, upkeep: B256::ZERO };
            let sequence = world.vault(vault).sequence + u64::from(size % 13 == 0);
            let who = world.members(vault)[usize::from(b) % 3];
            drop(world.run(|store| dcrm::approve(store, who, &job, sequence, keccak256([size as u8 % 2]))));
        }
        9 | 10 => {
            let requests: Vec<u64> = model.outs.keys().copied().collect();
            let request =
                requests.get(usize::from(size / 4) % requests.len().max(1)).copied().unwrap_or(request);
            let (vault, asked) =
                model.outs.get(&request).map_or((number, 0), |o| (o.vault as u64 + 1, o.amount));
            let job = JobId { vault, request, upkeep: B256::ZERO };
            let success = size % 5 != 0;
            let outflow = if success { asked + u64::from(size % 7 == 0) * 3_000 } else { 3 };
            let plan = keccak256([size as u8 % 2]);
            let outflows = vec![(ltc(), u(outflow))];
            let outcome = Outcome { plan, transaction: plan, success, outflows };
            let who = world.members(vault)[usize::from(b) % 3];
            if world.run(|store| dcrm::settle(store, who, &job, &outcome)).is_ok() {
                let topic =
                    [&request.to_be_bytes()[..], &outflow.to_be_bytes(), &plan[..], &[success.into()]];
                if model.voice(&[b"settle", &topic.concat()], who) {
                    model.settled(request, success, outflow);
                }
            }
        }
        11 => {
            let requests: Vec<u64> = model.outs.keys().copied().collect();
            let request = requests.get(usize::from(size) % requests.len().max(1)).copied().unwrap_or(request);
            if world.run(|store| dcrm::cancel(store, USERS[user], request)).is_ok() {
                let out = model.outs.get_mut(&request).unwrap();
                assert!(std::mem::take(&mut out.open) && out.owner == user);
                let (vault, amount) = (out.vault, out.amount);
                model.books[vault].in_flight -= amount;
                model.held[user] += amount;
                model.check_books(vault);
            }
        }
        12 => {
            let seen = model.books[vault].owed().saturating_sub(u64::from(size % 3) * 50);
            if world.run(|store| dcrm::observe(store, member, number, ltc(), u(seen))).is_ok() {
                let lack = model.books[vault].owed() - seen;
                model.lacks[vault].insert(member, lack);
                if model.seen(vault) > 0 && model.states[vault] == State::Active {
                    model.states[vault] = State::Halted;
                }
            }
        }
        13 => {
            let caller = if b % 5 == 0 { ALICE } else { STEWARD };
            let (done, state) = match size % 4 {
                0 => (world.run(|store| dcrm::halt_vault(store, caller, number)), State::Halted),
                // Vaults are retired seldom, or nothing else would happen.
                1 if b > 230 => (world.run(|store| dcrm::retire(store, caller, number)), State::Retiring),
                _ => (world.run(|store| dcrm::resume(store, caller, number)), State::Active),
            };
            if done.is_ok() {
                assert_eq!(caller, STEWARD);
                let whole = model.books[vault].owed() <= model.books[vault].custody && model.seen(vault) == 0;
                assert!(state != State::Active || whole, "a vault that lacks coin stays halted");
                model.states[vault] = state;
            }
        }
        14 => {
            let ids: Vec<B256> = model.waiting.keys().copied().collect();
            let id = ids.get(usize::from(size) % ids.len().max(1)).copied().unwrap_or(id);
            if world.run(|store| dcrm::credit_held(store, id)).is_ok() {
                model.credited_late(id);
            }
            let other = 1 - vault;
            if let Ok(moved) = world.run(|store| dcrm::shift(store, number, other as u64 + 1, ltc())) {
                let expected = model.books[vault].owed().min(model.spare(other));
                assert_eq!(moved, U256::from(expected));
                model.books[vault].circulating -= expected;
                model.books[other].circulating += expected;
            }
        }
        _ => {
            (0..2).for_each(|vault| model.check(vault));
            world.pass(u64::from(size % 16));
            for operator in members {
                drop(world.run(|store| dcrm::claim(store, operator)));
            }
        }
    }
}

fn compare(world: &mut World, model: &Model) {
    for vault in 0..2usize {
        let books = world.books(vault as u64 + 1, ltc());
        let Sums { custody, circulating, in_flight } = model.books[vault];
        assert_eq!(
            (books.custody, books.circulating, books.in_flight),
            (u(custody), u(circulating), u(in_flight))
        );
        assert_eq!(world.vault(vault as u64 + 1).state, model.states[vault]);
    }
    for (who, units) in USERS.iter().zip(model.held) {
        assert_eq!(world.held(ltc(), *who), u(units));
    }
}

impl Model {
    fn new() -> Self {
        Self {
            books: Default::default(),
            states: [State::Active; 2],
            held: [0; 2],
            voices: BTreeMap::new(),
            credited: BTreeSet::new(),
            waiting: BTreeMap::new(),
            owners: BTreeMap::new(),
            outs: BTreeMap::new(),
            lacks: Default::default(),
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(any::<Step>(), 1..300)
}

/// Does the steps and compares after each; returns the world.
fn play(steps: Vec<Step>) -> World {
    thread_local! {
        static START: World = start();
    }
    let (mut world, mut model) = (START.with(Clone::clone), Model::new());
    for one in steps {
        step(&mut world, &mut model, one);
        compare(&mut world, &model);
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    /// The books are those of the model after every step, the audit holds, and what is refused changes nothing.
    #[test]
    fn the_books_are_those_of_a_simple_model(steps in steps()) {
        play(steps);
    }
}

#[test]
fn random_steps_reach_every_operation() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<B256, usize> = BTreeMap::new();
    for _ in 0..64 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        for log in play(steps).store.state.logs {
            *seen.entry(log.topics[0]).or_default() += 1;
        }
    }
    let wanted = [
        dcrm::Minted::SIGNATURE_HASH,
        dcrm::Held::SIGNATURE_HASH,
        dcrm::OutAsked::SIGNATURE_HASH,
        dcrm::Approved::SIGNATURE_HASH,
        dcrm::Settled::SIGNATURE_HASH,
        dcrm::OutReturned::SIGNATURE_HASH,
        dcrm::Halted::SIGNATURE_HASH,
        dcrm::Resumed::SIGNATURE_HASH,
        dcrm::Retired::SIGNATURE_HASH,
        dcrm::Struck::SIGNATURE_HASH,
        dcrm::Observed::SIGNATURE_HASH,
    ];
    let counts: Vec<usize> = wanted.iter().map(|one| seen.get(one).copied().unwrap_or_default()).collect();
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
}
