//! Takes a checked program through lowering, optimiser and back end to artifacts.

use crate::artifact::Artifact;
use crate::hir::Hir;
use crate::lower::LowerError;

/// Names the rules that the code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[allow(missing_docs)]
pub enum EvmVersion {
    Cancun,
    Prague,
    #[default]
    Osaka,
}

/// Says how to compile.
#[derive(Debug, Clone)]
pub struct Options {
    /// True to run the optimiser.
    pub optimize: bool,
    /// The rules that the code is for.
    pub evm_version: EvmVersion,
    /// Only contracts with these names get code; empty means all.
    pub only: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { optimize: true, evm_version: EvmVersion::default(), only: Vec::new() }
    }
}

/// Compiles every contract of a checked program.
///
/// # Errors
/// Returns each construct that is not supported yet, with its place; no artifact then.
pub fn compile_hir(hir: &Hir, options: &Options) -> Result<Vec<Artifact>, Vec<LowerError>> {
    crate::lower::lower_program(hir, options)
}
