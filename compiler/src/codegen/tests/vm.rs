//! Runs code as a contract on the VM.

use crate::ir::interp;
use alloy_primitives::{Address, Bytes, U256, hex};
use fusor_vm::evm::{FusorEvm, Rules, SystemCall};
use revm::context::BlockEnv;
use revm::context::result::ExecutionResult;
use revm::database::InMemoryDB;
use revm::state::{AccountInfo, Bytecode};
use std::collections::BTreeMap;

/// Is what a run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) kind: &'static str,
    pub(crate) output: Vec<u8>,
    pub(crate) storage: BTreeMap<U256, U256>,
    pub(crate) logs: Vec<(Vec<U256>, Vec<u8>)>,
    pub(crate) gas: u64,
}

impl Run {
    pub(crate) fn describe(&self) -> String {
        format!("{} {}", self.kind, hex::encode(&self.output))
    }

    /// Is what the reference interpreter did; reverts undo storage and logs.
    pub(crate) fn from_interp(end: interp::End, world: &interp::World) -> Self {
        let (kind, output, kept) = match end {
            interp::End::Return(output) => ("return", output, true),
            interp::End::Revert(output) => ("revert", output, false),
            interp::End::Invalid => ("invalid", Vec::new(), false),
        };
        let storage = world.storage.iter().filter(|(_, value)| kept && !value.is_zero());
        let storage = storage.map(|(key, value)| (*key, *value)).collect();
        let logs = if kept { world.logs.clone() } else { Vec::new() };
        Self { kind, output, storage, logs, gas: 0 }
    }
}

/// Runs `code` at a fresh address.
pub(crate) fn run_code(code: &[u8], calldata: &[u8], gas: u64) -> Run {
    let to = Address::repeat_byte(0xc0);
    let mut db = InMemoryDB::default();
    let code = Bytecode::new_raw(Bytes::copy_from_slice(code));
    db.insert_account_info(
        to,
        AccountInfo { nonce: 1, code_hash: code.hash_slow(), code: Some(code), ..Default::default() },
    );
    let block = BlockEnv { gas_limit: u64::MAX, ..BlockEnv::default() };
    let mut evm = FusorEvm::new(db, Rules::fusor(1), block);
    let call = SystemCall {
        caller: Address::repeat_byte(0xca),
        to,
        data: Bytes::copy_from_slice(calldata),
        gas,
        value: U256::ZERO,
    };
    let outcome = evm.system_call(call).unwrap();
    let mut storage = BTreeMap::new();
    if let Some(account) = outcome.state.get(&to) {
        for (key, slot) in account.storage.iter().filter(|(_, slot)| !slot.present_value.is_zero()) {
            storage.insert(*key, slot.present_value);
        }
    }
    let used = outcome.result.tx_gas_used();
    match outcome.result {
        ExecutionResult::Success { output, logs, .. } => Run {
            kind: "return",
            output: output.into_data().to_vec(),
            storage,
            logs: logs
                .into_iter()
                .map(|log| {
                    (log.topics().iter().map(|topic| (*topic).into()).collect(), log.data.data.to_vec())
                })
                .collect(),
            gas: used,
        },
        ExecutionResult::Revert { output, .. } => Run {
            kind: "revert",
            output: output.to_vec(),
            storage: BTreeMap::new(),
            logs: Vec::new(),
            gas: used,
        },
        ExecutionResult::Halt { reason, .. } => {
            let kind = if format!("{reason:?}").contains("InvalidFEOpcode") { "invalid" } else { "halt" };
            Run { kind, output: Vec::new(), storage: BTreeMap::new(), logs: Vec::new(), gas: used }
        }
    }
}
