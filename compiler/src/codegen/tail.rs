//! Emits calls whose results a function returns as they are: a jump that leaves the caller's return address to
//! the callee, so that recursion in this place needs no stack.

use super::asm::{Item, JumpKind};
use super::emit::Emitter;
use super::stack::{Slot, TooDeep};
use crate::ir::{BlockId, Inst, InstId, Op, Terminator};

/// Calls with more arguments are ordinary ones, whose arguments need not all be within reach at once.
const ARGS_MAX: usize = 8;

impl Emitter<'_> {
    /// Returns the call at the end of a block whose results, and nothing else, the block returns.
    pub(super) fn tail_call(&self, block: BlockId) -> Option<InstId> {
        let block = self.function.blocks.get(block)?;
        let Terminator::Ret(values) = &block.term else { return None };
        let last = *block.insts.last()?;
        let inst = self.function.insts.get(last)?;
        let is_call = matches!(inst.op, Op::Call(_) | Op::CallIndirect);
        let fits = is_call && !self.is_entry() && inst.args.len() <= ARGS_MAX;
        (fits && inst.results.as_slice() == values.as_slice()).then_some(last)
    }

    /// Puts the arguments on the return address and jumps to the callee.
    pub(super) fn jump_to_callee(&mut self, inst: &Inst) -> Result<(), TooDeep> {
        for value in &inst.args {
            if let Some(folded) = self.folded(*value) {
                self.computed(folded, *value)?;
            }
        }
        let args = inst.args.iter().rev().map(|value| Slot::Value(*value));
        let wanted: Vec<Slot> = std::iter::once(Slot::Return).chain(args).collect();
        let steps = super::stack::shuffle(&self.stack, &wanted)?;
        self.steps(&steps)?;
        if let Op::Call(callee) = inst.op
            && let Some(label) = self.context.labels.get(callee)
        {
            self.item(Item::PushLabel(*label));
        }
        self.jump_op(JumpKind::Into);
        Ok(())
    }
}
