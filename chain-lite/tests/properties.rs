//! Runs random schedules on the chain and on a plain model of the calling list, and compares every firing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use alloy_primitives::U256;
use common::{GAS, World, call, genesis, words};
use fusor_chain_lite::Genesis;
use fusor_vm::{account::TRIGGERS, triggers::Outcome};
use proptest::prelude::*;

#[derive(Debug, Clone, Copy)]
struct Terms {
    handler: u32,
    missed: (u64, u64),
    failure: (u64, u64, u64),
    late: (u64, u32),
}

impl Terms {
    fn word(&self) -> U256 {
        let (failure, retries, backoff) = self.failure;
        U256::from(self.missed.0 | self.missed.1 << 8 | failure << 16 | retries << 24 | backoff << 32)
            | U256::from(self.late.0) << 64
            | U256::from(self.late.1) << 128
    }
}

#[derive(Debug, Clone)]
enum Step {
    At(u64, Terms),
    Every(i64, u64, u64, Terms),
    Cancel(usize),
    Break(bool),
    Seal(u64),
    RunNext,
}

fn terms() -> impl Strategy<Value = Terms> {
    let handler = prop::sample::select(vec![call::TICK, call::FAIL, call::MAYBE]);
    let late = prop::sample::select(vec![(0, 0), (0, 0), (30, 0), (200, call::LATE), (90, call::FAIL)]);
    (handler, (0u64..3, 0u64..5), (0u64..3, 0u64..4, 0u64..90), late)
        .prop_map(|(handler, missed, failure, late)| Terms { handler, missed, failure, late })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0u64..2_000, terms()).prop_map(|(t, terms)| Step::At(t, terms)),
        3 => (-500i64..1_000, 1u64..400, 0u64..8, terms()).prop_map(|(s, p, n, terms)| Step::Every(s, p, n, terms)),
        1 => any::<usize>().prop_map(Step::Cancel),
        1 => any::<bool>().prop_map(Step::Break),
        4 => (1u64..900).prop_map(Step::Seal),
        4 => Just(Step::RunNext),
    ]
}

/// One firing, as both sides tell it: number, due, time, end, (first skipped due, skipped count).
type Told = (u64, u64, u64, Outcome, Option<(u64, u64)>);

/// A row of the model's list. The grid is kept as the plain list of the moments still to come.
#[derive(Debug, Clone)]
struct Row {
    number: u64,
    moments: std::collections::VecDeque<u64>,
    wake: u64,
    ahead: bool,
    attempt: u64,
    alive: bool,
    terms: Terms,
}

#[derive(Debug, Default)]
struct Model {
    rows: Vec<Row>,
    broken: bool,
    told: Vec<Told>,
    runs: u64,
    lates: u64,
}

/// The model looks no further than this.
const HORIZON: u64 = 200_000;

impl Model {
    fn add(&mut self, now: u64, moments: impl Iterator<Item = u64>, terms: Terms) -> bool {
        let moments: std::collections::VecDeque<u64> = moments.collect();
        let Some(first) = moments.front().copied() else { return false };
        let number = self.rows.len() as u64 + 1;
        self.rows.push(Row {
            number,
            moments,
            wake: first,
            ahead: first > now,
            attempt: 0,
            alive: true,
            terms,
        });
        true
    }

    fn next(&self) -> Option<u64> {
        self.rows.iter().filter(|row| row.alive).map(|row| row.wake).min()
    }

    fn block(&mut self, now: u64) {
        let mut due: Vec<usize> =
            (0..self.rows.len()).filter(|i| self.rows[*i].alive && self.rows[*i].wake <= now).collect();
        due.sort_by_key(|i| {
            let row = &self.rows[*i];
            (row.moments[0], !row.ahead, row.number)
        });
        for i in due {
            self.fire(i, now);
        }
    }

    fn fire(&mut self, i: usize, now: u64) {
        let broken = self.broken;
        let row = &mut self.rows[i];
        let terms = row.terms;
        let mut skipped = None;
        if row.attempt == 0 {
            let passed = row.moments.iter().filter(|moment| **moment <= now).count();
            let keep = match terms.missed {
                (0, _) => 1,
                (1, _) => 2,
                (_, most) => most as usize + 1,
            };
            if passed > keep {
                skipped = Some((row.moments[0], (passed - keep) as u64));
                row.moments.drain(..passed - keep);
            }
        }
        let due = row.moments[0];
        let expired = terms.late.0 != 0 && now - due > terms.late.0;
        let fails = match terms.handler {
            call::FAIL => true,
            call::MAYBE => broken,
            _ => false,
        };
        if !expired && !fails {
            self.runs += 1;
        }
        if expired && terms.late.1 == call::LATE {
            self.lates += 1;
        }
        let failed = fails && !expired;
        let (failure, retries, backoff) = terms.failure;
        let outcome = if failed && failure == 1 && row.attempt < retries {
            row.attempt += 1;
            row.wake = now + backoff;
            row.ahead = backoff > 0;
            Outcome::Retrying
        } else {
            row.attempt = 0;
            row.moments.pop_front();
            match row.moments.front() {
                Some(next) if !(failed && failure == 2) => {
                    row.wake = *next;
                    row.ahead = *next > now;
                }
                _ => row.alive = false,
            }
            match (expired, failed) {
                (true, _) => Outcome::Expired,
                (_, true) => Outcome::Failed,
                _ => Outcome::Executed,
            }
        };
        self.told.push((row.number, due, now, outcome, skipped));
    }
}

fn told(world: &World) -> Vec<Told> {
    let tell = |f: &fusor_chain_lite::FiringReceipt| {
        (f.number, f.due, f.ran_at, f.outcome, f.skipped.map(|s| (s.first_due, s.count)))
    };
    world.chain.firings(0).map(tell).collect()
}

fn covered(world: &mut World) -> bool {
    let probe = world.probe;
    let escrows: u128 = world.chain.triggers_of(probe).unwrap().iter().map(|t| t.escrow).sum();
    let pot = world.chain.pot(probe).unwrap();
    world.chain.balance(TRIGGERS) == pot + U256::from(escrows)
}

fn apply(world: &mut World, model: &mut Model, step: &Step) {
    let now = world.chain.time() + 12;
    match *step {
        Step::Seal(dt) => {
            let time = world.chain.time() + dt;
            world.chain.seal_at(time).unwrap();
            model.block(time);
        }
        Step::RunNext => {
            let next = model.next();
            assert_eq!(
                world.chain.next_due().map(|t| t.max(world.chain.time())),
                next.map(|t| t.max(world.chain.time()))
            );
            let due = next.map(|t| if t > world.chain.time() { t } else { now });
            world.chain.run_to_next_trigger().unwrap();
            due.into_iter().for_each(|t| model.block(t));
        }
        Step::At(dt, terms) => {
            model.block(now);
            let t = world.chain.time() + dt;
            assert!(!world.at(t, terms.handler, terms.word()).is_zero());
            assert!(model.add(now, std::iter::once(t.max(now)), terms));
        }
        Step::Every(ds, period, count, terms) => {
            model.block(now);
            let start = world.chain.time().checked_add_signed(ds).unwrap();
            let most = if count == 0 { u64::MAX } else { count };
            let grid = (0..most).map(|k| start + k * period).take_while(|t| *t < start + HORIZON);
            let added = model.add(now, grid.filter(|t| *t >= now), terms);
            assert_eq!(!world.every(start, period, count, terms.handler, terms.word()).is_zero(), added);
        }
        Step::Cancel(pick) => {
            model.block(now);
            let rows = world.chain.triggers_of(world.probe).unwrap();
            let Some(row) = rows.get(pick % rows.len().max(1)) else {
                world.send(call::SET, &words([9, 9]));
                return;
            };
            world.ask(call::CANCEL, &[row.tid()]);
            model.rows[row.number as usize - 1].alive = false;
        }
        Step::Break(broken) => {
            model.block(now);
            world.send(call::SET, &words([2, u64::from(broken)]));
            model.broken = broken;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn random_schedules_fire_as_a_plain_calling_list_says(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::with(Genesis { block_gas_limit: 4_000_000 * GAS, ..genesis() });
        let mut model = Model::default();
        for step in &steps {
            apply(&mut world, &mut model, step);
            prop_assert_eq!(told(&world), model.told.clone());
            prop_assert!(covered(&mut world));
        }
        prop_assert_eq!((world.count(), world.slot(4)), (model.runs, model.lates));
        prop_assert_eq!(&world.chain.rebuilt_index().unwrap(), world.chain.index());
    }
}
proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn what_has_a_slot_runs_on_time_however_full_the_calling_list_is(
        bookings in prop::collection::vec((0u64..100, 0usize..2, 100_000u64..600_000, any::<bool>()), 1..80),
    ) {
        let mut world = World::with(Genesis { block_gas_limit: 6_000_000, ..genesis() });
        let other = common::deploy(&mut world.chain, 1_000_000_000_000).address;
        let probes = [world.probe, other];
        let from = world.chain.time() + 12 * 200;
        for (dt, who, gas, fails) in bookings {
            let handler = if fails { call::FAIL } else { call::TICK };
            let policy = U256::from(1 << 16 | 2 << 24 | 13u64 << 32);
            let mut args = words([from + dt, handler.into(), gas]);
            args.push(policy);
            prop_assert!(common::send(&mut world.chain, probes[who], call::AT, &args).success);
        }
        let mut slots = std::collections::BTreeMap::new();
        for row in probes.into_iter().flat_map(|who| world.chain.triggers_of(who).unwrap()) {
            slots.insert(row.tid(), row.booked);
        }
        prop_assert!(slots.values().any(|booked| *booked));
        while world.chain.next_due().is_some() {
            world.chain.seal().unwrap();
        }
        for firing in world.chain.firings(0) {
            let first_with_slot = firing.attempt == 0 && slots[&firing.tid];
            prop_assert!(!first_with_slot || firing.ran_at - firing.due < 12, "{firing:?}");
        }
    }
}

mod chaos {
    //! Throws everything at a chain with small blocks and checks what must hold whatever happens.

    use super::common::{self, World, call, genesis, words};
    use alloy_primitives::{Address, U256};
    use fusor_chain_lite::{Chain, Genesis};
    use fusor_vm::{account::TRIGGERS, triggers::Outcome};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const BLOCK_GAS: u64 = 6_000_000;

    #[derive(Debug, Clone)]
    enum Act {
        At { who: usize, dt: u64, handler: u32, gas: u64, policy: U256 },
        Every { who: usize, dt: u64, period: u64, count: u64, handler: u32, policy: U256 },
        Event { who: usize, emitter: usize, handler: u32, max: u64 },
        Watch { who: usize, target: usize, dt: u64, poll: u64 },
        Emit { who: usize, word: u64 },
        Set { who: usize, key: u64, value: u64 },
        Cancel { who: usize, pick: usize },
        Resume { who: usize, pick: usize },
        Seal(u64),
        RunNext,
        Undo,
    }

    fn handler() -> impl Strategy<Value = u32> {
        use call::*;
        prop::sample::select(vec![TICK, FAIL, MAYBE, BURN, AGAIN, EMPTY, ECHO, STOP, KEEP])
    }

    fn policy() -> impl Strategy<Value = U256> {
        let late = prop::sample::select(vec![(0u64, 0u32), (0, 0), (40, call::LATE), (20, 0)]);
        (0u64..3, 0u64..4, 0u64..3, 0u64..3, 0u64..40, late).prop_map(|(m, n, f, r, b, (late, selector))| {
            U256::from(m | n << 8 | f << 16 | r << 24 | b << 32)
                | U256::from(late) << 64
                | U256::from(selector) << 128
        })
    }

    fn act() -> impl Strategy<Value = Act> {
        let who = 0usize..3;
        prop_oneof![
            4 => (who.clone(), 0u64..300, handler(), 50_000u64..1_600_000, policy())
                .prop_map(|(who, dt, handler, gas, policy)| Act::At { who, dt, handler, gas, policy }),
            4 => (who.clone(), 0u64..300, 1u64..60, 0u64..5, handler(), policy()).prop_map(
                |(who, dt, period, count, handler, policy)| Act::Every { who, dt, period, count, handler, policy }
            ),
            2 => (who.clone(), 0usize..3, handler(), 0u64..4)
                .prop_map(|(who, emitter, handler, max)| Act::Event { who, emitter, handler, max }),
            2 => (who.clone(), 0usize..3, 0u64..400, 0u64..60)
                .prop_map(|(who, target, dt, poll)| Act::Watch { who, target, dt, poll }),
            2 => (who.clone(), any::<u64>()).prop_map(|(who, word)| Act::Emit { who, word }),
            2 => (who.clone(), prop::sample::select(vec![2u64, 9]), 0u64..2)
                .prop_map(|(who, key, value)| Act::Set { who, key, value }),
            1 => (who.clone(), any::<usize>()).prop_map(|(who, pick)| Act::Cancel { who, pick }),
            1 => (who, any::<usize>()).prop_map(|(who, pick)| Act::Resume { who, pick }),
            3 => (1u64..200).prop_map(Act::Seal),
            3 => Just(Act::RunNext),
            1 => Just(Act::Undo),
        ]
    }

    struct Chaos {
        chain: Chain,
        probes: Vec<Address>,
    }

    impl Chaos {
        fn new() -> Self {
            let small = Genesis { block_gas_limit: BLOCK_GAS, fanout_max: 6, depth_max: 3, ..genesis() };
            let mut world = World::with(small);
            let more = (0..2).map(|_| common::deploy(&mut world.chain, 50_000_000).address);
            let probes = std::iter::once(world.probe).chain(more.collect::<Vec<_>>()).collect();
            Self { chain: world.chain, probes }
        }

        fn send(&mut self, who: usize, selector: u32, args: &[U256]) {
            let to = self.probes[who];
            let tx = self.chain.dev_tx(common::OWNER, Some(to), U256::ZERO, common::input(selector, args));
            let used = self.chain.transact(tx);
            assert!(used.is_ok(), "{used:?}");
        }

        fn pick(&mut self, who: usize, pick: usize) -> Option<U256> {
            let rows = self.chain.triggers_of(self.probes[who]).unwrap();
            rows.get(pick % rows.len().max(1)).map(|row| row.tid())
        }

        fn act(&mut self, act: &Act) {
            let now = self.chain.time();
            match *act {
                Act::At { who, dt, handler, gas, policy } => {
                    let mut args = words([now + dt, handler.into(), gas]);
                    args.push(policy);
                    self.send(who, call::AT, &args);
                }
                Act::Every { who, dt, period, count, handler, policy } => {
                    let mut args = words([now + dt, period, count, handler.into(), 400_000]);
                    args.push(policy);
                    self.send(who, call::EVERY, &args);
                }
                Act::Event { who, emitter, handler, max } => {
                    let mut args = vec![self.probes[emitter].into_word().into()];
                    args.extend(words([handler.into(), 300_000, max, 0]));
                    self.send(who, call::EVENT, &args);
                }
                Act::Watch { who, target, dt, poll } => {
                    let deadline = U256::from(now + dt) | U256::from(poll) << 64;
                    let target = self.probes[target].into_word().into();
                    let late = U256::from(call::LATE);
                    self.send(
                        who,
                        call::WATCH,
                        &[U256::from(9), target, U256::from(200_000), deadline, late],
                    );
                }
                Act::Emit { who, word } => self.send(who, call::EMIT, &words([7, word])),
                Act::Set { who, key, value } => self.send(who, call::SET, &words([key, value])),
                Act::Cancel { who, pick } => {
                    if let Some(tid) = self.pick(who, pick) {
                        self.send(who, call::SET, &[U256::from(3), tid]);
                        self.send(who, call::CANCEL, &[tid]);
                    }
                }
                Act::Resume { who, pick } => {
                    if let Some(tid) = self.pick(who, pick) {
                        self.send(who, call::RESUME, &[tid]);
                    }
                }
                Act::Seal(dt) => drop(self.chain.seal_at(now + dt).unwrap()),
                Act::RunNext => drop(self.chain.run_to_next_trigger().unwrap()),
                Act::Undo => {
                    let snapshot = self.chain.snapshot();
                    self.chain.run_until_quiet(3).unwrap();
                    self.chain.revert(&snapshot).unwrap();
                }
            }
        }

        /// Pots and escrows are covered to the last wei.
        fn covered(&mut self) -> bool {
            let mut owed = U256::ZERO;
            for probe in self.probes.clone() {
                owed += self.chain.pot(probe).unwrap();
                let rows = self.chain.triggers_of(probe).unwrap();
                owed += U256::from(rows.iter().map(|row| row.escrow).sum::<u128>());
            }
            self.chain.balance(TRIGGERS) == owed
        }

        /// No block's firings use more than a quarter of its gas.
        fn within_quarter(&self) -> bool {
            (0..=self.chain.height()).all(|number| {
                let system = self.chain.receipts(number).iter().filter(|r| r.firing.is_some());
                system.map(|r| r.gas_used).sum::<u64>() <= BLOCK_GAS / 4
            })
        }

        /// No occurrence of a timing trigger ends twice.
        fn ends_once(&self) -> bool {
            let mut ends: BTreeMap<(U256, u64), u32> = BTreeMap::new();
            let timed = self.chain.firings(0).filter(|f| {
                use fusor_vm::triggers::Cause::{Retry, Time};
                f.outcome.is_end() && f.outcome != Outcome::Skipped && matches!(f.cause, Time | Retry)
            });
            timed.for_each(|f| *ends.entry((f.tid, f.due)).or_default() += 1);
            // A retried event keeps its block's time, which other logs of that block share.
            let events =
                self.chain.firings(0).filter(|f| matches!(f.cause, fusor_vm::triggers::Cause::Event { .. }));
            events.for_each(|f| {
                ends.remove(&(f.tid, f.due));
            });
            ends.values().all(|times| *times == 1)
        }

        /// A second node that replays the blocks comes to the same head and the same index.
        fn replays(&self) -> bool {
            let mut copy = Chain::new(self.chain.genesis().clone()).unwrap();
            for number in 1..=self.chain.height() {
                copy.import(&self.chain.block(number).unwrap().clone()).unwrap();
            }
            copy.head() == self.chain.head() && copy.index() == self.chain.index()
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn whatever_happens_money_order_and_replay_hold(acts in prop::collection::vec(act(), 1..30)) {
            let mut chaos = Chaos::new();
            for act in &acts {
                chaos.act(act);
                prop_assert!(chaos.covered());
                prop_assert_eq!(&chaos.chain.rebuilt_index().unwrap(), chaos.chain.index());
            }
            prop_assert!(chaos.within_quarter());
            prop_assert!(chaos.ends_once());
            prop_assert!(chaos.replays());
        }
    }

    /// Found by the property above: the escrow of a one-time trigger that cancels itself while it fires was
    /// neither paid nor given back.
    #[test]
    fn a_one_time_trigger_that_cancels_itself_is_paid_and_gets_the_rest_back() {
        let mut chaos = Chaos::new();
        let acts = [
            Act::At { who: 2, dt: 25, handler: call::STOP, gas: 200_000, policy: U256::ZERO },
            Act::Cancel { who: 2, pick: 0 },
        ];
        for act in &acts {
            chaos.act(act);
            assert!(chaos.covered(), "after {act:?}");
        }
        let firing = chaos.chain.firings(0).last().cloned().unwrap();
        assert_eq!((firing.outcome, firing.state), (Outcome::Executed, fusor_vm::triggers::State::Cancelled));
        assert_eq!(firing.cost + firing.refund, 200_000 + 21_000 + 1_000);
        assert_eq!(firing.cost, u128::from(firing.gas_used) + 1_000);
        assert!(chaos.replays());
    }
}
