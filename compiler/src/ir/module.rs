//! Holds a module: everything that becomes one piece of EVM code.

use super::function::Function;
use super::id::{FuncId, ImmutableId, IndexVec, LibraryId, SymbolId, VerbatimId};

/// Names a piece of data that is laid out after the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Symbol {
    /// Bytes of a data segment.
    Data {
        /// The name, unique among the module's symbols.
        name: String,
        /// The contents.
        bytes: Vec<u8>,
    },
    /// The code of another module, by that module's name: a contract's runtime code in its creation code, or
    /// the creation code of a contract that this one creates.
    Object(String),
    /// The module's own code, from offset 0 to its end.
    Myself,
}

impl Symbol {
    /// Returns the symbol's name; the module's own code is called "this".
    pub fn name(&self) -> &str {
        match self {
            Self::Data { name, .. } | Self::Object(name) => name,
            Self::Myself => "this",
        }
    }
}

/// Says where in memory values may stand that do not fit the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Frames {
    /// Above the areas that Solidity reserves: scratch space, free memory pointer and zero slot.
    #[default]
    Standard,
    /// From this byte on: the program has set memory from there aside.
    From(u64),
    /// Nowhere: all memory is the program's.
    Nowhere,
}

/// Is one piece of code: a contract's creation code or its runtime code.
#[derive(Debug, Clone, Default)]
pub struct Module {
    /// The name, unique among the modules of a compilation, for example `C` and `C.runtime`.
    pub name: String,
    /// The internal functions.
    pub functions: IndexVec<FuncId, Function>,
    /// The function that runs first; it has no parameters and never returns.
    pub entry: Option<FuncId>,
    /// What `dataoffset` and `datasize` refer to.
    pub symbols: IndexVec<SymbolId, Symbol>,
    /// The names of immutables. Creation and runtime code match them by name.
    pub immutables: IndexVec<ImmutableId, String>,
    /// The names of libraries whose addresses the linker fills in.
    pub libraries: IndexVec<LibraryId, String>,
    /// Pieces of raw code.
    pub verbatims: IndexVec<VerbatimId, Vec<u8>>,
    /// Where spilled values may stand in memory.
    pub frames: Frames,
    /// The module of the contract's runtime code, set in creation code.
    pub runtime: Option<String>,
    /// Bytes laid out at the very end of the code, for example metadata.
    pub trailer: Vec<u8>,
}

impl Module {
    /// Makes an empty module.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
    /// Declares a function so that others may call it before its body is built.
    pub fn declare(&mut self, name: impl Into<String>, params: usize, returns: usize) -> FuncId {
        self.functions.push(Function::new(name, params, returns))
    }
    /// Adds a data segment; equal bytes under an equal name are shared.
    pub fn data(&mut self, name: impl Into<String>, bytes: Vec<u8>) -> SymbolId {
        self.symbol(Symbol::Data { name: name.into(), bytes })
    }
    /// Adds a reference to another module's code.
    pub fn object(&mut self, module: impl Into<String>) -> SymbolId {
        self.symbol(Symbol::Object(module.into()))
    }
    /// Adds a symbol, or finds an equal one.
    pub fn symbol(&mut self, symbol: Symbol) -> SymbolId {
        let known = self.symbols.enumerated().find(|(_, known)| **known == symbol).map(|(id, _)| id);
        known.unwrap_or_else(|| self.symbols.push(symbol))
    }
    /// Adds an immutable, or finds it by name.
    pub fn immutable(&mut self, name: &str) -> ImmutableId {
        let known = self.immutables.enumerated().find(|(_, known)| *known == name).map(|(id, _)| id);
        known.unwrap_or_else(|| self.immutables.push(name.to_owned()))
    }
    /// Adds a piece of raw code, or finds an equal one.
    pub fn verbatim(&mut self, code: &[u8]) -> VerbatimId {
        let known = self.verbatims.enumerated().find(|(_, known)| *known == code).map(|(id, _)| id);
        known.unwrap_or_else(|| self.verbatims.push(code.to_vec()))
    }
    /// Adds a library, or finds it by name.
    pub fn library(&mut self, name: &str) -> LibraryId {
        let known = self.libraries.enumerated().find(|(_, known)| *known == name).map(|(id, _)| id);
        known.unwrap_or_else(|| self.libraries.push(name.to_owned()))
    }
}
