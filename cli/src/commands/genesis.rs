//! `fusor genesis`: makes node keys and genesis files, and shows where every coin goes.

mod found;
mod table;

use crate::{
    error::{CliError, Outcome},
    output,
};
use alloy_primitives::{Address, U256};
use fusor_chain_lite::founding::{
    Broken, GenesisFile, Member, amount, block_zero,
    keys::{self, Existing, PublicKeys},
};
use std::path::{Path, PathBuf};

/// Names what is done with keys and genesis files.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Genesis {
    /// Make keys for some nodes of one operator, and the genesis file of their chain.
    New(found::Args),
    /// Make the keys of one node, and print the file that others need.
    Keys(KeysArgs),
    /// Add a validator to a genesis file.
    Add(AddArgs),
    /// Show where every coin goes and the hash of block 0, or all that is wrong.
    Check(CheckArgs),
}

/// Says where a node's keys go.
#[derive(Debug, clap::Args)]
pub(crate) struct KeysArgs {
    /// The folder for the keys.
    folder: PathBuf,
    /// Replace keys that are there; they are lost then.
    #[arg(long)]
    force: bool,
}

/// Says which validator is added.
#[derive(Debug, clap::Args)]
pub(crate) struct AddArgs {
    /// The node's `node.pub.json`.
    keys: PathBuf,
    /// The genesis file.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// The stake in coins.
    #[arg(long, value_name = "COINS", value_parser = coins)]
    stake: U256,
    /// Who may unbond the stake.
    #[arg(long, value_name = "ADDRESS")]
    owner: Address,
    /// Who is paid the rewards; the owner if nothing else is said.
    #[arg(long, value_name = "ADDRESS")]
    payout: Option<Address>,
    /// The allocation that the stake comes from.
    #[arg(long, value_name = "NAME", default_value = "ecosystem")]
    from: String,
}

/// Says which file is checked.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// The genesis file.
    file: PathBuf,
}

/// Carries the command out.
pub(crate) fn run(command: &Genesis) -> Outcome {
    match command {
        Genesis::New(args) => found::run(args),
        Genesis::Keys(args) => make_keys(args),
        Genesis::Add(args) => add(args),
        Genesis::Check(args) => check(args),
    }
}

fn make_keys(args: &KeysArgs) -> Outcome {
    keys::write(&args.folder, &keys::fresh(), existing(args.force))?;
    output::print(&format!("{}\n", args.folder.join(keys::PUBLIC_FILE).display()))
}

fn add(args: &AddArgs) -> Outcome {
    let text = output::read_text(&args.keys)?;
    let fail = |source| CliError::PublicKey { path: args.keys.clone(), source };
    let keys = PublicKeys::from_json(&text).map_err(fail)?;
    let mut file = read(&args.to, GenesisFile::read_draft)?;
    let payout = args.payout.unwrap_or(args.owner);
    let member = Member { keys, owner: args.owner, payout, stake: args.stake, from: args.from.clone() };
    file.add(member).map_err(|broken| refuse(&args.to, &broken))?;
    output::write_whole(&args.to, file.write().as_bytes())?;
    let count = file.consensus.as_ref().map_or(0, |founding| founding.validators.len());
    let stake = amount::show(args.stake);
    output::print(&format!("{} stakes {stake}; {count} validators in {}\n", keys.node, args.to.display()))
}

fn check(args: &CheckArgs) -> Outcome {
    let file = read(&args.file, GenesisFile::read)?;
    let genesis = file.clone().into_genesis().map_err(|broken| refuse(&args.file, &broken))?;
    let hash =
        block_zero(&genesis).map_err(|source| CliError::Genesis { path: args.file.clone(), source })?;
    output::print(&table::text(&file, hash))
}

/// Reads a genesis file; all its problems are one error.
fn read(
    path: &Path,
    read: fn(&str) -> Result<GenesisFile, Vec<fusor_chain_lite::founding::Problem>>,
) -> Outcome<GenesisFile> {
    let all = |problems: Vec<_>| CliError::Views { lines: lines(path, &problems) };
    read(&output::read_text(path)?).map_err(all)
}

/// Reports rules that a file would break.
fn refuse(path: &Path, broken: &[Broken]) -> CliError {
    let lines = broken.iter().map(|broken| format!("{}: {broken}", path.display()));
    CliError::Views { lines: lines.collect() }
}

fn lines(path: &Path, problems: &[fusor_chain_lite::founding::Problem]) -> Vec<String> {
    problems.iter().map(|problem| format!("{}:{problem}", path.display())).collect()
}

fn existing(force: bool) -> Existing {
    if force { Existing::Replace } else { Existing::Refuse }
}

/// Reads an amount in coins; another unit may follow it.
fn coins(text: &str) -> Result<U256, String> {
    let with_unit = if text.contains(' ') { text.to_string() } else { format!("{text} coins") };
    amount::parse(&with_unit).map_err(|why| why.to_string())
}
