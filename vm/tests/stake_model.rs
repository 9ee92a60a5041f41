//! Plays random sequences of registrations, bonds, blocks and reports against plain sums, and checks after each step
//! that no coin appears or disappears and that nobody innocent is slashed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

use alloy_primitives::{Address, B256, U256, hex, keccak256};
use ed25519_zebra::{SigningKey, VerificationKey};
use fusor_vm::{
    account::{COLLECTOR, HHCM},
    fault::Fault,
    hhcm::{
        self, Closing, Founder, Opening, PackageHeader, Params, Registration, Totals, Validator, audit,
        committee, found, founding_balance, position, registration_bytes,
    },
    store::Store,
    testing::MemStore,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const NODES: usize = 6;
const HOLDERS: usize = 7;
const FOUNDERS: usize = 3;
const UNIT: u128 = 1_000_000;
/// The generator of G1.
const BEACON: [u8; 48] =
    hex!("97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb");

fn params() -> Params {
    Params {
        epoch_length: 3,
        unit: UNIT,
        min_stake: 10 * UNIT,
        unbond_wait: 50,
        hold_full: 1_000,
        slash_bps: 1_500,
        reporter_bps: 1_000,
        block_reward: 3 * UNIT,
        validators_max: 4,
        ..Params::default()
    }
}

fn signer(node: usize) -> SigningKey {
    SigningKey::from([node as u8 + 1; 32])
}

fn key(node: usize) -> B256 {
    B256::new(VerificationKey::from(&signer(node)).into())
}

/// Names a holder; the owner of node n is holder n.
fn who(holder: usize) -> Address {
    Address::repeat_byte(holder as u8 + 1)
}

/// Keeps what everybody ought to have, in wei, to within what rounding may cost.
#[derive(Debug, Default)]
struct Model {
    registered: BTreeSet<usize>,
    jailed: BTreeSet<usize>,
    active: BTreeMap<(usize, usize), u128>,
    leaving: BTreeMap<(usize, usize), VecDeque<(u128, u64)>>,
    rewards: BTreeMap<(usize, usize), u128>,
    commission: BTreeMap<usize, u32>,
    purse: BTreeMap<usize, u128>,
    pool: u128,
    offences: u64,
}

impl Model {
    fn stake(&self, node: usize) -> u128 {
        (0..HOLDERS).map(|h| self.active.get(&(node, h)).copied().unwrap_or_default()).sum()
    }

    fn earn(&mut self, node: usize, income: u128) {
        let stake = self.stake(node);
        let commission = income * u128::from(self.commission[&node]) / 10_000;
        let mut left = income;
        for holder in (0..HOLDERS).filter(|h| *h != node) {
            let held = self.active.get(&(node, holder)).copied().unwrap_or_default();
            let part = ((income - commission) * held).checked_div(stake).unwrap_or_default();
            *self.rewards.entry((node, holder)).or_default() += part;
            left -= part;
        }
        *self.purse.get_mut(&node).unwrap() += left;
    }

    fn slash(&mut self, node: usize, reporter: usize, params: &Params) {
        let mut sum = 0;
        let mut cut = |amount: &mut u128| {
            let part = *amount * u128::from(params.slash_bps) / 10_000;
            *amount -= part;
            sum += part;
        };
        for holder in 0..HOLDERS {
            self.active.get_mut(&(node, holder)).map(&mut cut);
            self.leaving.get_mut(&(node, holder)).into_iter().flatten().for_each(|(amount, _)| cut(amount));
        }
        let reward = sum * u128::from(params.reporter_bps) / 10_000;
        *self.purse.get_mut(&reporter).unwrap() += reward;
        self.pool += sum - reward;
        self.jailed.insert(node);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Register { node: usize, stake: u128, commission: u32 },
    Bond { node: usize, holder: usize, amount: u128 },
    Unbond { node: usize, holder: usize, percent: u128 },
    Withdraw { node: usize, holder: usize },
    Claim { node: usize, holder: usize },
    Block { author: Option<usize>, worked: bool, fees: u128, seconds: u64 },
    Report { node: usize, reporter: usize },
    Slander { node: usize, reporter: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let (node, holder) = (0..NODES, 0..HOLDERS);
    let amount = 0..40 * UNIT;
    prop_oneof![
        2 => (node.clone(), 5 * UNIT..60 * UNIT, 0u32..6_000)
            .prop_map(|(node, stake, commission)| Step::Register { node, stake, commission }),
        4 => (node.clone(), holder.clone(), amount.clone())
            .prop_map(|(node, holder, amount)| Step::Bond { node, holder, amount }),
        4 => (node.clone(), holder.clone(), 0u128..120)
            .prop_map(|(node, holder, percent)| Step::Unbond { node, holder, percent }),
        2 => (node.clone(), holder.clone()).prop_map(|(node, holder)| Step::Withdraw { node, holder }),
        2 => (node.clone(), holder.clone()).prop_map(|(node, holder)| Step::Claim { node, holder }),
        6 => (prop::option::weighted(0.9, node.clone()), any::<bool>(), amount, 0u64..60)
            .prop_map(|(author, worked, fees, seconds)| Step::Block { author, worked, fees, seconds }),
        1 => (node.clone(), holder.clone()).prop_map(|(node, reporter)| Step::Report { node, reporter }),
        1 => (node, holder).prop_map(|(node, reporter)| Step::Slander { node, reporter }),
    ]
}

struct Play {
    store: MemStore,
    params: Params,
    model: Model,
    supply: U256,
}

impl Play {
    fn start() -> Self {
        let params = params();
        let mut store = MemStore::at(1_000);
        let founder = |node: usize| Founder {
            key: key(node),
            beacon: [9; 48],
            owner: who(node),
            payout: who(node),
            stake: U256::from(20 * UNIT),
        };
        let founders: Vec<Founder> = (0..FOUNDERS).map(founder).collect();
        let pool = 40 * UNIT;
        store.set_balance(HHCM, founding_balance(&founders, U256::from(pool)));
        found(&mut store, &params, &founders, U256::from(pool)).unwrap();
        let mut model = Model { pool, ..Model::default() };
        for holder in 0..HOLDERS {
            store.set_balance(who(holder), U256::from(1_000_000 * UNIT));
            model.purse.insert(holder, 1_000_000 * UNIT);
        }
        for node in 0..FOUNDERS {
            model.registered.insert(node);
            model.active.insert((node, node), 20 * UNIT);
            model.commission.insert(node, 0);
        }
        let supply = store.state.balances.values().copied().sum();
        Self { store, params, model, supply }
    }

    /// Runs an operation of `holder` that brings `value` wei, as a call would; all is undone on a fault.
    fn call<T>(
        &mut self,
        holder: usize,
        value: u128,
        act: impl FnOnce(&mut MemStore) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let done = self.store.frame(|store| {
            assert!(store.move_native(who(holder), HHCM, U256::from(value))?);
            act(store)
        });
        if done.is_ok() {
            *self.model.purse.get_mut(&holder).unwrap() -= value;
        }
        done
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Register { node, stake, commission } => self.register(node, stake, commission),
            Step::Bond { node, holder, amount } => self.bond(node, holder, amount),
            Step::Unbond { node, holder, percent } => self.unbond(node, holder, percent),
            Step::Withdraw { node, holder } => self.withdraw(node, holder),
            Step::Claim { node, holder } => self.claim(node, holder),
            Step::Block { author, worked, fees, seconds } => self.block(author, worked, fees, seconds),
            Step::Report { node, reporter } => self.report(node, reporter, true),
            Step::Slander { node, reporter } => self.report(node, reporter, false),
        }
    }

    fn register(&mut self, node: usize, stake: u128, commission: u32) {
        let beacon = BEACON;
        let message = registration_bytes(self.params.chain_id, who(node), &beacon);
        let proof = signer(node).sign(&message).into();
        let wish =
            Registration { key: key(node), beacon, payout: who(node), commission_bps: commission, proof };
        let legal = !self.model.registered.contains(&node)
            && stake >= self.params.min_stake
            && commission <= self.params.commission_max_bps;
        let done = self.call(node, stake, |store| hhcm::register(store, who(node), &wish, stake));
        assert!(done.is_err() || legal, "{done:?}");
        // A legal one is refused only where the list is full of stakes as large.
        if let Err(fault) = &done {
            assert!(!legal || fault.to_string().contains("the list is full"), "{fault}");
            return;
        }
        self.model.registered.insert(node);
        self.model.active.insert((node, node), stake);
        self.model.commission.insert(node, commission);
    }

    fn bond(&mut self, node: usize, holder: usize, amount: u128) {
        let legal = self.model.registered.contains(&node) && !self.model.jailed.contains(&node) && amount > 0;
        let done = self.call(holder, amount, |store| hhcm::bond(store, who(holder), key(node), amount));
        assert_eq!(done.is_ok(), legal, "{done:?}");
        if legal {
            *self.model.active.entry((node, holder)).or_default() += amount;
        }
    }

    fn unbond(&mut self, node: usize, holder: usize, percent: u128) {
        let Ok((validator, held)) = position(&mut self.store, key(node), who(holder)) else { return };
        let value = held.value(&validator);
        let amount = value * percent / 100;
        let full = held.waiting(&mut self.store).unwrap().len() == 16;
        let legal = amount > 0 && amount <= value && !full;
        let done = self.call(holder, 0, |store| hhcm::unbond(store, who(holder), key(node), amount));
        assert_eq!(done.is_ok(), legal, "{done:?}");
        if legal {
            let active = self.model.active.get_mut(&(node, holder)).unwrap();
            *active = active.saturating_sub(amount);
            let release = self.store.now + self.params.unbond_wait;
            self.model.leaving.entry((node, holder)).or_default().push_back((amount, release));
        }
    }

    fn withdraw(&mut self, node: usize, holder: usize) {
        let to = who(holder);
        let done = self.call(holder, 0, |store| hhcm::withdraw(store, to, key(node), to));
        assert_eq!(done.is_ok(), self.model.registered.contains(&node));
        let Ok(sum) = done else { return };
        let now = self.store.now;
        let mut expected = 0;
        if let Some(queue) = self.model.leaving.get_mut(&(node, holder)) {
            while queue.front().is_some_and(|(_, release)| *release <= now) {
                expected += queue.pop_front().unwrap().0;
            }
        }
        near(sum, expected);
        *self.model.purse.get_mut(&holder).unwrap() += sum;
    }

    fn claim(&mut self, node: usize, holder: usize) {
        let to = who(holder);
        let done = self.call(holder, 0, |store| hhcm::claim(store, to, key(node), to));
        assert_eq!(done.is_ok(), self.model.registered.contains(&node));
        let Ok(sum) = done else { return };
        near(sum, self.model.rewards.remove(&(node, holder)).unwrap_or_default());
        *self.model.purse.get_mut(&holder).unwrap() += sum;
    }

    fn block(&mut self, author: Option<usize>, worked: bool, fees: u128, seconds: u64) {
        let author = author.filter(|node| self.model.registered.contains(node));
        self.store.height += 1;
        self.store.now += seconds;
        // Somebody paid the fees.
        let payer = self.store.height as usize % HOLDERS;
        assert!(self.store.move_native(who(payer), COLLECTOR, U256::from(fees)).unwrap());
        *self.model.purse.get_mut(&payer).unwrap() -= fees;
        let height = self.store.height;
        hhcm::open(&mut self.store, &Opening { seed: keccak256(height.to_be_bytes()), height }).unwrap();
        let closing = Closing {
            author: author.map(key),
            worked,
            fees: U256::from(fees),
            gas_used: 1_000_000,
            gas_limit: 30_000_000,
            ..Closing::default()
        };
        hhcm::close(&mut self.store, &closing).unwrap();
        let own = author.map_or(0, |_| fees * u128::from(self.params.fee_author_bps) / 10_000);
        let reward =
            if worked && author.is_some() { self.params.block_reward.min(self.model.pool) } else { 0 };
        self.model.pool = self.model.pool - reward + fees - own;
        if let Some(author) = author {
            self.model.earn(author, own + reward);
        }
        self.check_committee();
    }

    /// Reports two packages of a node: really signed by it, or the second one by somebody else.
    fn report(&mut self, node: usize, reporter: usize, guilty: bool) {
        let header = |gas| PackageHeader {
            height: self.model.offences,
            parent: B256::ZERO,
            group: 0,
            x: 1,
            author: key(node),
            transactions_root: B256::ZERO,
            touched_root: B256::ZERO,
            outcome_root: B256::ZERO,
            gas,
            count: 0,
        };
        let (a, b) = (header(1), header(2));
        let chain = self.params.chain_id;
        let sign = |by: usize, header: &PackageHeader| signer(by).sign(&header.signing_bytes(chain)).into();
        let second = if guilty { node } else { (node + 1) % NODES };
        let packages = [(&a, sign(node, &a)), (&b, sign(second, &b))];
        let legal = guilty && self.model.registered.contains(&node);
        let done = self.call(reporter, 0, |store| hhcm::report_packages(store, who(reporter), packages));
        assert_eq!(done.is_ok(), legal, "{done:?}");
        if legal {
            self.model.offences += 1;
            self.model.slash(node, reporter, &self.params);
        }
    }

    fn check(&mut self) {
        let keys: Vec<B256> = (0..NODES).map(key).collect();
        audit(&mut self.store, &keys).unwrap();
        let totals = Totals::load(&mut self.store).unwrap();
        assert_eq!(self.store.balance(HHCM).unwrap(), totals.sum());
        assert_eq!(self.store.state.balances.values().copied().sum::<U256>(), self.supply);
        near(totals.pool, self.model.pool);
        self.model.pool = totals.pool;
        for node in 0..NODES {
            let validator = Validator::load(&mut self.store, key(node)).unwrap();
            assert_eq!(validator.is_some(), self.model.registered.contains(&node));
            let Some(validator) = validator else { continue };
            assert_eq!(validator.jailed, self.model.jailed.contains(&node));
            near(validator.stake, self.model.stake(node));
            for holder in 0..HOLDERS {
                let (_, held) = position(&mut self.store, key(node), who(holder)).unwrap();
                near(
                    held.value(&validator),
                    self.model.active.get(&(node, holder)).copied().unwrap_or_default(),
                );
                near(
                    held.earned(&validator).unwrap(),
                    self.model.rewards.get(&(node, holder)).copied().unwrap_or_default(),
                );
            }
        }
        for holder in 0..HOLDERS {
            let purse: u128 = self.store.balance(who(holder)).unwrap().to();
            near(purse, self.model.purse[&holder]);
            self.model.purse.insert(holder, purse);
        }
    }

    fn check_committee(&mut self) {
        let members = committee(&mut self.store).unwrap();
        assert!(!members.is_empty() && members.len() <= self.params.validators_max as usize);
        assert!(members.windows(2).all(|pair| pair[0].key < pair[1].key));
        for member in members {
            let found = hhcm::member(&mut self.store, member.key).unwrap().unwrap();
            assert_eq!(found.1, member);
        }
    }
}

/// Compares to within what cutting off fractions of a wei costs in 80 steps.
#[track_caller]
fn near(is: u128, ought: u128) {
    assert!(is.abs_diff(ought) <= 200, "{is} instead of {ought}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn random_lives_add_up(steps in prop::collection::vec(step(), 1..80)) {
        let mut play = Play::start();
        for step in steps {
            play.step(step);
            play.check();
        }
    }
}
