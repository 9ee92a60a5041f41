//! Prepares nested calls: calls with assets attached and calls behind a guard (design 4, whitepaper 4.3).

use crate::{
    evm::{Attached, FusorContext, Guarded, JournalStore, Staged, Then},
    fault::Fault,
    ledger,
    store::Store,
    triggers::{self, Guard, GuardKind},
    usufruct,
};
use alloy_primitives::{Address, U256};
use revm::{
    Database,
    context_interface::{ContextTr, Host, JournalTr, host::LoadError},
    interpreter::{
        CallInput, CallInputs, CallScheme, CallValue, Gas, instructions::contract::load_account_delegated,
    },
};
use std::ops::Range;

/// Is NCALL's result when the guard did not hold.
pub const GUARD_FALSE: U256 = U256::from_limbs([2, 0, 0, 0]);

/// Is the largest number of (id, amount) pairs that one call may carry.
pub const PAIRS_MAX: usize = 8;

/// Reads the value that a guard of `contract` looks at; `None` for a STATICCALL guard, which needs a frame.
pub fn value(store: &mut dyn Store, contract: Address, guard: &Guard) -> Result<Option<U256>, Fault> {
    let Guard { target, key, aux, .. } = *guard;
    let who = to_address(key);
    Ok(Some(match guard.kind {
        GuardKind::Always => U256::ZERO,
        GuardKind::Storage => store.get(contract, key)?,
        GuardKind::Free => ledger::free(store, target, who)?,
        GuardKind::Owned => ledger::owned(store, target, who)?,
        GuardKind::Usable => usufruct::usable(store, target, who, aux)?,
        GuardKind::Grant => U256::from(usufruct::info(store, target)?.state as u8),
        GuardKind::Trigger => U256::from(triggers::info(store, target)?.state),
        GuardKind::Fired => U256::from(triggers::info(store, target)?.fired),
        GuardKind::Call => return Ok(None),
    }))
}

/// Reads the first word of a call's output; `None` if it is shorter.
pub(crate) fn first_word(output: &[u8]) -> Option<U256> {
    output.first_chunk::<32>().map(|word| U256::from_be_bytes(*word))
}

/// Reads an address operand as CALL does: the upper 12 bytes are ignored.
pub(crate) fn to_address(word: U256) -> Address {
    Address::from_word(word.into())
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

/// Moves assets to the callee and pays for the call that carries them. Returns the call and what its frame
/// must know, or `None` when the caller's free units fall short; then nothing moved.
///
/// The moves are undone with the callee's frame, so the refunds that they earn wait for its success.
pub(crate) fn with_assets<DB: Database>(
    ctx: &mut FusorContext<DB>,
    gas: &mut Gas,
    mut target: Target,
    pairs: &[(U256, U256)],
    gas_wanted: u64,
) -> Result<Option<(CallInputs, Staged)>, Fault> {
    let Some(mut pairs) = ledger::merge_pairs(pairs) else { return Ok(None) };
    pairs.retain(|(_, amount)| !amount.is_zero());
    let native = pairs.iter().find(|(id, _)| id.is_zero());
    target.value = native.map_or(U256::ZERO, |(_, amount)| *amount);
    let checkpoint = ctx.journaled_state.checkpoint();
    let earned_before = gas.refunded();
    let prepared = move_and_prepare(ctx, gas, target, &pairs, gas_wanted);
    let refund = gas.refunded().saturating_sub(earned_before);
    gas.set_refunded(earned_before);
    let attached = pairs.into_iter().filter(|(id, _)| !id.is_zero());
    let attached = attached.map(|(id, amount)| Attached { id, amount }).collect();
    match prepared {
        Ok(Some(call)) => {
            let then = Then { refund, ..Then::default() };
            Ok(Some((call, Staged { attached, checkpoint: Some(checkpoint), then })))
        }
        Ok(None) => {
            ctx.journaled_state.checkpoint_revert(checkpoint);
            Ok(None)
        }
        Err(fault) => {
            ctx.journaled_state.checkpoint_revert(checkpoint);
            Err(fault)
        }
    }
}

fn move_and_prepare<DB: Database>(
    ctx: &mut FusorContext<DB>,
    gas: &mut Gas,
    target: Target,
    pairs: &[(U256, U256)],
    gas_wanted: u64,
) -> Result<Option<CallInputs>, Fault> {
    let (from, to) = (target.from, target.to);
    if !target.value.is_zero() {
        usufruct::release(&mut JournalStore::new(ctx, gas, false), from)?;
    }
    if !ledger::move_pairs(&mut JournalStore::new(ctx, gas, false), from, to, pairs)? {
        return Ok(None);
    }
    let mut prepared = prepare(ctx, gas, target)?;
    prepared.call.gas_limit = split(ctx, gas, gas_wanted)?.saturating_add(prepared.stipend);
    Ok(Some(prepared.call))
}

/// Pays for a call and for the STATICCALL of its guard. Returns the guard's frame and what follows it.
pub(crate) fn behind_guard<DB: Database>(
    ctx: &mut FusorContext<DB>,
    gas: &mut Gas,
    guard: Guard,
    target: Target,
    gas_wanted: u64,
) -> Result<(CallInputs, Then), Fault> {
    let from = target.from;
    let Prepared { call, stipend, value_cost } = prepare(ctx, gas, target)?;
    let frame = prepare_guard(ctx, gas, from, &guard)?;
    let guarded = Guarded { guard, call, gas_wanted, stipend, unspent_if_false: value_cost };
    Ok((frame, Then { guarded: Some(Box::new(guarded)), ..Then::default() }))
}

/// Makes the STATICCALL of a guard, charges its access and hands it the gas that guards get.
fn prepare_guard<DB: Database>(
    ctx: &mut FusorContext<DB>,
    gas: &mut Gas,
    from: Address,
    guard: &Guard,
) -> Result<CallInputs, Fault> {
    let input = CallInput::Bytes(guard.data.clone());
    let target = Target { from, to: to_address(guard.target), value: U256::ZERO, input, return_range: 0..0 };
    charge(gas, ctx.gas_params().warm_storage_read_cost())?;
    let mut call = prepare(ctx, gas, target)?.call;
    call.scheme = CallScheme::StaticCall;
    call.is_static = true;
    call.gas_limit = split(ctx, gas, guard.call_gas())?;
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
