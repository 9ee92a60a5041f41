//! Holds inspection against a call with assets that fails before its frame opens.
#![allow(clippy::unwrap_used, missing_docs)]

use alloy_primitives::{Address, Log, TxKind, U256};
use fusor_vm::{
    asm::assemble,
    evm::{FusorContext, FusorEvm, Rules},
    genesis::genesis_accounts,
};
use revm::{
    Inspector,
    context::{BlockEnv, TxEnv},
    database::InMemoryDB,
    interpreter::{CallInputs, CallOutcome},
    state::{AccountInfo, Bytecode},
};

const CONTRACT: Address = Address::repeat_byte(0xc0);

/// Mints 5 units to itself, calls 0xbe with one of them and more native coin than it has, and keeps the result
/// plus 1 in slot 0. The unit moves, with its Transfer log, before the coin is found to be short.
const CODE: &str = "
    PUSH 5  ADDRESS  PUSH 0  AMINT
    PUSH 0 MSTORE  PUSH 1 PUSH 32 MSTORE  PUSH 1000 PUSH 96 MSTORE
    PUSH 0 PUSH 0 PUSH 0 PUSH 0  PUSH 2 PUSH 0  PUSH 0xbe  GAS  ACALL
    PUSH 1 ADD  PUSH 0 SSTORE  STOP";

#[derive(Default)]
struct Tally {
    logs: usize,
    calls: usize,
    ends: usize,
}

impl Inspector<FusorContext<InMemoryDB>> for Tally {
    fn log(&mut self, _: &mut FusorContext<InMemoryDB>, _: Log) {
        self.logs += 1;
    }

    fn call(&mut self, _: &mut FusorContext<InMemoryDB>, _: &mut CallInputs) -> Option<CallOutcome> {
        self.calls += 1;
        None
    }

    fn call_end(&mut self, _: &mut FusorContext<InMemoryDB>, _: &CallInputs, _: &mut CallOutcome) {
        self.ends += 1;
    }
}

#[test]
fn inspecting_a_call_that_takes_its_logs_back_does_not_panic() {
    let mut db = InMemoryDB::default();
    for account in genesis_accounts() {
        let code = Bytecode::new_raw(account.code);
        db.insert_account_info(account.address, AccountInfo::from_bytecode(code).with_nonce(account.nonce));
    }
    let code = Bytecode::new_raw(assemble(CODE).unwrap().into());
    db.insert_account_info(CONTRACT, AccountInfo::from_bytecode(code).with_nonce(1));
    let block = BlockEnv { gas_limit: 30_000_000, ..BlockEnv::default() };
    let mut evm = FusorEvm::new(db, Rules::fusor(1), block).with_inspector(Tally::default());
    let tx =
        TxEnv { kind: TxKind::Call(CONTRACT), gas_limit: 1_000_000, chain_id: Some(1), ..TxEnv::default() };
    let outcome = evm.inspect(tx).unwrap();
    assert!(outcome.result.is_success(), "{:?}", outcome.result);
    assert_eq!(outcome.result.logs().len(), 1, "the mint's");
    let slot = outcome.state[&CONTRACT].storage[&U256::ZERO].present_value;
    assert_eq!(slot, U256::ONE, "ACALL pushed 0");
    let tally = evm.inspector();
    assert_eq!((tally.calls, tally.ends), (2, 2));
    assert_eq!(tally.logs, 2, "the mint's and the one taken back");
}
