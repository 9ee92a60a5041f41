//! Simplifies operations, computes equal ones once, and uses what branches have decided. Walks the dominator
//! tree, so that what was computed above is there below.

use super::simplify::{Facts, Order, Simpler, simplify, upper_of};
use crate::ir::{
    Args, BlockId, Edge, Evm, Function, IndexVec, InstId, Module, Op, Terminator, ValueId, cfg,
    cfg::Dominators, params,
};
use alloy_primitives::U256;
use std::collections::HashMap;

/// Runs over all functions.
pub(super) fn run(module: &mut Module) {
    for function in module.functions.iter_mut() {
        run_function(function);
    }
}

fn run_function(function: &mut Function) {
    let dominators = Dominators::new(function);
    let preds = cfg::predecessors(function, &dominators.order);
    let children = dominators.children();
    let mut walk = Walk {
        known: Known::new(function),
        table: HashMap::new(),
        undo: Vec::new(),
        replaced: function.values.ids().collect(),
    };
    let mut stack = vec![Visit::Enter(function.entry)];
    while let Some(visit) = stack.pop() {
        match visit {
            Visit::Enter(block) => {
                stack.push(Visit::Leave(walk.undo.len()));
                walk.assume(function, block, &preds[block]);
                walk.block(function, block);
                stack.extend(children[block].iter().rev().map(|&child| Visit::Enter(child)));
            }
            Visit::Leave(mark) => walk.leave(mark),
        }
    }
    let replaced = walk.replaced;
    params::replace_uses(function, |value| resolve(&replaced, value));
}

fn resolve(replaced: &IndexVec<ValueId, ValueId>, mut value: ValueId) -> ValueId {
    while let Some(&next) = replaced.get(value).filter(|next| **next != value) {
        value = next;
    }
    value
}

enum Visit {
    Enter(BlockId),
    Leave(usize),
}

/// Undoes one change when the walk leaves the part of the tree in which it holds.
enum Undo {
    Table(Op, Args),
    Upper(ValueId, U256),
    Constant(ValueId, Option<U256>),
    Order(ValueId, ValueId, Option<Order>),
}

/// Holds what is known of values at the place that the walk has reached.
struct Known {
    upper: IndexVec<ValueId, U256>,
    /// What a branch above has decided a value to be.
    constants: HashMap<ValueId, U256>,
    /// How a branch above has found two values to compare.
    orders: HashMap<(ValueId, ValueId), Order>,
}

impl Known {
    fn new(function: &Function) -> Self {
        let upper =
            function.values.ids().map(|value| function.as_constant(value).unwrap_or(U256::MAX)).collect();
        Self { upper, constants: HashMap::new(), orders: HashMap::new() }
    }
}

impl Facts for Known {
    fn upper(&self, value: ValueId) -> U256 {
        self.upper.get(value).copied().unwrap_or(U256::MAX)
    }
    fn order(&self, low: ValueId, high: ValueId) -> Option<Order> {
        self.orders.get(&(low, high)).copied()
    }
}

struct Walk {
    known: Known,
    table: HashMap<(Op, Args), Vec<InstId>>,
    undo: Vec<Undo>,
    replaced: IndexVec<ValueId, ValueId>,
}

impl Walk {
    fn leave(&mut self, mark: usize) {
        while self.undo.len() > mark {
            match self.undo.pop() {
                Some(Undo::Table(op, args)) => {
                    if let Some(entries) = self.table.get_mut(&(op, args)) {
                        entries.pop();
                    }
                }
                Some(Undo::Upper(value, upper)) => self.known.upper[value] = upper,
                Some(Undo::Constant(value, before)) => {
                    match before {
                        Some(before) => self.known.constants.insert(value, before),
                        None => self.known.constants.remove(&value),
                    };
                }
                Some(Undo::Order(low, high, before)) => {
                    match before {
                        Some(before) => self.known.orders.insert((low, high), before),
                        None => self.known.orders.remove(&(low, high)),
                    };
                }
                None => {}
            }
        }
    }

    /// Grows the tables by the values that simplification has made: constants.
    fn grow(&mut self, function: &Function) {
        for at in self.replaced.len()..function.values.len() {
            let value: ValueId = crate::ir::Id::new(at);
            self.replaced.push(value);
            self.known.upper.push(function.as_constant(value).unwrap_or(U256::MAX));
        }
    }

    // ----- what branches decide ------------------------------------------------------------------------

    fn assume(&mut self, function: &mut Function, block: BlockId, preds: &[BlockId]) {
        let &[pred] = preds else { return };
        match function.blocks[pred].term.clone() {
            Terminator::Branch(condition, yes, no) if yes.block != no.block => {
                self.assume_condition(function, resolve(&self.replaced, condition), yes.block == block, 8);
            }
            Terminator::Switch(value, cases, default) if default.block != block => {
                let mut own = cases.iter().filter(|(_, edge)| edge.block == block);
                if let (Some((constant, _)), None) = (own.next(), own.next()) {
                    self.decide(resolve(&self.replaced, value), *constant);
                }
            }
            _ => {}
        }
    }

    fn decide(&mut self, value: ValueId, constant: U256) {
        let before = self.known.constants.insert(value, constant);
        self.undo.push(Undo::Constant(value, before));
        self.limit(value, constant);
    }

    fn limit(&mut self, value: ValueId, upper: U256) {
        let before = self.known.upper(value);
        if upper < before {
            self.undo.push(Undo::Upper(value, before));
            self.known.upper[value] = upper;
        }
    }

    fn assume_condition(&mut self, function: &Function, condition: ValueId, holds: bool, depth: u32) {
        if function.as_constant(condition).is_some() {
            return;
        }
        if !holds {
            self.decide(condition, U256::ZERO);
        } else if self.known.upper(condition) <= U256::from(1) {
            self.decide(condition, U256::from(1));
        }
        let Some((op, args)) = super::simplify::definition(function, condition) else { return };
        let args: Args = args.iter().map(|arg| resolve(&self.replaced, *arg)).collect();
        match (op, args.as_slice(), depth) {
            (Evm::Iszero, &[inner], 1..) => self.assume_condition(function, inner, !holds, depth - 1),
            (Evm::Lt, &[low, high], _) | (Evm::Gt, &[high, low], _) => {
                self.assume_less(function, low, high, holds);
            }
            (Evm::Eq, &[x, y], _) if holds => match function.as_constant(y) {
                Some(constant) => self.decide(x, constant),
                None => self.assume_equal(x, y),
            },
            (Evm::And, &[x, y], 1..) if holds && self.is_flag(x) && self.is_flag(y) => {
                self.assume_condition(function, x, true, depth - 1);
                self.assume_condition(function, y, true, depth - 1);
            }
            (Evm::Or, &[x, y], 1..) if !holds => {
                self.assume_condition(function, x, false, depth - 1);
                self.assume_condition(function, y, false, depth - 1);
            }
            _ => {}
        }
    }

    fn assume_equal(&mut self, x: ValueId, y: ValueId) {
        let upper = self.known.upper(x).min(self.known.upper(y));
        self.limit(x, upper);
        self.limit(y, upper);
    }

    fn is_flag(&self, value: ValueId) -> bool {
        self.known.upper(value) <= U256::from(1)
    }

    /// Uses `low < high`, or its contrary.
    fn assume_less(&mut self, function: &Function, low: ValueId, high: ValueId, holds: bool) {
        let (key, order) = if holds { ((low, high), Order::Below) } else { ((high, low), Order::AtMost) };
        if self.known.order(key.0, key.1) != Some(Order::Below) {
            let before = self.known.orders.insert(key, order);
            self.undo.push(Undo::Order(key.0, key.1, before));
        }
        if function.as_constant(if holds { low } else { high }).is_some() {
            return;
        }
        if holds {
            self.limit(low, self.known.upper(high).saturating_sub(U256::from(1)));
        } else {
            self.limit(high, self.known.upper(low));
        }
    }

    // ----- instructions --------------------------------------------------------------------------------

    fn block(&mut self, function: &mut Function, id: BlockId) {
        let insts = std::mem::take(&mut function.blocks[id].insts);
        let mut kept = Vec::with_capacity(insts.len());
        for inst in insts {
            if !self.inst(function, inst) {
                kept.push(inst);
            }
        }
        function.blocks[id].insts = kept;
        self.terminator(function, id);
    }

    /// Returns a value as what is known of it here.
    fn current(&mut self, function: &mut Function, value: ValueId) -> ValueId {
        let value = resolve(&self.replaced, value);
        match self.known.constants.get(&value) {
            Some(&constant) => {
                let constant = function.constant(constant);
                self.grow(function);
                constant
            }
            None => value,
        }
    }

    /// Simplifies an instruction; returns whether it has become needless.
    fn inst(&mut self, function: &mut Function, id: InstId) -> bool {
        let args: Args = function.insts[id].args.clone();
        let args: Args = args.into_iter().map(|arg| self.current(function, arg)).collect();
        function.insts[id].args = args;
        let &[result] = function.insts[id].results.as_slice() else { return false };
        if let Some(value) = self.simplified(function, id) {
            self.replaced[result] = value;
            return true;
        }
        self.note_upper(function, id, result);
        if !function.insts[id].op.effects().is_pure() {
            return false;
        }
        let key = canonical(function.insts[id].op, &function.insts[id].args);
        let entries = self.table.entry(key.clone()).or_default();
        if let Some(&same) = entries.last()
            && let Some(&value) = function.insts[same].results.first()
        {
            self.replaced[result] = value;
            return true;
        }
        entries.push(id);
        self.undo.push(Undo::Table(key.0, key.1));
        false
    }

    /// Simplifies until nothing changes; returns the value that makes the instruction needless, if any.
    fn simplified(&mut self, function: &mut Function, id: InstId) -> Option<ValueId> {
        for _ in 0..16 {
            let Op::Evm(op) = function.insts[id].op else { return None };
            let args = function.insts[id].args.clone();
            let simpler = simplify(function, op, &args, &self.known);
            self.grow(function);
            match simpler? {
                Simpler::Value(value) => return Some(self.current(function, value)),
                Simpler::Inst(op, args) => {
                    let args = args.into_iter().map(|arg| self.current(function, arg)).collect();
                    function.insts[id].op = Op::Evm(op);
                    function.insts[id].args = args;
                }
            }
        }
        None
    }

    fn note_upper(&mut self, function: &Function, id: InstId, result: ValueId) {
        let inst = &function.insts[id];
        if let Op::Evm(op) = inst.op {
            let uppers: Vec<U256> = inst.args.iter().map(|arg| self.known.upper(*arg)).collect();
            let constants: Vec<_> = inst.args.iter().map(|arg| function.as_constant(*arg)).collect();
            self.known.upper[result] = upper_of(op, &uppers, &constants);
        }
    }

    // ----- ends of blocks ------------------------------------------------------------------------------

    fn terminator(&mut self, function: &mut Function, id: BlockId) {
        let mut term = function.blocks[id].term.clone();
        term.for_each_use_mut(|value| *value = self.current(function, *value));
        function.blocks[id].term = simplify_terminator(function, term);
    }
}

/// Gives operations that always have the same result the same key.
fn canonical(op: Op, args: &Args) -> (Op, Args) {
    let mut args = args.clone();
    let op = match op {
        Op::Evm(Evm::Gt) => {
            args.reverse();
            Op::Evm(Evm::Lt)
        }
        Op::Evm(Evm::Sgt) => {
            args.reverse();
            Op::Evm(Evm::Slt)
        }
        Op::Evm(evm) if evm.is_commutative() => {
            args.sort_unstable();
            op
        }
        op => op,
    };
    (op, args)
}

/// Decides branches on constants and looks through negations.
fn simplify_terminator(function: &mut Function, term: Terminator) -> Terminator {
    match term {
        Terminator::Branch(condition, yes, no) => simplify_branch(function, condition, yes, no),
        Terminator::Switch(value, mut cases, default) => {
            if let Some(constant) = function.as_constant(value) {
                let case = cases.into_iter().find(|(case, _)| *case == constant);
                return Terminator::Jump(case.map_or(default, |(_, edge)| edge));
            }
            cases.retain(|(_, edge)| *edge != default);
            if cases.is_empty() {
                Terminator::Jump(default)
            } else {
                Terminator::Switch(value, cases, default)
            }
        }
        term => term,
    }
}

fn simplify_branch(function: &mut Function, condition: ValueId, yes: Edge, no: Edge) -> Terminator {
    if yes == no {
        return Terminator::Jump(yes);
    }
    if let Some(constant) = function.as_constant(condition) {
        return Terminator::Jump(if constant.is_zero() { no } else { yes });
    }
    match super::simplify::definition(function, condition) {
        Some((Evm::Iszero, &[inner])) => simplify_branch(function, inner, no, yes),
        Some((Evm::Gt, &[x, zero])) | Some((Evm::Lt, &[zero, x]))
            if function.as_constant(zero) == Some(U256::ZERO) =>
        {
            simplify_branch(function, x, yes, no)
        }
        _ => Terminator::Branch(condition, yes, no),
    }
}
