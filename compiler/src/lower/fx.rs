//! Builds one IR function: short names for instructions, control flow, checks and memory.

use super::cx::{Cx, Key, Res};
use super::fault::Fault;
use super::frame::Frame;
use super::util::Util;
use crate::ir::{BlockId, Evm, FuncId, FunctionBuilder, Terminator, ValueId, Variable};
use crate::source::Span;
use alloy_primitives::U256;
use std::collections::BTreeMap;

/// Is a word.
pub(crate) type Val = ValueId;
/// Is a value of any type: its words.
pub(crate) type Vals = Vec<ValueId>;

/// Codes of `Panic(uint256)`.
pub(crate) mod panics {
    pub(crate) const ASSERT: u8 = 0x01;
    pub(crate) const OVERFLOW: u8 = 0x11;
    pub(crate) const DIVISION: u8 = 0x12;
    pub(crate) const ENUM: u8 = 0x21;
    pub(crate) const STORAGE_BYTES: u8 = 0x22;
    pub(crate) const POP: u8 = 0x31;
    pub(crate) const INDEX: u8 = 0x32;
    pub(crate) const MEMORY: u8 = 0x41;
    pub(crate) const FUNCTION: u8 = 0x51;
}

/// Is the state of building one function.
pub(crate) struct Fx<'a, 'h, 'f> {
    pub(crate) cx: &'a mut Cx<'h>,
    pub(crate) b: FunctionBuilder<'f>,
    /// Scopes of locals: the function's, then those of modifiers in progress.
    pub(crate) frames: Vec<Frame<'h>>,
    /// The scope in force.
    pub(crate) scope: usize,
    /// Targets of `continue` and `break`.
    pub(crate) loops: Vec<(BlockId, BlockId)>,
    /// Variables of the assembly block in progress, and where `leave` goes.
    pub(crate) yul_vars: Vec<Variable>,
    pub(crate) leave: Option<BlockId>,
    panic_blocks: BTreeMap<u8, BlockId>,
    /// Blocks that revert, by what they say.
    revert_blocks: BTreeMap<Option<Fault>, BlockId>,
    /// True while values are encoded: nested calldata is then read in the encoder's words.
    pub(crate) encoding: bool,
}

impl<'a, 'h, 'f> Fx<'a, 'h, 'f> {
    pub(crate) fn new(cx: &'a mut Cx<'h>, b: FunctionBuilder<'f>) -> Self {
        Self {
            cx,
            b,
            frames: Vec::new(),
            scope: 0,
            loops: Vec::new(),
            yul_vars: Vec::new(),
            leave: None,
            panic_blocks: BTreeMap::new(),
            revert_blocks: BTreeMap::new(),
            encoding: false,
        }
    }

    /// Builds the shared panic and revert blocks and closes the function.
    pub(crate) fn finish(mut self) {
        for (fault, block) in std::mem::take(&mut self.revert_blocks) {
            self.enter(block);
            match fault {
                Some(fault) => self.refuse_now(fault),
                None => self.revert_now(),
            }
        }
        for (code, block) in std::mem::take(&mut self.panic_blocks) {
            self.enter(block);
            self.panic_now(u64::from(code));
        }
        self.b.finish();
    }

    fn panic_now(&mut self, code: u64) {
        let selector = self.big(U256::from(0x4e48_7b71_u64) << 224);
        let (zero, four, code, len) = (self.int(0), self.int(4), self.int(code), self.int(0x24));
        self.mstore(zero, selector);
        self.mstore(four, code);
        self.b.terminate(Terminator::Revert(zero, len));
    }

    pub(crate) fn param(&mut self, i: usize) -> Val {
        match self.b.param(i) {
            Some(value) => value,
            None => self.int(0),
        }
    }
    pub(crate) fn params(&mut self, from: usize, n: usize) -> Vals {
        (from..from + n).map(|i| self.param(i)).collect()
    }

    // constants and operations
    pub(crate) fn int(&mut self, n: u64) -> Val {
        self.b.int(n)
    }
    pub(crate) fn big(&mut self, n: U256) -> Val {
        self.b.constant(n)
    }
    pub(crate) fn constant_of(&self, v: Val) -> Option<U256> {
        self.b.function().as_constant(v)
    }
    pub(crate) fn evm(&mut self, op: Evm, args: &[Val]) -> Val {
        self.b.evm(op, args)
    }
    pub(crate) fn add(&mut self, a: Val, b: Val) -> Val {
        match (self.constant_of(a), self.constant_of(b)) {
            (Some(a), Some(b)) => self.big(a.wrapping_add(b)),
            (Some(U256::ZERO), _) => b,
            (_, Some(U256::ZERO)) => a,
            _ => self.evm(Evm::Add, &[a, b]),
        }
    }
    pub(crate) fn add_int(&mut self, a: Val, n: u64) -> Val {
        let n = self.int(n);
        self.add(a, n)
    }
    pub(crate) fn sub(&mut self, a: Val, b: Val) -> Val {
        self.evm(Evm::Sub, &[a, b])
    }
    pub(crate) fn mul(&mut self, a: Val, b: Val) -> Val {
        match (self.constant_of(a), self.constant_of(b)) {
            (Some(a), Some(b)) => self.big(a.wrapping_mul(b)),
            (Some(U256::ONE), _) => b,
            (_, Some(U256::ONE)) => a,
            _ => self.evm(Evm::Mul, &[a, b]),
        }
    }
    pub(crate) fn lt(&mut self, a: Val, b: Val) -> Val {
        self.evm(Evm::Lt, &[a, b])
    }
    pub(crate) fn gt(&mut self, a: Val, b: Val) -> Val {
        self.evm(Evm::Gt, &[a, b])
    }
    pub(crate) fn eq(&mut self, a: Val, b: Val) -> Val {
        self.evm(Evm::Eq, &[a, b])
    }
    pub(crate) fn iszero(&mut self, a: Val) -> Val {
        self.evm(Evm::Iszero, &[a])
    }
    pub(crate) fn and(&mut self, a: Val, b: Val) -> Val {
        self.evm(Evm::And, &[a, b])
    }
    pub(crate) fn or(&mut self, a: Val, b: Val) -> Val {
        self.evm(Evm::Or, &[a, b])
    }
    pub(crate) fn not(&mut self, a: Val) -> Val {
        self.evm(Evm::Not, &[a])
    }
    /// Shifts `v` left by `n` bits.
    pub(crate) fn shl(&mut self, n: u64, v: Val) -> Val {
        if n == 0 {
            return v;
        }
        let n = self.int(n);
        self.evm(Evm::Shl, &[n, v])
    }
    /// Shifts `v` right by `n` bits.
    pub(crate) fn shr(&mut self, n: u64, v: Val) -> Val {
        if n == 0 {
            return v;
        }
        let n = self.int(n);
        self.evm(Evm::Shr, &[n, v])
    }
    pub(crate) fn and_mask(&mut self, v: Val, bits: u32) -> Val {
        if bits >= 256 {
            return v;
        }
        let mask = self.big(low_mask(bits));
        self.and(v, mask)
    }
    pub(crate) fn round_up(&mut self, v: Val) -> Val {
        if let Some(n) = self.constant_of(v) {
            return self.big((n.wrapping_add(U256::from(31))) & !U256::from(31));
        }
        let more = self.add_int(v, 31);
        let mask = self.big(!U256::from(31));
        self.and(more, mask)
    }
    pub(crate) fn mload(&mut self, p: Val) -> Val {
        self.evm(Evm::Mload, &[p])
    }
    pub(crate) fn mstore(&mut self, p: Val, v: Val) {
        self.b.effect(Evm::Mstore, &[p, v]);
    }
    pub(crate) fn keccak(&mut self, p: Val, len: Val) -> Val {
        self.evm(Evm::Keccak256, &[p, len])
    }
    pub(crate) fn effect(&mut self, op: Evm, args: &[Val]) {
        self.b.effect(op, args);
    }

    // control
    pub(crate) fn block(&mut self) -> BlockId {
        self.b.create_block()
    }
    /// Continues in a block all of whose predecessors are known.
    pub(crate) fn enter(&mut self, block: BlockId) {
        self.b.seal_block(block);
        self.b.switch_to(block);
    }
    pub(crate) fn jump(&mut self, block: BlockId) {
        self.b.jump(block, &[]);
    }
    /// Reverts without data when `cond` is not 0.
    pub(crate) fn revert_if(&mut self, cond: Val) {
        self.revert_to(cond, None);
    }
    /// Reverts with what `fault` says when `cond` is not 0.
    pub(crate) fn revert_to(&mut self, cond: Val, fault: Option<Fault>) {
        let target = match self.revert_blocks.get(&fault) {
            Some(block) => *block,
            None => {
                let block = self.block();
                self.revert_blocks.insert(fault, block);
                block
            }
        };
        self.leave_if(cond, target);
    }
    pub(crate) fn revert_unless(&mut self, cond: Val) {
        let not = self.iszero(cond);
        self.revert_if(not);
    }
    /// Panics when `cond` is not 0.
    pub(crate) fn panic_if(&mut self, cond: Val, code: u8) {
        let target = match self.panic_blocks.get(&code) {
            Some(block) => *block,
            None => {
                let block = self.block();
                self.panic_blocks.insert(code, block);
                block
            }
        };
        self.leave_if(cond, target);
    }
    pub(crate) fn panic_unless(&mut self, cond: Val, code: u8) {
        let not = self.iszero(cond);
        self.panic_if(not, code);
    }
    fn leave_if(&mut self, cond: Val, target: BlockId) {
        let next = self.block();
        self.b.branch(cond, target, next);
        self.enter(next);
    }
    /// Reverts with an empty message now; what follows is unreachable.
    pub(crate) fn revert_now(&mut self) {
        let zero = self.int(0);
        self.b.terminate(Terminator::Revert(zero, zero));
    }
    /// Builds `body` for when `cond` is not 0.
    pub(crate) fn when(&mut self, cond: Val, body: impl FnOnce(&mut Self) -> Res<()>) -> Res<()> {
        let (yes, next) = (self.block(), self.block());
        self.b.branch(cond, yes, next);
        self.enter(yes);
        body(self)?;
        self.jump(next);
        self.enter(next);
        Ok(())
    }
    /// Builds both ways of a choice and returns the value of the one taken.
    pub(crate) fn choose(
        &mut self,
        cond: Val,
        n: usize,
        yes: impl FnOnce(&mut Self) -> Res<Vals>,
        no: impl FnOnce(&mut Self) -> Res<Vals>,
    ) -> Res<Vals> {
        let (on_yes, on_no, next) = (self.block(), self.block(), self.block());
        let vars: Vec<Variable> = (0..n).map(|_| self.b.declare_var()).collect();
        self.b.branch(cond, on_yes, on_no);
        self.enter(on_yes);
        let values = yes(self)?;
        self.set_all(&vars, &values);
        self.jump(next);
        self.enter(on_no);
        let values = no(self)?;
        self.set_all(&vars, &values);
        self.jump(next);
        self.enter(next);
        Ok(vars.iter().map(|v| self.b.use_var(*v)).collect())
    }
    pub(crate) fn set_all(&mut self, vars: &[Variable], values: &[Val]) {
        for (var, value) in vars.iter().zip(values) {
            self.b.def_var(*var, *value);
        }
    }
    /// Builds `for (i = 0; i < n; i++) body(i)`.
    pub(crate) fn count_up(&mut self, n: Val, body: impl FnOnce(&mut Self, Val) -> Res<()>) -> Res<()> {
        let i = self.b.declare_var();
        let (head, inside, end) = (self.block(), self.block(), self.block());
        let zero = self.int(0);
        self.b.def_var(i, zero);
        self.jump(head);
        self.b.switch_to(head);
        let now = self.b.use_var(i);
        let more = self.lt(now, n);
        self.b.branch(more, inside, end);
        self.enter(inside);
        body(self, now)?;
        let next = self.add_int(now, 1);
        self.b.def_var(i, next);
        self.jump(head);
        self.b.seal_block(head);
        self.enter(end);
        Ok(())
    }

    // memory
    pub(crate) fn free_pointer(&mut self) -> Val {
        let at = self.int(0x40);
        self.mload(at)
    }
    pub(crate) fn set_free_pointer(&mut self, v: Val) {
        let at = self.int(0x40);
        self.mstore(at, v);
    }
    /// Allocates a fixed number of bytes, a multiple of 32.
    pub(crate) fn alloc_fixed(&mut self, bytes: U256) -> Val {
        if bytes > U256::from(1_u64 << 20) {
            let size = self.big(bytes);
            return self.alloc(size);
        }
        let ptr = self.free_pointer();
        let size = self.big(bytes);
        let end = self.add(ptr, size);
        self.set_free_pointer(end);
        ptr
    }
    /// Allocates `size` bytes, rounded up to words; panics when memory cannot hold them.
    pub(crate) fn alloc(&mut self, size: Val) -> Val {
        let ptr = self.free_pointer();
        self.finish_alloc(ptr, size);
        ptr
    }
    /// Claims `size` bytes at `ptr`, which is the free pointer.
    pub(crate) fn finish_alloc(&mut self, ptr: Val, size: Val) {
        let rounded = self.round_up(size);
        let end = self.add(ptr, rounded);
        let limit = self.int(u64::MAX);
        let too_big = self.gt(end, limit);
        let wrapped = self.lt(end, ptr);
        let bad = self.or(too_big, wrapped);
        self.panic_if(bad, panics::MEMORY);
        self.set_free_pointer(end);
    }
    /// Fills memory with zeros.
    pub(crate) fn zero_memory(&mut self, ptr: Val, bytes: Val) {
        let from = self.evm(Evm::Calldatasize, &[]);
        self.effect(Evm::Calldatacopy, &[ptr, from, bytes]);
    }
    /// Copies memory; up to 31 bytes behind the target may change. The ranges do not overlap.
    pub(crate) fn copy_memory(&mut self, to: Val, from: Val, bytes: Val) {
        if self.cx.settings.mcopy {
            self.effect(Evm::Mcopy, &[to, from, bytes]);
        } else {
            self.util(Util::CopyMemory, &[to, from, bytes], 0);
        }
    }

    // calls of routines
    pub(crate) fn call(&mut self, id: FuncId, args: &[Val], returns: usize) -> Vals {
        self.b.call(id, args, returns).to_vec()
    }
    pub(crate) fn util(&mut self, util: Util, args: &[Val], returns: usize) -> Vals {
        let name = util.name();
        let id = self.cx.function(Key::Util(util), name, args.len(), returns);
        self.call(id, args, returns)
    }
    /// Calls a routine with one result.
    pub(crate) fn util1(&mut self, util: Util, args: &[Val]) -> Val {
        let results = self.util(util, args, 1);
        self.first(&results)
    }
    pub(crate) fn first(&mut self, values: &[Val]) -> Val {
        match values.first() {
            Some(value) => *value,
            None => self.int(0),
        }
    }
    pub(crate) fn at(&mut self, values: &[Val], i: usize) -> Val {
        match values.get(i) {
            Some(value) => *value,
            None => self.int(0),
        }
    }

    pub(crate) fn set_span(&mut self, span: Span) {
        self.b.set_span(super::ir_span(span));
    }
}

/// Returns a word with the low `bits` set.
pub(crate) fn low_mask(bits: u32) -> U256 {
    if bits >= 256 { U256::MAX } else { (U256::from(1) << bits) - U256::from(1) }
}
