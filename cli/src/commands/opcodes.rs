//! `fusor opcodes`: prints the page of the extension's opcodes that is generated from the table.

use crate::{
    error::{CliError, Outcome},
    output,
};
use fusor_vm::opcode;

/// Prints the 24 opcodes of the extension.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print only the opcode of this name.
    name: Option<String>,
}

/// Prints the page, or the rows of the one opcode asked for.
pub(crate) fn run(args: &Args) -> Outcome {
    let page = opcode::markdown();
    let Some(name) = &args.name else { return output::print(&page) };
    let unknown = || CliError::UnknownOpcode(name.clone());
    let cell = format!("| {} |", opcode::by_name(name).ok_or_else(unknown)?.name);
    let rows: String =
        page.lines().filter(|line| line.contains(&cell)).map(|line| format!("{line}\n")).collect();
    output::print(&rows)
}
