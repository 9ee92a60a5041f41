//! Follows one timing trigger from release to receipt.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use alloy_primitives::{Address, U256};
use common::{World, call, policy};
use fusor_chain_lite::receipt::FiringReceipt;
use fusor_vm::triggers::{Cause, Outcome, State};

#[test]
fn a_timing_trigger_fires_once_at_its_time() {
    let mut world = World::new();
    let due = world.chain.time() + 86_400;
    let tid = world.at(due, call::TICK, policy::NONE);
    assert!(!tid.is_zero());
    assert_eq!(world.chain.next_due(), Some(due));
    let fired = world.chain.run_to_next_trigger().unwrap();
    let [FiringReceipt { tid: which, cause, due: at, ran_at, outcome, state, next, .. }] = fired[..] else {
        panic!("{fired:?}")
    };
    assert_eq!((which, at, ran_at, next), (tid, due, due, None));
    assert_eq!((cause, outcome, state), (Cause::Time, Outcome::Executed, State::Done));
    assert_eq!((world.count(), world.run(1)), (1, (due, due)));
    let caller = world.chain.storage(world.probe, U256::from(1));
    assert_eq!(Address::from_word(caller.into()), fusor_vm::account::SCHEDULER);
    assert_eq!(world.chain.run_until_quiet(10).unwrap(), []);
}
