//! Lowers HIR to SSA IR: one creation and one runtime module per contract.

use crate::artifact::Artifact;
use crate::driver::Options;
use crate::hir::Hir;
use crate::source::Span;

/// Is a construct that the lowering refuses, with a stable code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("[{code}] {message}")]
pub struct LowerError {
    /// The stable code, `L` and four digits.
    pub code: &'static str,
    /// What is refused, in a few words.
    pub message: String,
    /// Where it stands.
    pub span: Span,
}

impl LowerError {
    /// Makes the error for a construct that is not supported yet.
    pub(crate) fn unsupported(what: impl Into<String>, span: Span) -> Self {
        Self { code: "L0001", message: format!("{} is not supported yet", what.into()), span }
    }
}

pub(crate) fn lower_program(hir: &Hir, _options: &Options) -> Result<Vec<Artifact>, Vec<LowerError>> {
    let errors = hir.contracts.iter().map(|c| LowerError::unsupported("code generation", c.span)).collect();
    Err(errors)
}
