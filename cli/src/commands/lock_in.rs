//! `fusor lock-in`: asks for an address of an outer chain whose deposits become assets here.

use crate::{
    custody::{
        account::{Account, Signer, event},
        coin::{Coin, Coins},
        follow::follow,
        request::lines,
    },
    error::{CliError, Outcome},
    output,
};
use alloy_primitives::{Address, U256};
use fusor_vm::{
    dcrm::{self, AddressGiven},
    precompile::ICustody::{chainCall, requestAddressCall},
};

/// Gives an address of the coin's own chain; what arrives there is credited here.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The coin, for example btc.
    coin: String,
    /// How much will be sent, in coins.
    amount: String,
    /// Who is credited; the account that asks by default.
    #[arg(long, value_name = "ACCOUNT")]
    to: Option<Address>,
    /// The vault that keeps the coins; the chain chooses by default.
    #[arg(long, value_name = "N", default_value_t = 0)]
    vault: u64,
    /// Wait until the deposit is credited.
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    signer: Signer,
}

/// Asks, prints the address, and waits if it is to.
pub(crate) fn run(args: &Args) -> Outcome {
    let account = args.signer.open()?;
    let coins = Coins::ask(account.client())?;
    let coin = coins.find(&args.coin)?;
    let amount = enough(coin, &args.amount)?;
    let fee = account.request_fee()?;
    let beneficiary = args.to.unwrap_or(account.address());
    let call = requestAddressCall { coin: coin.id(), beneficiary, vault: args.vault };
    let receipt = account.act(fee, &call)?;
    let given: AddressGiven =
        event(&receipt).ok_or_else(|| account.client().refuse("the receipt names no address"))?;
    output::print(&text(&account, coin, amount, &given)?)?;
    match args.wait {
        true => follow(account.client(), &coins, coin, given.request),
        false => Ok(()),
    }
}

/// Reads the amount. Errors: less than the coin's least deposit.
fn enough(coin: &Coin, text: &str) -> Outcome<U256> {
    let amount = coin.units(text)?;
    if amount >= coin.min_deposit {
        return Ok(amount);
    }
    let (least, found) = (coin.show(coin.min_deposit), coin.show(amount));
    Err(CliError::Usage(format!("{found} is too little: less than {least} is not credited")))
}

fn text(account: &Account, coin: &Coin, amount: U256, given: &AddressGiven) -> Outcome<String> {
    let confirmations = account.ask(&chainCall { name: dcrm::name(&coin.chain) })?.confirmations;
    Ok(lines(&[
        ("request", given.request.to_string()),
        ("address", given.outer.clone()),
        ("send", format!("{} on {} to this address", coin.show(amount), coin.chain)),
        ("waits for", format!("{confirmations} confirmations")),
        ("fee", coin.show(coin.in_fee)),
        ("credits", format!("{} to {}", coin.show(amount.saturating_sub(coin.in_fee)), given.beneficiary)),
    ]))
}
