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

/// Is the dominator tree of a function (semi-NCA; Georgiadis 2005), in almost linear time.
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
        let parent = immediate_dominators(function, &preds);
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

/// Numbers the reachable blocks in depth-first preorder; returns them with their parents in that walk.
fn preorder(function: &Function) -> (Vec<BlockId>, Vec<usize>, IndexVec<BlockId, usize>) {
    let mut number = IndexVec::filled(usize::MAX, function.blocks.len());
    let (mut blocks, mut parents) = (Vec::new(), Vec::new());
    let mut work = vec![(function.entry, 0)];
    while let Some((block, parent)) = work.pop() {
        if number[block] == usize::MAX {
            number[block] = blocks.len();
            work.extend(successors(function, block).into_iter().map(|next| (next, blocks.len())));
            blocks.push(block);
            parents.push(parent);
        }
    }
    (blocks, parents, number)
}

fn immediate_dominators(
    function: &Function,
    preds: &IndexVec<BlockId, Vec<BlockId>>,
) -> IndexVec<BlockId, BlockId> {
    let (blocks, parents, number) = preorder(function);
    let mut forest = Forest::new(blocks.len());
    for (at, &block) in blocks.iter().enumerate().skip(1).rev() {
        let sources = preds[block].iter().map(|pred| number[*pred]).filter(|pred| *pred != usize::MAX);
        let least = sources.map(|pred| forest.least(pred)).min().unwrap_or(0);
        forest.link(at, least, parents.get(at).copied().unwrap_or(0));
    }
    // In preorder a block's dominator is its parent or one of the parent's dominators.
    let mut dominator = parents;
    for at in 1..dominator.len() {
        let bound = forest.semi(at);
        let mut above = dominator.get(at).copied().unwrap_or(0);
        while above > bound {
            above = dominator.get(above).copied().unwrap_or(0);
        }
        if let Some(slot) = dominator.get_mut(at) {
            *slot = above;
        }
    }
    let mut parent = IndexVec::filled(function.entry, function.blocks.len());
    for (&block, &above) in blocks.iter().zip(&dominator) {
        if let Some(&above) = blocks.get(above) {
            parent[block] = above;
        }
    }
    parent
}

/// Finds least semidominators on the way up to the root of a forest that grows by links, with compressed paths.
struct Forest {
    nodes: Vec<Node>,
}

#[derive(Clone, Copy)]
struct Node {
    above: usize,
    semi: usize,
    /// The least semidominator on the way from here up to, and without, `above`.
    least: usize,
}

impl Forest {
    fn new(len: usize) -> Self {
        Self { nodes: (0..len).map(|at| Node { above: usize::MAX, semi: at, least: at }).collect() }
    }
    fn node(&self, at: usize) -> Node {
        self.nodes.get(at).copied().unwrap_or(Node { above: usize::MAX, semi: at, least: at })
    }
    fn semi(&self, at: usize) -> usize {
        self.node(at).semi
    }
    fn link(&mut self, at: usize, semi: usize, above: usize) {
        if let Some(node) = self.nodes.get_mut(at) {
            *node = Node { above, semi, least: semi };
        }
    }
    /// Returns the least semidominator of `at` and everything above it within its tree, the root excluded; a
    /// root's is itself.
    fn least(&mut self, at: usize) -> usize {
        let mut path = Vec::new();
        let mut top = at;
        while self.node(top).above != usize::MAX {
            path.push(top);
            top = self.node(top).above;
        }
        let Some(last) = path.pop() else { return self.node(at).least };
        let mut least = self.node(last).least;
        while let Some(below) = path.pop() {
            least = least.min(self.node(below).least);
            if let Some(node) = self.nodes.get_mut(below) {
                node.least = least;
                node.above = top;
            }
        }
        least
    }
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
