//! `fusor bench`: prints the benchmarks of transfers, triggers and state roots in one run.

use crate::{
    bench::{self, asend::Cost},
    error::Outcome,
    output,
    table::{Side, Table},
};

/// Measures transfers, triggers due in the same second, and state roots.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Run only this measurement.
    #[arg(value_enum)]
    only: Option<Measurement>,
    /// Transactions per round of the transfer benchmark.
    #[arg(long, default_value_t = 5_000)]
    transfers: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Measurement {
    /// An asset against a solc-compiled ERC-20 on plain revm.
    Asend,
}

/// Runs the chosen measurements.
pub(crate) fn run(args: &Args) -> Outcome {
    let wanted = |one| args.only.is_none_or(|only| only == one);
    if wanted(Measurement::Asend) {
        output::print(&asend(args.transfers)?)?;
    }
    Ok(())
}

fn asend(count: u64) -> Outcome<String> {
    let comparison = bench::asend::compare(count)?;
    let mut table = Table::new(&[
        ("transfer", Side::Left),
        ("gas", Side::Right),
        ("time (ns)", Side::Right),
        ("gas ratio", Side::Right),
        ("time ratio", Side::Right),
    ]);
    let token = comparison.token.as_ref().ok();
    for cost in comparison.asset.iter().chain(token) {
        table.row(row(cost, token));
    }
    if let Err(missing) = &comparison.token {
        table.note(format!("no comparison: {missing}"));
    }
    Ok(table.text())
}

fn row(cost: &Cost, token: Option<&Cost>) -> [String; 5] {
    let (gas, time) = (u128::from(cost.gas), cost.time.as_nanos());
    let ratio =
        |own, other: Option<u128>| other.map_or_else(|| "-".to_string(), |other| quotient(own, other));
    [
        cost.name.clone(),
        gas.to_string(),
        time.to_string(),
        ratio(gas, token.map(|token| token.gas.into())),
        ratio(time, token.map(|token| token.time.as_nanos())),
    ]
}

/// Writes a quotient with two decimals.
fn quotient(own: u128, other: u128) -> String {
    let hundredths = (own * 100).checked_div(other).unwrap_or_default();
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
