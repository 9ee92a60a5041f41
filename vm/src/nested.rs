//! Prepares nested calls: calls with assets attached and calls behind a guard (design 4, whitepaper 4.3).

use crate::{
    account,
    evm::FusorContext,
    fault::Fault,
    guard::{Guard, Kind, to_address},
    store::Store,
};
use alloy_primitives::{Address, U256};
use revm::{
    Database,
    context_interface::{ContextTr, Host, host::LoadError},
    interpreter::{
        CallInput, CallInputs, CallScheme, CallValue, Gas, instructions::contract::load_account_delegated,
    },
};
use std::ops::Range;

/// Is NCALL's result when the guard did not hold.
pub const GUARD_FALSE: U256 = U256::from_limbs([2, 0, 0, 0]);

/// Is the largest number of (id, amount) pairs that one call may carry.
pub const PAIRS_MAX: usize = 8;

/// Reads the value that a guard of `contract` looks at.
///
/// # Errors
/// Misuse for a STATICCALL guard: it needs a frame, which the caller opens.
pub fn value(store: &mut dyn Store, contract: Address, guard: &Guard) -> Result<U256, Fault> {
    match guard.kind {
        Kind::Always => Ok(U256::ZERO),
        Kind::OwnWord => store.get(contract, guard.key),
        _ => Err(Fault::Misuse("a STATICCALL guard has no value without a call")),
    }
}

/// Is a call that is paid for but for the gas handed on.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) call: CallInputs,
    /// Gas that comes on top with a value transfer.
    pub(crate) stipend: u64,
    /// Gas paid because value moves.
    pub(crate) value_cost: u64,
}

/// Says who calls whom with what.
pub(crate) struct Target {
    pub(crate) from: Address,
    pub(crate) to: Address,
    pub(crate) value: U256,
    pub(crate) input: CallInput,
    pub(crate) return_range: Range<usize>,
}

/// Charges what CALL charges before it splits gas, and loads the code.
pub(crate) fn prepare<DB: Database>(
    ctx: &mut FusorContext<DB>,
    gas: &mut Gas,
    target: Target,
) -> Result<Prepared, Fault> {
    let moves_value = !target.value.is_zero();
    let spec = *ctx.cfg().spec();
    let transfer = if moves_value { ctx.gas_params().transfer_value_cost() } else { 0 };
    charge(gas, transfer)?;
    let (cost, state_cost, code, hash) =
        load_account_delegated(ctx, spec, gas.remaining(), target.to, moves_value, true)
            .map_err(load_fault)?;
    charge(gas, cost)?;
    if !gas.record_state_cost(state_cost) {
        return Err(Fault::OutOfGas);
    }
    let stipend = if moves_value { ctx.gas_params().call_stipend() } else { 0 };
    let call = CallInputs {
        input: target.input,
        return_memory_offset: target.return_range,
        gas_limit: 0,
        reservoir: gas.reservoir(),
        bytecode_address: target.to,
        known_bytecode: (hash, code),
        target_address: target.to,
        caller: target.from,
        value: CallValue::Transfer(target.value),
        scheme: CallScheme::Call,
        is_static: false,
        charged_new_account_state_gas: state_cost > 0,
    };
    Ok(Prepared { call, stipend, value_cost: transfer })
}

/// Makes the STATICCALL of a guard, charges its access and hands it at most [`crate::guard::GUARD_GAS`].
pub(crate) fn prepare_guard<DB: Database>(
    ctx: &mut FusorContext<DB>,
    gas: &mut Gas,
    from: Address,
    guard: &Guard,
    input: CallInput,
) -> Result<CallInputs, Fault> {
    let target = Target { from, to: to_address(guard.target), value: U256::ZERO, input, return_range: 0..0 };
    charge(gas, ctx.gas_params().warm_storage_read_cost())?;
    let mut call = prepare(ctx, gas, target)?.call;
    call.scheme = CallScheme::StaticCall;
    call.is_static = true;
    call.gas_limit = split(ctx, gas, crate::guard::GUARD_GAS)?;
    Ok(call)
}

/// Takes the gas for a callee out of `gas`: what was wanted, at most 63/64 of what is left (EIP-150).
pub(crate) fn split<DB: Database>(ctx: &FusorContext<DB>, gas: &mut Gas, wanted: u64) -> Result<u64, Fault> {
    let limit = ctx.gas_params().call_stipend_reduction(gas.remaining()).min(wanted);
    charge(gas, limit)?;
    Ok(limit)
}

fn charge(gas: &mut Gas, cost: u64) -> Result<(), Fault> {
    if gas.record_regular_cost(cost) { Ok(()) } else { Err(Fault::OutOfGas) }
}

fn load_fault(error: LoadError) -> Fault {
    match error {
        LoadError::ColdLoadSkipped => Fault::OutOfGas,
        LoadError::DBError => Fault::Database("account could not be loaded".into()),
    }
}

/// Is true for the accounts that only the system itself may be called through.
pub fn is_system(address: Address) -> bool {
    account::SYSTEM.contains(&address)
}
