//! `fusor request` and `fusor requests`: how far lock-ins and lock-outs are, and what they wait for.

use crate::{
    custody::{account::Node, coin::Coins, request::Request},
    error::{CliError, Outcome},
    output,
    table::{Side, Table},
};
use alloy_primitives::Address;

/// Shows a lock-in or lock-out.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The request's number.
    number: u64,
    #[command(flatten)]
    node: Node,
}

/// Shows the lock-ins and lock-outs of an account, the newest first.
#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// The account that asked, or is credited.
    account: Address,
    #[command(flatten)]
    node: Node,
}

/// Shows one request.
pub(crate) fn one(args: &Args) -> Outcome {
    let client = args.node.client()?;
    let coins = Coins::ask(&client)?;
    match Request::ask(&client, args.number)? {
        Some(request) => output::print(&request.describe(&coins)),
        None => Err(CliError::Usage(format!("there is no request {}", args.number))),
    }
}

/// Shows an account's requests.
pub(crate) fn list(args: &ListArgs) -> Outcome {
    let client = args.node.client()?;
    let coins = Coins::ask(&client)?;
    let requests = Request::of(&client, args.account)?;
    if requests.is_empty() {
        return output::print(&format!("{} has no requests\n", args.account));
    }
    let mut table = Table::new(&[
        ("request", Side::Right),
        ("kind", Side::Left),
        ("amount", Side::Right),
        ("status", Side::Left),
        ("waits for", Side::Left),
    ]);
    for request in &requests {
        table.row([
            request.number("request").to_string(),
            request.text("kind").to_owned(),
            request.amount(&coins),
            request.text("status").to_owned(),
            request.waits_for().unwrap_or_default().to_owned(),
        ]);
    }
    output::print(&table.text())
}
