//! Turns a function into assembly: walks its blocks, keeps a model of the stack, and starts again with more
//! values in memory when one lies too deep.

use super::asm::{AsmInst, Item, JumpKind, Label, byte};
use super::frames::CallGraph;
use super::liveness::Liveness;
use super::schedule::{self, Home};
use super::stack::{Slot, Step, TooDeep};
use crate::ir::{
    BlockId, FuncId, Function, IndexVec, Inst, InstId, Module, Op, Span, ValueDef, ValueId, cfg,
};
use alloy_primitives::U256;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Knows what all functions of a module share while they are emitted.
#[derive(Debug)]
pub(super) struct ModuleContext<'m> {
    /// The module.
    pub module: &'m Module,
    /// Who calls whom.
    pub calls: &'m CallGraph,
    /// The label of each function.
    pub labels: &'m IndexVec<FuncId, Label>,
    /// The offsets of each immutable in the runtime code, for `setimmutable`.
    pub immutable_offsets: &'m BTreeMap<String, Vec<usize>>,
}

/// Is a function's code and the number of spill slots that it needs.
#[derive(Debug)]
pub(super) struct Emitted {
    /// The assembly.
    pub code: Vec<AsmInst>,
    /// The number of spill slots of 32 bytes.
    pub slots: u32,
}

/// Rounds of spilling before everything goes to memory; keeps compile time linear.
const ROUNDS: usize = 12;

/// Emits one function. `next_label` is the first unused label.
pub(super) fn emit_function(
    context: &ModuleContext<'_>,
    id: FuncId,
    next_label: &mut u32,
) -> Result<Emitted, TooDeep> {
    let function = &context.module.functions[id];
    let order = cfg::reverse_postorder(function);
    let shape = Shape::new(function, &order);
    let homes = schedule::homes(function, &order);
    let mut spilled: BTreeSet<Slot> = BTreeSet::new();
    for round in 0.. {
        let label = *next_label;
        let mut emitter = Emitter::new(context, id, &order, &shape, &homes, &spilled, next_label);
        match emitter.run() {
            Ok(()) => return Ok(Emitted { code: emitter.code, slots: spilled.len() as u32 }),
            Err(TooDeep(slots)) => {
                *next_label = label;
                let before = spilled.len();
                spilled.extend(slots.iter().copied().filter(|slot| can_spill(*slot, &homes)));
                if round >= ROUNDS || spilled.len() == before {
                    let all = everything(function, &order, &homes);
                    if all.is_subset(&spilled) {
                        return Err(TooDeep(slots));
                    }
                    spilled.extend(all);
                }
            }
        }
    }
    Err(TooDeep(Vec::new()))
}

fn can_spill(slot: Slot, homes: &IndexVec<ValueId, Home>) -> bool {
    match slot {
        Slot::Value(value) => homes[value] == Home::Kept,
        Slot::Return => true,
        Slot::Label | Slot::Temp => false,
    }
}

fn everything(function: &Function, order: &[BlockId], homes: &IndexVec<ValueId, Home>) -> BTreeSet<Slot> {
    let mut all = BTreeSet::from([Slot::Return]);
    for &block in order {
        let block = &function.blocks[block];
        let results = block.insts.iter().flat_map(|&inst| &function.insts[inst].results);
        let values = block.params.iter().chain(results).copied();
        all.extend(values.filter(|value| homes[*value] == Home::Kept).map(Slot::Value));
    }
    all
}

/// Knows the form of the control flow that decides which layouts are free.
#[derive(Debug)]
struct Shape {
    edges_in: IndexVec<BlockId, u32>,
    /// No way leads from the block to a return of the internal function, and it lies on no cycle: what lies
    /// below its values on the stack does not matter.
    careless: IndexVec<BlockId, bool>,
    /// No way leads from the block to a return of the internal function.
    halting: IndexVec<BlockId, bool>,
}

impl Shape {
    fn new(function: &Function, order: &[BlockId]) -> Self {
        let preds = cfg::predecessors(function, order);
        let mut halting = IndexVec::filled(true, function.blocks.len());
        let mut work: Vec<BlockId> = order
            .iter()
            .copied()
            .filter(|&block| matches!(function.blocks[block].term, crate::ir::Terminator::Ret(_)))
            .collect();
        while let Some(block) = work.pop() {
            if std::mem::replace(&mut halting[block], false) {
                work.extend(&preds[block]);
            }
        }
        let cyclic = cyclic_blocks(function, order);
        let careless = halting.iter().zip(cyclic.iter()).map(|(halts, cyclic)| *halts && !*cyclic).collect();
        Self { edges_in: preds.iter().map(|preds| preds.len() as u32).collect(), careless, halting }
    }
}

/// Marks blocks on natural loops; if control flow is irreducible, all blocks.
fn cyclic_blocks(function: &Function, order: &[BlockId]) -> IndexVec<BlockId, bool> {
    let dominators = cfg::Dominators::new(function);
    let irreducible = order.iter().any(|&block| {
        cfg::successors(function, block).into_iter().any(|next| {
            dominators.position[next] <= dominators.position[block] && !dominators.dominates(next, block)
        })
    });
    cfg::loop_depths(function, &dominators).iter().map(|&depth| irreducible || depth > 0).collect()
}

/// Emits one function with a given set of spilled items.
pub(super) struct Emitter<'a> {
    pub(super) context: &'a ModuleContext<'a>,
    pub(super) id: FuncId,
    pub(super) function: &'a Function,
    shape: &'a Shape,
    homes: &'a IndexVec<ValueId, Home>,
    slots: BTreeMap<Slot, u32>,
    live: Liveness,
    /// The liveness of spilled values, for functions that save their slots around recursive calls.
    live_slots: Option<Liveness>,
    next_label: &'a mut u32,
    labels: IndexVec<BlockId, Option<Label>>,
    layouts: IndexVec<BlockId, Option<Vec<Slot>>>,
    trampolines: Vec<(Label, Vec<AsmInst>, BlockId)>,
    pub(super) code: Vec<AsmInst>,
    pub(super) stack: Vec<Slot>,
    span: Span,
    uses_left: BTreeMap<ValueId, u32>,
    keep: HashSet<ValueId>,
    block: BlockId,
}

type Emit<T = ()> = Result<T, TooDeep>;

impl<'a> Emitter<'a> {
    fn new(
        context: &'a ModuleContext<'a>,
        id: FuncId,
        order: &[BlockId],
        shape: &'a Shape,
        homes: &'a IndexVec<ValueId, Home>,
        spilled: &BTreeSet<Slot>,
        next_label: &'a mut u32,
    ) -> Self {
        let function = &context.module.functions[id];
        let slots: BTreeMap<Slot, u32> = spilled.iter().zip(0..).map(|(slot, at)| (*slot, at)).collect();
        let ignore =
            |value: ValueId| !matches!(homes[value], Home::Kept) || slots.contains_key(&Slot::Value(value));
        let live = Liveness::new(function, order, ignore);
        let in_slot = |value: ValueId| slots.contains_key(&Slot::Value(value));
        let live_slots =
            context.calls.recursive[id].then(|| Liveness::new(function, order, |value| !in_slot(value)));
        Self {
            context,
            id,
            function,
            shape,
            homes,
            live,
            live_slots,
            slots,
            next_label,
            labels: IndexVec::filled(None, function.blocks.len()),
            layouts: IndexVec::filled(None, function.blocks.len()),
            trampolines: Vec::new(),
            code: Vec::new(),
            stack: Vec::new(),
            span: function.span,
            uses_left: BTreeMap::new(),
            keep: HashSet::new(),
            block: function.entry,
        }
    }

    pub(super) fn is_entry(&self) -> bool {
        self.context.module.entry == Some(self.id)
    }

    // ----- items ---------------------------------------------------------------------------------------

    pub(super) fn item(&mut self, item: Item) {
        self.code.push(AsmInst { item, span: self.span, jump: JumpKind::Regular });
    }
    pub(super) fn op(&mut self, byte: u8) {
        self.item(Item::Op(byte));
    }
    pub(super) fn jump_op(&mut self, jump: JumpKind) {
        self.code.push(AsmInst { item: Item::Op(byte::JUMP), span: self.span, jump });
    }
    pub(super) fn fresh_label(&mut self) -> Label {
        let label = Label(*self.next_label);
        *self.next_label += 1;
        label
    }
    fn block_label(&mut self, block: BlockId) -> Label {
        match self.labels[block] {
            Some(label) => label,
            None => {
                let label = self.fresh_label();
                self.labels[block] = Some(label);
                label
            }
        }
    }

    // ----- the model of the stack ----------------------------------------------------------------------

    pub(super) fn swap(&mut self, depth: usize) -> Emit {
        if depth == 0 {
            return Ok(());
        }
        let last = self.stack.len().saturating_sub(1);
        if depth > 16 || depth > last {
            return Err(TooDeep(self.stack.iter().take((last + 1).saturating_sub(16)).copied().collect()));
        }
        self.stack.swap(last, last - depth);
        self.op(byte::SWAP1 + (depth as u8 - 1));
        Ok(())
    }
    pub(super) fn dup(&mut self, slot: Slot) -> Emit {
        let depth = self.depth_of(slot).ok_or_else(|| TooDeep(vec![slot]))? + 1;
        if depth > 16 {
            return Err(self.deep_items(slot));
        }
        self.op(byte::DUP1 + (depth as u8 - 1));
        self.stack.push(slot);
        Ok(())
    }
    /// Names what to spill when `slot` is out of reach: itself, and everything else as deep.
    fn deep_items(&self, slot: Slot) -> TooDeep {
        let deep = self.stack.len().saturating_sub(16);
        let mut slots = vec![slot];
        slots.extend(self.stack.iter().take(deep).filter(|slot| matches!(slot, Slot::Value(_))));
        TooDeep(slots)
    }
    pub(super) fn pop(&mut self) {
        self.stack.pop();
        self.op(byte::POP);
    }
    pub(super) fn push_temp(&mut self, item: Item) {
        self.item(item);
        self.stack.push(Slot::Temp);
    }
    /// Returns how far below the top an item lies; 0 is the top itself.
    fn depth_of(&self, slot: Slot) -> Option<usize> {
        self.stack.iter().rev().position(|item| *item == slot)
    }
    fn drop_items(&mut self, count: usize) {
        self.stack.truncate(self.stack.len().saturating_sub(count));
    }
    fn slot_of(&self, slot: Slot) -> Option<u32> {
        self.slots.get(&slot).copied()
    }
    /// Stores the top in its spill slot.
    fn store_top(&mut self, slot: u32) {
        self.item(Item::Slot(self.id, slot));
        self.op(byte::MSTORE);
        self.stack.pop();
    }
    fn load(&mut self, slot: u32) {
        self.item(Item::Slot(self.id, slot));
        self.op(byte::MLOAD);
        self.stack.push(Slot::Temp);
    }

    /// Is true when the value is needed after the instruction at hand.
    fn is_needed(&self, value: ValueId) -> bool {
        self.keep.contains(&value) || self.uses_left.get(&value).is_some_and(|uses| *uses > 0)
    }
    /// Is true when a stack item is of no use any more: dead, or one of two copies.
    fn is_junk(&self, position: usize) -> bool {
        match self.stack.get(position) {
            Some(&Slot::Value(value)) => {
                !self.is_needed(value)
                    || self.stack.iter().take(position).any(|item| *item == Slot::Value(value))
            }
            Some(Slot::Return) => self.shape.halting[self.block],
            Some(Slot::Label | Slot::Temp) | None => true,
        }
    }

    // ----- functions and blocks ------------------------------------------------------------------------

    fn run(&mut self) -> Emit {
        if !self.is_entry() {
            let label = self.context.labels[self.id];
            self.item(Item::Label(label));
            self.stack.push(Slot::Return);
            let params: Vec<ValueId> = self.function.params().iter().rev().copied().collect();
            self.stack.extend(params.into_iter().map(Slot::Value));
        }
        let entry = self.function.entry;
        let mut work = vec![entry];
        let mut placed = IndexVec::<BlockId, bool>::filled(false, self.function.blocks.len());
        while let Some(block) = work.pop() {
            if std::mem::replace(&mut placed[block], true) {
                continue;
            }
            self.block(block)?;
            work.extend(cfg::successors(self.function, block).into_iter().filter(|next| !placed[*next]));
        }
        self.place_trampolines();
        Ok(())
    }

    fn place_trampolines(&mut self) {
        for (label, code, target) in std::mem::take(&mut self.trampolines) {
            self.item(Item::Label(label));
            self.code.extend(code);
            let target = self.block_label(target);
            self.item(Item::PushLabel(target));
            self.jump_op(JumpKind::Regular);
        }
    }

    fn block(&mut self, id: BlockId) -> Emit {
        self.block = id;
        self.count_uses(id);
        let block = &self.function.blocks[id];
        if id == self.function.entry {
            let items = self.stack.len();
            self.settle(items)?;
        } else {
            self.stack = self.layouts[id].clone().unwrap_or_default();
            let label = self.block_label(id);
            self.item(Item::Label(label));
        }
        let tail = self.tail_call(id);
        for &inst in block.insts.iter().filter(|inst| Some(**inst) != tail) {
            self.root(inst)?;
        }
        if let Some(call) = tail.map(|call| &self.function.insts[call]) {
            self.span = call.span;
            return self.jump_to_callee(call);
        }
        self.span = block.span;
        self.terminator(id)
    }

    fn count_uses(&mut self, id: BlockId) {
        self.uses_left.clear();
        self.keep.clear();
        let block = &self.function.blocks[id];
        for &inst in &block.insts {
            for &arg in &self.function.insts[inst].args {
                *self.uses_left.entry(arg).or_default() += 1;
            }
        }
        for value in block.term.operands() {
            *self.uses_left.entry(value).or_default() += 1;
        }
        for edge in block.term.edges() {
            self.keep.extend(&edge.args);
        }
        self.keep.extend(&self.live.live_out[id]);
        if let Some(live) = &self.live_slots {
            self.keep.extend(&live.live_out[id]);
        }
    }

    // ----- instructions --------------------------------------------------------------------------------

    fn root(&mut self, id: InstId) -> Emit {
        let inst = &self.function.insts[id];
        if inst.results.first().is_some_and(|result| self.homes[*result] != Home::Kept) {
            return Ok(());
        }
        self.tidy()?;
        self.span = inst.span;
        self.inst(inst, true)?;
        self.settle(inst.results.len())
    }

    /// Drops dead items: at the top at once, deeper ones before they push others out of reach.
    fn tidy(&mut self) -> Emit {
        let halting = self.shape.halting[self.block];
        let room = if halting { 11 } else { 0 };
        while self.stack.len() > room && self.is_junk(self.stack.len() - 1) {
            self.pop();
        }
        let limit = if halting { 13 } else { 9 };
        while self.stack.len() > limit {
            let last = self.stack.len() - 1;
            let junk = (last.saturating_sub(16)..=last).find(|&position| self.is_junk(position));
            let Some(position) = junk else { break };
            self.swap(last - position)?;
            self.pop();
        }
        Ok(())
    }

    /// Computes an instruction; its results replace its operands on the stack.
    fn inst(&mut self, inst: &Inst, free: bool) -> Emit {
        let span = std::mem::replace(&mut self.span, inst.span);
        match inst.op {
            Op::Evm(op) => {
                let exchanged = self.operands(&inst.args, schedule::exchanged(inst.op).is_some(), free)?;
                let op = if exchanged { op.exchanged().unwrap_or(op) } else { op };
                self.op(op as u8);
            }
            Op::Ext(byte) => {
                self.operands(&inst.args, false, free)?;
                self.op(byte);
            }
            Op::Verbatim(id) => {
                self.operands(&inst.args, false, false)?;
                self.item(Item::Raw(id));
            }
            Op::Call(callee) => {
                self.call(inst, Some(callee), free)?;
            }
            Op::CallIndirect => self.call(inst, None, free)?,
            Op::SetImmutable(id) => {
                self.operands(&inst.args, false, free)?;
                self.set_immutable(&self.context.module.immutables[id].clone());
            }
            op => {
                if let Some(item) = self.nullary_item(op) {
                    self.item(item);
                }
            }
        }
        if !matches!(inst.op, Op::Call(_) | Op::CallIndirect) {
            self.drop_items(inst.args.len());
            self.push_results(inst);
        }
        self.span = span;
        Ok(())
    }

    fn push_results(&mut self, inst: &Inst) {
        self.stack.extend(inst.results.iter().rev().map(|result| match self.homes[*result] {
            Home::Kept => Slot::Value(*result),
            _ => Slot::Temp,
        }));
    }

    fn nullary_item(&self, op: Op) -> Option<Item> {
        match op {
            Op::FuncAddr(callee) => Some(Item::PushLabel(self.context.labels[callee])),
            Op::DataOffset(symbol) => Some(Item::SymbolOffset(symbol)),
            Op::DataSize(symbol) => Some(Item::SymbolSize(symbol)),
            Op::LoadImmutable(id) => Some(Item::Immutable(id)),
            Op::LinkerSymbol(id) => Some(Item::Library(id)),
            Op::MemStart => Some(Item::MemStart),
            _ => None,
        }
    }

    /// Stores (value below base) at each place of the runtime code that reads the immutable.
    fn set_immutable(&mut self, name: &str) {
        for &offset in self.context.immutable_offsets.get(name).map_or(&[][..], Vec::as_slice) {
            self.op(byte::DUP1 + 1);
            self.op(byte::DUP1 + 1);
            self.item(Item::Push(U256::from(offset)));
            self.op(byte::ADD);
            self.op(byte::MSTORE);
        }
        self.op(byte::POP);
        self.op(byte::POP);
    }

    /// Calls an internal function, saving live spill slots on the stack if it may come back here.
    fn call(&mut self, inst: &Inst, callee: Option<FuncId>, free: bool) -> Emit {
        let reenters = match callee {
            Some(callee) => self.context.calls.on_cycle(self.id, callee),
            None => self.context.calls.recursive[self.id],
        };
        let saved: Vec<u32> = if reenters { self.slots_to_save(inst) } else { Vec::new() };
        for &slot in &saved {
            self.load(slot);
        }
        let label = self.fresh_label();
        // The first argument of an indirect call is the address, so it ends on top as the jump needs it.
        if !(free && saved.is_empty() && self.arrange_call(&inst.args, label)?) {
            self.push_temp(Item::PushLabel(label));
            self.operands(&inst.args, false, false)?;
        }
        if let Some(callee) = callee {
            self.item(Item::PushLabel(self.context.labels[callee]));
        }
        self.jump_op(JumpKind::Into);
        self.item(Item::Label(label));
        self.drop_items(inst.args.len() + 1);
        let below = self.stack.len();
        self.push_results(inst);
        if !saved.is_empty() && inst.results.len() > 1 {
            // Calls with several results are never folded, so spilled ones may go to memory at once.
            self.settle(inst.results.len())?;
        }
        let count = self.stack.len() - below;
        for &slot in saved.iter().rev() {
            if count > 16 {
                return Err(TooDeep(inst.results.iter().map(|value| Slot::Value(*value)).collect()));
            }
            self.swap(count)?;
            self.store_top(slot);
        }
        Ok(())
    }

    /// Moves dying arguments into place below the return label instead of copying them, where that is cheaper.
    /// Returns whether it did.
    fn arrange_call(&mut self, args: &[ValueId], label: Label) -> Emit<bool> {
        let moves =
            |value: &ValueId| self.is_dying(*value) && args.iter().filter(|arg| *arg == value).count() == 1;
        let moved: Vec<Slot> =
            args.iter().filter(|value| moves(value)).map(|value| Slot::Value(*value)).collect();
        let folded = args.iter().any(|value| matches!(self.homes[*value], Home::Folded(_)));
        if moved.is_empty() || folded || self.shape.halting[self.block] {
            return Ok(false);
        }
        let rest = self.stack.iter().copied().filter(|slot| !moved.contains(slot));
        let goal: Vec<Slot> =
            rest.chain([Slot::Label]).chain(args.iter().rev().map(|value| Slot::Value(*value))).collect();
        let Ok(steps) = super::stack::shuffle(&self.stack, &goal) else { return Ok(false) };
        if steps.len() > args.len() + 1 + 2 * moved.len() {
            return Ok(false);
        }
        for step in &steps {
            match step {
                Step::Make(Slot::Label) => self.push_temp(Item::PushLabel(label)),
                step => self.steps(std::slice::from_ref(step))?,
            }
        }
        for &value in args {
            if self.lies_on_stack(value) {
                self.used(value);
            }
        }
        Ok(true)
    }

    /// Lists the spill slots whose contents are needed after a call.
    fn slots_to_save(&self, call: &Inst) -> Vec<u32> {
        let is_saved = |slot: &Slot| match slot {
            Slot::Value(value) => !call.results.contains(value) && self.is_needed(*value),
            Slot::Return => true,
            Slot::Label | Slot::Temp => false,
        };
        self.slots.iter().filter(|(slot, _)| is_saved(slot)).map(|(_, at)| *at).collect()
    }

    /// Takes spilled and dead values among the top `count` items off the stack.
    fn settle(&mut self, count: usize) -> Emit {
        let bottom = self.stack.len() - count.min(self.stack.len());
        while self.stack.len() > bottom {
            let last = self.stack.len() - 1;
            let leaves = |position: &usize| self.leaves(*position);
            if self.leaves(last) {
                match self.stack.last().and_then(|slot| self.slot_of(*slot)) {
                    Some(slot) if !self.is_dead(last) => self.store_top(slot),
                    _ => self.pop(),
                }
                continue;
            }
            let Some(position) = (bottom..last).find(leaves) else { break };
            if last - position > 16 {
                return Err(TooDeep(self.stack.iter().skip(bottom).copied().collect()));
            }
            self.swap(last - position)?;
        }
        Ok(())
    }

    fn leaves(&self, position: usize) -> bool {
        let spilled = self.stack.get(position).is_some_and(|slot| self.slots.contains_key(slot));
        spilled || self.is_dead(position) && !self.shape.halting[self.block]
    }
    fn is_dead(&self, position: usize) -> bool {
        match self.stack.get(position) {
            Some(Slot::Value(value)) => {
                let spilled_elsewhere = self.slots.contains_key(&Slot::Value(*value));
                !self.is_needed(*value) && !spilled_elsewhere
            }
            Some(Slot::Return) => false,
            _ => true,
        }
    }

    // ----- operands ------------------------------------------------------------------------------------

    /// Is true when the value lies on the stack and this use is its last.
    fn is_dying(&self, value: ValueId) -> bool {
        self.lies_on_stack(value)
            && !self.keep.contains(&value)
            && self.uses_left.get(&value).is_none_or(|uses| *uses <= 1)
    }
    fn lies_on_stack(&self, value: ValueId) -> bool {
        !matches!(self.function.values[value], ValueDef::Const(_))
            && self.homes[value] == Home::Kept
            && !self.slots.contains_key(&Slot::Value(value))
    }
    fn used(&mut self, value: ValueId) {
        if let Some(uses) = self.uses_left.get_mut(&value) {
            *uses = uses.saturating_sub(1);
        }
    }

    /// Puts operands on top of the stack, the first on top. `free` says that no operand of an enclosing
    /// instruction lies on top, so that items may be moved. Returns whether the two operands of an
    /// exchangeable operation lie exchanged.
    fn operands(&mut self, args: &[ValueId], exchangeable: bool, free: bool) -> Emit<bool> {
        let mut wanted: Vec<ValueId> = args.iter().rev().copied().collect();
        if !free {
            for value in wanted {
                self.push_value(value, false)?;
            }
            return Ok(false);
        }
        if let [below, above] = *wanted.as_slice() {
            let exchange = exchangeable && self.cost(above, below) < self.cost(below, above);
            if exchange {
                wanted.reverse();
            }
            let [below, above] = if exchange { [above, below] } else { [below, above] };
            self.pair(below, above)?;
            return Ok(exchange);
        }
        self.sequence(&wanted)?;
        Ok(false)
    }

    fn top_is(&self, depth: usize, value: ValueId) -> bool {
        self.stack.iter().rev().nth(depth) == Some(&Slot::Value(value))
    }

    /// Estimates the gas to put `above` on `below` on top of the stack.
    fn cost(&self, below: ValueId, above: ValueId) -> u32 {
        let junk = if self.shape.halting[self.block] { 1 } else { 5 };
        if below == above {
            return 3;
        }
        match (self.is_dying(below), self.is_dying(above)) {
            (true, true) => {
                if self.top_is(1, below) && self.top_is(0, above) {
                    0
                } else if self.top_is(0, below) {
                    if self.top_is(1, above) { 3 } else { 6 }
                } else if self.top_is(0, above) {
                    9
                } else {
                    9 + junk
                }
            }
            (true, false) => {
                if self.top_is(0, below) {
                    3
                } else {
                    6
                }
            }
            (false, true) => {
                if self.top_is(0, above) {
                    6
                } else {
                    6 + junk
                }
            }
            (false, false) => 6,
        }
    }

    fn pair(&mut self, below: ValueId, above: ValueId) -> Emit {
        if below != above && self.is_dying(above) && self.top_is(0, above) {
            if self.is_dying(below) {
                if self.top_is(1, below) {
                    self.used(below);
                    self.used(above);
                    return Ok(());
                }
                let depth = self.depth_of(Slot::Value(below));
                if let Some(depth) = depth.filter(|depth| *depth <= 16) {
                    self.swap(1)?;
                    self.swap(depth)?;
                    self.swap(1)?;
                    self.used(below);
                    self.used(above);
                    return Ok(());
                }
            }
            self.push_value(below, false)?;
            self.used(above);
            return self.swap(1);
        }
        self.raise(below)?;
        let depth = self.depth_of(Slot::Value(above)).filter(|depth| (1..=16).contains(depth));
        match depth {
            Some(depth) if self.is_dying(above) && below != above && !self.shape.halting[self.block] => {
                self.used(above);
                self.swap(1)?;
                if depth > 1 { self.swap(depth) } else { Ok(()) }
            }
            Some(1) if self.is_dying(above) && below != above => {
                self.used(above);
                self.swap(1)
            }
            _ => self.push_value(above, false),
        }
    }

    /// Puts the bottom-most operand on top of the stack; a dying one is moved, others are copied or made.
    fn raise(&mut self, value: ValueId) -> Emit {
        let depth = self.depth_of(Slot::Value(value)).filter(|depth| *depth <= 16);
        match depth {
            Some(depth) if self.is_dying(value) => {
                self.used(value);
                self.swap(depth)
            }
            _ => self.push_value(value, true),
        }
    }

    /// Puts operands (bottom first) on the stack, using those that already lie in place.
    fn sequence(&mut self, wanted: &[ValueId]) -> Emit {
        let in_place = (1..=wanted.len().min(self.stack.len())).rev().find(|&count| {
            let top = self.stack.iter().skip(self.stack.len() - count);
            let distinct: HashSet<_> = wanted.iter().take(count).collect();
            distinct.len() == count
                && wanted.iter().zip(top).all(|(want, have)| *have == Slot::Value(*want))
                && wanted.iter().take(count).all(|value| self.is_dying(*value))
        });
        let count = in_place.unwrap_or(0);
        for &value in wanted.iter().take(count) {
            self.used(value);
        }
        for (position, &value) in wanted.iter().enumerate().skip(count) {
            if position == 0 {
                self.raise(value)?;
            } else {
                self.push_value(value, false)?;
            }
        }
        Ok(())
    }

    /// Pushes a value: a copy, a constant, what it is computed by, or what its spill slot holds.
    fn push_value(&mut self, value: ValueId, free: bool) -> Emit {
        self.used(value);
        if let ValueDef::Const(constant) = self.function.values[value] {
            self.push_temp(Item::Push(constant));
            return Ok(());
        }
        match self.homes[value] {
            Home::Kept => match self.slot_of(Slot::Value(value)) {
                Some(slot) => {
                    self.load(slot);
                    Ok(())
                }
                None => self.dup(Slot::Value(value)),
            },
            Home::Remade(inst) | Home::Folded(inst) => self.inst(&self.function.insts[inst], free),
        }
    }

    // ----- edges ---------------------------------------------------------------------------------------

    /// Ends the block by a jump, after bringing the stack into the target's layout.
    pub(super) fn jump(&mut self, edge: &crate::ir::Edge) -> Emit {
        let code = self.edge_code(edge)?;
        self.code.extend(code);
        let label = self.block_label(edge.block);
        self.item(Item::PushLabel(label));
        self.jump_op(JumpKind::Regular);
        Ok(())
    }

    /// Returns a label to jump to for an edge: the target itself when the stack fits already.
    pub(super) fn edge_label(&mut self, edge: &crate::ir::Edge) -> Emit<Label> {
        let code = self.edge_code(edge)?;
        if code.is_empty() {
            return Ok(self.block_label(edge.block));
        }
        let label = self.fresh_label();
        self.trampolines.push((label, code, edge.block));
        Ok(label)
    }

    /// Returns the code that brings the stack of the model into the layout of an edge's target, and fixes that
    /// layout if this is the first edge into it. The model stays as it is.
    fn edge_code(&mut self, edge: &crate::ir::Edge) -> Emit<Vec<AsmInst>> {
        let target = edge.block;
        if self.layouts[target].is_none() {
            let layout = self.derive_layout(edge);
            self.layouts[target] = Some(layout);
        }
        if edge.args.is_empty() && self.shape.edges_in[target] == 1 {
            return Ok(Vec::new());
        }
        let (wanted, stores) = self.edge_target(edge);
        let frozen = if self.shape.careless[target] {
            self.stack.iter().take_while(|slot| !wanted.contains(slot)).count()
        } else {
            0
        };
        let steps = super::stack::shuffle(self.stack.get(frozen..).unwrap_or(&[]), &wanted)?;
        let outer = std::mem::take(&mut self.code);
        let stack = self.stack.clone();
        let made = self.steps(&steps);
        for slot in stores {
            self.store_top(slot);
        }
        self.stack = stack;
        let code = std::mem::replace(&mut self.code, outer);
        made.map(|()| code)
    }

    pub(super) fn steps(&mut self, steps: &[Step]) -> Emit {
        for step in steps {
            match *step {
                Step::Swap(depth) => self.swap(depth)?,
                Step::Dup(depth) => {
                    self.op(byte::DUP1 + (depth as u8 - 1));
                    self.stack.push(Slot::Temp);
                }
                Step::Pop => self.pop(),
                Step::Make(Slot::Value(value)) => {
                    self.push_value(value, false)?;
                }
                Step::Make(slot) => match self.slot_of(slot) {
                    Some(at) => self.load(at),
                    None => return Err(TooDeep(vec![slot])),
                },
            }
        }
        Ok(())
    }

    /// Chooses the layout of a block from the stack at the first edge into it.
    fn derive_layout(&self, edge: &crate::ir::Edge) -> Vec<Slot> {
        let target = edge.block;
        if edge.args.is_empty() && self.shape.edges_in[target] == 1 {
            return self.stack.clone();
        }
        let needed = &self.live.live_in[target];
        let params = &self.function.blocks[target].params;
        let mut open: Vec<(ValueId, ValueId)> = params
            .iter()
            .copied()
            .zip(edge.args.iter().copied())
            .filter(|(param, _)| !self.slots.contains_key(&Slot::Value(*param)))
            .collect();
        let mut layout = Vec::new();
        for &slot in &self.stack {
            match slot {
                Slot::Value(value) if needed.binary_search(&value).is_ok() => {
                    if !layout.contains(&slot) {
                        layout.push(slot);
                    }
                }
                Slot::Value(value) => {
                    if let Some(at) = open.iter().position(|(_, arg)| *arg == value) {
                        layout.push(Slot::Value(open.remove(at).0));
                    }
                }
                Slot::Return if !self.shape.careless[target] && !self.shape.halting[target] => {
                    layout.push(slot);
                }
                Slot::Return | Slot::Label | Slot::Temp => {}
            }
        }
        layout.extend(open.into_iter().map(|(param, _)| Slot::Value(param)));
        layout
    }

    /// Translates the target's layout into values at this end of the edge, with the arguments for spilled
    /// parameters on top. Returns the spill slots in which to store those, top first.
    fn edge_target(&self, edge: &crate::ir::Edge) -> (Vec<Slot>, Vec<u32>) {
        let params = &self.function.blocks[edge.block].params;
        let arg_of = |value: ValueId| {
            params.iter().position(|param| *param == value).and_then(|at| edge.args.get(at)).copied()
        };
        let layout = self.layouts[edge.block].clone().unwrap_or_default();
        let mut wanted: Vec<Slot> = layout
            .into_iter()
            .map(|slot| match slot {
                Slot::Value(value) => Slot::Value(arg_of(value).unwrap_or(value)),
                slot => slot,
            })
            .collect();
        let mut stores = Vec::new();
        for (&param, &arg) in params.iter().zip(&edge.args) {
            if let Some(slot) = self.slot_of(Slot::Value(param)) {
                wanted.push(Slot::Value(arg));
                stores.push(slot);
            }
        }
        stores.reverse();
        (wanted, stores)
    }

    // ----- ends of blocks ------------------------------------------------------------------------------

    /// Consumes the top of the stack.
    pub(super) fn consumed(&mut self, count: usize) {
        self.drop_items(count);
    }
    /// Puts operands of a terminator on top.
    pub(super) fn final_operands(&mut self, args: &[ValueId]) -> Emit {
        self.operands(args, false, true).map(|_| ())
    }
    /// Returns what a value is folded from.
    pub(super) fn folded(&self, value: ValueId) -> Option<&'a Inst> {
        match self.homes[value] {
            Home::Folded(inst) => Some(&self.function.insts[inst]),
            _ => None,
        }
    }
    /// Computes a folded instruction's operands and an operation of one's own instead of it.
    pub(super) fn inst_as(&mut self, inst: &Inst, byte: u8) -> Emit {
        self.operands(&inst.args, true, true)?;
        self.op(byte);
        self.drop_items(inst.args.len());
        self.stack.push(Slot::Temp);
        Ok(())
    }
    /// Computes a folded value now, which becomes an ordinary item.
    pub(super) fn computed(&mut self, inst: &Inst, value: ValueId) -> Emit {
        self.inst(inst, true)?;
        self.stack.pop();
        self.stack.push(Slot::Value(value));
        Ok(())
    }
    /// Brings the results and the return address into place and returns.
    pub(super) fn ret(&mut self, values: &[ValueId]) -> Emit {
        let wanted: Vec<Slot> =
            values.iter().rev().map(|value| Slot::Value(*value)).chain([Slot::Return]).collect();
        for value in values {
            if let Some(inst) = self.folded(*value) {
                self.computed(inst, *value)?;
            }
        }
        let steps = super::stack::shuffle(&self.stack, &wanted)?;
        self.steps(&steps)?;
        self.jump_op(JumpKind::OutOf);
        Ok(())
    }
}
