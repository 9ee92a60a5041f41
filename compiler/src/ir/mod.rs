//! Is the compiler's one intermediate form: functions in SSA over 256-bit words, with block parameters and
//! effects tagged by address space. It has a text form, a verifier and a reference interpreter.
#![allow(clippy::indexing_slicing, reason = "ids index the arenas that made them; the verifier checks them")]

mod builder;
pub mod cfg;
mod effect;
mod function;
mod id;
pub mod interp;
mod module;
mod op;
pub mod params;
mod parse;
mod print;
mod verify;

pub use builder::FunctionBuilder;
pub use effect::{Effects, Spaces};
pub use function::{Args, Block, Edge, Function, Inst, Span, Terminator, ValueDef};
pub use id::{
    BlockId, FuncId, Id, ImmutableId, IndexVec, InstId, LibraryId, SymbolId, ValueId, Variable, VerbatimId,
};
pub use module::{Frames, Module, Symbol};
pub use op::{EVM, Evm, EvmInfo, Op};
pub use parse::{ParseError, parse};
pub use print::print;
pub use verify::{VerifyError, verify, verify_function};

#[cfg(test)]
mod tests;
