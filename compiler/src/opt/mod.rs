//! Improves IR. Every pass keeps the module well formed and its behaviour unchanged.
#![allow(clippy::indexing_slicing, reason = "ids index the arenas that made them; the verifier checks them")]

mod dce;
mod flow;
mod gvn;
mod inline;
mod memory;
mod simplify;
mod stores;
mod summary;

use crate::codegen::Options;
use crate::ir::{self, Module, VerifyError};

/// Is a pass over a module.
type Pass = fn(&mut Module, &Options);

const MINIMAL: &[Pass] = &[DCE];
const FULL: &[Pass] = &[
    DCE, FLOW, GVN, FLOW, INLINE, FLOW, GVN, MEMORY, GVN, FLOW, DCE, STORES, MEMORY, GVN, FLOW, DCE, INLINE,
    FLOW, GVN, MEMORY, GVN, STORES, DCE, FLOW,
];

const DCE: Pass = |module, _| dce::run(module);
const FLOW: Pass = |module, _| flow::run(module);
const GVN: Pass = |module, _| gvn::run(module);
const INLINE: Pass = inline::run;
const MEMORY: Pass = |module, _| memory::run(module);
const STORES: Pass = |module, _| stores::run(module);

/// Runs the passes on a copy of a module and verifies the result after each. Without optimisation only dead
/// code is dropped, which code generation relies on.
///
/// # Errors
/// Returns what a pass broke; a fault of the compiler.
pub fn run(module: &Module, options: &Options) -> Result<Module, VerifyError> {
    let mut module = module.clone();
    for pass in if options.optimize { FULL } else { MINIMAL } {
        pass(&mut module, options);
        ir::verify(&module)?;
    }
    Ok(module)
}

#[cfg(test)]
mod tests;
