//! Checks what holds for every opcode of the table alike.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use alloy_primitives::Bytes;
use common::{evm, who};
use fusor_vm::{
    evm::{FusorEvm, Rules, SystemCall},
    opcode::{Effect, Opcode, TABLE},
    statetest::World,
};
use revm::{
    context::{
        BlockEnv,
        result::{ExecutionResult, HaltReason},
    },
    primitives::hardfork::SpecId,
};

/// Pushes zeros as operands, runs the opcode, and stops.
fn program(op: &Opcode, operands: usize) -> String {
    format!("{} {} STOP", "PUSH0 ".repeat(operands), op.name)
}

fn run(op: &Opcode, operands: usize, gas: u64, is_static: bool) -> ExecutionResult {
    let text = program(op, operands);
    let mut evm = evm(&[(who("main"), &text)]);
    let call = SystemCall { gas, ..SystemCall::scheduled(who("main"), Bytes::new(), gas) };
    match is_static {
        true => evm.static_call(call).unwrap().result,
        false => evm.system_call(call).unwrap().result,
    }
}

fn halt(result: &ExecutionResult) -> Option<&HaltReason> {
    match result {
        ExecutionResult::Halt { reason, .. } => Some(reason),
        _ => None,
    }
}

#[test]
fn too_few_operands_underflow() {
    for op in TABLE.iter().filter(|op| !op.inputs.is_empty()) {
        let result = run(op, op.inputs.len() - 1, 5_000_000, false);
        assert_eq!(halt(&result), Some(&HaltReason::StackUnderflow), "{}", op.name);
    }
}

#[test]
fn writes_halt_under_staticcall_and_reads_do_not() {
    for op in TABLE {
        let result = run(op, op.inputs.len(), 5_000_000, true);
        let refused = halt(&result) == Some(&HaltReason::StateChangeDuringStaticCall);
        assert_eq!(refused, op.effect != Effect::Read, "{}: {result:?}", op.name);
    }
}

#[test]
fn no_gas_halts() {
    for op in TABLE {
        let pushes = 2 * op.inputs.len() as u64;
        let result = run(op, op.inputs.len(), pushes + op.gas - 1, false);
        assert!(matches!(halt(&result), Some(HaltReason::OutOfGas(_))), "{}: {result:?}", op.name);
        assert_eq!(result.tx_gas_used(), pushes + op.gas - 1, "{}", op.name);
    }
}

#[test]
fn a_full_stack_overflows_where_results_exceed_operands() {
    for op in TABLE.iter().filter(|op| op.outputs.len() > op.inputs.len()) {
        let result = run(op, 1024, 5_000_000, false);
        let expected = match op.name {
            // With nothing attached AIN halts before it pushes.
            "AIN" => HaltReason::PrecompileErrorWithContext("misuse: no asset at this index".into()),
            _ => HaltReason::StackOverflow,
        };
        assert_eq!(halt(&result), Some(&expected), "{}", op.name);
    }
}

#[test]
fn without_extensions_the_bytes_mean_nothing() {
    for op in TABLE {
        let mut world = World::default();
        let code = fusor_vm::asm::assemble(&program(op, op.inputs.len())).unwrap();
        let code = revm::bytecode::Bytecode::new_raw(code.into());
        let account = world.accounts.entry(who("main")).or_default();
        (account.info.code_hash, account.info.code) = (code.hash_slow(), Some(code));
        let rules = Rules { spec: SpecId::OSAKA, extensions: false, chain_id: 1 };
        let mut evm = FusorEvm::new(world, rules, BlockEnv::default());
        let outcome = evm.system_call(SystemCall::scheduled(who("main"), Bytes::new(), 1_000_000)).unwrap();
        assert_eq!(halt(&outcome.result), Some(&HaltReason::OpcodeNotFound), "{}", op.name);
        assert!(!outcome.met_extension);
    }
}

#[test]
fn meeting_an_extension_is_noted_also_when_it_is_reverted() {
    let text = "PUSH0 ACOUNT POP PUSH0 REVERT";
    let mut evm = evm(&[(who("main"), text), (who("plain"), "PUSH0 POP STOP")]);
    for (name, met) in [("main", true), ("plain", false)] {
        let outcome = evm.system_call(SystemCall::scheduled(who(name), Bytes::new(), 100_000)).unwrap();
        assert_eq!(outcome.met_extension, met);
    }
}
