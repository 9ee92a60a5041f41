//! Bodies of the opcodes of the calling list. Selectors are numbers below 2^32 on the stack.

use super::Op;
use crate::{
    fault::Fault,
    nested::to_address,
    triggers::{self, At, Callback, Event, Every, Filter, Watch},
};
use alloy_primitives::U256;
use revm::Database;

type Out<const N: usize> = Result<[U256; N], Fault>;

fn selector(word: U256) -> Result<[u8; 4], Fault> {
    let number = u32::try_from(word).map_err(|_| Fault::Misuse("selector beyond 32 bits"))?;
    Ok(number.to_be_bytes())
}

pub(super) fn tat<DB: Database>(op: &mut Op<'_, DB>, inputs: [U256; 6]) -> Out<1> {
    let [time, name, args_ptr, args_len, gas, policy] = inputs;
    let me = op.me();
    let call = Callback { selector: selector(name)?, args: op.memory(args_ptr, args_len)?, gas };
    Ok([triggers::at(&mut op.store(), me, &At { time, call, policy })?])
}

pub(super) fn tevery<DB: Database>(op: &mut Op<'_, DB>, inputs: [U256; 8]) -> Out<1> {
    let [start, period, count, name, args_ptr, args_len, gas, policy] = inputs;
    let me = op.me();
    let call = Callback { selector: selector(name)?, args: op.memory(args_ptr, args_len)?, gas };
    Ok([triggers::every(&mut op.store(), me, &Every { start, period, count, call, policy })?])
}

pub(super) fn tevent<DB: Database>(op: &mut Op<'_, DB>, inputs: [U256; 5]) -> Out<1> {
    let [filter_ptr, name, gas, max, policy] = inputs;
    let me = op.me();
    let filter = filter(op, filter_ptr)?;
    let event = Event { filter, selector: selector(name)?, gas, max, policy };
    Ok([triggers::event(&mut op.store(), me, &event)?])
}

fn filter<DB: Database>(op: &mut Op<'_, DB>, ptr: U256) -> Result<Filter, Fault> {
    let count = Filter::memory_words(op.words::<3>(ptr)?)?;
    let bytes = op.memory(ptr, U256::from(count * 32))?;
    let words: Vec<U256> = bytes.chunks_exact(32).map(U256::from_be_slice).collect();
    Filter::decode(&words)
}

pub(super) fn tcancel<DB: Database>(op: &mut Op<'_, DB>, [tid]: [U256; 1]) -> Out<1> {
    let me = op.me();
    Ok([triggers::cancel(&mut op.store(), me, tid)?])
}

pub(super) fn tinfo<DB: Database>(op: &mut Op<'_, DB>, [tid]: [U256; 1]) -> Out<4> {
    let info = triggers::info(&mut op.store(), tid)?;
    Ok([U256::from(info.state), U256::from(info.next), U256::from(info.fired), U256::from(info.escrow)])
}

pub(super) fn tquote<DB: Database>(op: &mut Op<'_, DB>, [t, gas]: [U256; 2]) -> Out<1> {
    Ok([triggers::quote(&mut op.store(), t, gas)?])
}

pub(super) fn nwatch<DB: Database>(op: &mut Op<'_, DB>, inputs: [U256; 7]) -> Out<1> {
    let [guard, to, in_ptr, in_len, gas, deadline, else_selector] = inputs;
    let me = op.me();
    let watch = Watch {
        guard: op.guard(guard)?,
        to: to_address(to),
        input: op.memory(in_ptr, in_len)?,
        gas,
        deadline,
        else_selector: selector(else_selector)?,
    };
    Ok([triggers::watch(&mut op.store(), me, &watch)?])
}
