//! Emits the ends of blocks: jumps, branches, switches by binary search, returns.

use super::asm::{Item, byte};
use super::emit::Emitter;
use super::stack::TooDeep;
use crate::ir::{BlockId, Edge, Evm, Op, Terminator, ValueId};
use alloy_primitives::U256;

/// Switches with at most so many cases compare one after the other.
const LINEAR_CASES: usize = 4;

type Emit = Result<(), TooDeep>;

impl Emitter<'_> {
    /// Emits the end of a block.
    pub(super) fn terminator(&mut self, id: BlockId) -> Emit {
        match &self.function.blocks[id].term {
            Terminator::Jump(edge) => self.jump(edge),
            Terminator::Branch(condition, yes, no) => self.branch(*condition, yes, no),
            Terminator::Switch(value, cases, default) => self.switch(*value, cases, default),
            Terminator::Ret(values) => self.ret(values),
            Terminator::Stop => self.end(&[], byte::STOP),
            Terminator::Return(ptr, len) => self.end(&[*ptr, *len], byte::RETURN),
            Terminator::Revert(ptr, len) => self.end(&[*ptr, *len], byte::REVERT),
            Terminator::Invalid | Terminator::Open => self.end(&[], byte::INVALID),
            Terminator::SelfDestruct(heir) => self.end(&[*heir], byte::SELFDESTRUCT),
        }
    }

    fn end(&mut self, operands: &[ValueId], byte: u8) -> Emit {
        self.final_operands(operands)?;
        self.op(byte);
        self.consumed(operands.len());
        Ok(())
    }

    /// Jumps to `yes` if the condition holds, else goes on to `no`. A negation in the condition exchanges the
    /// two instead of being computed.
    fn branch(&mut self, condition: ValueId, yes: &Edge, no: &Edge) -> Emit {
        let folded = self.folded(condition);
        match folded.map(|inst| (inst, inst.op)) {
            Some((inst, Op::Evm(Evm::Iszero))) => match inst.args.as_slice() {
                [inner] => self.branch(*inner, no, yes),
                _ => Err(TooDeep(Vec::new())),
            },
            Some((inst, Op::Evm(Evm::Eq))) => {
                self.inst_as(inst, byte::SUB)?;
                self.jump_if(no, yes)
            }
            _ => {
                self.final_operands(&[condition])?;
                self.jump_if(yes, no)
            }
        }
    }

    fn jump_if(&mut self, yes: &Edge, no: &Edge) -> Emit {
        self.consumed(1);
        let label = self.edge_label(yes)?;
        self.item(Item::PushLabel(label));
        self.op(byte::JUMPI);
        self.jump(no)
    }

    fn switch(&mut self, value: ValueId, cases: &[(U256, Edge)], default: &Edge) -> Emit {
        self.final_operands(&[value])?;
        let mut sorted: Vec<&(U256, Edge)> = cases.iter().collect();
        sorted.sort_by_key(|(constant, _)| *constant);
        self.search(&sorted, default)
    }

    /// Compares the top of the stack with cases in order; it stays there as a dead item.
    fn search(&mut self, cases: &[&(U256, Edge)], default: &Edge) -> Emit {
        if cases.len() <= LINEAR_CASES {
            for (constant, edge) in cases {
                self.op(byte::DUP1);
                self.item(Item::Push(*constant));
                // A difference jumps to the next test only if it would be shorter; equality jumps to the case.
                self.op(byte::EQ);
                let label = self.edge_label(edge)?;
                self.item(Item::PushLabel(label));
                self.op(byte::JUMPI);
            }
            return self.jump(default);
        }
        let (low, high) = cases.split_at(cases.len() / 2);
        let Some((pivot, _)) = high.first().map(|case| (case.0, ())) else {
            return self.jump(default);
        };
        let lower = self.fresh_label();
        self.op(byte::DUP1);
        self.item(Item::Push(pivot));
        // pivot > value
        self.op(byte::GT);
        self.item(Item::PushLabel(lower));
        self.op(byte::JUMPI);
        self.search(high, default)?;
        self.item(Item::Label(lower));
        self.search(low, default)
    }
}
