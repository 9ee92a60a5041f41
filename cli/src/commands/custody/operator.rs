//! What the operator of a custodian does by hand. A custodian registers itself.

use crate::{
    custody::{
        account::{Account, Node, Signer},
        coin::Coins,
        decide::decide,
        request::Request,
    },
    error::{CliError, Outcome},
    output,
    table::{Side, Table},
};
use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use fusor_chain_lite::{
    custody::{CustodyKeys, Decision},
    founding::{self, amount, keys},
};
use fusor_vm::precompile::ICustody::{cancelCall, claimCall, creditHeldCall, leaveCall, withdrawBondCall};
use std::path::Path;

/// Says which custodian acts.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The custodian's key file, or dev:N for the custodian of node N of a development network.
    #[arg(long, value_name = "FILE")]
    key: String,
    #[command(flatten)]
    node: Node,
}

/// Says which custodian asks its operator.
#[derive(Debug, clap::Args)]
pub(crate) struct ApprovalsArgs {
    #[command(flatten)]
    node: Node,
}

/// Says which operator decides what about which lock-out.
#[derive(Debug, clap::Args)]
pub(crate) struct ApproveArgs {
    /// The request's number.
    request: u64,
    /// Refuse it: this custodian neither plans nor signs it.
    #[arg(long)]
    refuse: bool,
    #[command(flatten)]
    operator: Args,
}

/// Says which lock-out is taken back.
#[derive(Debug, clap::Args)]
pub(crate) struct CancelArgs {
    /// The request's number.
    request: u64,
    #[command(flatten)]
    signer: Signer,
}

/// Says which deposit is credited.
#[derive(Debug, clap::Args)]
pub(crate) struct CreditArgs {
    /// The deposit's name, as the log `Held` of the custody account has it.
    deposit: B256,
    #[command(flatten)]
    signer: Signer,
}

impl Args {
    fn open(&self) -> Outcome<Account> {
        let keys = custodian(&self.key)?;
        Account::of(self.node.client()?, keys.signer().clone())
    }
}

fn custodian(text: &str) -> Outcome<CustodyKeys> {
    let Some(index) = text.strip_prefix("dev:") else { return Ok(keys::read_custodian(Path::new(text))?) };
    let keys = index.parse().ok().and_then(founding::custodian);
    let message = format!("expected a file or dev:N, found `{text}`");
    keys.ok_or(CliError::Option { option: "--key", message })
}

/// Begins the way out.
pub(super) fn leave(args: &Args) -> Outcome {
    let account = args.open()?;
    account.act(U256::ZERO, &leaveCall {})?;
    output::print(&format!(
        "{} leaves; `fusor custody withdraw` pays its bond out when it is free\n",
        account.address()
    ))
}

/// Pays the bond out.
pub(super) fn withdraw(args: &Args) -> Outcome {
    pay_out(&args.open()?, &withdrawBondCall {})
}

/// Pays out what was earned.
pub(super) fn claim(args: &Args) -> Outcome {
    pay_out(&args.open()?, &claimCall {})
}

fn pay_out<C: SolCall<Return = U256>>(account: &Account, call: &C) -> Outcome {
    let paid = account.ask(call)?;
    account.act(U256::ZERO, call)?;
    output::print(&format!("{} is paid {}\n", account.address(), amount::show(paid)))
}

/// Lists the lock-outs that the operator of the node's custodian decides about.
pub(super) fn approvals(args: &ApprovalsArgs) -> Outcome {
    let client = args.node.client()?;
    let coins = Coins::ask(&client)?;
    let requests = Request::for_operator(&client)?;
    if requests.is_empty() {
        return output::print("nothing waits for the operator\n");
    }
    let sides =
        [("request", Side::Right), ("amount", Side::Right), ("to", Side::Left), ("decision", Side::Left)];
    let mut table = Table::new(&sides);
    for request in &requests {
        let decision = match request.text("decision") {
            "" => "is waited for",
            decision => decision,
        };
        let (number, to) = (request.number("request").to_string(), request.text("destination").to_owned());
        table.row([number, request.amount(&coins), to, decision.to_owned()]);
    }
    output::print(&table.text())
}

/// Sends a decision to the node beside which the custodian runs.
pub(super) fn approve(args: &ApproveArgs) -> Outcome {
    let decision = Decision { request: args.request, agrees: !args.refuse };
    decide(&args.operator.node.client()?, &custodian(&args.operator.key)?, decision)?;
    let done = if args.refuse { "refused" } else { "agreed to" };
    output::print(&format!("request {} is {done} by this custodian\n", args.request))
}

/// Takes a lock-out back.
pub(super) fn cancel(args: &CancelArgs) -> Outcome {
    args.signer.open()?.act(U256::ZERO, &cancelCall { request: args.request })?;
    output::print(&format!("request {} went back to its owner\n", args.request))
}

/// Credits a deposit that was held.
pub(super) fn credit(args: &CreditArgs) -> Outcome {
    args.signer.open()?.act(U256::ZERO, &creditHeldCall { deposit: args.deposit })?;
    output::print(&format!("deposit {} is credited\n", args.deposit))
}
