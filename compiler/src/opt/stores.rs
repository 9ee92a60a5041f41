//! Drops stores to memory and storage that nobody can read before they are overwritten or the frame ends.

use super::summary::{Address, Range, Summaries, touched, uses_msize};
use crate::ir::{BlockId, Evm, Function, IndexVec, Inst, Module, Op, Spaces, Terminator, cfg};
use alloy_primitives::U256;

/// The most ranges remembered at a time; keeps the pass linear.
const RANGES_MAX: usize = 32;

/// Runs over all functions.
pub(super) fn run(module: &mut Module) {
    let summaries = Summaries::new(module);
    let observes_size = uses_msize(module);
    for function in module.functions.iter_mut() {
        run_function(function, &summaries, observes_size);
    }
}

fn run_function(function: &mut Function, summaries: &Summaries, observes_size: bool) {
    let order = cfg::reverse_postorder(function);
    let mut starts: IndexVec<BlockId, Option<Memory>> = IndexVec::filled(None, function.blocks.len());
    for &id in order.iter().rev() {
        let mut memory = Memory::at_end(function, id, &starts);
        let mut slots = Slots::default();
        let insts = std::mem::take(&mut function.blocks[id].insts);
        let mut kept = Vec::with_capacity(insts.len());
        for inst in insts.into_iter().rev() {
            let body = &function.insts[inst];
            let effects = summaries.inst(body);
            let dead = !observes_size && memory.drops(function, body, effects)
                || slots.drops(function, body, effects);
            if !dead {
                kept.push(inst);
            }
        }
        kept.reverse();
        function.blocks[id].insts = kept;
        starts[id] = Some(memory);
    }
}

/// Says which memory may be read from here on.
#[derive(Debug, Clone)]
struct Memory {
    /// Ranges that may be read; `None` if any memory may.
    read: Option<Vec<Range>>,
    /// Words that are overwritten before anything reads them.
    overwritten: Vec<Address>,
}

impl Memory {
    fn at_end(function: &Function, id: BlockId, starts: &IndexVec<BlockId, Option<Self>>) -> Self {
        let read = match &function.blocks[id].term {
            Terminator::Stop | Terminator::Invalid | Terminator::SelfDestruct(_) => Some(Vec::new()),
            Terminator::Return(ptr, len) | Terminator::Revert(ptr, len) => {
                Some(vec![Range::new(function, *ptr, *len)])
            }
            Terminator::Ret(_) | Terminator::Open => None,
            term => {
                let mut read = Some(Vec::new());
                for edge in term.edges() {
                    let next = starts[edge.block].as_ref().and_then(|memory| memory.read.clone());
                    read = read.zip(next).map(|(mut all, next): (Vec<Range>, Vec<Range>)| {
                        for range in next {
                            if !all.contains(&range) {
                                all.push(range);
                            }
                        }
                        all
                    });
                }
                read.filter(|ranges| ranges.len() <= RANGES_MAX)
            }
        };
        Self { read, overwritten: Vec::new() }
    }

    /// Goes back over an instruction; returns whether it is a store that nobody reads.
    fn drops(&mut self, function: &Function, inst: &Inst, effects: crate::ir::Effects) -> bool {
        let touched = touched(function, inst, effects);
        if let (Op::Evm(Evm::Mstore), &[at, _]) = (inst.op, inst.args.as_slice()) {
            let word = Range::word(function, at);
            let unread = self.read.as_ref().is_some_and(|read| read.iter().all(|range| range.is_apart(word)));
            if unread || self.overwritten.contains(&word.start) {
                return true;
            }
            self.overwritten.push(word.start);
            return false;
        }
        match touched.reads {
            None => {
                self.read = None;
                self.overwritten.clear();
            }
            Some(ranges) => ranges.into_iter().for_each(|range| self.reads(range)),
        }
        if effects.writes.intersects(Spaces::CONTROL)
            && matches!(inst.op, Op::Call(_) | Op::CallIndirect | Op::Verbatim(_))
        {
            self.read = None;
            self.overwritten.clear();
        }
        false
    }

    fn reads(&mut self, range: Range) {
        if range.length == Some(U256::ZERO) {
            return;
        }
        let word = Some(U256::from(32));
        self.overwritten.retain(|place| range.is_apart(Range { start: *place, length: word }));
        if let Some(read) = &mut self.read {
            read.push(range);
            if read.len() > RANGES_MAX {
                self.read = None;
            }
        }
    }
}

/// Knows the slots that are overwritten before anything can read them, within one block.
#[derive(Debug, Default)]
struct Slots {
    storage: Vec<Address>,
    transient: Vec<Address>,
}

impl Slots {
    /// Goes back over an instruction; returns whether it is a store that is overwritten unseen.
    fn drops(&mut self, function: &Function, inst: &Inst, effects: crate::ir::Effects) -> bool {
        let list = match inst.op {
            Op::Evm(Evm::Sstore) => &mut self.storage,
            Op::Evm(Evm::Tstore) => &mut self.transient,
            _ => {
                self.look(effects);
                return false;
            }
        };
        let Some(&at) = inst.args.first() else { return false };
        let address = Address::of(function, at);
        if list.contains(&address) {
            return true;
        }
        list.push(address);
        false
    }

    fn look(&mut self, effects: crate::ir::Effects) {
        let ends = effects.writes.intersects(Spaces::CONTROL);
        if ends || effects.reads.intersects(Spaces::STORAGE) {
            self.storage.clear();
        }
        if ends || effects.reads.intersects(Spaces::TRANSIENT) {
            self.transient.clear();
        }
    }
}
