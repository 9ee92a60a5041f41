//! `fusor conformance solidity`: runs programs with known behaviour, or sources with known errors, and counts.

use crate::{
    error::{CliError, Outcome},
    output,
};
use fusor_compiler::conformance::{self, CorpusError, Verdict, syntax};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

/// Names the corpus.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    language: Language,
}

#[derive(Debug, clap::Subcommand)]
enum Language {
    /// Solidity's own semantic or syntax cases; which of them, the file tells.
    Solidity {
        /// One case a line in JSON (`.jsonl`), or gzip of it.
        file: PathBuf,
        /// Only cases whose name contains this.
        #[arg(long, default_value = "")]
        filter: String,
        /// Names the cases that do not pass, with the reason.
        #[arg(long)]
        verbose: bool,
    },
}

/// Runs the corpus; a case that does not pass is a failure.
pub(crate) fn run(args: &Args) -> Outcome {
    let Language::Solidity { file, filter, verbose } = &args.language;
    let fail = |source: CorpusError| CliError::Corpus { path: file.clone(), source };
    let (text, bad) = if syntax::is_syntax(file).map_err(fail)? {
        of_syntax(file, filter, *verbose).map_err(fail)?
    } else {
        of_behaviour(file, filter, *verbose).map_err(fail)?
    };
    output::print(&text)?;
    if bad == 0 { Ok(()) } else { Err(CliError::Cases(bad)) }
}

fn of_behaviour(file: &Path, filter: &str, verbose: bool) -> Result<(String, u64), CorpusError> {
    let report = conformance::run(file, filter)?;
    let mut text = String::new();
    // Writing to a String cannot fail.
    for case in report.cases.iter().filter(|_| verbose) {
        let _ = match &case.verdict {
            Verdict::Passed => Ok(()),
            Verdict::Failed(why) => writeln!(text, "failed {}: {why}", case.name),
            Verdict::Unsupported(why) => writeln!(text, "unsupported {}: {why}", case.name),
        };
    }
    let _ = writeln!(text, "{:<32}{:>8}{:>8}{:>13}", "category", "passed", "failed", "unsupported");
    for (category, c) in report.by_category() {
        let _ = writeln!(text, "{category:<32}{:>8}{:>8}{:>13}", c.passed, c.failed, c.unsupported);
    }
    let total = report.total();
    let _ = writeln!(text, "{:<32}{:>8}{:>8}{:>13}", "total", total.passed, total.failed, total.unsupported);
    let (gas, bytes) = report.ratios();
    let ratio = |thousandths: u64| format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    let _ = writeln!(text, "of solc via IR: gas {}, code size {}", ratio(gas), ratio(bytes));
    Ok((text, (total.failed + total.unsupported) as u64))
}

#[derive(Default)]
struct Tally {
    right: u64,
    wrongly_accepted: u64,
    wrongly_rejected: u64,
}

fn of_syntax(file: &Path, filter: &str, verbose: bool) -> Result<(String, u64), CorpusError> {
    let (mut by_category, mut text) = (BTreeMap::<String, Tally>::new(), String::new());
    let (mut rejected, mut codes, mut places) = (0_u64, 0_u64, 0_u64);
    let mut total = Tally::default();
    for case in syntax::run(file, filter)? {
        let tally = by_category.entry(case.category).or_default();
        let bad = match case.verdict {
            syntax::Verdict::Accepted => None,
            syntax::Verdict::Rejected { code, place } => {
                rejected += 1;
                codes += u64::from(code);
                places += u64::from(place);
                None
            }
            syntax::Verdict::WronglyAccepted => Some((&mut tally.wrongly_accepted, "wrongly accepted")),
            syntax::Verdict::WronglyRejected => Some((&mut tally.wrongly_rejected, "wrongly rejected")),
        };
        match bad {
            None => tally.right += 1,
            Some((count, what)) => {
                *count += 1;
                if verbose {
                    let _ = writeln!(text, "{what} {}", case.name);
                }
            }
        }
    }
    let _ = writeln!(
        text,
        "{:<32}{:>8}{:>19}{:>19}",
        "category", "right", "wrongly accepted", "wrongly rejected"
    );
    let row = |text: &mut String, name: &str, t: &Tally| {
        let _ =
            writeln!(text, "{name:<32}{:>8}{:>19}{:>19}", t.right, t.wrongly_accepted, t.wrongly_rejected);
    };
    for (category, tally) in &by_category {
        row(&mut text, category, tally);
        total.right += tally.right;
        total.wrongly_accepted += tally.wrongly_accepted;
        total.wrongly_rejected += tally.wrongly_rejected;
    }
    row(&mut text, "total", &total);
    let _ = writeln!(
        text,
        "of {rejected} rejected, {codes} with solc's number of the first expected error, {places} at its place"
    );
    Ok((text, total.wrongly_accepted + total.wrongly_rejected))
}
