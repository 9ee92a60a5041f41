//! Runs operations of the extension on a database that fails: the transaction fails with its error, and nothing
//! panics or passes for a result.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use common::who;
use fusor_vm::{
    account, asm,
    evm::{FusorEvm, Rules, SystemCall, bytecode},
    fault::Fault,
    ledger,
    precompile::{ILedger, INested},
    triggers::Guard,
};
use revm::{
    Database,
    bytecode::Bytecode,
    context::{BlockEnv, result::EVMError},
    state::AccountInfo,
};
use std::collections::BTreeMap;

#[derive(Debug, thiserror::Error)]
#[error("the disk is gone")]
struct Gone;

impl revm::database_interface::DBErrorMarker for Gone {}

/// Holds code and fails on every storage word of system accounts.
#[derive(Debug, Default)]
struct Broken(BTreeMap<Address, Bytecode>);

impl Database for Broken {
    type Error = Gone;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Gone> {
        let code = self.0.get(&address).cloned();
        Ok(code.map(|code| AccountInfo {
            nonce: 1,
            code_hash: code.hash_slow(),
            code: Some(code),
            ..Default::default()
        }))
    }

    fn code_by_hash(&mut self, _: B256) -> Result<Bytecode, Gone> {
        Err(Gone)
    }

    fn storage(&mut self, address: Address, _: U256) -> Result<U256, Gone> {
        if account::SYSTEM.contains(&address) { Err(Gone) } else { Ok(U256::ZERO) }
    }

    fn block_hash(&mut self, _: u64) -> Result<B256, Gone> {
        Err(Gone)
    }
}

fn evm(programs: &[(&str, String)]) -> FusorEvm<Broken> {
    let code = |text: &str| bytecode(asm::assemble(text).unwrap().into());
    let mut codes: BTreeMap<Address, Bytecode> =
        programs.iter().map(|(name, text)| (who(name), code(text))).collect();
    codes.extend(account::SYSTEM.map(|address| (address, code("INVALID"))));
    FusorEvm::new(Broken(codes), Rules::fusor(1), BlockEnv::default())
}

fn fails(evm: &mut FusorEvm<Broken>, to: Address, data: Vec<u8>, what: &str) {
    let error = evm.system_call(SystemCall::scheduled(to, data.into(), 1_000_000)).unwrap_err();
    assert!(matches!(error, EVMError::Database(Gone)), "{what}: {error:?}");
}

fn call_of(target: Address) -> String {
    format!("PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 PUSH {target} GAS CALL STOP")
}

#[test]
fn opcodes_fail_with_the_databases_error_at_any_depth() {
    for op in [
        "PUSH0 PUSH0 PUSH0 ASEND",
        "PUSH 1 PUSH 1 PUSH 1 ASEND",
        "PUSH 1 ASUPPLY",
        "PUSH 1 UINFO",
        "PUSH 1 TINFO",
    ] {
        let programs = [
            ("leaf", format!("{op} STOP")),
            ("middle", call_of(who("leaf"))),
            ("top", call_of(who("middle"))),
        ];
        for name in ["leaf", "middle", "top"] {
            fails(&mut evm(&programs), who(name), vec![], op);
        }
    }
}

#[test]
fn precompiles_fail_with_the_databases_error_at_any_depth() {
    let data = ILedger::asupplyCall { id: U256::from(1) }.abi_encode();
    fails(&mut evm(&[]), account::LEDGER, data, "asupply");
    let pairs = (vec![U256::from(1)], vec![U256::from(1)]);
    let acall = ILedger::acallCall { to: who("x"), ids: pairs.0, amounts: pairs.1, data: Bytes::new() };
    fails(&mut evm(&[]), account::LEDGER, acall.abi_encode(), "acall");
    let view = account::erc20_address(U256::from(1));
    fails(&mut evm(&[("top", call_of(view))]), who("top"), vec![], "view");
    // The callee of a nested call and the guard's contract may meet the failure too.
    for (kind, target) in [(8u8, who("reader")), (0, Address::ZERO)] {
        let guard = INested::Guard {
            kind: U256::from(kind),
            target: U256::from_be_slice(target.as_slice()),
            key: U256::ZERO,
            aux: U256::ZERO,
            comparison: U256::ZERO,
            operand: U256::ZERO,
            callData: Bytes::new(),
        };
        let ncall = INested::ncallCall {
            guard,
            to: who("reader"),
            data: Bytes::new(),
            gas_: 100_000,
            value: U256::ZERO,
        };
        let reader = [("reader", "PUSH 1 ASUPPLY STOP".to_owned())];
        fails(&mut evm(&reader), account::NESTED, ncall.abi_encode(), "ncall");
    }
}

#[test]
fn operations_and_probes_outside_a_transaction_say_why_they_failed() {
    let failed = evm(&[]).store(|store| ledger::supply(store, U256::from(1)));
    assert_eq!(failed.unwrap_err(), Fault::Database("the disk is gone".into()));
    let words = [2u64, 1, 1, 0, 0, 0].map(U256::from);
    let guard = Guard::decode(words, Bytes::new()).unwrap();
    assert!(evm(&[]).guard(who("a"), &guard).is_err());
}

#[test]
fn the_evm_works_on_after_a_failure() {
    let programs = [("bad", "PUSH 1 ASUPPLY STOP".to_owned()), ("good", "PUSH0 POP STOP".to_owned())];
    let mut evm = evm(&programs);
    fails(&mut evm, who("bad"), vec![], "bad");
    let call = SystemCall::scheduled(who("good"), Bytes::new(), 100_000);
    assert!(evm.system_call(call).unwrap().result.is_success());
}
