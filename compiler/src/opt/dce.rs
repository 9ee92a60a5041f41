//! Drops instructions whose results nobody uses and that change nothing, and block parameters without use.

use crate::ir::{self, Function, IndexVec, InstId, Module, ValueDef, ValueId, cfg};

/// Drops dead code in all functions.
pub(super) fn run(module: &mut Module) {
    // An expansion of memory by a dead load is visible to MSIZE only.
    let uses_msize = module
        .functions
        .iter()
        .any(|function| function.insts.iter().any(|inst| inst.op == ir::Op::Evm(ir::Evm::Msize)));
    for function in module.functions.iter_mut() {
        run_function(function, uses_msize);
    }
}

fn is_removable(function: &Function, inst: InstId, uses_msize: bool) -> bool {
    let effects = function.insts[inst].op.effects();
    effects.is_removable() && !(uses_msize && effects.reads.intersects(ir::Spaces::MEMORY))
}

/// Drops dead code in one function.
pub(super) fn run_function(function: &mut Function, uses_msize: bool) {
    cfg::remove_unreachable(function);
    let live = live_values(function, uses_msize);
    for id in function.blocks.ids() {
        let block = &mut function.blocks[id];
        let insts = &function.insts;
        block.insts.retain(|&inst| {
            let dead = !insts[inst].results.iter().any(|result| live[*result]);
            let effects = insts[inst].op.effects();
            let removable =
                effects.is_removable() && !(uses_msize && effects.reads.intersects(ir::Spaces::MEMORY));
            !(dead && removable)
        });
    }
    drop_params(function, &live);
    ir::params::remove_needless(function);
}

/// Marks values that something with an effect needs.
fn live_values(function: &Function, uses_msize: bool) -> IndexVec<ValueId, bool> {
    let mut incoming: IndexVec<ValueId, Vec<ValueId>> = IndexVec::filled(Vec::new(), function.values.len());
    let mut work: Vec<ValueId> = Vec::new();
    for block in function.blocks.iter() {
        for &inst in &block.insts {
            if !is_removable(function, inst, uses_msize) {
                work.extend(&function.insts[inst].args);
            }
        }
        work.extend(block.term.operands());
        for edge in block.term.edges() {
            for (&param, &arg) in function.blocks[edge.block].params.iter().zip(&edge.args) {
                incoming[param].push(arg);
            }
        }
    }
    let mut live = IndexVec::filled(false, function.values.len());
    while let Some(value) = work.pop() {
        if std::mem::replace(&mut live[value], true) {
            continue;
        }
        match function.values[value] {
            ValueDef::Const(_) => {}
            ValueDef::Param(..) => work.extend(&incoming[value]),
            ValueDef::Result(inst, _) => work.extend(&function.insts[inst].args),
        }
    }
    live
}

fn drop_params(function: &mut Function, live: &IndexVec<ValueId, bool>) {
    let keep: Vec<Vec<bool>> = function
        .blocks
        .enumerated()
        .map(|(id, block)| block.params.iter().map(|param| id == function.entry || live[*param]).collect())
        .collect();
    for id in function.blocks.ids() {
        let block = &mut function.blocks[id];
        let retain = |values: Option<&Vec<bool>>| values.cloned().unwrap_or_default().into_iter();
        let mut own = retain(keep.get(ir::Id::index(id)));
        block.params.retain(|_| own.next().unwrap_or(true));
        for edge in block.term.edges_mut() {
            let mut kept = retain(keep.get(ir::Id::index(edge.block)));
            edge.args.retain(|_| kept.next().unwrap_or(true));
        }
        function.renumber_params(id);
    }
}
