//! Analyses control flow: orders, predecessors, dominators, loops.

use super::function::{Function, Terminator};
use super::id::{BlockId, IndexVec};

/// Lists the reachable blocks in reverse postorder, the entry first.
pub fn reverse_postorder(function: &Function) -> Vec<BlockId> {
    let mut seen = IndexVec::<BlockId, bool>::filled(false, function.blocks.len());
    let mut order = Vec::new();
    let mut stack = vec![(function.entry, successors(function, function.entry))];
    seen[function.entry] = true;
    while let Some((block, rest)) = stack.last_mut() {
        match rest.pop() {
            Some(next) if !seen[next] => {
                seen[next] = true;
                stack.push((next, successors(function, next)));
            }
            Some(_) => {}
            None => {
                order.push(*block);
                stack.pop();
            }
        }
    }
    order.reverse();
    order
}

/// Lists a block's successors, with repeats.
pub fn successors(function: &Function, block: BlockId) -> Vec<BlockId> {
    function.blocks[block].term.edges().iter().map(|edge| edge.block).collect()
}

/// Lists the predecessors of each block among reachable blocks, one entry an edge.
pub fn predecessors(function: &Function, order: &[BlockId]) -> IndexVec<BlockId, Vec<BlockId>> {
    let mut preds = IndexVec::filled(Vec::new(), function.blocks.len());
    for &block in order {
        for edge in function.blocks[block].term.edges() {
            preds[edge.block].push(block);
        }
    }
    preds
}

/// Empties the blocks that nothing reaches. Returns whether any was not empty before.
pub fn remove_unreachable(function: &mut Function) -> bool {
    let mut reached = IndexVec::<BlockId, bool>::filled(false, function.blocks.len());
    for block in reverse_postorder(function) {
        reached[block] = true;
    }
    let mut changed = false;
    for id in function.blocks.ids().filter(|id| !reached[*id]) {
        let block = &mut function.blocks[id];
        changed |= !block.insts.is_empty() || !block.params.is_empty() || block.term != Terminator::Invalid;
        block.insts.clear();
        block.params.clear();
        block.term = Terminator::Invalid;
    }
    changed
}

/// Is the dominator tree of a function (Cooper, Harvey, Kennedy 2001).
#[derive(Debug, Clone)]
pub struct Dominators {
    /// The reachable blocks in reverse postorder.
    pub order: Vec<BlockId>,
    /// The position in `order`; `usize::MAX` for blocks that nothing reaches.
    pub position: IndexVec<BlockId, usize>,
    /// The immediate dominator; the entry is its own.
    pub parent: IndexVec<BlockId, BlockId>,
    enter: IndexVec<BlockId, u32>,
    leave: IndexVec<BlockId, u32>,
}

impl Dominators {
    /// Computes the tree.
    pub fn new(function: &Function) -> Self {
        let order = reverse_postorder(function);
        let mut position = IndexVec::filled(usize::MAX, function.blocks.len());
        for (at, &block) in order.iter().enumerate() {
            position[block] = at;
        }
        let preds = predecessors(function, &order);
        let parent = immediate_dominators(function.entry, &order, &position, &preds);
        let (enter, leave) = number_tree(function.entry, &order, &parent);
        Self { order, position, parent, enter, leave }
    }
    /// Is true when the block can be reached.
    pub fn is_reachable(&self, block: BlockId) -> bool {
        self.position[block] != usize::MAX
    }
    /// Is true when every way to `below` leads through `above`. Both must be reachable.
    pub fn dominates(&self, above: BlockId, below: BlockId) -> bool {
        self.enter[above] <= self.enter[below] && self.leave[below] <= self.leave[above]
    }
    /// Lists each block's children in the tree.
    pub fn children(&self) -> IndexVec<BlockId, Vec<BlockId>> {
        let mut children = IndexVec::filled(Vec::new(), self.parent.len());
        for &block in self.order.iter().skip(1) {
            children[self.parent[block]].push(block);
        }
        children
    }
}

fn immediate_dominators(
    entry: BlockId,
    order: &[BlockId],
    position: &IndexVec<BlockId, usize>,
    preds: &IndexVec<BlockId, Vec<BlockId>>,
) -> IndexVec<BlockId, BlockId> {
    let mut parent: IndexVec<BlockId, Option<BlockId>> = IndexVec::filled(None, position.len());
    parent[entry] = Some(entry);
    let mut changed = true;
    while changed {
        changed = false;
        for &block in order.iter().skip(1) {
            let mut meet = None;
            for &pred in &preds[block] {
                if parent[pred].is_some() {
                    meet = Some(meet.map_or(pred, |other| intersect(&parent, position, pred, other)));
                }
            }
            if parent[block] != meet {
                parent[block] = meet;
                changed = true;
            }
        }
    }
    parent.iter().map(|dominator| dominator.unwrap_or(entry)).collect()
}

fn intersect(
    parent: &IndexVec<BlockId, Option<BlockId>>,
    position: &IndexVec<BlockId, usize>,
    mut left: BlockId,
    mut right: BlockId,
) -> BlockId {
    while left != right {
        let lower = if position[left] > position[right] { &mut left } else { &mut right };
        match parent[*lower] {
            Some(up) => *lower = up,
            None => return left.min(right),
        }
    }
    left
}

fn number_tree(
    entry: BlockId,
    order: &[BlockId],
    parent: &IndexVec<BlockId, BlockId>,
) -> (IndexVec<BlockId, u32>, IndexVec<BlockId, u32>) {
    let mut children: IndexVec<BlockId, Vec<BlockId>> = IndexVec::filled(Vec::new(), parent.len());
    for &block in order.iter().skip(1) {
        children[parent[block]].push(block);
    }
    let mut enter = IndexVec::filled(u32::MAX, parent.len());
    let mut leave = IndexVec::filled(0, parent.len());
    let mut clock = 0;
    let mut stack = vec![(entry, false)];
    while let Some((block, done)) = stack.pop() {
        if done {
            leave[block] = clock;
        } else {
            enter[block] = clock;
            stack.push((block, true));
            stack.extend(children[block].iter().map(|&child| (child, false)));
        }
        clock += 1;
    }
    (enter, leave)
}

/// Marks the blocks that lie on a cycle, and counts for each block how many natural loops contain it.
pub fn loop_depths(function: &Function, dominators: &Dominators) -> IndexVec<BlockId, u32> {
    let preds = predecessors(function, &dominators.order);
    let mut depth = IndexVec::filled(0, function.blocks.len());
    for &header in &dominators.order {
        let backs: Vec<BlockId> =
            preds[header].iter().copied().filter(|&pred| dominators.dominates(header, pred)).collect();
        if !backs.is_empty() {
            for block in natural_loop(header, &backs, &preds) {
                depth[block] += 1;
            }
        }
    }
    depth
}

/// Lists the blocks of the loop with the given header and sources of back edges.
pub fn natural_loop(
    header: BlockId,
    backs: &[BlockId],
    preds: &IndexVec<BlockId, Vec<BlockId>>,
) -> Vec<BlockId> {
    let mut inside = std::collections::BTreeSet::from([header]);
    let mut work = backs.to_vec();
    while let Some(block) = work.pop() {
        if inside.insert(block) {
            work.extend(preds[block].iter().copied());
        }
    }
    inside.into_iter().collect()
}
