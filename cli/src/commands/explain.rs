//! `fusor explain`: prints the page of a diagnostic code.

use crate::{
    error::{CliError, Outcome},
    output,
};
use fusor_compiler::diag::pages;

/// Explains a diagnostic code with an example and how to mend it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The code, for example `E0401`.
    code: String,
}

/// Prints the page.
pub(crate) fn run(args: &Args) -> Outcome {
    let page = pages::page(&args.code).ok_or_else(|| CliError::UnknownCode(args.code.clone()))?;
    output::print(page)
}
