//! Chooses which instructions are computed where they are used: a value with one use in its own block need not
//! wait on the stack if nothing between the two places interferes.

use std::collections::HashMap;

use crate::ir::{BlockId, Evm, Function, IndexVec, InstId, Op, Spaces, ValueId};

/// Says how each value gets to where it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// Lies on the stack or in a spill slot from its definition on.
    Kept,
    /// Is made anew at each use, because that is as cheap as a copy.
    Remade(InstId),
    /// Is computed at its one use.
    Folded(InstId),
}

/// Classifies all values of a function.
pub(super) fn homes(function: &Function, order: &[BlockId]) -> IndexVec<ValueId, Home> {
    let mut homes = IndexVec::filled(Home::Kept, function.values.len());
    let mut uses = IndexVec::<ValueId, u32>::filled(0, function.values.len());
    for &block in order {
        super::liveness::for_each_use(function, block, |value| uses[value] += 1);
    }
    for &block in order {
        BlockScan::new(function, &uses, &mut homes).scan(block);
    }
    homes
}

fn is_remade(op: Op) -> bool {
    match op {
        Op::Evm(op) => op.is_cheap_constant(),
        Op::FuncAddr(_) | Op::DataOffset(_) | Op::DataSize(_) | Op::MemStart => true,
        _ => false,
    }
}

/// Bounds the depth of folded trees, because the emitter walks them recursively.
const DEPTH_MAX: u32 = 24;

/// The most results of a function among which some may be folded.
const RESULTS_MAX: usize = 8;

/// Is the instruction at the root of a tree, by its position in the block, and the depth of a node below it.
#[derive(Clone, Copy)]
struct Root {
    at: usize,
    depth: u32,
}

const SPACES: [Spaces; 6] =
    [Spaces::STORAGE, Spaces::TRANSIENT, Spaces::MEMORY, Spaces::RETURNDATA, Spaces::WORLD, Spaces::CONTROL];

/// Walks a block backwards and remembers the nearest later read and write of each space.
struct BlockScan<'a> {
    function: &'a Function,
    uses: &'a IndexVec<ValueId, u32>,
    homes: &'a mut IndexVec<ValueId, Home>,
    next_read: [usize; 6],
    next_write: [usize; 6],
    next_any_write: usize,
}

impl<'a> BlockScan<'a> {
    fn new(
        function: &'a Function,
        uses: &'a IndexVec<ValueId, u32>,
        homes: &'a mut IndexVec<ValueId, Home>,
    ) -> Self {
        let far = usize::MAX;
        Self { function, uses, homes, next_read: [far; 6], next_write: [far; 6], next_any_write: far }
    }

    fn scan(&mut self, id: BlockId) {
        let block = &self.function.blocks[id];
        let mut users: HashMap<ValueId, Root> = HashMap::new();
        let operands = block.term.operands();
        // The results of a function are arranged at the end, which a folded one among many would hinder.
        for value in operands.iter().copied().filter(|_| operands.len() <= RESULTS_MAX) {
            users.insert(value, Root { at: block.insts.len(), depth: 0 });
        }
        for (at, &inst) in block.insts.iter().enumerate().rev() {
            let root = self.root_of(inst, &users).unwrap_or(Root { at, depth: 0 });
            for &arg in &self.function.insts[inst].args {
                users.insert(arg, root);
            }
            self.note_effects(inst, at);
        }
    }

    /// Returns the root of the tree that the instruction is folded into, if it is.
    fn root_of(&mut self, id: InstId, users: &HashMap<ValueId, Root>) -> Option<Root> {
        let inst = &self.function.insts[id];
        let &[result] = inst.results.as_slice() else { return None };
        if is_remade(inst.op) {
            self.homes[result] = Home::Remade(id);
            return None;
        }
        let root = *users.get(&result)?;
        if self.uses[result] != 1 || root.depth >= DEPTH_MAX || self.blocked(id, root.at) {
            return None;
        }
        self.homes[result] = Home::Folded(id);
        Some(Root { at: root.at, depth: root.depth + 1 })
    }

    fn blocked(&self, id: InstId, root: usize) -> bool {
        let effects = self.function.insts[id].op.effects();
        let spaces = SPACES.iter().zip(self.next_read.iter().zip(&self.next_write));
        for (&space, (&read, &write)) in spaces {
            let conflicts = effects.reads.intersects(space) && write < root
                || effects.writes.intersects(space) && (write < root || read < root);
            if conflicts {
                return true;
            }
        }
        effects.writes.intersects(Spaces::CONTROL) && self.next_any_write < root
    }

    fn note_effects(&mut self, id: InstId, at: usize) {
        let effects = self.function.insts[id].op.effects();
        let spaces = SPACES.iter().zip(self.next_read.iter_mut().zip(&mut self.next_write));
        for (&space, (read, write)) in spaces {
            if effects.reads.intersects(space) {
                *read = at;
            }
            if effects.writes.intersects(space) {
                *write = at;
            }
        }
        if !effects.writes.is_empty() {
            self.next_any_write = at;
        }
    }
}

/// Is true when the operation may be done with its two operands exchanged; returns the operation to use then.
pub(super) fn exchanged(op: Op) -> Option<Evm> {
    match op {
        Op::Evm(op) => op.exchanged(),
        _ => None,
    }
}
