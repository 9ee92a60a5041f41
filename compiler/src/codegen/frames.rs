//! Lays out spill frames: static and without overlap along every chain of calls, so that a frame needs no
//! pointer. Functions that can call themselves save their live slots on the stack around such calls.

use crate::ir::{FuncId, IndexVec, Module, Op};
use std::collections::BTreeSet;

/// Is the first byte that frames may use: above scratch space, free memory pointer and zero slot.
pub const FRAMES_START: u64 = 0x80;

/// Knows who calls whom among the functions that the entry reaches.
#[derive(Debug, Clone)]
pub struct CallGraph {
    /// The reachable functions; callers come before callees, except on cycles.
    pub order: Vec<FuncId>,
    /// The callees of each function.
    pub callees: IndexVec<FuncId, BTreeSet<FuncId>>,
    /// The number of the cycle (strongly connected component) of each function.
    pub component: IndexVec<FuncId, usize>,
    /// True for functions that can be entered again while they run.
    pub recursive: IndexVec<FuncId, bool>,
    components: Vec<Vec<FuncId>>,
}

impl CallGraph {
    /// Builds the graph of a module.
    pub fn new(module: &Module) -> Self {
        let callees = collect_callees(module);
        let mut finder = Components {
            callees: &callees,
            index: IndexVec::filled(usize::MAX, callees.len()),
            low: IndexVec::filled(usize::MAX, callees.len()),
            on_stack: IndexVec::filled(false, callees.len()),
            stack: Vec::new(),
            next: 0,
            found: Vec::new(),
        };
        if let Some(entry) = module.entry {
            finder.visit(entry);
        }
        // Tarjan finds callees first.
        let mut components = finder.found;
        components.reverse();
        let mut component = IndexVec::filled(usize::MAX, callees.len());
        let mut recursive = IndexVec::filled(false, callees.len());
        for (number, members) in components.iter().enumerate() {
            for &member in members {
                component[member] = number;
                recursive[member] = members.len() > 1 || callees[member].contains(&member);
            }
        }
        let order = components.iter().flatten().copied().collect();
        Self { order, callees, component, recursive, components }
    }

    /// Is true when the two functions lie on a common cycle of calls.
    pub fn on_cycle(&self, caller: FuncId, callee: FuncId) -> bool {
        self.recursive[caller] && self.component[caller] == self.component[callee]
    }

    /// Assigns each function's frame, given the number of slots each needs. Returns the first byte of each
    /// frame and the first byte above all of them; the frames begin at `first`.
    pub fn layout(&self, slots: &IndexVec<FuncId, u32>, first: u64) -> (IndexVec<FuncId, u64>, u64) {
        let mut base = IndexVec::filled(first, self.callees.len());
        let mut start = vec![first; self.components.len()];
        let mut top = first;
        for (number, members) in self.components.iter().enumerate() {
            let mut end = start.get(number).copied().unwrap_or(first);
            for &member in members {
                base[member] = end;
                end += u64::from(slots[member]) * 32;
            }
            top = top.max(end);
            for callee in members.iter().flat_map(|&member| &self.callees[member]) {
                let below = self.component[*callee];
                if let Some(start) = start.get_mut(below).filter(|_| below != number) {
                    *start = (*start).max(end);
                }
            }
        }
        (base, top)
    }
}

fn collect_callees(module: &Module) -> IndexVec<FuncId, BTreeSet<FuncId>> {
    let mut callees = IndexVec::filled(BTreeSet::new(), module.functions.len());
    let mut indirect = Vec::new();
    let mut addressed = BTreeSet::new();
    for (id, function) in module.functions.enumerated() {
        for inst in function.blocks.iter().flat_map(|block| &block.insts) {
            let inst = &function.insts[*inst];
            match inst.op {
                Op::Call(callee) => {
                    callees[id].insert(callee);
                }
                Op::FuncAddr(callee) => {
                    addressed.insert(callee);
                }
                Op::CallIndirect => indirect.push((id, inst.args.len() - 1, inst.results.len())),
                _ => {}
            }
        }
    }
    for (id, params, returns) in indirect {
        let fits = |callee: &&FuncId| {
            let callee = &module.functions[**callee];
            callee.params().len() == params && callee.returns == returns
        };
        let targets: Vec<FuncId> = addressed.iter().filter(fits).copied().collect();
        callees[id].extend(targets);
    }
    // A function whose address is taken must exist even if no call can reach it.
    for (id, function) in module.functions.enumerated() {
        for inst in function.blocks.iter().flat_map(|block| &block.insts) {
            if let Op::FuncAddr(callee) = function.insts[*inst].op {
                callees[id].insert(callee);
            }
        }
    }
    callees
}

/// Finds strongly connected components (Tarjan) without recursion.
struct Components<'a> {
    callees: &'a IndexVec<FuncId, BTreeSet<FuncId>>,
    index: IndexVec<FuncId, usize>,
    low: IndexVec<FuncId, usize>,
    on_stack: IndexVec<FuncId, bool>,
    stack: Vec<FuncId>,
    next: usize,
    found: Vec<Vec<FuncId>>,
}

impl Components<'_> {
    fn enter(&mut self, function: FuncId) -> (FuncId, Vec<FuncId>) {
        self.index[function] = self.next;
        self.low[function] = self.next;
        self.next += 1;
        self.stack.push(function);
        self.on_stack[function] = true;
        (function, self.callees[function].iter().rev().copied().collect())
    }

    fn visit(&mut self, entry: FuncId) {
        let mut path = vec![self.enter(entry)];
        while let Some((function, rest)) = path.last_mut() {
            let function = *function;
            match rest.pop() {
                Some(callee) if self.index[callee] == usize::MAX => {
                    let entered = self.enter(callee);
                    path.push(entered);
                }
                Some(callee) => {
                    if self.on_stack[callee] {
                        self.low[function] = self.low[function].min(self.index[callee]);
                    }
                }
                None => {
                    path.pop();
                    if let Some((parent, _)) = path.last() {
                        self.low[*parent] = self.low[*parent].min(self.low[function]);
                    }
                    self.close(function);
                }
            }
        }
    }

    fn close(&mut self, function: FuncId) {
        if self.low[function] != self.index[function] {
            return;
        }
        let mut members = Vec::new();
        while let Some(member) = self.stack.pop() {
            self.on_stack[member] = false;
            members.push(member);
            if member == function {
                break;
            }
        }
        members.sort_unstable();
        self.found.push(members);
    }
}
