//! What the operator of a custodian does by hand. A custodian registers itself.

use crate::{
    custody::account::{Account, Node, Signer},
    error::{CliError, Outcome},
    output,
};
use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use fusor_chain_lite::{
    custody::CustodyKeys,
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
