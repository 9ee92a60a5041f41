//! `fusor custody key`: makes the secret of a custodian.

use crate::{error::Outcome, output};
use alloy_primitives::hex;
use fusor_chain_lite::{
    custody::CustodyKeys,
    founding::keys::{self, Existing},
};
use std::path::PathBuf;

/// Names what is done with a custodian's key.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Key {
    /// Make a key, in a file that only its owner can read.
    New(KeyArgs),
    /// Show the account and the encryption key of a key that is there.
    Show(KeyArgs),
}

/// Says which file.
#[derive(Debug, clap::Args)]
pub(crate) struct KeyArgs {
    /// The file of the key.
    file: PathBuf,
}

/// Makes or shows a key.
pub(super) fn run(command: &Key) -> Outcome {
    let made = match command {
        Key::New(args) => keys::write_custodian(&args.file, Existing::Refuse)?,
        Key::Show(args) => keys::read_custodian(&args.file)?,
    };
    output::print(&text(&made))
}

fn text(keys: &CustodyKeys) -> String {
    let encryption = keys.encryption().map(hex::encode_prefixed).unwrap_or_default();
    format!("operator    {}\nencryption  {encryption}\n", keys.operator())
}
