//! Improves IR. Every pass keeps the module well formed and its behaviour unchanged.

mod dce;

use crate::codegen::Options;
use crate::ir::{self, Module, VerifyError};

/// Runs the passes on a copy of a module and verifies the result after each. Without optimisation only dead
/// code is dropped, which code generation relies on.
///
/// # Errors
/// Returns what a pass broke; a fault of the compiler.
pub fn run(module: &Module, options: &Options) -> Result<Module, VerifyError> {
    let mut module = module.clone();
    let passes: &[fn(&mut Module)] = if options.optimize { &[dce::run] } else { &[dce::run] };
    for pass in passes {
        pass(&mut module);
        ir::verify(&module)?;
    }
    Ok(module)
}
