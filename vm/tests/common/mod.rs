//! Helps tests to run calls on a small world with the system accounts in it.
#![allow(dead_code, reason = "each test file uses a part")]

use alloy_primitives::{Address, Bytes, U256, keccak256};
use fusor_vm::{
    asm,
    evm::{FusorEvm, Rules, SystemCall},
    genesis::genesis_accounts,
    statetest::{Account, World},
};
use revm::{
    bytecode::Bytecode,
    context::{BlockEnv, result::ExecutionResult},
    state::AccountInfo,
};

/// Returns the address that stands for a name.
pub(crate) fn who(name: &str) -> Address {
    Address::from_word(keccak256(name))
}

/// Makes an EVM over the genesis accounts and the given assembly programs.
pub(crate) fn evm(programs: &[(Address, &str)]) -> FusorEvm<World> {
    let mut world = World::default();
    for system in genesis_accounts() {
        world.accounts.insert(system.address, account(system.code, system.nonce));
    }
    for (address, text) in programs {
        let code = asm::assemble(text).unwrap_or_else(|error| panic!("{error}"));
        world.accounts.insert(*address, account(code.into(), 1));
    }
    let block = BlockEnv { timestamp: U256::from(1000), number: U256::from(1), ..BlockEnv::default() };
    FusorEvm::new(world, Rules::fusor(1), block)
}

fn account(code: Bytes, nonce: u64) -> Account {
    let code = Bytecode::new_raw(code);
    let info = AccountInfo { nonce, code_hash: code.hash_slow(), code: Some(code), ..AccountInfo::default() };
    Account { info, ..Account::default() }
}

/// Runs a call with five million gas and keeps what it did.
pub(crate) fn call(
    evm: &mut FusorEvm<World>,
    caller: Address,
    to: Address,
    data: impl Into<Bytes>,
) -> ExecutionResult {
    let call = SystemCall { caller, to, data: data.into(), gas: 5_000_000, value: U256::ZERO };
    evm.system_call_commit(call).unwrap()
}
