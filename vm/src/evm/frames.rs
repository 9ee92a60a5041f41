//! Takes results of frames on to what follows: refunds of moved assets, nested calls behind guards, answers of
//! precompiles that asked for a frame.

use super::{
    context::Staged,
    follow::{Answer, Guarded, Then, Through},
    machine::{DbResult, Machine},
};
use crate::nested;
use alloy_primitives::{Bytes, U256};
use alloy_sol_types::SolValue;
use revm::{
    Database,
    handler::{FrameResult, handle_reservoir_remaining_gas},
    interpreter::{
        CallOutcome, FrameInput, Gas, InstructionResult, InterpreterResult, SharedMemory,
        interpreter_action::FrameInit,
    },
};

impl<DB: Database, I> Machine<DB, I> {
    /// Returns the result for the caller, or `None` when a frame was opened that must run before.
    pub(super) fn follow(
        &mut self,
        then: Then,
        mut result: FrameResult,
    ) -> DbResult<Option<FrameResult>, DB> {
        if result.instruction_result().is_ok() {
            result.gas_mut().record_refund(then.refund);
        }
        match (then.guarded, then.through) {
            (Some(guarded), through) => self.after_guard(*guarded, through, result),
            (None, Some(through)) => Ok(Some(through.answer(result))),
            (None, None) => Ok(Some(result)),
        }
    }

    fn after_guard(
        &mut self,
        guarded: Guarded,
        mut through: Option<Box<Through>>,
        mut result: FrameResult,
    ) -> DbResult<Option<FrameResult>, DB> {
        let value = match result.instruction_result().is_ok() {
            true => nested::first_word(&result.interpreter_result().output),
            false => None,
        };
        let gas = self.caller_gas(&mut through);
        handle_reservoir_remaining_gas(
            result.instruction_result(),
            gas.tracker_mut(),
            result.gas_mut().tracker_mut(),
        );
        match guarded.guard.holds(value) {
            true => self.open_guarded(guarded, through),
            false => {
                gas.erase_cost(guarded.unspent_if_false);
                Ok(Some(self.guard_is_false(through)))
            }
        }
    }

    /// Returns the gas from which a nested call is paid: the precompile's or the calling frame's.
    fn caller_gas<'a>(&'a mut self, through: &'a mut Option<Box<Through>>) -> &'a mut Gas {
        match through {
            Some(through) => &mut through.gas,
            None => &mut self.inner.frame_stack.get().interpreter.gas,
        }
    }

    fn open_guarded(
        &mut self,
        guarded: Guarded,
        mut through: Option<Box<Through>>,
    ) -> DbResult<Option<FrameResult>, DB> {
        let remaining = self.caller_gas(&mut through).remaining();
        let limit = self.inner.ctx.cfg.gas_params.call_stipend_reduction(remaining).min(guarded.gas_wanted);
        let gas = self.caller_gas(&mut through);
        // Never more than what remains, so this cannot fail.
        let _ = gas.record_regular_cost(limit);
        let mut call = guarded.call;
        call.gas_limit = limit.saturating_add(guarded.stipend);
        call.reservoir = gas.reservoir();
        self.inner.ctx.chain.staged =
            Some(Staged { then: Then { through, ..Then::default() }, ..Staged::default() });
        let memory = self.next_memory();
        let depth = self.inner.frame_stack.index().map_or(0, |index| index + 1);
        self.open(FrameInit { depth, memory, frame_input: FrameInput::Call(Box::new(call)) })
    }

    /// Makes the memory of the next child of the frame on top of the stack.
    fn next_memory(&mut self) -> SharedMemory {
        if self.inner.frame_stack.index().is_none() {
            return self.first_memory();
        }
        let memory = &mut self.inner.frame_stack.get().interpreter.memory;
        memory.free_child_context();
        memory.new_child_context()
    }

    fn guard_is_false(&mut self, through: Option<Box<Through>>) -> FrameResult {
        match through {
            Some(through) => through.finish(nested::GUARD_FALSE, Bytes::new()),
            None => {
                self.inner.ctx.chain.guard_was_false = true;
                call_result(InstructionResult::Return, Bytes::new(), Gas::new(0), 0..0)
            }
        }
    }
}

impl Through {
    /// Turns the frame's result into the precompile's.
    fn answer(mut self, mut result: FrameResult) -> FrameResult {
        let outcome = result.instruction_result();
        let output = result.interpreter_result().output.clone();
        handle_reservoir_remaining_gas(outcome, self.gas.tracker_mut(), result.gas_mut().tracker_mut());
        let output = if outcome.is_ok_or_revert() { output } else { Bytes::new() };
        self.finish(U256::from(outcome.is_ok()), output)
    }

    pub(crate) fn finish(self, code: U256, output: Bytes) -> FrameResult {
        let encoded = match self.answer {
            Answer::Assets => (!code.is_zero(), output).abi_encode_params(),
            Answer::Nested => (code, output).abi_encode_params(),
        };
        call_result(InstructionResult::Return, encoded.into(), self.gas, self.return_range)
    }
}

/// Builds the result of a call that ended without a frame of its own.
pub(super) fn call_result(
    result: InstructionResult,
    output: Bytes,
    gas: Gas,
    return_range: std::ops::Range<usize>,
) -> FrameResult {
    let mut outcome = CallOutcome::new(InterpreterResult::new(result, output, gas), return_range);
    outcome.was_precompile_called = true;
    FrameResult::Call(outcome)
}
