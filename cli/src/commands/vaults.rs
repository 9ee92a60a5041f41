//! `fusor vaults`: what vaults hold and owe, and who holds their keys' shares.

mod people;

use crate::{
    custody::{account::Node, coin::Coins},
    error::Outcome,
    input::decimal::show_units,
    network::wallet::number,
    output,
    table::{Side, Table},
};
use alloy_primitives::U256;
use serde_json::{Value, json};

/// Shows every vault, what it holds and owes, and the custodians with those who run them.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    node: Node,
}

/// Shows the vaults and the custodians.
pub(crate) fn run(args: &Args) -> Outcome {
    let client = args.node.client()?;
    let coins = Coins::ask(&client)?;
    let vaults = client.ask("fusor_dcrmVaults", &json!([]))?;
    let custodians = client.ask("fusor_dcrmCustodians", &json!([]))?;
    let warnings = people::warnings(&vaults);
    let text = format!("{}\n{}{warnings}", books(&vaults, &coins), people::table(&custodians, &vaults));
    output::print(&text)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn quantity(value: &Value, key: &str) -> U256 {
    value.get(key).and_then(number).unwrap_or_default()
}

fn rows<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// Shows a row for each coin of each vault.
fn books(vaults: &Value, coins: &Coins) -> String {
    let columns = ["custody", "circulating", "in flight", "cap", "shortfall"].map(|name| (name, Side::Right));
    let head = [
        ("vault", Side::Right),
        ("chain", Side::Left),
        ("state", Side::Left),
        ("shares", Side::Left),
        ("epoch", Side::Right),
        ("coin", Side::Left),
    ];
    let mut table = Table::new(&[head.as_slice(), columns.as_slice()].concat());
    for vault in vaults.as_array().into_iter().flatten() {
        let mut own = own_cells(vault);
        for book in rows(vault, "books") {
            let [a, b, c, d, e] = std::mem::take(&mut own);
            let [custody, circulating, in_flight, cap, lack] = money(vault, book, coins);
            let coin = text(book, "coin").to_owned();
            table.row([a, b, c, d, e, coin, custody, circulating, in_flight, cap, lack]);
        }
    }
    if vaults.as_array().is_none_or(Vec::is_empty) {
        table.note("no vaults yet".into());
    }
    table.text()
}

fn own_cells(vault: &Value) -> [String; 5] {
    let next = vault.get("next").filter(|next| !next.is_null());
    let state = match next {
        Some(next) => format!("{}, next group {}", text(vault, "state"), text(next, "state")),
        None => text(vault, "state").to_owned(),
    };
    let group = vault.get("group").filter(|group| !group.is_null()).or(next);
    let shares = group.map(|group| {
        let threshold = group.get("threshold").and_then(Value::as_u64).unwrap_or_default();
        format!("{threshold} of {}", rows(group, "members").count())
    });
    [
        quantity(vault, "vault").to_string(),
        text(vault, "chain").to_owned(),
        state,
        shares.unwrap_or_default(),
        quantity(vault, "epoch").to_string(),
    ]
}

fn money(vault: &Value, book: &Value, coins: &Coins) -> [String; 5] {
    let coin = text(book, "coin");
    let decimals = coins.find(coin).map_or(0, |coin| coin.decimals);
    let show = |key| show_units(quantity(book, key), decimals);
    let lack = vault.get("shortfall").filter(|lack| text(lack, "coin") == coin);
    let lack = lack.map_or("0".to_owned(), |lack| show_units(quantity(lack, "amount"), decimals));
    [show("custody"), show("circulating"), show("inFlight"), show("cap"), lack]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_a_vault_with_two_coins_and_one_in_the_making() {
        let book = |coin: &str| {
            let (custody, circulating) = ("0x7", "0x9");
            json!({ "coin": coin, "custody": custody, "circulating": circulating, "inFlight": "0x1", "cap": "0x64" })
        };
        let group = |threshold: u64, size: usize| json!({ "threshold": threshold, "members": vec![json!({}); size], "state": "making its key" });
        let vaults = json!([
            { "vault": "0x1", "chain": "ethereum", "state": "halted", "epoch": "0x2", "group": group(2, 3),
              "books": [book("ETH"), book("USD")], "shortfall": { "coin": "USD", "amount": "0x3" }, "next": null },
            { "vault": "0x2", "chain": "litecoin", "state": "opening", "epoch": "0x0", "group": null,
              "books": [book("LTC")], "shortfall": null, "next": group(3, 5) },
        ]);
        let text = books(&vaults, &Coins::default());
        let lines: Vec<_> =
            text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(lines[1], "1 ethereum halted 2 of 3 2 ETH 7 9 1 100 0");
        assert_eq!(lines[2], "USD 7 9 1 100 3");
        assert_eq!(lines[3], "2 litecoin opening, next group making its key 3 of 5 0 LTC 7 9 1 100 0");
        assert!(books(&json!([]), &Coins::default()).ends_with("no vaults yet\n"));
    }
}
