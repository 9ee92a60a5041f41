//! `fusor custody`: what operators of custodians and the steward of custody do.

mod key;
mod open;
mod operator;
mod steward;

use crate::error::Outcome;

/// Names what is done.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Custody {
    /// Make a custodian's key.
    #[command(subcommand)]
    Key(key::Key),
    /// Begin a custodian's way out: it is chosen for no more groups.
    Leave(operator::Args),
    /// Pay out the bond of a custodian that left.
    Withdraw(operator::Args),
    /// Pay out what a custodian has earned.
    Claim(operator::Args),
    /// List the lock-outs that a custodian's operator decides about by hand.
    Approvals(operator::ApprovalsArgs),
    /// Agree to a lock-out, or refuse it, as a custodian's operator.
    Approve(operator::ApproveArgs),
    /// Take back a lock-out that no custodian has planned.
    Cancel(operator::CancelArgs),
    /// Credit a deposit that was held while its vault was halted.
    Credit(operator::CreditArgs),
    /// Give units up to cover what a vault lacks, or to fill the reserve that its fees are paid from.
    Cover(open::CapArgs),
    /// List an outer chain, or change its confirmations (steward).
    Chain(steward::ChainArgs),
    /// List a coin, or change its limits (steward).
    Coin(Box<steward::CoinArgs>),
    /// Open a vault: a group of custodians is drawn, and generates its key (steward).
    OpenVault(open::Args),
    /// Change how much of a coin a vault may hold (steward).
    SetCap(open::CapArgs),
    /// Change how many custodians hold a vault's shares, and how many of them sign, from its next group on (steward).
    SetSize(open::SizeArgs),
    /// Halt a vault: nothing is credited, planned or signed (steward).
    Halt(steward::VaultArgs),
    /// Let a halted vault go on (steward).
    Resume(steward::VaultArgs),
    /// Retire a vault: what it holds moves to another vault of its chain (steward).
    Retire(steward::VaultArgs),
    /// Share a vault's key anew among a new group (steward, or a custodian when it is due).
    Regroup(steward::VaultArgs),
}

/// Carries the command out.
pub(crate) fn run(command: &Custody) -> Outcome {
    match command {
        Custody::Key(command) => key::run(command),
        Custody::Leave(args) => operator::leave(args),
        Custody::Withdraw(args) => operator::withdraw(args),
        Custody::Claim(args) => operator::claim(args),
        Custody::Approvals(args) => operator::approvals(args),
        Custody::Approve(args) => operator::approve(args),
        Custody::Cancel(args) => operator::cancel(args),
        Custody::Credit(args) => operator::credit(args),
        Custody::Cover(args) => open::cover(args),
        Custody::Chain(args) => steward::chain(args),
        Custody::Coin(args) => steward::coin(args),
        Custody::OpenVault(args) => open::run(args),
        Custody::SetCap(args) => open::set_cap(args),
        Custody::SetSize(args) => open::set_size(args),
        Custody::Halt(args) => steward::halt(args),
        Custody::Resume(args) => steward::resume(args),
        Custody::Retire(args) => steward::retire(args),
        Custody::Regroup(args) => steward::regroup(args),
    }
}
