//! Holds the chain to the ten guarantees about triggers, one by one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use alloy_primitives::{Address, B256, U256};
use common::{GAS, OWNER, START, World, call, deploy, genesis, policy, send, words};
use fusor_chain_lite::{
    Chain, ChainError, FiringReceipt, Genesis, Transaction,
    tx::{SYSTEM_TYPE, SystemTx},
};
use fusor_vm::triggers::{Cause, FIRING_GAS, Outcome, Skipped, State};
use std::collections::BTreeMap;

const WEIGHT: u64 = GAS + FIRING_GAS;

fn outcomes(fired: &[FiringReceipt]) -> Vec<(u64, u64, Outcome)> {
    fired.iter().map(|f| (f.due, f.ran_at, f.outcome)).collect()
}

fn check_index(chain: &mut Chain) {
    let rebuilt = chain.rebuilt_index().unwrap();
    assert_eq!(&rebuilt, chain.index());
}

#[test]
fn guarantee_01_each_occurrence_ends_in_exactly_one_state_with_a_receipt() {
    let mut world = World::new();
    let t = world.chain.time() + 1_000;
    let executed = world.every(t, 100, 5, call::TICK, policy::NONE);
    let failed = world.every(t + 7, 100, 5, call::FAIL, policy::NONE);
    let expired = world.at(t + 20, call::TICK, policy::late(5, call::LATE));
    world.chain.seal_at(t + 230).unwrap();
    world.chain.run_until_quiet(100).unwrap();
    let mut ends: BTreeMap<U256, u64> = BTreeMap::new();
    for firing in world.chain.firings(0) {
        assert!(firing.ran_at >= firing.due && firing.cost > 0 && firing.cause == Cause::Time);
        *ends.entry(firing.tid).or_default() +=
            u64::from(firing.outcome.is_end()) + firing.skipped.map_or(0, |s| s.count);
    }
    assert_eq!(ends, BTreeMap::from([(executed, 5), (failed, 5), (expired, 1)]));
    let of = |tid| world.chain.firings(0).filter(|f| f.tid == tid).cloned().collect::<Vec<_>>();
    assert_eq!(of(executed)[0].skipped, Some(Skipped { first_due: t, count: 2 }));
    assert!(of(executed).iter().all(|f| f.outcome == Outcome::Executed));
    assert!(of(failed).iter().all(|f| f.outcome == Outcome::Failed && !f.success));
    assert_eq!(of(expired)[0].outcome, Outcome::Expired);
    assert_eq!((world.count(), world.slot(4)), (3, 1));
    check_index(&mut world.chain);
}

#[test]
fn guarantee_02_a_booked_occurrence_runs_in_the_first_block_at_or_after_its_time() {
    let mut world = World::new();
    let t = world.chain.time() + 600;
    for i in 0..20 {
        assert!(!world.at(t + i, call::TICK, policy::NONE).is_zero());
    }
    let origin = START;
    for _ in 0..200 {
        let next = world.chain.time() + 12;
        assert_eq!((next - origin) % 12, 0);
        world.chain.seal_at(next).unwrap();
    }
    assert_eq!(world.count(), 20);
    for firing in world.chain.firings(0) {
        assert!(firing.ran_at - firing.due < 12, "{firing:?}");
    }
}

#[test]
fn guarantee_02_carried_over_occurrences_are_late_by_backlog_over_capacity() {
    let mut world = World::with(Genesis { block_gas_limit: 16 * WEIGHT, ..genesis() });
    let t = world.chain.time() + 6_000;
    let all = [U256::from(t), U256::from(call::TICK), U256::from(120_000), U256::ZERO];
    for _ in 0..8 {
        let mut args = all.to_vec();
        args.push(U256::from(3));
        assert!(world.send(call::AT_MANY, &args).success);
    }
    let per_block = (4 * WEIGHT) / (120_000 + FIRING_GAS);
    let fired = world.chain.run_until_quiet(100).unwrap();
    assert_eq!(fired.len(), 24);
    for (firing, i) in fired.iter().zip(0u64..) {
        assert_eq!(firing.ran_at, t + 12 * (i / per_block), "{i}");
        assert_eq!(world.run(i + 1), (t, firing.ran_at), "the handler reads both times");
    }
}

#[test]
fn guarantee_02_late_carry_over_expires_past_its_bound() {
    let mut world = World::with(Genesis { block_gas_limit: 4 * WEIGHT, ..genesis() });
    let t = world.chain.time() + 6_000;
    for _ in 0..4 {
        assert!(!world.at(t, call::TICK, policy::late(15, call::LATE)).is_zero());
    }
    let fired = world.chain.run_until_quiet(100).unwrap();
    use Outcome::{Executed, Expired};
    let expected = [(t, t, Executed), (t, t + 12, Executed), (t, t + 24, Expired), (t, t + 36, Expired)];
    assert_eq!(outcomes(&fired), expected);
    assert_eq!((world.count(), world.slot(4)), (2, 2));
}

#[test]
fn guarantee_03_order_is_due_time_then_class_then_contract_and_number() {
    let mut world = World::new();
    let other = deploy(&mut world.chain, 1_000_000_000).address;
    let t = world.chain.time() + 10_000;
    let book = |world: &mut World, to, due| {
        let args = words([due, call::TICK.into(), GAS, 0]);
        let receipt = send(&mut world.chain, to, call::AT, &args);
        (due, to, U256::from_be_slice(&receipt.output))
    };
    let probe = world.probe;
    let mut booked = Vec::new();
    for (to, due) in [(other, t), (probe, t + 1), (probe, t), (other, t - 1), (probe, t), (other, t + 1)] {
        booked.push(book(&mut world, to, due));
    }
    world.chain.seal_at(t + 5).unwrap();
    let fired: Vec<_> = world.chain.firings(0).map(|f| (f.due, f.contract, f.tid)).collect();
    booked.sort_by_key(|(due, contract, _)| (*due, *contract));
    assert_eq!(fired, booked);
    let numbers: Vec<_> =
        world.chain.firings(0).filter(|f| f.contract == probe && f.due == t).map(|f| f.number).collect();
    assert_eq!(numbers, [2, 3]);
}

#[test]
fn guarantee_04_triggers_run_at_top_level_before_users_and_their_failure_touches_nothing_else() {
    let mut world = World::new();
    let t = world.chain.time() + 500;
    world.at(t, call::BURN, policy::NONE);
    world.at(t, call::TICK, policy::NONE);
    let set = world.chain.dev_tx(OWNER, Some(world.probe), U256::ZERO, common::input(call::TICK, &[]));
    world.chain.submit(set);
    world.chain.seal_at(t).unwrap();
    let head = world.chain.head().clone();
    let types: Vec<u8> = head.transactions.iter().map(alloy_eips::Typed2718::ty).collect();
    assert_eq!(types, [SYSTEM_TYPE, SYSTEM_TYPE, 0x47]);
    let receipts = world.chain.receipts(head.header.number).to_vec();
    let success: Vec<bool> = receipts.iter().map(|r| r.success).collect();
    assert_eq!(success, [false, true, true]);
    assert_eq!(receipts[0].gas_used, WEIGHT, "the failing handler burnt its own gas and no more");
    assert_eq!(receipts[0].halt.as_deref(), Some("OutOfGas(Basic)"));
    assert_eq!(head.header.gas_used, receipts.iter().map(|r| r.gas_used).sum::<u64>());
    assert_eq!(world.count(), 2);
    let origin = world.chain.storage(world.probe, U256::from(1));
    assert_eq!(Address::from_word(origin.into()), OWNER, "the user's transaction ran last");
}

#[test]
fn guarantee_05_events_fire_in_the_next_block() {
    let mut world = World::new();
    let probe = world.probe;
    let args = [probe.into_word().into(), U256::from(7), U256::from(call::KEEP), U256::from(GAS), U256::ZERO];
    let tid = world.ask(call::EVENT_TOPIC, &args);
    let emitted = world.send(call::EMIT, &[U256::from(7), U256::from(42)]);
    world.send(call::EMIT, &[U256::from(8), U256::from(43)]);
    let firing = world.chain.firings(0).next().unwrap().clone();
    assert_eq!((firing.tid, firing.cause), (tid, Cause::Event { block: emitted.block, log: 0 }));
    assert_eq!((firing.due + 12, firing.outcome), (firing.ran_at, Outcome::Executed));
    assert_eq!((world.count(), world.slot(5)), (1, 42), "only the log that passes the filter, with its data");
    world.chain.seal().unwrap();
    assert_eq!(world.count(), 1);
    assert_eq!(world.state_of(tid), 1);
    check_index(&mut world.chain);
}

#[test]
fn guarantee_05_cascades_are_bounded() {
    let mut world = World::with(Genesis { depth_max: 3, ..genesis() });
    let args =
        [world.probe.into_word().into(), U256::from(call::ECHO), U256::from(GAS), U256::ZERO, U256::ZERO];
    let tid = world.ask(call::EVENT, &args);
    world.send(call::EMIT, &[U256::from(7), U256::ZERO]);
    let fired = world.chain.run_until_quiet(50).unwrap();
    assert_eq!(world.count(), 3, "the trigger that listens to itself stops after three rounds");
    let last = fired.last().unwrap();
    assert_eq!((last.outcome, last.cause), (Outcome::Skipped, Cause::Report));
    assert_eq!(last.skipped.unwrap().count, 1);
    assert_eq!(world.state_of(tid), 1);
    check_index(&mut world.chain);
}

#[test]
fn guarantee_05_fan_out_is_bounded_and_what_is_beyond_is_told() {
    let mut world = World::with(Genesis { fanout_max: 3, ..genesis() });
    let args =
        [world.probe.into_word().into(), U256::from(call::TICK), U256::from(GAS), U256::ZERO, U256::ZERO];
    for _ in 0..5 {
        assert!(!world.ask(call::EVENT, &args).is_zero());
    }
    world.send(call::EMIT, &[U256::from(7), U256::ZERO]);
    let fired = world.chain.run_until_quiet(50).unwrap();
    assert_eq!(world.count(), 3);
    let skipped: u64 = fired.iter().filter_map(|f| f.skipped).map(|s| s.count).sum();
    assert_eq!(skipped, 2);
    check_index(&mut world.chain);
}

#[test]
fn guarantee_05_queued_events_of_a_cancelled_trigger_are_told_as_skipped() {
    let mut world = World::with(Genesis { block_gas_limit: 4 * WEIGHT, ..genesis() });
    let probe = world.probe;
    let args = [probe.into_word().into(), U256::from(call::TICK), U256::from(GAS), U256::ZERO, U256::ZERO];
    let tid = world.ask(call::EVENT, &args);
    for word in 0..3 {
        let input = common::input(call::EMIT, &words([7, word]));
        let tx = world.chain.dev_tx(OWNER, Some(probe), U256::ZERO, input);
        world.chain.submit(tx);
    }
    assert_eq!(world.chain.seal().unwrap().left_out, []);
    assert!(!world.ask(call::CANCEL, &[tid]).is_zero());
    assert_eq!(world.count(), 1, "one fits a quarter of the block");
    let fired = world.chain.run_until_quiet(10).unwrap();
    let [last] = &fired[..] else { panic!("{fired:?}") };
    assert_eq!((last.outcome, last.skipped.unwrap().count, last.cost), (Outcome::Skipped, 2, 0));
    assert_eq!((world.count(), world.state_of(tid)), (1, 4));
    check_index(&mut world.chain);
}

#[test]
fn guarantee_06_triggers_use_at_most_a_quarter_of_a_block() {
    let mut world = World::with(Genesis { block_gas_limit: 20 * WEIGHT, ..genesis() });
    let t = world.chain.time() + 6_000;
    for _ in 0..30 {
        world.at(t, call::BURN, policy::NONE);
    }
    world.chain.run_until_quiet(100).unwrap();
    let mut total = 0;
    for number in 0..=world.chain.height() {
        let system = world.chain.receipts(number).iter().filter(|r| r.firing.is_some());
        let gas: u64 = system.map(|r| r.gas_used).sum();
        assert!(gas <= 5 * WEIGHT);
        total += gas;
    }
    assert_eq!(total, 30 * WEIGHT);
}

#[test]
fn guarantee_06_carry_over_is_fair_among_contracts() {
    let mut world = World::with(Genesis { block_gas_limit: 40 * WEIGHT, ..genesis() });
    let small = deploy(&mut world.chain, 1_000_000_000).address;
    let t = world.chain.time() + 100_000;
    for _ in 0..30 {
        let args = words([t, call::TICK.into(), GAS, 0, 10]);
        assert!(world.send(call::AT_MANY, &args).success);
    }
    for _ in 0..5 {
        send(&mut world.chain, small, call::AT, &words([t, call::TICK.into(), GAS, 0]));
    }
    let fired = world.chain.run_until_quiet(1_000).unwrap();
    assert_eq!(fired.len(), 305);
    let worst = fired.iter().filter(|f| f.contract == small).map(|f| f.ran_at - f.due).max();
    let backlog = fired.iter().map(|f| f.ran_at - f.due).max();
    assert_eq!(backlog, Some(30 * 12), "305 firings at 10 a block");
    assert!(worst.unwrap() <= 4 * 12, "five firings do not wait behind three hundred: {worst:?}");
}

#[test]
fn guarantee_07_gas_and_rent_are_escrowed_at_booking_and_the_rest_is_refunded() {
    let mut world = World::new();
    let before = world.chain.balance(world.probe);
    let t = world.chain.time() + 1_000;
    let quoted = world.ask(call::QUOTE, &words([t, GAS]));
    let tid = world.at(t, call::TICK, policy::NONE);
    assert_eq!(quoted, U256::from(WEIGHT + 1_000), "one wei per gas in an empty slot, and the rent");
    assert_eq!(before - world.chain.balance(world.probe), quoted);
    assert_eq!(U256::from(world.chain.trigger_info(tid).unwrap().escrow), quoted);
    let earned = world.chain.balance(world.chain.genesis().beneficiary);
    let fired = world.chain.run_to_next_trigger().unwrap();
    let (cost, refund) = (U256::from(fired[0].cost), U256::from(fired[0].refund));
    assert_eq!(cost + refund, quoted);
    assert_eq!(cost, U256::from(fired[0].gas_used + 1_000));
    assert_eq!(world.chain.pot(world.probe).unwrap(), refund);
    assert_eq!(world.chain.balance(world.chain.genesis().beneficiary) - earned, cost);
    assert_eq!(world.chain.balance(fusor_vm::account::TRIGGERS), refund, "pots and escrows, nothing else");
}

#[test]
fn guarantee_07_a_price_above_the_cap_is_refused() {
    let mut world = World::with(Genesis { trigger_price: 5, ..genesis() });
    let t = world.chain.time() + 1_000;
    assert!(world.at(t, call::TICK, policy::cap(4)).is_zero());
    assert!(!world.at(t, call::TICK, policy::cap(5)).is_zero());
}

#[test]
fn guarantee_07_cancelling_returns_the_escrow() {
    let mut world = World::new();
    let tid = world.at(u64::MAX, call::TICK, policy::NONE);
    let refund = world.ask(call::CANCEL, &[tid]);
    assert_eq!(refund, U256::from(WEIGHT + 1_000));
    assert_eq!(world.chain.pot(world.probe).unwrap(), refund);
    assert_eq!((world.state_of(tid), world.chain.next_due()), (4, None));
    assert_eq!(world.ask(call::CANCEL, &[tid]), U256::ZERO);
    check_index(&mut world.chain);
}

fn missed(policy: U256) -> (Vec<u64>, u64) {
    let mut world = World::new();
    let t = world.chain.time() + 100;
    world.every(t, 100, 6, call::TICK, policy);
    world.chain.seal_at(t + 450).unwrap();
    world.chain.run_until_quiet(100).unwrap();
    let skipped = world.chain.firings(0).filter_map(|f| f.skipped).map(|s| s.count).sum();
    let ran = world.chain.firings(0).map(|f| (f.due - t) / 100).collect();
    check_index(&mut world.chain);
    (ran, skipped)
}

#[test]
fn guarantee_08_missed_ticks_are_skipped_run_once_or_all_up_to_n() {
    assert_eq!(missed(policy::missed(0, 0)), (vec![4, 5], 4));
    assert_eq!(missed(policy::missed(1, 0)), (vec![3, 4, 5], 3));
    assert_eq!(missed(policy::missed(2, 2)), (vec![2, 3, 4, 5], 2));
    assert_eq!(missed(policy::missed(2, 200)), (vec![0, 1, 2, 3, 4, 5], 0));
}

#[test]
fn guarantee_08_the_grid_is_anchored_and_does_not_drift() {
    let mut world = World::new();
    let t = world.chain.time() + 100;
    world.every(t, 100, 50, call::TICK, policy::NONE);
    for k in 0..50 {
        world.chain.seal_at(t + 100 * k + 37).unwrap();
        assert_eq!(world.run(k + 1), (t + 100 * k, t + 100 * k + 37));
    }
    assert_eq!(world.chain.next_due(), None);
}

#[test]
fn guarantee_08_a_grid_anchored_in_the_past_starts_with_its_next_point() {
    let mut world = World::new();
    let now = world.chain.time() + 12;
    world.every(now - 950, 100, 12, call::TICK, policy::NONE);
    let fired = world.chain.run_until_quiet(100).unwrap();
    assert_eq!(fired.iter().map(|f| f.due).collect::<Vec<_>>(), [now + 50, now + 150]);
}

#[test]
fn guarantee_09_drop_loses_the_occurrence_and_goes_on() {
    let mut world = World::new();
    let t = world.chain.time() + 100;
    let tid = world.every(t, 100, 3, call::FAIL, policy::NONE);
    let fired = world.chain.run_until_quiet(100).unwrap();
    let failed = |k: u64| (t + 100 * k, t + 100 * k, Outcome::Failed);
    assert_eq!(outcomes(&fired), [failed(0), failed(1), failed(2)]);
    assert_eq!(world.state_of(tid), 3);
}

#[test]
fn guarantee_09_retry_repeats_with_backoff_and_then_gives_up() {
    let mut world = World::new();
    let t = world.chain.time() + 100;
    let tid = world.at(t, call::FAIL, policy::retry(2, 60));
    let fired = world.chain.run_until_quiet(100).unwrap();
    use Outcome::{Failed, Retrying};
    assert_eq!(outcomes(&fired), [(t, t, Retrying), (t, t + 60, Retrying), (t, t + 120, Failed)]);
    assert_eq!(fired.iter().map(|f| f.attempt).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(world.state_of(tid), 3);
    check_index(&mut world.chain);
}

#[test]
fn guarantee_09_retry_succeeds_when_the_cause_is_gone() {
    let mut world = World::new();
    let t = world.chain.time() + 100;
    world.send(call::SET, &words([2, 1]));
    world.at(t, call::MAYBE, policy::retry(5, 60));
    world.chain.run_to_next_trigger().unwrap();
    world.send(call::SET, &words([2, 0]));
    let fired = world.chain.run_until_quiet(100).unwrap();
    assert_eq!(outcomes(&fired), [(t, t + 60, Outcome::Executed)]);
    assert_eq!(fired[0].cause, Cause::Retry);
    assert_eq!(world.run(1), (t, t + 60));
}

#[test]
fn guarantee_09_pause_stops_until_the_contract_resumes() {
    let mut world = World::new();
    let t = world.chain.time() + 100;
    let tid = world.every(t, 100, 0, call::FAIL, policy::pause());
    world.chain.run_to_next_trigger().unwrap();
    assert_eq!((world.state_of(tid), world.chain.next_due()), (2, None));
    assert_eq!(world.chain.trigger_info(tid).unwrap().escrow, 0);
    check_index(&mut world.chain);
    world.chain.seal_at(t + 730).unwrap();
    assert_eq!(world.ask(call::RESUME, &[tid]), U256::from(1));
    assert_eq!((world.state_of(tid), world.chain.next_due()), (1, Some(t + 800)));
    assert_eq!(world.ask(call::RESUME, &[tid]), U256::ZERO, "it waits already");
    check_index(&mut world.chain);
}

#[test]
fn guarantee_09_an_occurrence_that_cannot_be_paid_leaves_the_trigger_unfunded() {
    let mut world = World::new();
    let t = world.chain.time() + 100;
    let tid = world.every(t, 100, 0, call::EMPTY, policy::NONE);
    let fired = world.chain.run_until_quiet(100).unwrap();
    // The handler took pot and balance; what was left of its own escrow came back afterwards, too little
    // for another run.
    assert_eq!(fired.len(), 1);
    assert_eq!((fired[0].outcome, fired[0].state), (Outcome::Executed, State::Unfunded));
    assert_eq!((world.state_of(tid), world.chain.balance(world.probe)), (5, U256::ZERO));
    check_index(&mut world.chain);
}

#[test]
fn guarantee_09_an_unfunded_trigger_resumes_when_its_pot_is_filled() {
    let mut world = World::new();
    let t = world.chain.time() + 100;
    let tid = world.every(t, 100, 0, call::EMPTY, policy::NONE);
    world.chain.run_until_quiet(100).unwrap();
    assert_eq!(world.ask(call::RESUME, &[tid]), U256::ZERO, "pot and balance are short");
    let probe = world.probe;
    world.chain.send_from(OWNER, probe, U256::from(1_000_000), Default::default()).unwrap();
    assert!(world.send(call::FUND, &words([600_000])).success);
    let pot = world.chain.pot(probe).unwrap();
    assert!(pot > U256::from(600_000));
    assert_eq!(world.ask(call::RESUME, &[tid]), U256::from(1));
    let escrow = world.chain.trigger_info(tid).unwrap().escrow;
    assert_eq!(pot - world.chain.pot(probe).unwrap(), U256::from(escrow), "the pot pays first");
    assert_eq!(world.chain.balance(probe), U256::from(400_000));
}

#[test]
fn guarantee_10_block_times_are_bounded_against_their_parent() {
    let mut chain = Chain::new(Genesis { time_step_max: Some(60), ..genesis() }).unwrap();
    assert_eq!(chain.seal_at(START), Err(ChainError::Time { time: START, parent: START }));
    assert_eq!(chain.seal_at(START + 61), Err(ChainError::TimeStep { time: START + 61, most: 60 }));
    assert!(chain.seal_at(START + 60).is_ok());
}

#[test]
fn guarantee_10_far_future_times_are_legal_and_overflow_is_not() {
    let mut world = World::new();
    let last = world.at(u64::MAX, call::TICK, policy::retry(1, 60));
    let grid = world.every(u64::MAX - 5, 4, 0, call::TICK, policy::NONE);
    assert!(!last.is_zero() && !grid.is_zero());
    let beyond: Vec<U256> =
        [U256::from(u64::MAX) + U256::from(1), U256::from(call::TICK), U256::from(GAS), U256::ZERO].into();
    assert!(!world.send(call::AT, &beyond).success);
    let fired = world.chain.run_until_quiet(10).unwrap();
    use Outcome::Executed;
    let (a, b, c) = (u64::MAX - 5, u64::MAX - 1, u64::MAX);
    assert_eq!(outcomes(&fired), [(a, a, Executed), (b, b, Executed), (c, c, Executed)]);
    assert_eq!((world.state_of(last), world.state_of(grid)), (3, 3));
    assert_eq!(world.chain.seal(), Err(ChainError::ClockExhausted));
}

#[test]
fn regression_thousands_of_triggers_due_in_the_same_second_all_run() {
    let mut world = World::new();
    let t = world.chain.time() + 1_000_000;
    for _ in 0..100 {
        assert!(world.send(call::AT_MANY, &words([t, call::TICK.into(), 120_000, 0, 30])).success);
    }
    assert_eq!(world.chain.index().len(), 3_000);
    let fired = world.chain.run_until_quiet(1_000).unwrap();
    assert_eq!((fired.len(), world.count()), (3_000, 3_000));
    let numbers: Vec<u64> = fired.iter().map(|f| f.number).collect();
    assert!(numbers.is_sorted() && fired.iter().all(|f| f.outcome == Outcome::Executed));
    check_index(&mut world.chain);
}

#[test]
fn regression_an_overweight_task_is_refused_at_registration() {
    let mut world = World::new();
    let most = world.chain.genesis().block_gas_limit / 4 - FIRING_GAS;
    let t = world.chain.time() + 1_000;
    let book = |world: &mut World, gas: U256| {
        let args = [U256::from(t), U256::from(call::TICK), gas, U256::ZERO];
        world.ask(call::AT, &args)
    };
    assert!(book(&mut world, U256::from(most + 1)).is_zero());
    assert!(book(&mut world, U256::MAX).is_zero());
    assert_eq!(world.ask(call::QUOTE, &words([t, most + 1])), U256::ZERO);
    assert!(!book(&mut world, U256::from(most)).is_zero());
    assert_eq!(world.ask(call::QUOTE, &words([t, 1])), U256::ZERO, "the slot is full now");
}

#[test]
fn regression_a_callback_that_books_itself_again_runs_once_per_block() {
    let mut world = World::new();
    let t = world.chain.time() + 1_000;
    world.ask(call::AT, &words([t, call::AGAIN.into(), 400_000, 0]));
    for k in 1..=10 {
        let fired = world.chain.run_to_next_trigger().unwrap();
        assert_eq!((fired.len(), world.count()), (1, k));
    }
    check_index(&mut world.chain);
}

#[test]
fn regression_a_handler_may_cancel_itself() {
    let mut world = World::new();
    let t = world.chain.time() + 1_000;
    let tid = world.every(t, 10, 0, call::STOP, policy::NONE);
    world.send(call::SET, &[U256::from(3), tid]);
    let fired = world.chain.run_until_quiet(10).unwrap();
    assert_eq!((fired.len(), fired[0].outcome, fired[0].state), (1, Outcome::Executed, State::Cancelled));
    let pot = world.chain.pot(world.probe).unwrap();
    assert_eq!((pot, world.state_of(tid)), (U256::from(fired[0].refund), 4));
    check_index(&mut world.chain);
}

#[test]
fn regression_a_handler_may_cancel_another_that_is_due_in_the_same_block() {
    let mut world = World::new();
    let t = world.chain.time() + 1_000;
    world.at(t, call::STOP, policy::NONE);
    let victim = world.at(t, call::TICK, policy::NONE);
    world.send(call::SET, &[U256::from(3), victim]);
    let fired = world.chain.run_until_quiet(10).unwrap();
    assert_eq!((fired.len(), world.count(), world.state_of(victim)), (1, 1, 4));
}

#[test]
fn a_watch_runs_its_nested_call_when_the_guard_comes_to_hold() {
    let mut world = World::new();
    let target = deploy(&mut world.chain, 0).address;
    let deadline = world.chain.time() + 1_000;
    let args = [
        U256::from(9),
        target.into_word().into(),
        U256::from(GAS),
        U256::from(deadline),
        U256::from(call::LATE),
    ];
    let tid = world.ask(call::WATCH, &args);
    let fired = world.chain.run_to_next_trigger().unwrap();
    assert_eq!((fired[0].outcome, fired[0].cause), (Outcome::Polled, Cause::Poll));
    world.send(call::SET, &words([9, 1]));
    let fired = world.chain.run_to_next_trigger().unwrap();
    assert_eq!((fired[0].outcome, fired[0].state), (Outcome::Executed, State::Done));
    assert_eq!(world.chain.storage(target, U256::ZERO), U256::from(1));
    let caller = world.chain.storage(target, U256::from(1));
    assert_eq!(Address::from_word(caller.into()), world.probe, "the nested call comes from the contract");
    assert_eq!((world.state_of(tid), world.slot(4)), (3, 0));
    check_index(&mut world.chain);
}

#[test]
fn a_watch_whose_guard_never_holds_runs_its_else_action_at_the_deadline() {
    let mut world = World::new();
    let deadline = world.chain.time() + 1_000;
    let poll_every_300_s = U256::from(300) << 64;
    let args = [
        U256::from(9),
        world.probe.into_word().into(),
        U256::from(GAS),
        U256::from(deadline) | poll_every_300_s,
        U256::from(call::LATE),
    ];
    world.ask(call::WATCH, &args);
    let fired = world.chain.run_until_quiet(100).unwrap();
    assert_eq!(fired.iter().filter(|f| f.outcome == Outcome::Polled).count(), 4);
    let last = fired.last().unwrap();
    assert_eq!(
        (last.outcome, last.cause, last.due, last.ran_at),
        (Outcome::Expired, Cause::Deadline, deadline, deadline)
    );
    assert_eq!((world.count(), world.slot(4)), (0, 1));
}

#[test]
fn a_watch_that_cannot_pay_its_polls_still_reaches_its_deadline() {
    let mut world = World::new();
    let probe =
        world.chain.deploy(OWNER, common::init_code("", &common::probe_code()), U256::from(400_000)).unwrap();
    let probe = probe.address;
    let deadline = world.chain.time() + 10_000;
    let late = U256::from(call::LATE);
    let args = [U256::from(9), probe.into_word().into(), U256::from(GAS), U256::from(deadline), late];
    let tid = U256::from_be_slice(&send(&mut world.chain, probe, call::WATCH, &args).output);
    let fired = world.chain.run_until_quiet(10_000).unwrap();
    let polls = fired.iter().filter(|f| f.outcome == Outcome::Polled).count();
    assert!((2..20).contains(&polls), "{polls}");
    let last = fired.last().unwrap();
    assert_eq!((last.tid, last.outcome, last.ran_at), (tid, Outcome::Expired, deadline));
    assert_eq!(world.chain.storage(probe, U256::from(4)), U256::from(1));
}

#[test]
fn a_handler_without_code_fails_instead_of_passing_for_run() {
    let mut world = World::new();
    let setup = format!(
        "PUSH0 PUSH 100000 PUSH0 PUSH0 PUSH {} PUSH 99999999 TAT POP CALLER SELFDESTRUCT ",
        call::TICK
    );
    let code = common::init_code(&setup, &[]);
    world.chain.deploy(OWNER, code, U256::from(1_000_000)).unwrap();
    let fired = world.chain.run_until_quiet(10).unwrap();
    assert_eq!((fired.len(), fired[0].outcome, fired[0].success), (1, Outcome::Failed, false));
}

#[test]
fn replaying_the_blocks_gives_the_same_roots_receipts_and_logs() {
    let mut world = World::new();
    let probe = world.probe;
    let t = world.chain.time() + 100;
    world.every(t, 50, 7, call::ECHO, policy::NONE);
    world.at(t, call::FAIL, policy::retry(2, 30));
    world.ask(
        call::EVENT,
        &[probe.into_word().into(), U256::from(call::TICK), U256::from(GAS), U256::ZERO, U256::ZERO],
    );
    world.chain.run_until_quiet(100).unwrap();
    let mut copy = Chain::new(genesis()).unwrap();
    for number in 1..=world.chain.height() {
        let block = world.chain.block(number).unwrap().clone();
        copy.import(&block).unwrap();
        assert_eq!(copy.receipts(number), world.chain.receipts(number));
    }
    assert_eq!(copy.head(), world.chain.head());
    assert_eq!(copy.index(), world.chain.index());
}

#[test]
fn a_block_that_lacks_a_due_occurrence_or_holds_one_that_is_not_due_is_refused() {
    let mut world = World::new();
    let t = world.chain.time() + 100;
    let tid = world.at(t, call::TICK, policy::NONE);
    let mut copy = Chain::new(genesis()).unwrap();
    for number in 1..=world.chain.height() {
        copy.import(&world.chain.block(number).unwrap().clone()).unwrap();
    }
    let before = copy.head().clone();
    world.chain.seal_at(t).unwrap();
    let good = world.chain.head().clone();
    let mut lacking = good.clone();
    lacking.transactions.clear();
    assert_eq!(copy.import(&lacking), Err(ChainError::MissingSystem { tid, position: 0 }));
    let mut surplus = good.clone();
    let Transaction::System(SystemTx { .. }) = &surplus.transactions[0] else { panic!() };
    surplus.transactions.push(surplus.transactions[0].clone());
    assert_eq!(copy.import(&surplus), Err(ChainError::NotDue { position: 1 }));
    let mut early = good.clone();
    early.header.timestamp = t - 1;
    assert_eq!(copy.import(&early), Err(ChainError::NotDue { position: 0 }));
    let mut forged = good.clone();
    forged.header.state_root = B256::ZERO;
    assert_eq!(copy.import(&forged), Err(ChainError::Header("state root")));
    assert_eq!(copy.head(), &before);
    copy.import(&good).unwrap();
    assert_eq!(copy.head(), &good);
}

#[test]
fn a_failed_release_leaves_nothing_changed() {
    let mut world = World::new();
    let root = world.chain.head().clone();
    let balance = world.chain.balance(OWNER);
    let setup = format!(
        "PUSH0 PUSH 100000 PUSH0 PUSH0 PUSH {} PUSH 99999999 TAT PUSH @ok JUMPI PUSH0 PUSH0 REVERT ok: JUMPDEST ",
        call::TICK
    );
    let code = common::init_code(&setup, &common::probe_code());
    let refused = world.chain.deploy(OWNER, code.clone(), U256::from(1_000));
    assert!(matches!(refused, Err(ChainError::Release { .. })), "{refused:?}");
    assert_eq!((world.chain.head(), world.chain.balance(OWNER)), (&root, balance));
    assert!(world.chain.index().is_empty());
    let released = world.chain.deploy(OWNER, code, U256::from(1_000_000)).unwrap();
    assert_eq!(world.chain.next_due(), Some(99_999_999));
    assert_eq!(world.chain.triggers_of(released.address).unwrap().len(), 1);
}

#[test]
fn pooled_transactions_of_one_sender_follow_each_other() {
    let mut world = World::new();
    for _ in 0..3 {
        let probe = Some(world.probe);
        let tx = world.chain.dev_tx(OWNER, probe, U256::ZERO, common::input(call::TICK, &[]));
        world.chain.submit(tx);
    }
    let snapshot = world.chain.snapshot();
    let sealed = world.chain.seal().unwrap();
    assert_eq!((sealed.left_out, world.count()), (Vec::new(), 3));
    world.chain.revert(&snapshot).unwrap();
    world.send(call::TICK, &[]);
    assert_eq!(world.count(), 4, "the pool came back with the snapshot and ran first");
}

#[test]
fn a_snapshot_brings_everything_back() {
    let mut world = World::new();
    let t = world.chain.time() + 100;
    world.every(t, 100, 0, call::TICK, policy::NONE);
    let snapshot = world.chain.snapshot();
    let (head, index) = (world.chain.head().clone(), world.chain.index().clone());
    world.chain.run_until_quiet(7).unwrap();
    let later = world.chain.head().clone();
    world.chain.revert(&snapshot).unwrap();
    assert_eq!((world.chain.head(), world.chain.index()), (&head, &index));
    world.chain.run_until_quiet(7).unwrap();
    assert_eq!(world.chain.head(), &later);
}
