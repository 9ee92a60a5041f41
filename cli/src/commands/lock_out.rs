//! `fusor lock-out`: gives assets back and has their coins paid on the outer chain.

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
use alloy_primitives::U256;
use fusor_vm::{dcrm::OutAsked, precompile::ICustody::lockOutCall};

/// Has coins paid to an address of their own chain, for the assets that stand for them here.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The coin, for example btc.
    coin: String,
    /// How much, in coins.
    amount: String,
    /// Where to, as the coin's chain writes it.
    destination: String,
    /// The most that the outer transaction may cost, in the own coin of its chain; what the coin allows by default.
    #[arg(long, value_name = "COINS")]
    max_fee: Option<String>,
    /// The vault that pays; the chain chooses by default.
    #[arg(long, value_name = "N", default_value_t = 0)]
    vault: u64,
    /// Wait until it is paid.
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    signer: Signer,
}

/// Asks, prints the request, and waits if it is to.
pub(crate) fn run(args: &Args) -> Outcome {
    let account = args.signer.open()?;
    let coins = Coins::ask(account.client())?;
    let coin = coins.find(&args.coin)?;
    let own = coins.own(&coin.chain)?;
    let amount = allowed(&account, coin, &args.amount)?;
    let max_fee = max_fee(coin, own, args.max_fee.as_deref())?;
    let call = lockOutCall {
        coin: coin.id(),
        amount,
        destination: args.destination.clone(),
        maxFee: max_fee,
        vault: args.vault,
    };
    let receipt = account.act(account.request_fee()?, &call)?;
    let asked: OutAsked =
        event(&receipt).ok_or_else(|| account.client().refuse("the receipt names no request"))?;
    output::print(&text(coin, own, max_fee, &asked))?;
    match args.wait {
        true => follow(account.client(), &coins, coin, asked.request),
        false => Ok(()),
    }
}

/// Reads the amount. Errors: less than the coin's least lock-out, or more than the account may send.
fn allowed(account: &Account, coin: &Coin, text: &str) -> Outcome<U256> {
    let amount = coin.units(text)?;
    let found = coin.show(amount);
    if amount < coin.min_out {
        let least = coin.show(coin.min_out);
        return Err(CliError::Usage(format!("{found} is too little: the least lock-out is {least}")));
    }
    let free = account.free(coin.asset)?;
    match free >= amount {
        true => Ok(amount),
        false => {
            let (who, held) = (account.address(), coin.show(free));
            Err(CliError::Usage(format!("{who} holds {held} that it may send, less than {found}")))
        }
    }
}

/// Reads the largest fee. Errors: above what the coin allows, or zero.
fn max_fee(coin: &Coin, own: &Coin, text: Option<&str>) -> Outcome<U256> {
    let Some(text) = text else { return Ok(coin.max_fee) };
    let fee = own.units(text)?;
    let fail = |message: String| Err(CliError::Option { option: "--max-fee", message });
    match fee {
        fee if fee.is_zero() => fail("an outer transaction costs something".into()),
        fee if fee > coin.max_fee => fail(format!("{} allows {} at most", coin.name, own.show(coin.max_fee))),
        fee => Ok(fee),
    }
}

fn text(coin: &Coin, own: &Coin, max_fee: U256, asked: &OutAsked) -> String {
    let least = match coin.token {
        Some(_) => coin.show(asked.amount),
        None => format!("{} at least", coin.show(asked.amount.saturating_sub(max_fee))),
    };
    lines(&[
        ("request", asked.request.to_string()),
        ("gives", coin.show(asked.amount)),
        ("pays", least),
        ("pays to", format!("{} on {}", asked.destination, coin.chain)),
        ("fee below", own.show(max_fee)),
        ("vault", asked.vault.to_string()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::Address;

    fn coin(token: Option<Address>) -> Coin {
        let small = U256::from(10);
        Coin {
            name: "ETH".into(),
            chain: "ethereum".into(),
            token,
            asset: U256::from(7),
            decimals: 2,
            min_deposit: small,
            in_fee: U256::ONE,
            max_fee: U256::from(5),
            min_out: small,
        }
    }

    #[test]
    fn the_largest_fee_is_bounded_by_the_coin() {
        let coin = coin(None);
        let read = |text| max_fee(&coin, &coin, text).map_err(|error| error.to_string());
        assert_eq!(read(None), Ok(U256::from(5)));
        assert_eq!(read(Some("0.03")), Ok(U256::from(3)));
        assert_eq!(read(Some("0.06")), Err("--max-fee: ETH allows 0.05 ETH at most".into()));
        assert_eq!(read(Some("0")), Err("--max-fee: an outer transaction costs something".into()));
        assert!(read(Some("0.001")).unwrap_err().contains("more than 2 decimals"));
    }

    #[test]
    fn the_fee_is_taken_of_the_own_coin_and_not_of_a_token() {
        let asked = OutAsked {
            request: 4,
            owner: Address::ZERO,
            vault: 1,
            coin: coin(None).id(),
            amount: U256::from(100),
            destination: "0x01".into(),
        };
        let own = text(&coin(None), &coin(None), U256::from(5), &asked);
        assert!(own.contains("pays        0.95 ETH at least\n"), "{own}");
        let token = text(&coin(Some(Address::repeat_byte(1))), &coin(None), U256::from(5), &asked);
        assert!(token.contains("pays        1 ETH\n"), "{token}");
    }
}
