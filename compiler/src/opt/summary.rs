//! Summarises what each function reads and writes, the functions that it calls included.

use crate::codegen::FRAMES_START;
use crate::ir::{Effects, Evm, FuncId, Function, IndexVec, Inst, Module, Op, Spaces, Terminator, ValueId};
use alloy_primitives::U256;

/// Knows the effects of every function of a module.
#[derive(Debug, Clone)]
pub(super) struct Summaries {
    effects: IndexVec<FuncId, Effects>,
}

impl Summaries {
    /// Computes the summaries: the least solution, by going round until nothing grows.
    pub(super) fn new(module: &Module) -> Self {
        let mut summaries = Self { effects: IndexVec::filled(Effects::PURE, module.functions.len()) };
        let mut changed = true;
        while changed {
            changed = false;
            for (id, function) in module.functions.enumerated() {
                let effects = summaries.function(function);
                if effects != summaries.effects[id] {
                    summaries.effects[id] = effects;
                    changed = true;
                }
            }
        }
        summaries
    }

    fn function(&self, function: &Function) -> Effects {
        let mut effects = Effects::PURE;
        for block in function.blocks.iter() {
            for &inst in &block.insts {
                effects = effects.union(self.inst(&function.insts[inst]));
            }
            effects = effects.union(terminator_effects(&block.term));
        }
        effects
    }

    /// Returns what an instruction reads and writes.
    pub(super) fn inst(&self, inst: &Inst) -> Effects {
        match inst.op {
            Op::Call(callee) => self.effects[callee],
            op => op.effects(),
        }
    }
}

/// Returns what the end of a block reads and writes beyond the function.
fn terminator_effects(term: &Terminator) -> Effects {
    match term {
        Terminator::Jump(_) | Terminator::Branch(..) | Terminator::Switch(..) | Terminator::Ret(_) => {
            Effects::PURE
        }
        // Whoever comes next may see every space as it is now.
        _ => Effects::new(Spaces::ALL, Spaces::CONTROL),
    }
}

/// Is true when an instruction of the module can observe how much memory was touched.
pub(super) fn uses_msize(module: &Module) -> bool {
    let msize = Op::Evm(Evm::Msize);
    module.functions.iter().any(|function| {
        function.blocks.iter().flat_map(|block| &block.insts).any(|inst| function.insts[*inst].op == msize)
    })
}

/// Is an address: a value that is not constant, and a constant added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) base: Option<ValueId>,
    pub(super) offset: U256,
    /// True when the base is the start of the memory that the program may allocate.
    pub(super) from_start: bool,
}

impl Address {
    /// Takes an address apart.
    pub(super) fn of(function: &Function, value: ValueId) -> Self {
        if let Some(offset) = function.as_constant(value) {
            return Self { base: None, offset, from_start: false };
        }
        let (base, offset) = match super::simplify::definition(function, value) {
            Some((Evm::Add, &[base, by])) => (base, function.as_constant(by)),
            Some((Evm::Sub, &[base, by])) => (base, function.as_constant(by).map(U256::wrapping_neg)),
            _ => (value, Some(U256::ZERO)),
        };
        let (base, offset) = offset.map_or((value, U256::ZERO), |offset| (base, offset));
        let defined = function.defining_inst(base).map(|inst| function.insts[inst].op);
        Self { base: Some(base), offset, from_start: defined == Some(Op::MemStart) }
    }

    /// Is true when the range lies below all memory that the program may allocate.
    fn is_below_start(self, length: U256) -> bool {
        self.base.is_none() && self.offset.saturating_add(length) <= U256::from(FRAMES_START)
    }

    /// Is true when the address lies in memory that the program may allocate.
    fn is_above_start(self) -> bool {
        self.from_start && self.offset.bit_len() <= 64
    }

    /// Is true when `length` bytes here and `other_length` bytes there cannot overlap; `None` is any length.
    pub(super) fn is_apart(self, length: Option<U256>, other: Self, other_length: Option<U256>) -> bool {
        if length == Some(U256::ZERO) || other_length == Some(U256::ZERO) {
            return true;
        }
        let (Some(length), Some(other_length)) = (length, other_length) else {
            // A range of unknown length does not reach down, since no frame can pay for wrapping memory.
            let ends_below = |low: Self, length: Option<U256>, high: Self| {
                let end = length.and_then(|length| low.offset.checked_add(length));
                low.base == high.base && low.base.is_none() && end.is_some_and(|end| end <= high.offset)
                    || length.is_some_and(|length| low.is_below_start(length)) && high.is_above_start()
            };
            return ends_below(self, length, other) || ends_below(other, other_length, self);
        };
        if self.is_below_start(length) && other.is_above_start()
            || other.is_below_start(other_length) && self.is_above_start()
        {
            return true;
        }
        // Apart on the circle of addresses: the way from either start to the other is no shorter than its range.
        self.base == other.base
            && other.offset.wrapping_sub(self.offset) >= length
            && self.offset.wrapping_sub(other.offset) >= other_length
    }
}

/// Is a range of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) start: Address,
    /// The length in bytes; `None` if only the run decides it.
    pub(super) length: Option<U256>,
}

impl Range {
    pub(super) fn new(function: &Function, start: ValueId, length: ValueId) -> Self {
        Self { start: Address::of(function, start), length: function.as_constant(length) }
    }
    pub(super) fn word(function: &Function, start: ValueId) -> Self {
        Self { start: Address::of(function, start), length: Some(U256::from(32)) }
    }
    pub(super) fn is_apart(self, other: Self) -> bool {
        self.start.is_apart(self.length, other.start, other.length)
    }
}

/// Lists the ranges of memory that an operation reads and writes; `None` if any memory.
pub(super) struct Touched {
    pub(super) reads: Option<Vec<Range>>,
    pub(super) writes: Option<Vec<Range>>,
}

/// Finds the ranges of memory that an instruction touches.
pub(super) fn touched(function: &Function, inst: &Inst, effects: Effects) -> Touched {
    let all = |touches: bool| if touches { None } else { Some(Vec::new()) };
    let any = Touched {
        reads: all(effects.reads.intersects(Spaces::MEMORY)),
        writes: all(effects.writes.intersects(Spaces::MEMORY)),
    };
    let Op::Evm(op) = inst.op else { return any };
    let range = |start: usize, length: usize| {
        let (start, length) = (inst.args.get(start)?, inst.args.get(length)?);
        Some(vec![Range::new(function, *start, *length)])
    };
    let none = || Some(Vec::new());
    let (reads, writes) = match (op, inst.args.as_slice()) {
        (Evm::Mload, &[at]) => (Some(vec![Range::word(function, at)]), none()),
        (Evm::Mstore, &[at, _]) => (none(), Some(vec![Range::word(function, at)])),
        (Evm::Mstore8, &[at, _]) => {
            let byte = Range { start: Address::of(function, at), length: Some(U256::from(1)) };
            (none(), Some(vec![byte]))
        }
        (Evm::Keccak256, _) => (range(0, 1), none()),
        (Evm::Mcopy, _) => (range(1, 2), range(0, 2)),
        (Evm::Calldatacopy | Evm::Codecopy | Evm::Returndatacopy, _) => (none(), range(0, 2)),
        (Evm::Extcodecopy, _) => (none(), range(1, 3)),
        (Evm::Log0 | Evm::Log1 | Evm::Log2 | Evm::Log3 | Evm::Log4, _) => (range(0, 1), none()),
        (Evm::Create | Evm::Create2, _) => (range(1, 2), none()),
        (Evm::Call | Evm::Callcode, _) => (range(3, 4), range(5, 6)),
        (Evm::Delegatecall | Evm::Staticcall, _) => (range(2, 3), range(4, 5)),
        _ => return any,
    };
    Touched { reads, writes }
}
