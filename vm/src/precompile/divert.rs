//! Turns `acall` and `ncall` through a precompile into the frames they ask for. The precompile's own frame is
//! kept aside ([`Through`]) and answers in ABI encoding when they have returned.

use super::{Refusal, charge_call, ledger::ILedger::acallCall, nested, nested::INested::ncallCall, result};
use crate::{
    account,
    evm::{Answer, FusorContext, JournalStore, Staged, Then, Through},
    fault::Fault,
    nested::{self as calls, GUARD_FALSE, Target},
    triggers::GuardKind,
};
use alloy_primitives::{Bytes, U256};
use alloy_sol_types::SolCall;
use revm::{
    Database,
    handler::FrameResult,
    interpreter::{CallInput, CallInputs, CallOutcome, CallScheme, Gas},
};

/// Says what became of a call to a precompile that asks for a frame.
pub(crate) enum Diverted {
    /// It is another call: handle it as usual.
    No,
    /// The frame to open in its place.
    Frame(CallInputs, Staged),
    /// Its result, without a frame.
    Result(FrameResult),
}

/// Looks whether a call goes to `acall` or `ncall` and prepares the frame in its place.
pub(crate) fn divert<DB: Database>(ctx: &mut FusorContext<DB>, call: &CallInputs) -> Diverted {
    let Some(answer) = asks_for_frame(ctx, call) else { return Diverted::No };
    ctx.chain.met = true;
    let data = call.input.bytes(ctx);
    let mut gas = Gas::new_with_regular_gas_and_reservoir(call.gas_limit, call.reservoir);
    let frame = match answer {
        Answer::Assets => with_assets(ctx, &mut gas, call, &data),
        Answer::Nested => behind_guard(ctx, &mut gas, call, &data),
    };
    let through = Through { answer, gas, return_range: call.return_memory_offset.clone() };
    match frame {
        Ok(Step::Frame(inputs, mut staged)) => {
            staged.then.through = Some(Box::new(through));
            Diverted::Frame(inputs, staged)
        }
        Ok(Step::Done(code)) => Diverted::Result(through.finish(code, Bytes::new())),
        Err(refusal) => {
            let mut outcome =
                CallOutcome::new(result(ctx, Err(refusal), through.gas), call.return_memory_offset.clone());
            outcome.was_precompile_called = true;
            Diverted::Result(FrameResult::Call(outcome))
        }
    }
}

/// Says which function with a frame is called by plain CALL without value.
fn asks_for_frame<DB: Database>(ctx: &FusorContext<DB>, call: &CallInputs) -> Option<Answer> {
    let plain = call.scheme == CallScheme::Call && !call.is_static && call.value.get().is_zero();
    if !plain || !matches!(call.bytecode_address, account::LEDGER | account::NESTED) {
        return None;
    }
    let selector = *call.input.as_bytes(ctx).first_chunk::<4>()?;
    match (call.bytecode_address, selector) {
        (account::LEDGER, acallCall::SELECTOR) => Some(Answer::Assets),
        (account::NESTED, ncallCall::SELECTOR) => Some(Answer::Nested),
        _ => None,
    }
}

#[expect(clippy::large_enum_variant, reason = "lives for one call")]
enum Step {
    Frame(CallInputs, Staged),
    Done(U256),
}

fn with_assets<DB: Database>(
    ctx: &mut FusorContext<DB>,
    gas: &mut Gas,
    call: &CallInputs,
    data: &[u8],
) -> Result<Step, Refusal> {
    charge_call(gas, data.len())?;
    let args = acallCall::abi_decode_validate(data).map_err(bad_abi)?;
    if args.ids.len() != args.amounts.len() {
        return Err(Refusal::text("ids and amounts differ in length"));
    }
    if args.ids.len() > calls::PAIRS_MAX {
        return Err(Refusal::text("more than 8 assets with one call"));
    }
    let pairs: Vec<(U256, U256)> = args.ids.into_iter().zip(args.amounts).collect();
    let target = target(call, args.to, U256::ZERO, args.data);
    charge_access(ctx, gas)?;
    Ok(match calls::with_assets(ctx, gas, target, &pairs, u64::MAX)? {
        Some((inputs, staged)) => Step::Frame(inputs, staged),
        None => Step::Done(U256::ZERO),
    })
}

fn behind_guard<DB: Database>(
    ctx: &mut FusorContext<DB>,
    gas: &mut Gas,
    call: &CallInputs,
    data: &[u8],
) -> Result<Step, Refusal> {
    charge_call(gas, data.len())?;
    let args = ncallCall::abi_decode_validate(data).map_err(bad_abi)?;
    let guard = nested::guard(args.guard)?;
    let target = target(call, args.to, args.value, args.data);
    charge_access(ctx, gas)?;
    if guard.kind == GuardKind::Call {
        let (inputs, then) = calls::behind_guard(ctx, gas, guard, target, args.gas_)?;
        return Ok(Step::Frame(inputs, Staged { then, ..Staged::default() }));
    }
    let value = calls::value(&mut JournalStore::new(ctx, gas, false), target.from, &guard)?;
    if !guard.holds(value) {
        return Ok(Step::Done(GUARD_FALSE));
    }
    let mut prepared = calls::prepare(ctx, gas, target)?;
    prepared.call.gas_limit = calls::split(ctx, gas, args.gas_)?.saturating_add(prepared.stipend);
    Ok(Step::Frame(prepared.call, Staged { then: Then::default(), ..Staged::default() }))
}

fn target(call: &CallInputs, to: alloy_primitives::Address, value: U256, data: Bytes) -> Target {
    Target { from: call.caller, to, value, input: CallInput::Bytes(data), return_range: 0..0 }
}

/// Pays for the warm access to the callee, which the opcodes' static gas covers.
fn charge_access<DB: Database>(ctx: &FusorContext<DB>, gas: &mut Gas) -> Result<(), Fault> {
    match gas.record_regular_cost(ctx.cfg.gas_params.warm_storage_read_cost()) {
        true => Ok(()),
        false => Err(Fault::OutOfGas),
    }
}

fn bad_abi(error: alloy_sol_types::Error) -> Refusal {
    Refusal::text(&format!("bad ABI encoding: {error}"))
}
