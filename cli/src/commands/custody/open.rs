//! What the steward says of a vault: its coins with their caps, and t of m.

use super::steward::name;
use crate::{
    custody::{account::Signer, coin::Coins},
    error::{CliError, Outcome},
    output,
};
use alloy_primitives::{B256, U256};
use fusor_vm::{
    dcrm::{self, Scheme, VaultOpened},
    precompile::ICustody::{Cap, coverCall, openVaultCall, setCapCall, setSizeCall},
};

/// Describes a new vault.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The outer chain.
    #[arg(value_parser = name)]
    chain: B256,
    /// A coin that it holds, and how much of it at most; once for each.
    #[arg(long = "cap", value_name = "COIN=AMOUNT", required = true)]
    caps: Vec<String>,
    #[command(flatten)]
    size: Size,
    /// Sign by Schnorr (taproot) and not by ECDSA; for a chain of the Bitcoin family.
    #[arg(long)]
    schnorr: bool,
    #[command(flatten)]
    signer: Signer,
}

/// Says t of m.
#[derive(Debug, clap::Args)]
pub(crate) struct Size {
    /// How many shares sign (t).
    #[arg(long, value_name = "T")]
    threshold: u16,
    /// How many custodians hold a share each (m); t - 1 is less than half of it.
    #[arg(long, value_name = "M")]
    size: u16,
}

/// Names an amount of a coin at a vault.
#[derive(Debug, clap::Args)]
pub(crate) struct CapArgs {
    /// The vault's number.
    vault: u64,
    /// The coin.
    coin: String,
    /// How much of it, in coins.
    amount: String,
    #[command(flatten)]
    signer: Signer,
}

/// Says how large a vault's next group is.
#[derive(Debug, clap::Args)]
pub(crate) struct SizeArgs {
    /// The vault's number.
    vault: u64,
    #[command(flatten)]
    size: Size,
    #[command(flatten)]
    signer: Signer,
}

/// Opens a vault.
pub(super) fn run(args: &Args) -> Outcome {
    let account = args.signer.open()?;
    let coins = Coins::ask(account.client())?;
    let caps = args.caps.iter().map(|text| cap(text, &coins)).collect::<Outcome<_>>()?;
    let scheme = if args.schnorr { Scheme::Schnorr } else { Scheme::Ecdsa };
    let Size { threshold, size } = args.size;
    let call = openVaultCall { chain: args.chain, scheme: scheme as u8, threshold, size, caps };
    let receipt = account.act(U256::ZERO, &call)?;
    let opened: Option<VaultOpened> = crate::custody::account::event(&receipt);
    let vault = opened.ok_or_else(|| account.client().refuse("the receipt names no vault"))?.vault;
    let chain = dcrm::text(args.chain);
    output::print(&format!("vault {vault} of {chain} is opened; `fusor vaults` shows when its key is made\n"))
}

fn cap(text: &str, coins: &Coins) -> Outcome<Cap> {
    let message = format!("expected COIN=AMOUNT, found `{text}`");
    let (name, amount) = text.split_once('=').ok_or(CliError::Option { option: "--cap", message })?;
    let coin = coins.find(name)?;
    Ok(Cap { coin: coin.id(), cap: coin.units(amount)? })
}

/// Changes how much of a coin a vault may hold.
pub(super) fn set_cap(args: &CapArgs) -> Outcome {
    let account = args.signer.open()?;
    let coins = Coins::ask(account.client())?;
    let coin = coins.find(&args.coin)?;
    let cap = coin.units(&args.amount)?;
    account.act(U256::ZERO, &setCapCall { vault: args.vault, coin: coin.id(), cap })?;
    output::print(&format!("vault {} holds {} at most\n", args.vault, coin.show(cap)))
}

/// Gives units up to cover what a vault lacks, or for the reserve that its fees are paid from.
pub(super) fn cover(args: &CapArgs) -> Outcome {
    let account = args.signer.open()?;
    let coins = Coins::ask(account.client())?;
    let coin = coins.find(&args.coin)?;
    let amount = coin.units(&args.amount)?;
    account.act(U256::ZERO, &coverCall { vault: args.vault, coin: coin.id(), amount })?;
    output::print(&format!("{} given up for vault {}\n", coin.show(amount), args.vault))
}

/// Changes t of m of a vault's next group.
pub(super) fn set_size(args: &SizeArgs) -> Outcome {
    let Size { threshold, size } = args.size;
    args.signer.open()?.act(U256::ZERO, &setSizeCall { vault: args.vault, threshold, size })?;
    output::print(&format!("vault {}: {threshold} of {size} from its next group on\n", args.vault))
}
