//! Remembers what storage, transient storage and memory hold, so that a load need not ask again, a store of
//! what is there already falls away, and the slot of a mapping's entry is hashed once.

use super::summary::{Address, Range, Summaries, touched};
use crate::ir::{
    BlockId, Effects, Evm, Function, IndexVec, Inst, InstId, Module, Op, Spaces, ValueId, cfg,
    cfg::Dominators, params,
};
use alloy_primitives::U256;

/// The most facts carried from block to block; keeps the pass linear.
const FACTS_MAX: usize = 64;

/// Runs over all functions.
pub(super) fn run(module: &mut Module) {
    let summaries = Summaries::new(module);
    for function in module.functions.iter_mut() {
        run_function(function, &summaries);
    }
}

/// Is one thing known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fact {
    /// The word at an address of a space.
    Word(Spaces, Address, ValueId),
    /// The hash of one word, or of two.
    Hash(ValueId, Option<ValueId>, ValueId),
}

type State = Vec<Fact>;

fn run_function(function: &mut Function, summaries: &Summaries) {
    let dominators = Dominators::new(function);
    let preds = cfg::predecessors(function, &dominators.order);
    let mut ends: IndexVec<BlockId, Option<State>> = IndexVec::filled(None, function.blocks.len());
    let mut pass = Pass { summaries, replaced: function.values.ids().collect() };
    for &id in &dominators.order {
        let mut state = entry_state(function, summaries, &dominators, &preds, &ends, id);
        pass.block(function, id, &mut state);
        let excess = state.len().saturating_sub(FACTS_MAX);
        state.drain(..excess);
        ends[id] = Some(state);
    }
    let replaced = pass.replaced;
    params::replace_uses(function, |value| resolve(&replaced, value));
}

fn resolve(replaced: &IndexVec<ValueId, ValueId>, mut value: ValueId) -> ValueId {
    while let Some(&next) = replaced.get(value).filter(|next| **next != value) {
        value = next;
    }
    value
}

/// Returns what is known at the start of a block: what all ways there agree on. Around a loop everything that
/// the loop may change is forgotten.
fn entry_state(
    function: &Function,
    summaries: &Summaries,
    dominators: &Dominators,
    preds: &IndexVec<BlockId, Vec<BlockId>>,
    ends: &IndexVec<BlockId, Option<State>>,
    id: BlockId,
) -> State {
    let (done, open): (Vec<BlockId>, Vec<BlockId>) =
        preds[id].iter().partition(|pred| ends[**pred].is_some());
    let mut known = done.iter().filter_map(|pred| ends[*pred].as_ref());
    let Some(first) = known.next() else { return State::new() };
    let mut state = first.clone();
    for other in known {
        state.retain(|fact| other.contains(fact));
    }
    if !open.is_empty() {
        if !open.iter().all(|&pred| dominators.dominates(id, pred)) {
            return State::new();
        }
        let mut writes = Spaces::NONE;
        for block in cfg::natural_loop(id, &open, preds) {
            for &inst in &function.blocks[block].insts {
                writes = writes | summaries.inst(&function.insts[inst]).writes;
            }
        }
        forget(&mut state, writes);
    }
    state
}

fn forget(state: &mut State, writes: Spaces) {
    state.retain(|fact| match fact {
        Fact::Word(space, ..) => !writes.intersects(*space),
        Fact::Hash(..) => true,
    });
}

struct Pass<'s> {
    summaries: &'s Summaries,
    replaced: IndexVec<ValueId, ValueId>,
}

impl Pass<'_> {
    fn block(&mut self, function: &mut Function, id: BlockId, state: &mut State) {
        let insts = std::mem::take(&mut function.blocks[id].insts);
        let kept = insts.into_iter().filter(|inst| !self.inst(function, *inst, state)).collect();
        function.blocks[id].insts = kept;
    }

    /// Looks at an instruction; returns whether it is needless.
    fn inst(&mut self, function: &mut Function, id: InstId, state: &mut State) -> bool {
        for arg in &mut function.insts[id].args {
            *arg = resolve(&self.replaced, *arg);
        }
        let inst = function.insts[id].clone();
        let Op::Evm(op) = inst.op else {
            self.forget_changes(function, &inst, state);
            return false;
        };
        match (op, inst.args.as_slice(), inst.results.as_slice()) {
            (Evm::Sload, &[at], &[result]) => self.load(function, Spaces::STORAGE, at, result, state),
            (Evm::Tload, &[at], &[result]) => self.load(function, Spaces::TRANSIENT, at, result, state),
            (Evm::Mload, &[at], &[result]) => self.load(function, Spaces::MEMORY, at, result, state),
            (Evm::Sstore, &[at, value], _) => store(function, Spaces::STORAGE, at, value, state),
            (Evm::Tstore, &[at, value], _) => store(function, Spaces::TRANSIENT, at, value, state),
            (Evm::Mstore, &[at, value], _) => store(function, Spaces::MEMORY, at, value, state),
            (Evm::Keccak256, &[at, length], &[result]) => self.hash(function, at, length, result, state),
            _ => {
                self.forget_changes(function, &inst, state);
                false
            }
        }
    }

    fn forget_changes(&self, function: &Function, inst: &Inst, state: &mut State) {
        let effects: Effects = self.summaries.inst(inst);
        forget(state, effects.writes.without(Spaces::MEMORY));
        match touched(function, inst, effects).writes {
            None => forget(state, Spaces::MEMORY),
            Some(ranges) => ranges.into_iter().for_each(|range| forget_range(state, range)),
        }
    }

    fn load(
        &mut self,
        function: &Function,
        space: Spaces,
        at: ValueId,
        result: ValueId,
        state: &mut State,
    ) -> bool {
        let address = Address::of(function, at);
        match word_at(state, space, address) {
            Some(value) => {
                self.replaced[result] = value;
                true
            }
            None => {
                state.push(Fact::Word(space, address, result));
                false
            }
        }
    }

    /// Hashes of one or two words that are known depend on those only.
    fn hash(
        &mut self,
        function: &Function,
        at: ValueId,
        length: ValueId,
        result: ValueId,
        state: &mut State,
    ) -> bool {
        let start = Address::of(function, at);
        let next = Address { offset: start.offset.wrapping_add(U256::from(32)), ..start };
        let word = |address| word_at(state, Spaces::MEMORY, address);
        let words = match function.as_constant(length).map(|length| length.saturating_to::<u64>()) {
            Some(32) => word(start).map(|first| (first, None)),
            Some(64) => word(start).zip(word(next)).map(|(first, second)| (first, Some(second))),
            _ => None,
        };
        let Some((first, second)) = words else { return false };
        let same = state.iter().find_map(|fact| match *fact {
            Fact::Hash(a, b, hash) if (a, b) == (first, second) => Some(hash),
            _ => None,
        });
        match same {
            Some(hash) => {
                self.replaced[result] = hash;
                true
            }
            None => {
                state.push(Fact::Hash(first, second, result));
                false
            }
        }
    }
}

fn word_at(state: &State, space: Spaces, address: Address) -> Option<ValueId> {
    state.iter().rev().find_map(|fact| match *fact {
        Fact::Word(kind, place, value) if kind == space && place == address => Some(value),
        _ => None,
    })
}

fn store(function: &Function, space: Spaces, at: ValueId, value: ValueId, state: &mut State) -> bool {
    let address = Address::of(function, at);
    if word_at(state, space, address) == Some(value) {
        return true;
    }
    if space == Spaces::MEMORY {
        forget_range(state, Range::word(function, at));
    } else {
        state.retain(|fact| match *fact {
            Fact::Word(kind, place, _) => kind != space || are_different_slots(function, place, address),
            Fact::Hash(..) => true,
        });
    }
    state.push(Fact::Word(space, address, value));
    false
}

fn forget_range(state: &mut State, range: Range) {
    state.retain(|fact| match *fact {
        Fact::Word(Spaces::MEMORY, place, _) => {
            range.is_apart(Range { start: place, length: Some(U256::from(32)) })
        }
        _ => true,
    });
}

/// Is true when two storage slots differ for certain: same base and other offset, or a small constant against
/// a hash (as all of Solidity's storage layout supposes).
fn are_different_slots(function: &Function, a: Address, b: Address) -> bool {
    if a.base == b.base {
        return a.offset != b.offset;
    }
    let is_hash = |address: Address| {
        let hash = address.base.and_then(|base| super::simplify::definition(function, base));
        matches!(hash, Some((Evm::Keccak256, _))) && address.offset.bit_len() <= 64
    };
    let is_small = |address: Address| address.base.is_none() && address.offset.bit_len() <= 64;
    is_hash(a) && is_small(b) || is_small(a) && is_hash(b)
}
