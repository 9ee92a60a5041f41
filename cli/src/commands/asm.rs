//! `fusor asm` and `fusor disasm`: translate between mnemonics and bytecode.

use crate::{
    error::{CliError, Outcome},
    output,
};
use alloy_primitives::hex;
use fusor_vm::asm;
use std::{io::Read, path::PathBuf};

/// Translates a file, or standard input.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file; standard input without it.
    file: Option<PathBuf>,
}

/// Prints the bytecode of an assembly text in hexadecimal.
pub(crate) fn assemble(args: &Args) -> Outcome {
    let code = asm::assemble(&input(args)?)?;
    output::print(&format!("{}\n", hex::encode_prefixed(code)))
}

/// Prints the mnemonics of bytecode in hexadecimal.
pub(crate) fn disassemble(args: &Args) -> Outcome {
    let text = input(args)?;
    let digits: String = text.split_whitespace().collect();
    let code = hex::decode(digits).map_err(|_| CliError::NoBytecode)?;
    output::print(&asm::disassemble(&code))
}

fn input(args: &Args) -> Outcome<String> {
    let Some(path) = &args.file else {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        return read.map(|_| text).map_err(|source| CliError::Read { path: "standard input".into(), source });
    };
    output::read_text(path)
}
