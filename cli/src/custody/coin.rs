//! Knows the coins that a node lists.

use super::amount;
use crate::{
    error::{CliError, Outcome},
    network::{client::Client, wallet::number},
};
use alloy_primitives::{Address, B256, U256};
use fusor_vm::dcrm;
use serde_json::{Value, json};

/// Is a coin of an outer chain that is mapped here; amounts are in its smallest units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Coin {
    /// Its name.
    pub(crate) name: String,
    /// Its chain's name.
    pub(crate) chain: String,
    /// The token's address; none for the chain's own coin.
    pub(crate) token: Option<Address>,
    /// The asset that is its mapping.
    pub(crate) asset: U256,
    /// The decimals of its smallest unit.
    pub(crate) decimals: u8,
    /// Less than that is not credited.
    pub(crate) min_deposit: U256,
    /// What a lock-in costs of the deposit.
    pub(crate) in_fee: U256,
    /// The most that a lock-out's outer transaction may cost, in the smallest units of the chain's own coin.
    pub(crate) max_fee: U256,
    /// Less than that is not locked out.
    pub(crate) min_out: U256,
}

impl Coin {
    fn read(row: &Value) -> Option<Self> {
        let text = |key: &str| row.get(key).and_then(Value::as_str).map(str::to_owned);
        let units = |key: &str| row.get(key).and_then(number);
        Some(Self {
            name: text("coin")?,
            chain: text("chain")?,
            token: text("token").and_then(|token| token.parse().ok()),
            asset: units("asset")?,
            decimals: row.get("decimals")?.as_u64()?.try_into().ok()?,
            min_deposit: units("minDeposit")?,
            in_fee: units("lockInFee")?,
            max_fee: units("maxFee")?,
            min_out: units("minLockOut")?,
        })
    }

    /// Returns its name as the custody account knows it.
    pub(crate) fn id(&self) -> B256 {
        dcrm::name(&self.name)
    }

    /// Reads an amount of it. Errors: none that it can hold.
    pub(crate) fn units(&self, text: &str) -> Outcome<U256> {
        amount::read(text, self.decimals)
            .map_err(|message| CliError::Usage(format!("{}: {message}", self.name)))
    }

    /// Shows an amount of it.
    pub(crate) fn show(&self, units: U256) -> String {
        amount::show(units, self.decimals, &self.name)
    }
}

/// Holds the coins that a node lists.
#[derive(Debug, Clone, Default)]
pub(crate) struct Coins(Vec<Coin>);

#[cfg(test)]
impl From<Vec<Coin>> for Coins {
    fn from(coins: Vec<Coin>) -> Self {
        Self(coins)
    }
}

impl Coins {
    /// Asks a node for its coins. Errors: no answer, or a chain without custody.
    pub(crate) fn ask(client: &Client) -> Outcome<Self> {
        let rows = client.ask("fusor_dcrmCoins", &json!([]))?;
        let rows = rows.as_array().into_iter().flatten().map(Coin::read);
        rows.collect::<Option<_>>()
            .map(Self)
            .ok_or_else(|| client.refuse("fusor_dcrmCoins: not a list of coins"))
    }

    /// Finds a coin by its name, whether in capitals or not. Errors: an unknown name; the message lists those that are
    /// known.
    pub(crate) fn find(&self, name: &str) -> Outcome<&Coin> {
        let exact = self.0.iter().find(|coin| coin.name == name);
        let found = exact.or_else(|| self.0.iter().find(|coin| coin.name.eq_ignore_ascii_case(name)));
        found.ok_or_else(|| {
            let known: Vec<_> = self.0.iter().map(|coin| coin.name.as_str()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            CliError::Usage(format!("no coin {name}; this chain lists {known}"))
        })
    }

    /// Returns the coin in which transactions of `chain` are paid. Errors: it is not listed.
    pub(crate) fn own(&self, chain: &str) -> Outcome<&Coin> {
        let own = self.0.iter().find(|coin| coin.chain == chain && coin.token.is_none());
        own.ok_or_else(|| {
            CliError::Usage(format!("the own coin of {chain} is not listed, so no fee can be named"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, chain: &str, token: Option<Address>) -> Value {
        json!({ "coin": name, "chain": chain, "token": token, "asset": "0x7", "decimals": 8, "minDeposit": "0xa",
            "lockInFee": "0x5", "maxFee": "0x6", "minLockOut": "0x8" })
    }

    fn coins() -> Coins {
        let rows = [row("ETH", "ethereum", None), row("USD", "ethereum", Some(Address::repeat_byte(1)))];
        Coins(rows.iter().map(|row| Coin::read(row).unwrap()).collect())
    }

    #[test]
    fn finds_coins_in_any_case_and_lists_those_it_has() {
        assert_eq!(coins().find("eth").unwrap().name, "ETH");
        let error = coins().find("doge").unwrap_err().to_string();
        assert_eq!(error, "no coin doge; this chain lists ETH, USD");
        let error = Coins::default().find("doge").unwrap_err().to_string();
        assert!(error.ends_with("lists none"), "{error}");
    }

    #[test]
    fn fees_of_tokens_are_paid_in_the_chains_own_coin() {
        let coins = coins();
        assert_eq!(coins.own(&coins.find("USD").unwrap().chain).unwrap().name, "ETH");
        assert!(coins.own("litecoin").is_err());
    }

    #[test]
    fn a_row_that_lacks_something_is_none() {
        for key in ["coin", "chain", "asset", "decimals", "minDeposit", "lockInFee", "maxFee", "minLockOut"] {
            let mut row = row("LTC", "litecoin", None);
            row.as_object_mut().unwrap().remove(key);
            assert_eq!(Coin::read(&row), None, "{key}");
        }
    }
}
