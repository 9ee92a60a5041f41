//! Bodies of the opcodes that call with assets or behind a guard.

use super::{Called, Op};
use crate::{
    evm::{Guarded, Staged, Then},
    fault::Fault,
    guard::{Guard, Kind, to_address},
    nested::{self, Target},
};
use alloy_primitives::U256;
use revm::{
    Database,
    interpreter::{CallInput, interpreter_types::ReturnData},
};

pub(super) fn acount<DB: Database>(op: &mut Op<'_, DB>, []: [U256; 0]) -> Result<[U256; 1], Fault> {
    Ok([U256::from(op.cx.host.chain.attached().len())])
}

pub(super) fn ain<DB: Database>(op: &mut Op<'_, DB>, [index]: [U256; 1]) -> Result<[U256; 2], Fault> {
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    let attached = op.cx.host.chain.attached().get(index);
    attached.map(|asset| [asset.id, asset.amount]).ok_or(Fault::Misuse("no asset at this index"))
}

pub(super) fn ncall<DB: Database>(op: &mut Op<'_, DB>, inputs: [U256; 6]) -> Result<Called, Fault> {
    let [guard, to, in_ptr, in_len, gas, value] = inputs;
    let guard = Guard::from_words(op.words(guard)?).ok_or(Fault::Misuse("unknown guard"))?;
    let input = CallInput::Bytes(op.memory(in_ptr, in_len)?);
    let from = op.me();
    let target = Target { from, to: to_address(to), value, input, return_range: 0..0 };
    let wanted = u64::try_from(gas).unwrap_or(u64::MAX);
    match guard.kind {
        Kind::StaticCall => guard_first(op, &guard, target, wanted),
        _ => guard_inline(op, &guard, target, wanted),
    }
}

fn guard_inline<DB: Database>(
    op: &mut Op<'_, DB>,
    guard: &Guard,
    target: Target,
    wanted: u64,
) -> Result<Called, Fault> {
    let from = target.from;
    if !guard.accepts(nested::value(&mut op.store(), from, guard)?) {
        op.cx.interpreter.return_data.clear();
        return Ok(Called::Done(nested::GUARD_FALSE));
    }
    let gas = &mut op.cx.interpreter.gas;
    let mut prepared = nested::prepare(op.cx.host, gas, target)?;
    let limit = nested::split(op.cx.host, gas, wanted)?;
    prepared.call.gas_limit = limit.saturating_add(prepared.stipend);
    Ok(Called::Frame(Box::new(prepared.call)))
}

/// Opens the guard's frame; the nested call waits in the context for its result.
fn guard_first<DB: Database>(
    op: &mut Op<'_, DB>,
    guard: &Guard,
    target: Target,
    wanted: u64,
) -> Result<Called, Fault> {
    let data = CallInput::Bytes(op.memory(guard.key, guard.aux)?);
    let from = target.from;
    let gas = &mut op.cx.interpreter.gas;
    let prepared = nested::prepare(op.cx.host, gas, target)?;
    let frame = nested::prepare_guard(op.cx.host, gas, from, guard, data)?;
    let guarded = Guarded {
        comparison: guard.comparison,
        operand: guard.operand,
        call: prepared.call,
        gas_wanted: wanted,
        stipend: prepared.stipend,
        unspent_if_false: prepared.value_cost,
    };
    let then = Then { guarded: Some(Box::new(guarded)), ..Then::default() };
    op.cx.host.chain.staged = Some(Staged { then, ..Staged::default() });
    Ok(Called::Frame(Box::new(frame)))
}
