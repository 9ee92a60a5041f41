//! Removes block parameters that every edge gives the same value.

use super::cfg;
use super::function::Function;
use super::id::{BlockId, IndexVec, ValueId};
use std::collections::HashSet;

/// Removes parameters that always have one and the same value, and blocks that nothing reaches. Returns
/// whether anything changed.
pub fn remove_needless(function: &mut Function) -> bool {
    let mut changed = cfg::remove_unreachable(function);
    let mut forward: IndexVec<ValueId, ValueId> = function.values.ids().collect();
    let mut gone: HashSet<ValueId> = HashSet::new();
    let incoming = Incoming::collect(function);
    let mut work: Vec<ValueId> = incoming.params.iter().rev().copied().collect();
    while let Some(param) = work.pop() {
        if gone.contains(&param) {
            continue;
        }
        if let Some(value) = incoming.only_value(param, &forward) {
            forward[param] = value;
            gone.insert(param);
            work.extend(incoming.users[param].iter().copied());
        }
    }
    if !gone.is_empty() {
        changed = true;
        remove(function, &gone, &forward);
    }
    changed
}

fn resolve(forward: &IndexVec<ValueId, ValueId>, mut value: ValueId) -> ValueId {
    while forward[value] != value {
        value = forward[value];
    }
    value
}

struct Incoming {
    params: Vec<ValueId>,
    values: IndexVec<ValueId, Vec<ValueId>>,
    users: IndexVec<ValueId, Vec<ValueId>>,
}

impl Incoming {
    fn collect(function: &Function) -> Self {
        let mut incoming = Self {
            params: Vec::new(),
            values: IndexVec::filled(Vec::new(), function.values.len()),
            users: IndexVec::filled(Vec::new(), function.values.len()),
        };
        for block in function.blocks.iter() {
            for edge in block.term.edges() {
                for (&param, &arg) in function.blocks[edge.block].params.iter().zip(&edge.args) {
                    incoming.values[param].push(arg);
                    incoming.users[arg].push(param);
                }
            }
        }
        for (id, block) in function.blocks.enumerated() {
            if id != function.entry {
                incoming.params.extend(&block.params);
            }
        }
        incoming
    }

    fn only_value(&self, param: ValueId, forward: &IndexVec<ValueId, ValueId>) -> Option<ValueId> {
        let mut only = None;
        for &value in &self.values[param] {
            let value = resolve(forward, value);
            if value != param && only.replace(value).is_some_and(|before| before != value) {
                return None;
            }
        }
        only
    }
}

fn remove(function: &mut Function, gone: &HashSet<ValueId>, forward: &IndexVec<ValueId, ValueId>) {
    let keep: IndexVec<BlockId, Vec<bool>> = function
        .blocks
        .iter()
        .map(|block| block.params.iter().map(|p| !gone.contains(p)).collect())
        .collect();
    for id in function.blocks.ids() {
        let block = &mut function.blocks[id];
        block.params.retain(|param| !gone.contains(param));
        for edge in block.term.edges_mut() {
            let mut kept = keep[edge.block].iter();
            edge.args.retain(|_| kept.next().copied().unwrap_or(true));
        }
        function.renumber_params(id);
    }
    replace_uses(function, |value| resolve(forward, value));
}

/// Replaces every use of a value in the function.
pub fn replace_uses(function: &mut Function, replacement: impl Fn(ValueId) -> ValueId) {
    for id in function.blocks.ids() {
        let block = &mut function.blocks[id];
        for &inst in &block.insts {
            for arg in &mut function.insts[inst].args {
                *arg = replacement(*arg);
            }
        }
        block.term.for_each_use_mut(|value| *value = replacement(*value));
    }
}
