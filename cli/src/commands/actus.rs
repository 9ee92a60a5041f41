//! `fusor actus`: runs reference cases through the matching template and compares every event.

use crate::{
    actus::{self, Bond, Case, Refusal, Row, Trial, TrialError},
    compile::{Program, Sources},
    error::{CliError, Outcome},
    input::{date, decimal, json, view::ViewError},
    output,
    progress::Progress,
    table::{Side, Table},
};
use std::path::{Path, PathBuf};

/// Compares templates with ACTUS reference cases.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The reference cases.
    file: PathBuf,
    /// Run only this case.
    #[arg(long, value_name = "ID")]
    case: Option<String>,
}

/// Counts how cases ended.
#[derive(Debug, Default)]
struct Tally {
    passed: u64,
    failed: u64,
    unsupported: u64,
}

/// Runs the cases and fails when one fails.
pub(crate) fn run(args: &Args) -> Outcome {
    let text = output::read_text(&args.file)?;
    let document = json::parse(&text).map_err(|source| CliError::Json { path: args.file.clone(), source })?;
    let cases = actus::read(&document).map_err(|faults| malformed(&args.file, faults))?;
    let cases = choose(cases, args)?;
    let bonds = translate_all(&args.file, &cases)?;
    let program = templates()?;
    let tally = run_all(&program, &cases, &bonds)?;
    let Tally { passed, failed, unsupported } = tally;
    output::print(&format!("{passed} passed, {failed} failed, {unsupported} unsupported\n"))?;
    if failed > 0 { Err(CliError::Cases(failed)) } else { Ok(()) }
}

fn malformed(file: &Path, faults: Vec<ViewError>) -> CliError {
    CliError::Views { lines: faults.into_iter().map(|fault| format!("{}:{fault}", file.display())).collect() }
}

fn choose<'a>(cases: Vec<Case<'a>>, args: &Args) -> Outcome<Vec<Case<'a>>> {
    let Some(id) = &args.case else { return Ok(cases) };
    let known: Vec<_> = cases.iter().map(|case| case.id.clone()).collect();
    let chosen: Vec<_> = cases.into_iter().filter(|case| case.id == *id).collect();
    if chosen.is_empty() {
        return Err(CliError::NoCase { id: id.clone(), known: known.join(", ") });
    }
    Ok(chosen)
}

/// Translates every case first, so that a malformed value is reported before anything runs.
fn translate_all(file: &Path, cases: &[Case<'_>]) -> Outcome<Vec<Result<Bond, Vec<String>>>> {
    let mut faults = Vec::new();
    let mut bonds = Vec::new();
    for case in cases {
        match actus::translate(case) {
            Ok(bond) => bonds.push(Ok(bond)),
            Err(Refusal::Unsupported(names)) => bonds.push(Err(names)),
            Err(Refusal::Malformed(fault)) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(bonds) } else { Err(malformed(file, faults)) }
}

fn templates() -> Outcome<Program> {
    let text = format!("import \"{}\";\nimport \"{}\";\n", actus::TEMPLATE.0, actus::OBSERVER.0);
    let sources = Sources::new(&[]).text("fusor/actus.sol", &text);
    sources.only(actus::TEMPLATE.1).only(actus::OBSERVER.1).compile()
}

fn run_all(program: &Program, cases: &[Case<'_>], bonds: &[Result<Bond, Vec<String>>]) -> Outcome<Tally> {
    let mut tally = Tally::default();
    let bar = Progress::new("cases", u64::try_from(cases.len()).unwrap_or(u64::MAX));
    for (number, (case, bond)) in (0..).zip(cases.iter().zip(bonds)) {
        bar.at(number, case.id.clone());
        let text = match bond {
            Err(names) => {
                tally.unsupported += 1;
                format!("{} unsupported: {}\n\n", case.id, names.join(", "))
            }
            Ok(bond) => {
                let (passed, text) = verdict(case, Trial::run(program, case, bond));
                *(if passed { &mut tally.passed } else { &mut tally.failed }) += 1;
                text
            }
        };
        output::print(&text)?;
    }
    Ok(tally)
}

/// Compares a run with the reference and describes it.
fn verdict(case: &Case<'_>, outcome: Result<Vec<actus::Actual>, TrialError>) -> (bool, String) {
    let actual = match outcome {
        Ok(actual) => actual,
        Err(error) => return (false, format!("{} FAILED: {error}\n\n", case.id)),
    };
    let rows = actus::compare(&case.results, &actual, case.to);
    // A reference without events proves nothing.
    let passed = !rows.is_empty() && rows.iter().all(|row| row.differences.is_empty());
    let word = if passed { "passed" } else { "FAILED" };
    (passed, format!("{} {word}\n{}\n", case.id, table(&rows)))
}

fn table(rows: &[Row]) -> String {
    let mut table = Table::new(&[
        ("  date", Side::Left),
        ("type", Side::Left),
        ("expected", Side::Right),
        ("actual", Side::Right),
        ("", Side::Left),
    ]);
    for row in rows {
        let expected = row.expected.as_ref();
        let actual = row.actual.as_ref();
        let time = expected.map(|e| e.time).or(actual.map(|a| a.time)).unwrap_or_default();
        let kind = expected.map(|e| &e.kind).or(actual.map(|a| &a.kind)).cloned().unwrap_or_default();
        let number = |value: Option<_>| value.map_or_else(|| "-".to_string(), decimal::show);
        table.row([
            format!("  {}", date::show(time)),
            kind,
            number(expected.map(|e| e.payoff)),
            number(actual.map(|a| a.payoff)),
            row.differences.join("; "),
        ]);
    }
    table.text()
}
