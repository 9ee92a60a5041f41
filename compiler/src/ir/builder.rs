//! Builds functions, and turns mutable variables into SSA on the fly (Braun et al. 2013).

use super::function::{Args, Edge, Function, Span, Terminator, ValueDef};
use super::id::{BlockId, FuncId, Id, ImmutableId, IndexVec, LibraryId, SymbolId, ValueId, Variable};
use super::op::{Evm, Op};
use alloy_primitives::U256;
use smallvec::SmallVec;
use std::collections::HashMap;

/// Appends instructions to the current block of a function.
///
/// Mutable variables: [`declare_var`](Self::declare_var), then [`def_var`](Self::def_var) and
/// [`use_var`](Self::use_var) anywhere. A block is sealed ([`seal_block`](Self::seal_block)) once all edges into
/// it are there; [`finish`](Self::finish) seals what is left, so sealing early only saves parameters that
/// would be removed again. After a terminator the current block is closed: instructions that follow go to a
/// new block that nothing reaches.
pub struct FunctionBuilder<'f> {
    function: &'f mut Function,
    block: BlockId,
    span: Span,
    variables: usize,
    current: HashMap<(Variable, BlockId), ValueId>,
    sealed: IndexVec<BlockId, bool>,
    joins: IndexVec<BlockId, Vec<(Variable, ValueId)>>,
    unfinished: Vec<(Variable, BlockId)>,
    preds: IndexVec<BlockId, Vec<BlockId>>,
}

impl<'f> FunctionBuilder<'f> {
    /// Starts building at the function's entry block, which is sealed.
    pub fn new(function: &'f mut Function) -> Self {
        let block = function.entry;
        let mut builder = Self {
            function,
            block,
            span: Span::NONE,
            variables: 0,
            current: HashMap::new(),
            sealed: IndexVec::new(),
            joins: IndexVec::new(),
            unfinished: Vec::new(),
            preds: IndexVec::new(),
        };
        builder.grow_tables();
        builder.seal_block(block);
        builder
    }

    fn grow_tables(&mut self) {
        self.sealed.grow(self.function.blocks.len(), false);
        self.preds.grow(self.function.blocks.len(), Vec::new());
        self.joins.grow(self.function.blocks.len(), Vec::new());
    }

    /// Returns the function being built.
    pub fn function(&self) -> &Function {
        self.function
    }
    /// Returns the parameter at `position`, or `None` past the last.
    pub fn param(&self, position: usize) -> Option<ValueId> {
        self.function.params().get(position).copied()
    }
    /// Sets the source of the instructions that follow.
    pub fn set_span(&mut self, span: Span) {
        self.span = span;
    }
    /// Returns the source of the instructions that follow.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Adds an empty block.
    pub fn create_block(&mut self) -> BlockId {
        let block = self.function.add_block();
        self.grow_tables();
        block
    }
    /// Adds a parameter to a block and returns its value.
    pub fn block_param(&mut self, block: BlockId) -> ValueId {
        self.function.add_param(block)
    }
    /// Continues building at the end of `block`.
    pub fn switch_to(&mut self, block: BlockId) {
        self.block = block;
    }
    /// Returns the block that instructions are appended to.
    pub fn current_block(&self) -> BlockId {
        self.block
    }
    /// Is true when the current block has its terminator, so that what follows is unreachable.
    pub fn is_closed(&self) -> bool {
        self.function.blocks[self.block].term != Terminator::Open
    }

    /// Returns the value of a constant.
    pub fn constant(&mut self, constant: U256) -> ValueId {
        self.function.constant(constant)
    }
    /// Returns the value of a small constant.
    pub fn int(&mut self, constant: u64) -> ValueId {
        self.function.constant(U256::from(constant))
    }
    /// Appends an instruction and returns its results.
    pub fn inst(&mut self, op: Op, args: &[ValueId], results: usize) -> SmallVec<[ValueId; 2]> {
        self.open_block();
        let inst = self.function.make_inst(op, Args::from_slice(args), results, self.span);
        self.function.blocks[self.block].insts.push(inst);
        self.function.insts[inst].results.clone()
    }
    /// Appends an EVM operation with one result and returns it. For operations without a result use
    /// [`effect`](Self::effect).
    pub fn evm(&mut self, op: Evm, args: &[ValueId]) -> ValueId {
        let results = self.inst(Op::Evm(op), args, 1);
        self.single(&results)
    }
    /// Appends an EVM operation without result.
    pub fn effect(&mut self, op: Evm, args: &[ValueId]) {
        self.inst(Op::Evm(op), args, 0);
    }
    /// Appends an operation of the extension; the number of results comes from its table.
    pub fn ext(&mut self, byte: u8, args: &[ValueId]) -> SmallVec<[ValueId; 2]> {
        let results = Op::Ext(byte).arity().map_or(0, |(_, results)| results);
        self.inst(Op::Ext(byte), args, results)
    }
    /// Calls an internal function that has `returns` results.
    pub fn call(&mut self, callee: FuncId, args: &[ValueId], returns: usize) -> SmallVec<[ValueId; 2]> {
        self.inst(Op::Call(callee), args, returns)
    }
    /// Calls the internal function at an address made by [`func_addr`](Self::func_addr).
    pub fn call_indirect(
        &mut self,
        address: ValueId,
        args: &[ValueId],
        returns: usize,
    ) -> SmallVec<[ValueId; 2]> {
        let operands: Args = [address].into_iter().chain(args.iter().copied()).collect();
        self.inst(Op::CallIndirect, &operands, returns)
    }
    /// Returns the address of an internal function.
    pub fn func_addr(&mut self, callee: FuncId) -> ValueId {
        self.nullary(Op::FuncAddr(callee))
    }
    /// Returns the offset in the code of a symbol.
    pub fn data_offset(&mut self, symbol: SymbolId) -> ValueId {
        self.nullary(Op::DataOffset(symbol))
    }
    /// Returns the length in bytes of a symbol.
    pub fn data_size(&mut self, symbol: SymbolId) -> ValueId {
        self.nullary(Op::DataSize(symbol))
    }
    /// Returns the value of an immutable.
    pub fn load_immutable(&mut self, immutable: ImmutableId) -> ValueId {
        self.nullary(Op::LoadImmutable(immutable))
    }
    /// Writes an immutable's value into the runtime code copied to memory at `base`.
    pub fn set_immutable(&mut self, immutable: ImmutableId, base: ValueId, value: ValueId) {
        self.inst(Op::SetImmutable(immutable), &[base, value], 0);
    }
    /// Returns the address of a library.
    pub fn linker_symbol(&mut self, library: LibraryId) -> ValueId {
        self.nullary(Op::LinkerSymbol(library))
    }
    /// Returns the initial value of the free memory pointer.
    pub fn mem_start(&mut self) -> ValueId {
        self.nullary(Op::MemStart)
    }

    fn nullary(&mut self, op: Op) -> ValueId {
        let results = self.inst(op, &[], 1);
        self.single(&results)
    }
    fn single(&mut self, results: &[ValueId]) -> ValueId {
        match results {
            [value, ..] => *value,
            [] => self.function.constant(U256::ZERO),
        }
    }

    fn open_block(&mut self) {
        if self.is_closed() {
            let block = self.create_block();
            self.seal_block(block);
            self.block = block;
        }
    }

    /// Ends the current block.
    pub fn terminate(&mut self, term: Terminator) {
        self.open_block();
        for edge in term.edges() {
            self.preds[edge.block].push(self.block);
        }
        let block = &mut self.function.blocks[self.block];
        block.term = term;
        block.span = self.span;
    }
    /// Ends the current block by a jump.
    pub fn jump(&mut self, block: BlockId, args: &[ValueId]) {
        self.terminate(Terminator::Jump(Edge::new(block, args)));
    }
    /// Ends the current block by a branch to blocks without parameters of their own.
    pub fn branch(&mut self, condition: ValueId, yes: BlockId, no: BlockId) {
        self.terminate(Terminator::Branch(condition, Edge::new(yes, &[]), Edge::new(no, &[])));
    }
    /// Ends the current block by a multi-way branch to blocks without parameters of their own.
    pub fn switch(&mut self, value: ValueId, cases: &[(U256, BlockId)], default: BlockId) {
        let cases = cases.iter().map(|(constant, block)| (*constant, Edge::new(*block, &[]))).collect();
        self.terminate(Terminator::Switch(value, cases, Edge::new(default, &[])));
    }
    /// Ends the current block by returning from the function.
    pub fn ret(&mut self, values: &[ValueId]) {
        self.terminate(Terminator::Ret(Args::from_slice(values)));
    }

    /// Declares a mutable variable. Until it is defined it reads as 0.
    pub fn declare_var(&mut self) -> Variable {
        self.variables += 1;
        Variable::new(self.variables - 1)
    }
    /// Assigns a variable in the current block.
    pub fn def_var(&mut self, variable: Variable, value: ValueId) {
        self.open_block();
        self.current.insert((variable, self.block), value);
    }
    /// Reads a variable in the current block.
    pub fn use_var(&mut self, variable: Variable) -> ValueId {
        self.open_block();
        self.read(variable, self.block)
    }
    /// Declares that all edges into a block are there.
    pub fn seal_block(&mut self, block: BlockId) {
        self.sealed[block] = true;
    }

    /// Reads a variable at the end of a block. Where several edges meet it becomes a parameter, whose operands
    /// `finish` adds.
    fn read(&mut self, variable: Variable, block: BlockId) -> ValueId {
        let mut chain = Vec::new();
        let mut at = block;
        let value = loop {
            if let Some(&value) = self.current.get(&(variable, at)) {
                break value;
            }
            match self.preds[at].as_slice() {
                [] if self.sealed[at] => break self.function.constant(U256::ZERO),
                [pred] if self.sealed[at] => {
                    chain.push(at);
                    at = *pred;
                }
                _ => break self.add_join(variable, at),
            }
        };
        for passed in chain.into_iter().chain([at]) {
            self.current.insert((variable, passed), value);
        }
        value
    }

    fn add_join(&mut self, variable: Variable, block: BlockId) -> ValueId {
        let value = self.function.values.push(ValueDef::Param(block, 0));
        self.joins[block].push((variable, value));
        self.unfinished.push((variable, block));
        value
    }

    /// Finds the operands of the joins' parameters; looking for one may make new ones, further up.
    fn complete_joins(&mut self) {
        while let Some((variable, block)) = self.unfinished.pop() {
            for pred in self.preds[block].clone() {
                self.read(variable, pred);
            }
        }
        for block in self.function.blocks.ids() {
            self.append_join(block);
        }
    }

    fn append_join(&mut self, block: BlockId) {
        let joins = std::mem::take(&mut self.joins[block]);
        if joins.is_empty() {
            return;
        }
        let mut preds = std::mem::take(&mut self.preds[block]);
        preds.sort_unstable();
        preds.dedup();
        for pred in preds {
            let values: Args = joins.iter().map(|(variable, _)| self.read(*variable, pred)).collect();
            for edge in self.function.blocks[pred].term.edges_mut() {
                if edge.block == block {
                    edge.args.extend_from_slice(&values);
                }
            }
        }
        self.function.blocks[block].params.extend(joins.iter().map(|(_, value)| *value));
        self.function.renumber_params(block);
    }

    /// Closes the function: adds the parameters that mutable variables need and removes the needless ones and
    /// the blocks that nothing reaches.
    pub fn finish(mut self) {
        for block in self.function.blocks.ids() {
            self.seal_block(block);
        }
        self.complete_joins();
        super::params::remove_needless(self.function);
    }
}
