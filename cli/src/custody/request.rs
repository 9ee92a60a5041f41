//! Knows what a request is, how far it is, and what it waits for.

use super::coin::{Coin, Coins};
use crate::{
    error::Outcome,
    network::{client::Client, wallet::number},
};
use alloy_primitives::{Address, U256};
use serde_json::{Value, json};
use std::fmt::Write;

/// Is a request as a node tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request(Value);

impl Request {
    /// Asks for the request `number`; none if it was never made.
    pub(crate) fn ask(client: &Client, number: u64) -> Outcome<Option<Self>> {
        let answer = client.ask("fusor_dcrmRequest", &json!([format!("{number:#x}")]))?;
        Ok((!answer.is_null()).then_some(Self(answer)))
    }

    /// Asks for the requests of an account, the newest first.
    pub(crate) fn of(client: &Client, account: Address) -> Outcome<Vec<Self>> {
        Self::list(client, "fusor_dcrmRequests", &json!([account]))
    }

    /// Asks for the lock-outs that the operator of the node's custodian decides about.
    pub(crate) fn for_operator(client: &Client) -> Outcome<Vec<Self>> {
        Self::list(client, "fusor_dcrmApprovals", &json!([]))
    }

    fn list(client: &Client, method: &str, parameters: &Value) -> Outcome<Vec<Self>> {
        let answer = client.ask(method, parameters)?;
        Ok(answer.as_array().into_iter().flatten().cloned().map(Self).collect())
    }

    /// Returns a text of it; empty if it has none of that name.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns a number of it.
    pub(crate) fn number(&self, key: &str) -> U256 {
        self.0.get(key).and_then(number).unwrap_or_default()
    }

    /// Says what it waits for; none if for nothing.
    pub(crate) fn waits_for(&self) -> Option<&str> {
        self.0.get("waitsFor").and_then(Value::as_str)
    }

    /// Says whether it is a lock-in.
    pub(crate) fn is_lock_in(&self) -> bool {
        self.text("kind") == "lock-in"
    }

    /// Shows its amount; in smallest units where the coin is not listed.
    pub(crate) fn amount(&self, coins: &Coins) -> String {
        let (units, name) = (self.number("amount"), self.text("coin"));
        coins.find(name).map_or_else(|_| format!("{units} units of {name}"), |coin: &Coin| coin.show(units))
    }

    /// Describes it in lines.
    pub(crate) fn describe(&self, coins: &Coins) -> String {
        let credited = if self.is_lock_in() { "credited" } else { "amount" };
        let rows = [
            ("request", format!("{}, {}", self.number("request"), self.text("kind"))),
            ("status", self.text("status").to_owned()),
            ("waits for", self.waits_for().unwrap_or("nothing").to_owned()),
            (credited, self.amount(coins)),
            ("vault", self.number("vault").to_string()),
            ("owner", self.text("owner").to_owned()),
            ("for", self.text("beneficiary").to_owned()),
            ("address", self.text("address").to_owned()),
            ("pays to", self.text("destination").to_owned()),
            ("fee below", self.max_fee(coins)),
            ("outer tx", self.text("transaction").to_owned()),
        ];
        lines(&rows)
    }

    fn max_fee(&self, coins: &Coins) -> String {
        let units = self.number("maxFee");
        let own = coins.find(self.text("coin")).and_then(|coin| coins.own(&coin.chain));
        match own {
            Ok(own) if !units.is_zero() => own.show(units),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
impl From<Value> for Request {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

/// Writes names and values in two columns; rows without a value are left out.
pub(crate) fn lines(rows: &[(&str, String)]) -> String {
    rows.iter().filter(|(_, value)| !value.is_empty()).fold(String::new(), |mut out, (name, value)| {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{name:<12}{value}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_what_there_is() {
        let request = Request(
            json!({ "request": "0x3", "kind": "lock-out", "status": "asked", "coin": "LTC",
            "waitsFor": "a plan", "amount": "0x10", "vault": "0x1", "destination": "ltc1q", "address": null }),
        );
        let text = request.describe(&Coins::default());
        assert!(text.contains("request     3, lock-out\n"), "{text}");
        assert!(text.contains("waits for   a plan\n"), "{text}");
        assert!(text.contains("amount      16 units of LTC\n"), "{text}");
        assert!(!text.contains("address") && !text.contains("outer tx"), "{text}");
    }
}
