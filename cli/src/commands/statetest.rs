//! `fusor statetest`: runs Ethereum's state tests with the extensions off and on.

use crate::{
    error::{CliError, Outcome},
    output,
    progress::Progress,
};
use fusor_vm::statetest::{self, Report};
use std::{num::NonZeroUsize, path::PathBuf, thread::available_parallelism};

/// Runs GeneralStateTests; every case must agree with extensions off, and with them on unless it met one.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A folder of tests, one test, or a tar.xz of them.
    path: PathBuf,
    /// Run only the k-th of n equal parts, chosen by a hash of the file's path.
    #[arg(long, value_name = "K/N")]
    share: Option<Share>,
    /// Threads; all cores by default.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
}

/// Is the `k`th of `n` equal parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Share {
    k: u64,
    n: u64,
}

impl std::str::FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
        match numbers {
            Some((k, n)) if 1 <= k && k <= n => Ok(Self { k, n }),
            _ => Err("expected two numbers such as 1/6, the first at most the second".to_string()),
        }
    }
}

/// Runs the tests and fails when a case fails.
pub(crate) fn run(args: &Args) -> Outcome {
    let files = statetest::load(&args.path)?;
    let files = match args.share {
        Some(share) => statetest::sample(files, share.k - 1, share.n),
        None => files,
    };
    if files.is_empty() {
        return Err(CliError::NoStateTests(args.path.clone()));
    }
    let threads = args.threads.or(available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let bar = Progress::new("state tests", u64::try_from(files.len()).unwrap_or(u64::MAX));
    let report = statetest::run(&files, threads, &|done| bar.at(u64::try_from(done).unwrap_or(u64::MAX), ""));
    drop(bar);
    output::print(&text(&report))?;
    if report.failed() > 0 { Err(CliError::Cases(report.failed())) } else { Ok(()) }
}

fn text(report: &Report) -> String {
    let mut lines = Vec::new();
    for (fork, tally) in &report.forks {
        lines.push(format!("{fork}: {} passed, {} failed", tally.passed, tally.failed));
    }
    for (fork, cases) in &report.unsupported {
        lines.push(format!("{fork}: {cases} cases unsupported"));
    }
    lines.push(format!("{} files, {} passed, {} failed", report.files, report.passed(), report.failed()));
    let (same, met) = (report.same_with_extensions, report.met_extension.len());
    lines.push(format!("extensions on: {same} the same, {met} differ because they met an extension"));
    list(&mut lines, "met an extension: ", report.met_extension.iter().map(ToString::to_string));
    let failure = |f: &statetest::Failure| {
        format!("{} (extensions {}): {}", f.case, if f.extensions { "on" } else { "off" }, f.reason)
    };
    list(&mut lines, "FAILED ", report.failures.iter().map(failure));
    lines.push(String::new());
    lines.join("\n")
}

fn list(lines: &mut Vec<String>, head: &str, items: impl Iterator<Item = String>) {
    lines.extend(items.map(|item| format!("{head}{item}")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_shares() {
        assert_eq!("2/6".parse(), Ok(Share { k: 2, n: 6 }));
        for text in ["", "1", "0/6", "7/6", "1/0", "a/b"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }
}
