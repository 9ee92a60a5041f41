//! Holds a function in SSA form: blocks with parameters instead of phis, one 256-bit word a value.

use super::id::{BlockId, Id, IndexVec, InstId, ValueId};
use super::op::Op;
use alloy_primitives::U256;
use smallvec::SmallVec;
use std::collections::HashMap;

/// Lists operands.
pub type Args = SmallVec<[ValueId; 4]>;

/// Points at the source text that an instruction comes from, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// The file's number; `u32::MAX` when the instruction has no source.
    pub file: u32,
    /// The first byte.
    pub start: u32,
    /// The length in bytes.
    pub len: u32,
}

impl Span {
    /// Marks an instruction without source.
    pub const NONE: Self = Self { file: u32::MAX, start: 0, len: 0 };

    /// Makes a span.
    pub const fn new(file: u32, start: u32, len: u32) -> Self {
        Self { file, start, len }
    }
    /// Is true when there is no source.
    pub const fn is_none(self) -> bool {
        self.file == u32::MAX
    }
}

impl Default for Span {
    fn default() -> Self {
        Self::NONE
    }
}

/// Says where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueDef {
    /// A constant; available everywhere in the function.
    Const(U256),
    /// A parameter of a block, by position.
    Param(BlockId, u32),
    /// A result of an instruction, by position.
    Result(InstId, u32),
}

/// Is an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inst {
    /// The operation.
    pub op: Op,
    /// The operands, top of stack first.
    pub args: Args,
    /// The results, top of stack first (for a call: in the callee's order).
    pub results: SmallVec<[ValueId; 2]>,
    /// The source.
    pub span: Span,
}

/// Is a way from one block to another, with the values of the target's parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The block to continue in.
    pub block: BlockId,
    /// One value for each of its parameters.
    pub args: Args,
}

impl Edge {
    /// Makes an edge.
    pub fn new(block: BlockId, args: &[ValueId]) -> Self {
        Self { block, args: Args::from_slice(args) }
    }
}

/// Ends a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Terminator {
    /// The block is still being built; the verifier refuses it.
    Open,
    /// Continues in another block.
    Jump(Edge),
    /// Continues in the first block when the value is not 0, else in the second.
    Branch(ValueId, Edge, Edge),
    /// Continues in the block of the case equal to the value, else in the default. Cases are distinct.
    Switch(ValueId, Vec<(U256, Edge)>, Edge),
    /// Returns from an internal function.
    Ret(Args),
    /// Ends the frame successfully without data.
    Stop,
    /// Ends the frame successfully with memory (pointer, length).
    Return(ValueId, ValueId),
    /// Reverts the frame with memory (pointer, length).
    Revert(ValueId, ValueId),
    /// Halts exceptionally.
    Invalid,
    /// Ends the frame and sends the balance to an address.
    SelfDestruct(ValueId),
}

impl Terminator {
    /// Lists the edges out of the block.
    pub fn edges(&self) -> SmallVec<[&Edge; 2]> {
        match self {
            Self::Jump(edge) => SmallVec::from_slice(&[edge]),
            Self::Branch(_, yes, no) => SmallVec::from_slice(&[yes, no]),
            Self::Switch(_, cases, default) => cases.iter().map(|(_, edge)| edge).chain([default]).collect(),
            _ => SmallVec::new(),
        }
    }
    /// Lists the edges out of the block, mutably.
    pub fn edges_mut(&mut self) -> SmallVec<[&mut Edge; 2]> {
        match self {
            Self::Jump(edge) => SmallVec::from_iter([edge]),
            Self::Branch(_, yes, no) => SmallVec::from_iter([yes, no]),
            Self::Switch(_, cases, default) => {
                cases.iter_mut().map(|(_, edge)| edge).chain([default]).collect()
            }
            _ => SmallVec::new(),
        }
    }
    /// Lists the operands, without the arguments of edges.
    pub fn operands(&self) -> Args {
        match self {
            Self::Branch(value, ..) | Self::Switch(value, ..) | Self::SelfDestruct(value) => {
                Args::from_slice(&[*value])
            }
            Self::Ret(values) => values.clone(),
            Self::Return(ptr, len) | Self::Revert(ptr, len) => Args::from_slice(&[*ptr, *len]),
            Self::Open | Self::Jump(_) | Self::Stop | Self::Invalid => Args::new(),
        }
    }
    /// Applies `change` to every value that is used, the arguments of edges included.
    pub fn for_each_use_mut(&mut self, mut change: impl FnMut(&mut ValueId)) {
        match self {
            Self::Branch(value, ..) | Self::Switch(value, ..) | Self::SelfDestruct(value) => change(value),
            Self::Ret(values) => values.iter_mut().for_each(&mut change),
            Self::Return(ptr, len) | Self::Revert(ptr, len) => {
                change(ptr);
                change(len);
            }
            Self::Open | Self::Jump(_) | Self::Stop | Self::Invalid => {}
        }
        for edge in self.edges_mut() {
            edge.args.iter_mut().for_each(&mut change);
        }
    }
    /// Applies `visit` to every value that is used, the arguments of edges included.
    pub fn for_each_use(&self, mut visit: impl FnMut(ValueId)) {
        self.operands().into_iter().for_each(&mut visit);
        for edge in self.edges() {
            edge.args.iter().copied().for_each(&mut visit);
        }
    }
}

/// Is a basic block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The parameters, given by each edge into the block.
    pub params: Vec<ValueId>,
    /// The instructions in order.
    pub insts: Vec<InstId>,
    /// The end.
    pub term: Terminator,
    /// The source of the end.
    pub span: Span,
}

/// Is a function. Its parameters are the parameters of the entry block.
#[derive(Debug, Clone)]
pub struct Function {
    /// The name, unique within the module.
    pub name: String,
    /// The number of results.
    pub returns: usize,
    /// The blocks.
    pub blocks: IndexVec<BlockId, Block>,
    /// The block that the function starts in; no edge may lead to it.
    pub entry: BlockId,
    /// The instructions; only those that a block lists count.
    pub insts: IndexVec<InstId, Inst>,
    /// The values.
    pub values: IndexVec<ValueId, ValueDef>,
    /// The source of the definition.
    pub span: Span,
    constants: HashMap<U256, ValueId>,
}

impl Function {
    /// Makes a function with an empty entry block of `params` parameters.
    pub fn new(name: impl Into<String>, params: usize, returns: usize) -> Self {
        let mut function = Self {
            name: name.into(),
            returns,
            blocks: IndexVec::new(),
            entry: BlockId::new(0),
            insts: IndexVec::new(),
            values: IndexVec::new(),
            span: Span::NONE,
            constants: HashMap::new(),
        };
        function.entry = function.add_block();
        for _ in 0..params {
            function.add_param(function.entry);
        }
        function
    }
    /// Lists the parameters.
    pub fn params(&self) -> &[ValueId] {
        &self.blocks[self.entry].params
    }
    /// Adds an empty block.
    pub fn add_block(&mut self) -> BlockId {
        self.blocks.push(Block {
            params: Vec::new(),
            insts: Vec::new(),
            term: Terminator::Open,
            span: Span::NONE,
        })
    }
    /// Adds a parameter to a block and returns its value.
    pub fn add_param(&mut self, block: BlockId) -> ValueId {
        let position = self.blocks[block].params.len() as u32;
        let value = self.values.push(ValueDef::Param(block, position));
        self.blocks[block].params.push(value);
        value
    }
    /// Returns the value of a constant.
    pub fn constant(&mut self, constant: U256) -> ValueId {
        let values = &mut self.values;
        *self.constants.entry(constant).or_insert_with(|| values.push(ValueDef::Const(constant)))
    }
    /// Returns the constant that a value is.
    pub fn as_constant(&self, value: ValueId) -> Option<U256> {
        match self.values[value] {
            ValueDef::Const(constant) => Some(constant),
            _ => None,
        }
    }
    /// Returns the instruction that a value is a result of.
    pub fn defining_inst(&self, value: ValueId) -> Option<InstId> {
        match self.values[value] {
            ValueDef::Result(inst, _) => Some(inst),
            _ => None,
        }
    }
    /// Makes an instruction with new results; the caller places it in a block.
    pub fn make_inst(&mut self, op: Op, args: Args, results: usize, span: Span) -> InstId {
        let inst = self.insts.push(Inst { op, args, results: SmallVec::new(), span });
        for position in 0..results {
            let value = self.values.push(ValueDef::Result(inst, position as u32));
            self.insts[inst].results.push(value);
        }
        inst
    }
    /// Renumbers the parameters of a block after some were removed.
    pub fn renumber_params(&mut self, block: BlockId) {
        for (position, &param) in self.blocks[block].params.iter().enumerate() {
            self.values[param] = ValueDef::Param(block, position as u32);
        }
    }
}
