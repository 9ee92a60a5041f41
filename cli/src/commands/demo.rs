//! `fusor demo`: shows a feature end to end, with the real programs that it works with.

mod custody;
mod outer;
mod peers;

use crate::error::Outcome;

/// Shows a feature end to end.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Demo {
    /// Lock coins of Litecoin and Ethereum in, lend one against another, lock all out again.
    Custody(custody::Args),
}

/// Shows what was asked for.
pub(crate) fn run(demo: &Demo) -> Outcome {
    match demo {
        Demo::Custody(args) => custody::run(args),
    }
}
