//! Follows a request to its end, and says what is being waited for.

use super::{
    coin::{Coin, Coins},
    request::Request,
};
use crate::{
    error::{CliError, Outcome},
    network::client::Client,
    output,
};
use std::time::Duration;

/// How often a node is asked.
const PAUSE: Duration = Duration::from_secs(1);

/// Is how far a request is.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// It waits.
    Waits(String),
    /// It is carried out.
    Done(String),
    /// It will not be.
    Failed(String),
}

/// Waits until a request is carried out. Errors: it came back, or was never made. A node that does not answer for a
/// while is asked again.
pub(crate) fn follow(client: &Client, coins: &Coins, coin: &Coin, number: u64) -> Outcome {
    let mut said = String::new();
    loop {
        let step = match Request::ask(client, number) {
            Ok(Some(request)) => step(&request, coins, coin),
            Ok(None) => Step::Failed(format!("there is no request {number}")),
            Err(error) => Step::Waits(error.to_string()),
        };
        match step {
            Step::Done(text) => return output::print(&format!("{text}\n")),
            Step::Failed(text) => return Err(CliError::Usage(text)),
            Step::Waits(text) if text != said => {
                output::print(&format!("waiting for {text}\n"))?;
                said = text;
            }
            Step::Waits(_) => {}
        }
        std::thread::sleep(PAUSE);
    }
}

fn step(request: &Request, coins: &Coins, coin: &Coin) -> Step {
    let waits = || request.waits_for().unwrap_or("the next block").to_owned();
    match request.text("status") {
        "address given" if request.number("amount").is_zero() => {
            Step::Waits(format!("{} (at least {})", waits(), coin.show(coin.min_deposit)))
        }
        "address given" => {
            Step::Done(format!("credited {} to {}", request.amount(coins), request.text("beneficiary")))
        }
        "paid" => Step::Done(format!("paid by outer transaction {}", request.text("transaction"))),
        "returned" => Step::Failed(format!("not paid: {} went back to its owner", request.amount(coins))),
        _ => Step::Waits(waits()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::U256;
    use serde_json::{Value, json};

    fn look(fields: Value) -> Step {
        let coin = Coin {
            name: "LTC".into(),
            chain: "litecoin".into(),
            token: None,
            asset: U256::from(7),
            decimals: 2,
            min_deposit: U256::from(10),
            in_fee: U256::ONE,
            max_fee: U256::ONE,
            min_out: U256::from(10),
        };
        let mut request =
            json!({ "coin": "LTC", "amount": "0x14", "beneficiary": "bob", "transaction": "0x77" });
        request.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        step(&Request::from(request), &Coins::from(vec![coin.clone()]), &coin)
    }

    #[test]
    fn a_request_ends_when_it_is_credited_paid_or_returned() {
        let given = json!({ "status": "address given", "amount": "0x0", "waitsFor": "a deposit" });
        assert_eq!(look(given), Step::Waits("a deposit (at least 0.1 LTC)".into()));
        assert_eq!(look(json!({ "status": "address given" })), Step::Done("credited 0.2 LTC to bob".into()));
        let asked = json!({ "status": "asked", "waitsFor": "a plan" });
        assert_eq!(look(asked), Step::Waits("a plan".into()));
        assert_eq!(look(json!({ "status": "planned" })), Step::Waits("the next block".into()));
        assert_eq!(look(json!({ "status": "paid" })), Step::Done("paid by outer transaction 0x77".into()));
        let returned = Step::Failed("not paid: 0.2 LTC went back to its owner".into());
        assert_eq!(look(json!({ "status": "returned" })), returned);
    }
}
