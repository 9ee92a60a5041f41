//! Lowers HIR to SSA IR: one creation and one runtime module per contract.
#![allow(
    clippy::wrong_self_convention,
    reason = "`self` is the function being built; names tell the value's way"
)]

mod abi_decode;
mod abi_encode;
mod args;
mod arith;
mod body;
mod builtin;
mod contract;
mod convert;
mod copy;
mod creation;
mod cx;
mod dirty;
mod dispatch;
mod event;
mod expr;
mod external;
mod failure;
mod fault;
mod frame;
mod fx;
mod getter;
mod index;
mod object;
mod place;
mod stmt;
mod storage_bytes;
mod trycatch;
mod util;
mod value;
mod yul;

pub(crate) use contract::{Lowered, lower_contract};
pub(crate) use cx::Raised;
pub use fault::RevertStrings;
pub(crate) use object::lower_object;

use crate::diag::{Code, codes};
use crate::hir::{ContractId, Hir};
use crate::source::Span;

/// Says what code is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Settings {
    /// Which texts reverts carry.
    pub(crate) revert_strings: RevertStrings,
    /// True when the machine copies memory by an instruction.
    pub(crate) mcopy: bool,
}

/// Is why something could not be lowered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LowerError {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) span: Span,
}

impl LowerError {
    /// Makes the error for a construct that is not supported yet.
    pub(crate) fn unsupported(what: impl Into<String>, span: Span) -> Self {
        Self { code: codes::NOT_LOWERED, message: format!("{} is not supported yet", what.into()), span }
    }
}

/// Returns the name of a contract's creation module.
pub(crate) fn module_name(hir: &Hir, id: ContractId) -> String {
    hir.contracts.get(id.index()).map_or_else(String::new, |c| format!("{}_{}", c.name, id.0))
}

/// Returns the name of a contract's runtime module.
pub(crate) fn runtime_name(hir: &Hir, id: ContractId) -> String {
    format!("{}.runtime", module_name(hir, id))
}

pub(crate) fn ir_span(span: Span) -> crate::ir::Span {
    crate::ir::Span::new(span.file, span.start, span.end.saturating_sub(span.start))
}
