//! Runs a process and measures its CPU time, user and system, from its start to its end.

use super::CompareError;
use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

/// Is how a process ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) success: bool,
    pub(super) cpu: Duration,
    pub(super) output: String,
    pub(super) errors: String,
}

/// The shell reads the kernel's account of its child, in thousandths of a second, and writes it last.
const SHELL: &str = r#"TIMEFORMAT=$'\nfusor-cpu %3U %3S'; time "$@""#;

/// Runs a command in a folder.
pub(super) fn run(
    folder: &Path,
    command: &[&str],
    variables: &[(&str, &str)],
) -> Result<Ended, CompareError> {
    let mut shell = Command::new("bash");
    shell.args(["-c", SHELL, "bash"]).args(command).current_dir(folder).stdin(Stdio::null());
    shell.env("LC_ALL", "C").envs(variables.iter().copied());
    let output = shell.output().map_err(|error| CompareError::Start("bash", error))?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let (errors, times) = text.rsplit_once("fusor-cpu").unwrap_or((&text, ""));
    let cpu =
        times.split_whitespace().filter_map(|time| time.parse::<f64>().ok()).map(Duration::from_secs_f64);
    Ok(Ended {
        success: output.status.success(),
        cpu: cpu.sum(),
        output: String::from_utf8_lossy(&output.stdout).into_owned(),
        errors: errors.trim().to_string(),
    })
}
