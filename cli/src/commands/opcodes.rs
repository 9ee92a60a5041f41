//! `fusor opcodes`: prints the table of the extension's opcodes.

use crate::{error::Outcome, output};
use fusor_vm::opcode::{self, Effect, Opcode};

/// Prints the 24 opcodes of the extension as a Markdown table.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print only the opcode of this name.
    name: Option<String>,
}

/// Prints the table, or the one row asked for.
pub(crate) fn run(args: &Args) -> Outcome {
    let rows: Vec<_> = match &args.name {
        Some(name) => opcode::by_name(name).into_iter().collect(),
        None => opcode::TABLE.iter().collect(),
    };
    if let (Some(name), true) = (&args.name, rows.is_empty()) {
        return Err(crate::error::CliError::UnknownOpcode(name.clone()));
    }
    let mut text = "| Byte | Name | In | Out | Gas | Effect | |\n|---|---|---|---|---|---|---|\n".to_string();
    rows.into_iter().for_each(|op| text.push_str(&row(op)));
    output::print(&text)
}

fn row(op: &Opcode) -> String {
    let effect = match op.effect {
        Effect::Read => "reads",
        Effect::Write => "writes",
        Effect::Call => "calls",
    };
    let (inputs, outputs) = (op.inputs.join(", "), op.outputs.join(", "));
    let (byte, name, gas, summary) = (op.byte, op.name, op.gas, op.summary);
    format!("| {byte:02x} | {name} | {inputs} | {outputs} | {gas} | {effect} | {summary} |\n")
}
