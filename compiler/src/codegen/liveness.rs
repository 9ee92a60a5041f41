//! Finds which values are needed at the start and end of each block.

use crate::ir::{BlockId, Function, IndexVec, ValueDef, ValueId, cfg};

/// Lists the values live at each block's borders. Constants never are.
#[derive(Debug, Clone)]
pub(super) struct Liveness {
    /// Needed at the start of the block, its own parameters excluded, in order of id.
    pub live_in: IndexVec<BlockId, Vec<ValueId>>,
    /// Needed by successors, arguments of edges excluded, in order of id.
    pub live_out: IndexVec<BlockId, Vec<ValueId>>,
}

impl Liveness {
    /// Computes liveness by walking from each use up to the definition; time is linear in the result.
    pub(super) fn new(function: &Function, order: &[BlockId], ignore: impl Fn(ValueId) -> bool) -> Self {
        let preds = cfg::predecessors(function, order);
        let home = home_blocks(function, order);
        let mut using = IndexVec::<ValueId, Vec<BlockId>>::filled(Vec::new(), function.values.len());
        for &block in order {
            for_each_use(function, block, |value| {
                if home[value].is_some_and(|home| home != block)
                    && !ignore(value)
                    && using[value].last() != Some(&block)
                {
                    using[value].push(block);
                }
            });
        }
        let mut live_in = IndexVec::<BlockId, Vec<ValueId>>::filled(Vec::new(), function.blocks.len());
        let mut live_out = live_in.clone();
        for (value, blocks) in using.enumerated() {
            let mut work = blocks.clone();
            while let Some(block) = work.pop() {
                if home[value] == Some(block) || live_in[block].last() == Some(&value) {
                    continue;
                }
                live_in[block].push(value);
                for &pred in &preds[block] {
                    if live_out[pred].last() != Some(&value) {
                        live_out[pred].push(value);
                    }
                    work.push(pred);
                }
            }
        }
        Self { live_in, live_out }
    }
}

fn home_blocks(function: &Function, order: &[BlockId]) -> IndexVec<ValueId, Option<BlockId>> {
    let mut home = IndexVec::filled(None, function.values.len());
    for &id in order {
        let block = &function.blocks[id];
        let results = block.insts.iter().flat_map(|&inst| &function.insts[inst].results);
        for &value in block.params.iter().chain(results) {
            home[value] = Some(id);
        }
    }
    home
}

/// Visits every value that a block uses, the arguments of edges included, constants excluded.
pub(super) fn for_each_use(function: &Function, block: BlockId, mut visit: impl FnMut(ValueId)) {
    let mut visit = |value: ValueId| {
        if !matches!(function.values[value], ValueDef::Const(_)) {
            visit(value);
        }
    };
    let block = &function.blocks[block];
    for &inst in &block.insts {
        function.insts[inst].args.iter().copied().for_each(&mut visit);
    }
    block.term.for_each_use(visit);
}
