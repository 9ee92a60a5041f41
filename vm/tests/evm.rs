//! Runs transactions, system calls and guards through the public wrapper.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

use alloy_primitives::{Address, Bytes, TxKind, U256, bytes};
use fusor_vm::{
    account::SCHEDULER,
    evm::{FusorContext, FusorEvm, Rules, SystemCall},
    triggers::Guard,
};
use revm::{
    Database, Inspector,
    context::{BlockEnv, TxEnv},
    database::InMemoryDB,
    interpreter::{
        CallInputs, CallOutcome, Gas, InstructionResult, InterpreterResult, interpreter::EthInterpreter,
    },
    state::{AccountInfo, Bytecode},
};

const EOA: Address = Address::repeat_byte(0xee);
const CODE: Address = Address::repeat_byte(0xc0);
const PEER: Address = Address::repeat_byte(0xbe);

fn evm(codes: &[(Address, Bytes)]) -> FusorEvm<InMemoryDB> {
    let mut db = InMemoryDB::default();
    db.insert_account_info(EOA, AccountInfo::from_balance(U256::from(10).pow(U256::from(18))));
    for (address, code) in codes {
        db.insert_account_info(*address, AccountInfo::from_bytecode(Bytecode::new_raw(code.clone())));
    }
    FusorEvm::new(db, Rules::fusor(1), BlockEnv { gas_limit: 30_000_000, ..BlockEnv::default() })
}

fn storage(evm: &mut FusorEvm<InMemoryDB>, address: Address, key: u64) -> U256 {
    revm::Database::storage(evm.db_mut(), address, U256::from(key)).unwrap()
}

#[test]
fn a_transaction_is_committed() {
    // SSTORE(0, CALLVALUE)
    let mut evm = evm(&[(CODE, bytes!("345f5500"))]);
    let tx = TxEnv {
        caller: EOA,
        kind: TxKind::Call(CODE),
        value: U256::from(7),
        gas_limit: 100_000,
        chain_id: Some(1),
        ..TxEnv::default()
    };
    let result = evm.transact_commit(tx).unwrap();
    assert!(result.is_success());
    assert_eq!(storage(&mut evm, CODE, 0), U256::from(7));
}

#[test]
fn a_system_call_pays_nothing_and_bumps_no_nonce() {
    // SSTORE(0, CALLER)
    let mut evm = evm(&[(CODE, bytes!("335f5500"))]);
    let result = evm.system_call_commit(SystemCall::scheduled(CODE, Bytes::new(), 50_000_000)).unwrap();
    assert!(result.is_success());
    assert_eq!(storage(&mut evm, CODE, 0), U256::from_be_slice(SCHEDULER.as_slice()));
    let sender = revm::Database::basic(evm.db_mut(), SCHEDULER).unwrap().unwrap_or_default();
    assert_eq!((sender.nonce, sender.balance), (0, U256::ZERO));
}

#[test]
fn a_static_call_cannot_write() {
    let mut evm = evm(&[(CODE, bytes!("335f5500"))]);
    let outcome = evm.static_call(SystemCall::scheduled(CODE, Bytes::new(), 100_000)).unwrap();
    assert!(outcome.result.is_halt());
}

/// Calls PEER through NCALL with a STATICCALL guard on GUARD and stores result + 10 at slot 0.
fn nested(operand: u8) -> Bytes {
    let mut code = vec![];
    // Guard at memory 0: kind 8, target CODE2, key 0, aux 0, comparison ==, operand.
    for (word, at) in [(8u8, 0u8), (0xd0, 32), (operand, 160)] {
        code.extend([0x60, word, 0x60, at, 0x52]);
    }
    // value, gas, in_len, in_ptr
    code.extend([0x5f, 0x61, 0xff, 0xff, 0x5f, 0x5f]);
    code.push(0x73);
    code.extend(PEER);
    code.extend([0x5f, 0xb6]);
    code.extend([0x60, 10, 0x01, 0x5f, 0x55, 0x00]);
    code.into()
}

#[test]
fn a_guard_that_calls_decides_over_a_nested_call() {
    let oracle = Address::with_last_byte(0xd0);
    for (operand, result, called) in [(42u8, 11u64, 1u64), (41, 12, 0)] {
        let mut evm = evm(&[
            (CODE, nested(operand)),
            (oracle, bytes!("602a5f5260205ff3")),
            (PEER, bytes!("60015f5500")),
        ]);
        let outcome = evm.system_call_commit(SystemCall::scheduled(CODE, Bytes::new(), 1_000_000)).unwrap();
        assert!(outcome.is_success(), "{outcome:?}");
        assert_eq!(storage(&mut evm, CODE, 0), U256::from(result));
        assert_eq!(storage(&mut evm, PEER, 0), U256::from(called));
    }
}

#[test]
fn polling_a_guard_keeps_nothing() {
    let oracle = Address::with_last_byte(0xd0);
    let mut evm = evm(&[(oracle, bytes!("602a5f5260205ff3"))]);
    let words = [8u64, 0xd0, 0, 0, 4, 41].map(U256::from);
    let probe = evm.guard(CODE, &Guard::decode(words, Bytes::new()).unwrap()).unwrap();
    assert!(probe.holds && probe.gas_used > 0);
    let words = [1u64, 0, 5, 0, 0, 0].map(U256::from);
    let probe = evm.guard(CODE, &Guard::decode(words, Bytes::new()).unwrap()).unwrap();
    assert!(probe.holds);
}

#[test]
fn store_changes_are_committed_or_undone() {
    let mut evm = evm(&[]);
    let key = U256::from(3);
    let failed = evm.store_commit(|store| {
        store.set(CODE, key, U256::from(1))?;
        Err::<(), _>(fusor_vm::fault::Fault::Misuse("test"))
    });
    assert!(failed.is_err());
    assert_eq!(storage(&mut evm, CODE, 3), U256::ZERO);
    evm.store_commit(|store| store.set(CODE, key, U256::from(9))).unwrap();
    assert_eq!(storage(&mut evm, CODE, 3), U256::from(9));
}

/// Answers every call to PEER itself.
struct Override(InstructionResult);

impl<DB: Database> Inspector<FusorContext<DB>, EthInterpreter> for Override {
    fn call(&mut self, _: &mut FusorContext<DB>, inputs: &mut CallInputs) -> Option<CallOutcome> {
        let result = InterpreterResult::new(self.0, Bytes::new(), Gas::new(inputs.gas_limit));
        (inputs.target_address == PEER).then(|| CallOutcome::new(result, inputs.return_memory_offset.clone()))
    }
}

#[test]
fn assets_of_a_call_that_an_inspector_answers_follow_its_answer() {
    let id = fusor_vm::ledger::asset_id(CODE, U256::ZERO);
    // AMINT(0, ADDRESS, 9), then ACALL(gas, PEER, [(id, 9)]) and a second ACOUNT-free STOP.
    let text = format!(
        "PUSH 9 ADDRESS PUSH 0 AMINT PUSH0 MSTORE PUSH 9 PUSH 32 MSTORE
         PUSH0 PUSH0 PUSH0 PUSH0 PUSH 1 PUSH0 PUSH {PEER} PUSH 100000 ACALL POP STOP"
    );
    let code: Bytes = fusor_vm::asm::assemble(&text).unwrap().into();
    for (answer, moved) in [(InstructionResult::Stop, 9u64), (InstructionResult::Revert, 0)] {
        let mut evm = evm(&[(CODE, code.clone())]).with_inspector(Override(answer));
        let tx = TxEnv { caller: EOA, kind: TxKind::Call(CODE), gas_limit: 1_000_000, ..TxEnv::default() };
        let outcome = evm.inspect(tx).unwrap();
        assert!(outcome.result.is_success());
        let mut evm = FusorEvm::new(evm.into_db(), Rules::fusor(1), BlockEnv::default());
        revm::DatabaseCommit::commit(evm.db_mut(), outcome.state);
        let held = evm.store(|store| fusor_vm::ledger::owned(store, id, PEER)).unwrap().value;
        assert_eq!(held, U256::from(moved));
    }
}

#[test]
fn the_gas_of_a_probe_does_not_depend_on_what_ran_before() {
    // Free native coin of the beneficiary and of a precompile: accounts that a transaction warms.
    for who in [Address::ZERO, Address::with_last_byte(4), fusor_vm::account::LEDGER, PEER] {
        let words = [
            U256::from(2),
            U256::ZERO,
            U256::from_be_slice(who.as_slice()),
            U256::ZERO,
            U256::from(5),
            U256::ZERO,
        ];
        let guard = Guard::decode(words, Bytes::new()).unwrap();
        let mut fresh = evm(&[(CODE, bytes!("00"))]);
        let first = fresh.guard(CODE, &guard).unwrap();
        fresh.system_call_commit(SystemCall::scheduled(CODE, Bytes::new(), 100_000)).unwrap();
        assert_eq!(fresh.guard(CODE, &guard).unwrap(), first, "{who}");
        assert!(first.holds && first.gas_used > 0);
    }
}
