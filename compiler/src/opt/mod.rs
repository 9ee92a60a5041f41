//! Improves IR. Every pass keeps the module well formed and its behaviour unchanged.

mod dce;
mod flow;
mod gvn;
mod simplify;

use crate::codegen::Options;
use crate::ir::{self, Module, VerifyError};

/// Is a pass over a module.
type Pass = fn(&mut Module);

const MINIMAL: &[Pass] = &[dce::run];
const FULL: &[Pass] = &[dce::run, flow::run, gvn::run, flow::run, gvn::run, flow::run, dce::run];

/// Runs the passes on a copy of a module and verifies the result after each. Without optimisation only dead
/// code is dropped, which code generation relies on.
///
/// # Errors
/// Returns what a pass broke; a fault of the compiler.
pub fn run(module: &Module, options: &Options) -> Result<Module, VerifyError> {
    let mut module = module.clone();
    for pass in if options.optimize { FULL } else { MINIMAL } {
        pass(&mut module);
        ir::verify(&module)?;
    }
    Ok(module)
}
