//! Prints the comparison with solc via IR.

use super::{quotient, tenths};
use crate::{
    bench::{
        BenchError,
        compiler::{Codes, Compared, Places, Spent, compare, growth, play},
    },
    error::Outcome,
    output,
    table::{Side, Table},
};
use std::path::PathBuf;

/// Compares, and prints each table as soon as it is known.
pub(super) fn run(packages: Option<PathBuf>) -> Outcome {
    let Some(places) = Places::find(packages) else {
        let hint = "name a node_modules with --packages, or solc there by FUSOR_SOLC_JS";
        return output::print(&format!("no comparison of compilers: OpenZeppelin is missing; {hint}\n"));
    };
    let mut missing = Vec::new();
    let rows = compare(&places, |name, reason| missing.push((name, reason))).map_err(BenchError::from)?;
    for (name, reason) in missing {
        output::print(&format!("{name} left out: {reason}\n"))?;
    }
    output::print(&format!("{}\n", times(&rows)))?;
    output::print(&format!("{}\n", sizes(&rows)))?;
    let all = |side: fn(&Compared) -> &Codes| -> Codes {
        rows.iter().filter(|row| !row.sized.is_empty()).flat_map(|row| side(row).clone()).collect()
    };
    let spent = play(&all(|row| &row.ours.codes), &all(|row| &row.theirs.codes)).map_err(BenchError::from)?;
    output::print(&format!("{}\n", gas(&spent)))?;
    growing(&places)
}

fn times(rows: &[Compared]) -> String {
    let mut table = Table::new(&[
        ("CPU time of the process, cold", Side::Left),
        ("fusor (ms)", Side::Right),
        ("solc via IR (ms)", Side::Right),
        ("times as fast", Side::Right),
    ]);
    for row in rows {
        let (ours, theirs) = (row.ours.cpu.as_millis(), row.theirs.cpu.as_millis());
        table.row([row.name.to_string(), ours.to_string(), theirs.to_string(), tenths(theirs, ours.max(1))]);
    }
    table.text()
}

fn sizes(rows: &[Compared]) -> String {
    let mut table = Table::new(&[
        ("runtime code", Side::Left),
        ("fusor (bytes)", Side::Right),
        ("solc via IR (bytes)", Side::Right),
        ("ratio", Side::Right),
    ]);
    let mut ratios = Vec::new();
    for (row, name) in rows.iter().flat_map(|row| row.sized.iter().map(move |name| (row, name))) {
        let (Some(ours), Some(theirs)) = (row.ours.size(name), row.theirs.size(name)) else { continue };
        ratios.push((ours as u128, theirs as u128));
        let ratio = quotient(ours as u128, theirs as u128);
        table.row([(*name).to_string(), ours.to_string(), theirs.to_string(), ratio]);
    }
    table.note(format!("geometric mean of the ratios: {}", mean(&ratios)));
    table.text()
}

fn gas(spent: &[Spent]) -> String {
    let mut table = Table::new(&[
        ("contract", Side::Left),
        ("call", Side::Left),
        ("fusor (gas)", Side::Right),
        ("solc via IR (gas)", Side::Right),
        ("ratio", Side::Right),
    ]);
    for one in spent {
        let (ours, theirs) = (u128::from(one.ours), u128::from(one.theirs));
        table.row([
            one.script.to_string(),
            one.call.clone(),
            ours.to_string(),
            theirs.to_string(),
            quotient(ours, theirs),
        ]);
    }
    let ratios: Vec<_> = spent.iter().map(|one| (u128::from(one.ours), u128::from(one.theirs))).collect();
    table.note(format!("geometric mean of the ratios: {}; results and logs are equal", mean(&ratios)));
    table.text()
}

fn growing(places: &Places) -> Outcome {
    let mut table =
        Table::new(&[("functions", Side::Right), ("CPU time (ms)", Side::Right), ("each (us)", Side::Right)]);
    for row in growth(places).map_err(BenchError::from)? {
        let each = row.cpu.as_micros() / row.functions.max(1) as u128;
        table.row([row.functions.to_string(), row.cpu.as_millis().to_string(), each.to_string()]);
    }
    output::print(&format!("{}\n", table.text()))
}

/// Writes the geometric mean of quotients with three decimals.
fn mean(ratios: &[(u128, u128)]) -> String {
    let logs = ratios.iter().filter(|(a, b)| *a > 0 && *b > 0).map(|(a, b)| (*a as f64 / *b as f64).ln());
    format!("{:.3}", (logs.sum::<f64>() / ratios.len().max(1) as f64).exp())
}
