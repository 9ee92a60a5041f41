//! What the steward does with outer chains, coins and vaults that are there.

use crate::{
    custody::{
        account::{Account, Signer},
        amount,
        coin::Coins,
    },
    error::{CliError, Outcome},
    output,
};
use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use fusor_vm::{
    dcrm::{self, Family},
    precompile::ICustody::{
        chainCall, haltCall, regroupCall, resumeCall, retireCall, setChainCall, setCoinCall, setGenesisCall,
    },
};

/// Describes an outer chain.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("family").required(true))]
pub(crate) struct ChainArgs {
    /// Its name, as custodians' files have it.
    #[arg(value_parser = name)]
    chain: B256,
    /// It is of the Bitcoin family; its addresses begin with this prefix, for example bc.
    #[arg(long, value_name = "PREFIX", group = "family", value_parser = name)]
    bitcoin: Option<B256>,
    /// It is an Ethereum with this chain id.
    #[arg(long, value_name = "ID", group = "family")]
    ethereum: Option<u64>,
    /// Blocks after which a transaction counts, its own included.
    #[arg(long, value_name = "N")]
    confirmations: u32,
    /// Deposits are credited only if headers prove them too, each of at least the work of this compact target: Bitcoin's
    /// easiest is 0x1d00ffff. For chains whose work is double SHA-256. What is listed stays without this option.
    #[arg(long, value_name = "BITS", requires = "bitcoin", requires = "genesis", value_parser = bits)]
    proof_target: Option<U256>,
    /// Deposits need no headers any more.
    #[arg(long, conflicts_with = "proof_target")]
    no_proofs: bool,
    /// The hash of its first block, as explorers show it. It is named once.
    #[arg(long, value_name = "HASH", requires = "bitcoin")]
    genesis: Option<B256>,
    #[command(flatten)]
    signer: Signer,
}

/// Describes a coin. Amounts are in coins.
#[derive(Debug, clap::Args)]
pub(crate) struct CoinArgs {
    /// Its name, which is its symbol here too.
    #[arg(value_parser = name)]
    coin: B256,
    /// The outer chain that it is of.
    #[arg(long, value_name = "NAME", value_parser = name)]
    chain: B256,
    /// The token's contract; none for the chain's own coin.
    #[arg(long, value_name = "ADDRESS")]
    token: Option<Address>,
    /// The decimals of its smallest unit.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=18))]
    decimals: u8,
    /// Less is not credited.
    #[arg(long, value_name = "COINS")]
    min_deposit: String,
    /// What a lock-in costs of the deposit.
    #[arg(long, value_name = "COINS")]
    in_fee: String,
    /// The most that a lock-out's outer transaction may cost, in the own coin of the chain.
    #[arg(long, value_name = "COINS")]
    max_fee: String,
    /// Less is not locked out.
    #[arg(long, value_name = "COINS")]
    min_out: String,
    /// What wallets show.
    #[arg(long, value_name = "TEXT")]
    title: String,
    #[command(flatten)]
    signer: Signer,
}

/// Says which vault.
#[derive(Debug, clap::Args)]
pub(crate) struct VaultArgs {
    /// The vault's number.
    vault: u64,
    #[command(flatten)]
    signer: Signer,
}

/// Reads a name of 1 to 31 bytes.
pub(super) fn name(text: &str) -> Result<B256, String> {
    match text.len() {
        1..=31 => Ok(dcrm::name(text)),
        _ => Err("expected a name of 1 to 31 bytes".into()),
    }
}

/// Reads a compact target, as headers have it.
fn bits(text: &str) -> Result<U256, String> {
    let number = text.strip_prefix("0x").and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let target = number.and_then(dcrm::target).map(U256::from_be_bytes);
    target.ok_or_else(|| "expected a compact target, for example 0x1d00ffff".into())
}

/// Lists or changes an outer chain.
pub(super) fn chain(args: &ChainArgs) -> Outcome {
    let account = args.signer.open()?;
    let family = if args.bitcoin.is_some() { Family::Bitcoin } else { Family::Ethereum };
    let call = setChainCall {
        name: args.chain,
        family: family as u8,
        chainId: args.ethereum.unwrap_or_default(),
        prefix: args.bitcoin.unwrap_or_default(),
        confirmations: args.confirmations,
        proofTarget: proof_target(args, &account)?,
    };
    account.act(U256::ZERO, &call)?;
    if let Some(mut hash) = args.genesis {
        // Hashes of blocks are shown in reverse.
        hash.reverse();
        account.act(U256::ZERO, &setGenesisCall { chain: args.chain, hash })?;
    }
    output::print(&format!("{} is listed\n", dcrm::text(args.chain)))
}

/// Returns the proof target that is asked for, or else the one that is listed.
fn proof_target(args: &ChainArgs, account: &Account) -> Outcome<U256> {
    match args.proof_target {
        Some(target) => Ok(target),
        None if args.no_proofs => Ok(U256::ZERO),
        None => match account.ask(&chainCall { name: args.chain }) {
            Ok(listed) => Ok(listed.proofTarget),
            Err(CliError::Rpc { message, .. }) if message.contains(dcrm::NONE_BY_NAME) => Ok(U256::ZERO),
            Err(error) => Err(error),
        },
    }
}

/// Lists or changes a coin.
pub(super) fn coin(args: &CoinArgs) -> Outcome {
    let account = args.signer.open()?;
    let call = coin_call(args, fee_decimals(args, &account)?)?;
    account.act(U256::ZERO, &call)?;
    output::print(&format!("{} is listed\n", dcrm::text(args.coin)))
}

/// Returns the decimals of the coin that the chain's fees are paid in.
fn fee_decimals(args: &CoinArgs, account: &Account) -> Outcome<u8> {
    match args.token {
        None => Ok(args.decimals),
        Some(_) => Ok(Coins::ask(account.client())?.own(&dcrm::text(args.chain))?.decimals),
    }
}

fn coin_call(args: &CoinArgs, fee_decimals: u8) -> Outcome<setCoinCall> {
    let read = |option, text: &str, decimals| {
        amount::read(text, decimals).map_err(|message| CliError::Option { option, message })
    };
    Ok(setCoinCall {
        id: args.coin,
        chain: args.chain,
        token: args.token.unwrap_or_default(),
        decimals: args.decimals,
        minDeposit: read("--min-deposit", &args.min_deposit, args.decimals)?,
        inFee: read("--in-fee", &args.in_fee, args.decimals)?,
        maxFee: read("--max-fee", &args.max_fee, fee_decimals)?,
        minOut: read("--min-out", &args.min_out, args.decimals)?,
        title: args.title.clone(),
    })
}

/// Halts a vault.
pub(super) fn halt(args: &VaultArgs) -> Outcome {
    on_vault(args, &haltCall { vault: args.vault }, "is halted")
}

/// Lets a halted vault go on.
pub(super) fn resume(args: &VaultArgs) -> Outcome {
    on_vault(args, &resumeCall { vault: args.vault }, "goes on")
}

/// Begins to retire a vault.
pub(super) fn retire(args: &VaultArgs) -> Outcome {
    on_vault(args, &retireCall { vault: args.vault }, "is retiring")
}

/// Starts a new group for a vault.
pub(super) fn regroup(args: &VaultArgs) -> Outcome {
    on_vault(args, &regroupCall { vault: args.vault }, "gets a new group")
}

fn on_vault(args: &VaultArgs, call: &impl SolCall, done: &str) -> Outcome {
    args.signer.open()?.act(U256::ZERO, call)?;
    output::print(&format!("vault {} {done}\n", args.vault))
}
