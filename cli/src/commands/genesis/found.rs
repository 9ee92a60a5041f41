//! `fusor genesis new`: keys for nodes of one operator and the genesis file of their chain.

use super::{coins, existing, refuse};
use crate::{
    error::{CliError, Outcome},
    output,
};
use alloy_primitives::{Address, B256, U256};
use fusor_chain_lite::{
    Genesis,
    founding::{
        GenesisFile, Member, amount, block_zero,
        keys::{self, PublicKeys},
    },
    genesis::BaseFee,
    node::NodeKeys,
};
use fusor_vm::dcrm;
use std::{
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// Is the base fee of block 0 in wei per gas.
const BASE_FEE: u64 = 1_000_000_000;
/// Is the file of the account that owns everything unless an owner is named.
const OWNER_FILE: &str = "owner.key";

/// Describes the chain.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many nodes make blocks; with 0, `fusor genesis add` adds them.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=512))]
    validators: u32,
    /// The folder for the genesis file and the folders of keys.
    #[arg(long, value_name = "DIR", default_value = "network")]
    out: PathBuf,
    /// The chain's id.
    #[arg(long, value_name = "C", default_value_t = 1_337, value_parser = clap::value_parser!(u64).range(1..=9_223_372_036_854_775_771))]
    chain_id: u64,
    /// Seconds between blocks.
    #[arg(long, value_name = "S", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    block_time: u64,
    /// The stake of each validator in coins.
    #[arg(long, value_name = "COINS", value_parser = coins, default_value = "10000")]
    stake: U256,
    /// Who owns the stakes and is given the shares of team and ecosystem; without it a key is made.
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<Address>,
    /// Seconds since 1970 at which the chain starts; now if nothing else is said.
    #[arg(long, value_name = "SECONDS")]
    time: Option<u64>,
    /// Found custody of outer coins, with this account as its steward.
    #[arg(long, value_name = "ADDRESS")]
    custody_steward: Option<Address>,
    /// Replace files that are there; keys among them are lost then.
    #[arg(long)]
    force: bool,
}

/// Makes everything, or says why not before anything is written.
pub(super) fn run(args: &Args) -> Outcome {
    let nodes: Vec<_> = (1..=args.validators).map(|i| args.out.join(format!("node-{i}"))).collect();
    let path = args.out.join("genesis.json");
    free(args, &path, &nodes)?;
    let made: Vec<_> = nodes.iter().map(|_| keys::fresh()).collect();
    // With any owner, so that mistakes are found before a key is written.
    found(args, Address::repeat_byte(1), &made).map_err(|broken| refuse(&path, &broken))?;
    let owner = match args.owner {
        Some(owner) => owner,
        None => keys::write_account(&args.out.join(OWNER_FILE), existing(args.force))?,
    };
    let file = found(args, owner, &made).map_err(|broken| refuse(&path, &broken))?;
    for (folder, keys) in nodes.iter().zip(&made) {
        keys::write(folder, keys, existing(args.force))?;
    }
    output::write_whole(&path, file.write().as_bytes())?;
    output::print(&text(args, &path, &file, owner)?)
}

/// Refuses to write over anything.
fn free(args: &Args, path: &Path, nodes: &[PathBuf]) -> Outcome {
    let of_nodes = nodes.iter().flat_map(|folder| {
        [keys::NODE_FILE, keys::BEACON_FILE, keys::PUBLIC_FILE].map(|file| folder.join(file))
    });
    let owner = args.owner.is_none().then(|| args.out.join(OWNER_FILE));
    let mut all = std::iter::once(path.to_path_buf()).chain(owner).chain(of_nodes);
    match all.find(|path| !args.force && path.symlink_metadata().is_ok()) {
        Some(taken) => Err(CliError::Exists(taken)),
        None => Ok(()),
    }
}

fn found(
    args: &Args,
    owner: Address,
    made: &[NodeKeys],
) -> Result<GenesisFile, Vec<fusor_chain_lite::founding::Broken>> {
    let chain = Genesis {
        chain_id: args.chain_id,
        time: args.time.unwrap_or_else(now),
        block_time: args.block_time,
        time_step_max: Some(3_600),
        base_fee: BaseFee::Market(BASE_FEE),
        dev: false,
        custody: args.custody_steward.map(|steward| dcrm::Rules { steward, ..dcrm::Rules::default() }),
        ..Genesis::default()
    };
    let mut file = GenesisFile::economics(chain, owner, owner);
    if let Some(founding) = &mut file.consensus {
        founding.params.validators_max = founding.params.validators_max.max(args.validators);
    }
    let member = |keys| Member {
        keys: PublicKeys::of(keys),
        owner,
        payout: owner,
        stake: args.stake,
        from: "ecosystem".into(),
    };
    file.add_all(made.iter().map(member).collect())?;
    Ok(file)
}

/// Returns the seconds since 1970; 0 if the clock stands before.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn text(args: &Args, path: &Path, file: &GenesisFile, owner: Address) -> Outcome<String> {
    let mut out = format!("{}\n", path.display());
    match args.validators {
        0 => out.push_str("no validators yet: `fusor genesis keys` and `fusor genesis add`\n"),
        count => {
            out.push_str(&format!("{count} validators stake {} each\n", amount::show(args.stake)));
            out.push_str(&format!("block 0 {}\n", hash(path, file)?));
        }
    }
    let held = if args.owner.is_none() {
        format!(", key in {}", args.out.join(OWNER_FILE).display())
    } else {
        String::new()
    };
    out.push_str(&format!("owner {owner}{held}\n"));
    if let Some(steward) = args.custody_steward {
        out.push_str(&format!("custody, steward {steward}\n"));
    }
    Ok(out)
}

fn hash(path: &Path, file: &GenesisFile) -> Outcome<B256> {
    let genesis = file.clone().into_genesis().map_err(|broken| refuse(path, &broken))?;
    block_zero(&genesis).map_err(|source| CliError::Genesis { path: path.to_path_buf(), source })
}
