//! Checks the gas of the extension against EVM's own scale.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use alloy_primitives::{Bytes, U256};
use common::{call, evm, who};
use fusor_vm::{evm::FusorEvm, ledger, statetest::World};
use revm::context::result::ExecutionResult;

fn id() -> U256 {
    ledger::asset_id(who("issuer"), U256::ZERO)
}

/// Runs a program that owns 100 units of an asset.
fn run(programs: &[(&str, &str)]) -> (ExecutionResult, FusorEvm<World>) {
    let programs: Vec<_> = programs.iter().map(|(name, text)| (who(name), *text)).collect();
    let mut evm = evm(&programs);
    let mint = |s: &mut dyn fusor_vm::store::Store| {
        ledger::mint(s, who("issuer"), U256::ZERO, who("main"), U256::from(100))
    };
    evm.store_commit(mint).unwrap();
    (call(&mut evm, who("user"), who("main"), Bytes::new()), evm)
}

fn gas(text: &str) -> u64 {
    let (result, _) = run(&[("main", text)]);
    assert!(result.is_success(), "{result:?}");
    result.gas().total_gas_spent()
}

#[test]
fn reads_cost_a_cold_then_a_warm_load() {
    let read = format!("PUSH {:#x} ASUPPLY POP ", id());
    let once = gas(&format!("{read} STOP"));
    // PUSH32 3, static 100, SLOAD 2100 cold, POP 2.
    assert_eq!(once, 3 + 100 + 2100 + 2);
    assert_eq!(gas(&format!("{read} {read} STOP")) - once, 3 + 100 + 100 + 2);
}

#[test]
fn writes_cost_as_sstore_and_logs_as_log() {
    // A send reads and writes two holdings: the sender's changes (2900), the receiver's is new (20000); each
    // loads cold once (2100) and reads warm once more where the operation looks again. LOG3 of a word: 1756.
    let send = |amount: u64, to: &str| format!("PUSH {amount} PUSH {} PUSH {:#x} ASEND POP ", who(to), id());
    let first = gas(&format!("{} STOP", send(10, "b")));
    let second = gas(&format!("{} {} STOP", send(10, "b"), send(10, "b"))) - first;
    // The second send loads warm slots and writes dirty ones, 100 each.
    assert_eq!(first - second, 2 * (2_100 - 100) + (20_000 - 100) + (2_900 - 100));
    // Operands 9, static 100, two reads and two writes, LOG3 of a word, POP 2.
    assert_eq!(second, 9 + 100 + 4 * 100 + (375 + 3 * 375 + 8 * 32) + 2);
}

#[test]
fn a_refund_for_moved_assets_is_earned_only_when_they_stay() {
    let main = |callee: &str| {
        format!(
            "PUSH {:#x} PUSH0 MSTORE PUSH 100 PUSH 32 MSTORE
             PUSH0 PUSH0 PUSH0 PUSH0 PUSH 1 PUSH0 PUSH {} PUSH 100000 ACALL POP STOP",
            id(),
            who(callee)
        )
    };
    let programs = [("keeper", "STOP"), ("reverter", "PUSH0 PUSH0 REVERT")];
    for (callee, earns) in [("keeper", true), ("reverter", false)] {
        let text = main(callee);
        let (result, mut evm) = run(&[programs[0], programs[1], ("main", &text)]);
        assert!(result.is_success());
        assert_eq!(result.gas().final_refunded() > 0, earns, "{callee}");
        let kept = evm.store(|s| ledger::owned(s, id(), who("main"))).unwrap().value;
        assert_eq!(kept.is_zero(), earns);
    }
}

#[test]
fn a_stipend_pays_for_no_write() {
    let main = format!(
        "PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 PUSH {} PUSH 2300 CALL PUSH0 MSTORE PUSH 32 PUSH0 RETURN",
        who("sender")
    );
    let sender = format!("PUSH 1 PUSH {} PUSH 0 AMINT STOP", who("b"));
    for (gas, outcome) in [("2300", 0u64), ("300000", 1)] {
        let main = main.replace("2300", gas);
        let (result, _) = run(&[("main", &main), ("sender", &sender)]);
        assert_eq!(U256::from_be_slice(result.output().unwrap()), U256::from(outcome));
    }
}

#[test]
fn a_call_with_assets_keeps_a_sixty_fourth() {
    // The callee burns all it gets; the caller still stores the outcome.
    let main = format!(
        "PUSH {:#x} PUSH0 MSTORE PUSH 1 PUSH 32 MSTORE
         PUSH0 PUSH0 PUSH0 PUSH0 PUSH 1 PUSH0 PUSH {} GAS ACALL PUSH0 MSTORE PUSH 32 PUSH0 RETURN",
        id(),
        who("burner")
    );
    let (result, mut evm) = run(&[("main", &main), ("burner", "INVALID")]);
    assert_eq!(U256::from_be_slice(result.output().unwrap()), U256::ZERO);
    assert!(result.gas().total_gas_spent() > 4_800_000, "all but a 64th is gone");
    assert_eq!(evm.store(|s| ledger::owned(s, id(), who("main"))).unwrap().value, U256::from(100));
}

#[test]
fn native_coin_costs_as_a_call_with_value_less_the_stipend() {
    let send = |to: &str| format!("PUSH 0 PUSH {} PUSH 0 ASEND POP STOP", who(to));
    let nothing = gas(&send("b"));
    let text = "PUSH 1 PUSH $ PUSH 0 ASEND POP STOP".replace('$', &who("b").to_string());
    let mut evm = evm(&[(who("main"), &text)]);
    evm.db_mut().accounts.get_mut(&who("main")).unwrap().info.balance = U256::from(5);
    let paid = call(&mut evm, who("user"), who("main"), Bytes::new()).gas().total_gas_spent();
    // 9000 - 2300, and 25000 for the new account; PUSH1 1 for PUSH0 costs one more.
    assert_eq!(paid - nothing, 6_700 + 25_000 + 1);
}
