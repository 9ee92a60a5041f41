//! Simplifies control flow: joins blocks in a row, sends edges through empty blocks straight on, and decides
//! branches on parameters whose value the edge fixes.

use crate::ir::{
    Args, BlockId, Edge, Function, IndexVec, Module, Op, Terminator, ValueDef, ValueId, cfg, params,
};
use std::collections::HashMap;

/// Runs over all functions.
pub(super) fn run(module: &mut Module) {
    for function in module.functions.iter_mut() {
        run_function(function);
    }
}

pub(super) fn run_function(function: &mut Function) {
    for _ in 0..3 {
        let threaded = merge_ends(function) | thread_edges(function) | return_calls(function);
        cfg::remove_unreachable(function);
        let joined = join_rows(function);
        params::remove_needless(function);
        if !threaded && !joined {
            break;
        }
    }
}

/// Sends all edges into empty blocks that end the frame in the same way to one of them.
fn merge_ends(function: &mut Function) -> bool {
    let is_constant = |value: &ValueId| function.as_constant(*value).is_some();
    let ends = |block: &crate::ir::Block| {
        let ends = matches!(
            block.term,
            Terminator::Stop | Terminator::Invalid | Terminator::Return(..) | Terminator::Revert(..)
        );
        ends && block.insts.is_empty()
            && block.params.is_empty()
            && block.term.operands().iter().all(is_constant)
    };
    let mut first: Vec<BlockId> = Vec::new();
    let mut same: HashMap<BlockId, BlockId> = HashMap::new();
    for id in cfg::reverse_postorder(function).into_iter().filter(|id| ends(&function.blocks[*id])) {
        let term = &function.blocks[id].term;
        match first.iter().find(|known| function.blocks[**known].term == *term) {
            Some(&known) => {
                same.insert(id, known);
            }
            None if id != function.entry && first.len() < 32 => first.push(id),
            None => {}
        }
    }
    let mut changed = false;
    for block in function.blocks.iter_mut() {
        for edge in block.term.edges_mut() {
            if let Some(&known) = same.get(&edge.block) {
                edge.block = known;
                changed = true;
            }
        }
        if let Terminator::Branch(_, yes, no) = &block.term
            && yes == no
        {
            block.term = Terminator::Jump(yes.clone());
        }
    }
    changed
}

/// Counts the uses of each value outside the terminator of its own block.
fn outside_uses(function: &Function) -> IndexVec<ValueId, bool> {
    let mut outside = IndexVec::filled(false, function.values.len());
    for (id, block) in function.blocks.enumerated() {
        for &inst in &block.insts {
            for &arg in &function.insts[inst].args {
                outside[arg] = true;
            }
        }
        block.term.for_each_use(|value| {
            let own = matches!(function.values[value], ValueDef::Param(home, _) if home == id);
            outside[value] |= !own;
        });
    }
    outside
}

/// Redirects edges into blocks that only decide where to go next.
fn thread_edges(function: &mut Function) -> bool {
    let outside = outside_uses(function);
    let passes = |function: &Function, block: BlockId| {
        let body = &function.blocks[block];
        block != function.entry && body.insts.is_empty() && body.params.iter().all(|param| !outside[*param])
    };
    let through: IndexVec<BlockId, bool> =
        function.blocks.ids().map(|block| passes(function, block)).collect();
    let mut changed = false;
    for id in function.blocks.ids() {
        let mut term = function.blocks[id].term.clone();
        let mut any = false;
        for edge in term.edges_mut() {
            for _ in 0..8 {
                let next = through[edge.block].then(|| next_edge(function, edge)).flatten();
                match next {
                    Some(next) if next.block != edge.block => {
                        *edge = next;
                        any = true;
                    }
                    _ => break,
                }
            }
        }
        if any {
            function.blocks[id].term = match term {
                Terminator::Branch(_, yes, no) if yes == no => Terminator::Jump(yes),
                term => term,
            };
            changed = true;
        }
    }
    changed
}

/// Returns where an edge into an empty block leads on to, if that is certain.
fn next_edge(function: &Function, edge: &Edge) -> Option<Edge> {
    let block = &function.blocks[edge.block];
    let given: HashMap<ValueId, ValueId> =
        block.params.iter().copied().zip(edge.args.iter().copied()).collect();
    let resolve = |value: &ValueId| given.get(value).copied().unwrap_or(*value);
    let next = match &block.term {
        Terminator::Jump(next) => next,
        Terminator::Branch(condition, yes, no) => {
            let constant = function.as_constant(resolve(condition))?;
            if constant.is_zero() { no } else { yes }
        }
        Terminator::Switch(value, cases, default) => {
            let constant = function.as_constant(resolve(value))?;
            cases.iter().find(|(case, _)| *case == constant).map_or(default, |(_, edge)| edge)
        }
        _ => return None,
    };
    Some(Edge { block: next.block, args: next.args.iter().map(resolve).collect::<Args>() })
}

/// Returns what a call gives at once where a jump to an empty block would return just that, so that the call can
/// leave its return address to the callee.
fn return_calls(function: &mut Function) -> bool {
    let mut changed = false;
    for id in function.blocks.ids() {
        let block = &function.blocks[id];
        let (Terminator::Jump(edge), Some(&last)) = (&block.term, block.insts.last()) else { continue };
        let (next, call) = (&function.blocks[edge.block], &function.insts[last]);
        let Terminator::Ret(values) = &next.term else { continue };
        let resolve = |value: &ValueId| {
            let place = next.params.iter().position(|param| param == value);
            place.and_then(|at| edge.args.get(at)).copied().unwrap_or(*value)
        };
        let values: Args = values.iter().map(resolve).collect();
        let is_call = matches!(call.op, Op::Call(_) | Op::CallIndirect);
        if is_call && next.insts.is_empty() && call.results.as_slice() == values.as_slice() {
            function.blocks[id].term = Terminator::Ret(values);
            changed = true;
        }
    }
    changed
}

/// Appends a block to its only predecessor if that does nothing but jump to it.
fn join_rows(function: &mut Function) -> bool {
    let order = cfg::reverse_postorder(function);
    let preds = cfg::predecessors(function, &order);
    let mut replaced: HashMap<ValueId, ValueId> = HashMap::new();
    let mut changed = false;
    for &start in &order {
        loop {
            let Terminator::Jump(edge) = function.blocks[start].term.clone() else { break };
            if preds[edge.block].len() != 1 || edge.block == start || edge.block == function.entry {
                break;
            }
            let next = &mut function.blocks[edge.block];
            replaced.extend(next.params.drain(..).zip(edge.args));
            let insts = std::mem::take(&mut next.insts);
            let term = std::mem::replace(&mut next.term, Terminator::Invalid);
            let span = next.span;
            let block = &mut function.blocks[start];
            block.insts.extend(insts);
            block.term = term;
            block.span = span;
            changed = true;
        }
    }
    if changed {
        params::replace_uses(function, |value| {
            let mut value = value;
            while let Some(&next) = replaced.get(&value) {
                value = next;
            }
            value
        });
    }
    changed
}
