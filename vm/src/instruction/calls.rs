//! Bodies of the opcodes that call with assets or behind a guard.

use super::{Called, Op};
use crate::{
    evm::Staged,
    fault::Fault,
    nested::{self, Target, to_address},
    triggers::{Guard, GuardKind},
};
use alloy_primitives::U256;
use revm::{
    Database,
    interpreter::{
        CallInput,
        interpreter_types::{MemoryTr, ReturnData},
    },
};

pub(super) fn acount<DB: Database>(op: &mut Op<'_, DB>, []: [U256; 0]) -> Result<[U256; 1], Fault> {
    Ok([U256::from(op.cx.host.chain.attached().len())])
}

pub(super) fn ain<DB: Database>(op: &mut Op<'_, DB>, [index]: [U256; 1]) -> Result<[U256; 2], Fault> {
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    let attached = op.cx.host.chain.attached().get(index);
    attached.map(|asset| [asset.id, asset.amount]).ok_or(Fault::Misuse("no asset at this index"))
}

pub(super) fn acall<DB: Database>(op: &mut Op<'_, DB>, inputs: [U256; 8]) -> Result<Called, Fault> {
    let [gas, to, list_ptr, n, in_ptr, in_len, out_ptr, out_len] = inputs;
    let pairs = pairs(op, list_ptr, n)?;
    let input = op.range(in_ptr, in_len)?;
    let return_range = op.range(out_ptr, out_len)?;
    let base = op.cx.interpreter.memory.local_memory_offset();
    let input = match input.is_empty() {
        true => CallInput::default(),
        false => CallInput::SharedBuffer(input.start.saturating_add(base)..input.end.saturating_add(base)),
    };
    let target = Target { from: op.me(), to: to_address(to), value: U256::ZERO, input, return_range };
    let wanted = u64::try_from(gas).unwrap_or(u64::MAX);
    let gas = &mut op.cx.interpreter.gas;
    match nested::with_assets(op.cx.host, gas, target, &pairs, wanted)? {
        Some((call, staged)) => {
            op.cx.host.chain.staged = Some(staged);
            Ok(Called::Frame(Box::new(call)))
        }
        None => {
            op.cx.interpreter.return_data.clear();
            Ok(Called::Done(U256::ZERO))
        }
    }
}

/// Reads a list of (id, amount) pairs.
fn pairs<DB: Database>(op: &mut Op<'_, DB>, ptr: U256, n: U256) -> Result<Vec<(U256, U256)>, Fault> {
    if n > U256::from(nested::PAIRS_MAX) {
        return Err(Fault::Misuse("more than 8 assets with one call"));
    }
    let bytes = op.memory(ptr, n * U256::from(64))?;
    let words: Vec<U256> = bytes.chunks_exact(32).map(U256::from_be_slice).collect();
    Ok(words.chunks_exact(2).filter_map(|pair| pair.first().copied().zip(pair.last().copied())).collect())
}

pub(super) fn ncall<DB: Database>(op: &mut Op<'_, DB>, inputs: [U256; 6]) -> Result<Called, Fault> {
    let [guard, to, in_ptr, in_len, gas, value] = inputs;
    let guard = op.guard(guard)?;
    let input = CallInput::Bytes(op.memory(in_ptr, in_len)?);
    let target = Target { from: op.me(), to: to_address(to), value, input, return_range: 0..0 };
    let wanted = u64::try_from(gas).unwrap_or(u64::MAX);
    match guard.kind {
        GuardKind::Call => guard_first(op, guard, target, wanted),
        _ => guard_inline(op, &guard, target, wanted),
    }
}

fn guard_inline<DB: Database>(
    op: &mut Op<'_, DB>,
    guard: &Guard,
    target: Target,
    wanted: u64,
) -> Result<Called, Fault> {
    let value = nested::value(&mut op.store(), target.from, guard)?;
    if !guard.holds(value) {
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
    guard: Guard,
    target: Target,
    wanted: u64,
) -> Result<Called, Fault> {
    let gas = &mut op.cx.interpreter.gas;
    let (frame, then) = nested::behind_guard(op.cx.host, gas, guard, target, wanted)?;
    op.cx.host.chain.staged = Some(Staged { then, ..Staged::default() });
    Ok(Called::Frame(Box::new(frame)))
}
