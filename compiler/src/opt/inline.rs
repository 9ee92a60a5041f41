//! Puts the bodies of small functions, and of those called from one place only, where they are called.

use crate::codegen::{CallGraph, Options};
use crate::ir::{
    Args, Block, BlockId, Edge, FuncId, Function, IndexVec, InstId, Module, Op, Terminator, ValueDef,
    ValueId, cfg, params,
};
use alloy_primitives::U256;
use std::collections::HashMap;

/// Functions are not grown beyond this many instructions, so that compile time stays linear.
const CALLER_MAX: usize = 4_000;

/// Inlines calls in all functions, callees first.
pub(super) fn run(module: &mut Module, options: &Options) {
    let calls = CallGraph::new(module);
    let sites = count_sites(module, &calls);
    let small = (options.runs as usize * 6 / 100).clamp(4, 60);
    for &caller in calls.order.iter().rev() {
        inline_into(module, caller, |module, callee| {
            let fits = !calls.recursive[callee] && Some(callee) != module.entry;
            fits && (sites[callee] == 1 || cost(&module.functions[callee]) <= small)
        });
    }
    drop_unreachable(module);
}

/// Counts the places that call each function; taking its address counts as many.
fn count_sites(module: &Module, calls: &CallGraph) -> IndexVec<FuncId, u32> {
    let mut sites = IndexVec::filled(0, module.functions.len());
    for &id in &calls.order {
        let function = &module.functions[id];
        for inst in function.blocks.iter().flat_map(|block| &block.insts) {
            match function.insts[*inst].op {
                Op::Call(callee) => sites[callee] += 1,
                Op::FuncAddr(callee) => sites[callee] += 1_000,
                _ => {}
            }
        }
    }
    sites
}

/// Estimates the size of a function in instructions, without those that a call needs anyway.
fn cost(function: &Function) -> usize {
    let blocks = function.blocks.iter();
    let size: usize = blocks
        .map(|block| match &block.term {
            Terminator::Ret(_) => block.insts.len(),
            Terminator::Invalid if block.insts.is_empty() => 0,
            Terminator::Switch(_, cases, _) => block.insts.len() + 3 * cases.len(),
            _ => block.insts.len() + 2,
        })
        .sum();
    size.saturating_sub(function.params().len() + function.returns)
}

fn size(function: &Function) -> usize {
    function.blocks.iter().map(|block| block.insts.len() + 1).sum()
}

fn inline_into(module: &mut Module, caller: FuncId, wanted: impl Fn(&Module, FuncId) -> bool) {
    let mut total = size(&module.functions[caller]);
    let mut work: Vec<BlockId> = cfg::reverse_postorder(&module.functions[caller]);
    work.reverse();
    let mut replaced: HashMap<ValueId, ValueId> = HashMap::new();
    while let Some(block) = work.pop() {
        let function = &module.functions[caller];
        let call = function.blocks[block].insts.iter().enumerate().find_map(|(at, &inst)| {
            match function.insts[inst].op {
                Op::Call(callee) if callee != caller && wanted(module, callee) => Some((at, inst, callee)),
                _ => None,
            }
        });
        let Some((at, inst, callee)) = call else { continue };
        total += size(&module.functions[callee]);
        if total > CALLER_MAX {
            break;
        }
        let body = module.functions[callee].clone();
        let rest = Inliner { function: &mut module.functions[caller], replaced: &mut replaced }
            .inline(block, at, inst, &body);
        work.push(rest);
    }
    if replaced.is_empty() && total == size(&module.functions[caller]) {
        return;
    }
    let function = &mut module.functions[caller];
    params::replace_uses(function, |value| replaced.get(&value).copied().unwrap_or(value));
    params::remove_needless(function);
}

struct Inliner<'f> {
    function: &'f mut Function,
    replaced: &'f mut HashMap<ValueId, ValueId>,
}

impl Inliner<'_> {
    /// Replaces the call at a position of a block by the callee's body; returns the block that goes on after it.
    fn inline(&mut self, block: BlockId, at: usize, call: InstId, body: &Function) -> BlockId {
        let rest = self.split(block, at, call);
        let args = self.function.insts[call].args.clone();
        let mut values: IndexVec<ValueId, Option<ValueId>> = IndexVec::filled(None, body.values.len());
        for (&param, &arg) in body.params().iter().zip(&args) {
            values[param] = Some(arg);
        }
        let order = cfg::reverse_postorder(body);
        let mut blocks: IndexVec<BlockId, BlockId> = IndexVec::filled(block, body.blocks.len());
        for &id in order.iter().skip(1) {
            blocks[id] = self.function.add_block();
            for &param in &body.blocks[id].params {
                values[param] = Some(self.function.add_param(blocks[id]));
            }
        }
        // In reverse postorder every definition comes before its uses.
        for &id in &order {
            self.copy_block(&body.blocks[id], body, blocks[id], &mut values);
            let term = self.copy_end(&body.blocks[id].term, body, rest, &blocks, &values);
            self.function.blocks[blocks[id]].term = term;
            self.function.blocks[blocks[id]].span = body.blocks[id].span;
        }
        rest
    }

    /// Moves what follows a call to a new block whose parameters are the call's results.
    fn split(&mut self, block: BlockId, at: usize, call: InstId) -> BlockId {
        let rest = self.function.add_block();
        let body = &mut self.function.blocks[block];
        let tail = body.insts.split_off(at + 1);
        body.insts.pop();
        let term = std::mem::replace(&mut body.term, Terminator::Open);
        let span = body.span;
        let next = &mut self.function.blocks[rest];
        next.insts = tail;
        next.term = term;
        next.span = span;
        for result in self.function.insts[call].results.clone() {
            let param = self.function.add_param(rest);
            self.replaced.insert(result, param);
        }
        rest
    }

    fn copy_block(
        &mut self,
        block: &Block,
        body: &Function,
        to: BlockId,
        values: &mut IndexVec<ValueId, Option<ValueId>>,
    ) {
        for &inst in &block.insts {
            let inst = &body.insts[inst];
            let args: Args = inst.args.iter().map(|arg| self.translate(body, values, *arg)).collect();
            let copy = self.function.make_inst(inst.op, args, inst.results.len(), inst.span);
            for (&old, &new) in inst.results.iter().zip(&self.function.insts[copy].results) {
                values[old] = Some(new);
            }
            self.function.blocks[to].insts.push(copy);
        }
    }

    fn copy_end(
        &mut self,
        term: &Terminator,
        body: &Function,
        rest: BlockId,
        blocks: &IndexVec<BlockId, BlockId>,
        values: &IndexVec<ValueId, Option<ValueId>>,
    ) -> Terminator {
        let mut term = match term {
            Terminator::Ret(results) => {
                let args = results.iter().map(|value| self.translate(body, values, *value)).collect();
                return Terminator::Jump(Edge { block: rest, args });
            }
            term => term.clone(),
        };
        term.for_each_use_mut(|value| *value = self.translate(body, values, *value));
        for edge in term.edges_mut() {
            edge.block = blocks[edge.block];
        }
        term
    }

    fn translate(
        &mut self,
        body: &Function,
        values: &IndexVec<ValueId, Option<ValueId>>,
        value: ValueId,
    ) -> ValueId {
        match (body.values[value], values[value]) {
            (ValueDef::Const(constant), _) => self.function.constant(constant),
            (_, Some(known)) => known,
            // Verified code defines every value before it is used.
            (_, None) => self.function.constant(U256::ZERO),
        }
    }
}

/// Empties functions that nothing reaches any more.
fn drop_unreachable(module: &mut Module) {
    let calls = CallGraph::new(module);
    let mut reached = IndexVec::<FuncId, bool>::filled(false, module.functions.len());
    for &id in &calls.order {
        reached[id] = true;
    }
    for (function, _) in module.functions.iter_mut().zip(reached.iter()).filter(|(_, reached)| !**reached) {
        let mut empty = Function::new(function.name.clone(), function.params().len(), function.returns);
        empty.blocks[empty.entry].term = Terminator::Invalid;
        empty.span = function.span;
        *function = empty;
    }
}
