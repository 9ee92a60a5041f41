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
