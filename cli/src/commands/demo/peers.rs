//! Starts the programs that a demonstration works with, and ends them with it.

use crate::error::{CliError, Outcome};
use std::{
    ffi::OsStr,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Longest time for a program to answer.
const START_MAX: Duration = Duration::from_secs(120);

/// Is a program that ends when it is dropped.
pub(super) struct Program {
    child: Child,
    pub(super) name: &'static str,
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// Starts a program; what it prints goes to a file.
    pub(super) fn start<S: AsRef<OsStr>>(
        name: &'static str,
        path: &Path,
        args: &[S],
        log: &Path,
    ) -> Outcome<Self> {
        let fail = |source| CliError::Write { path: log.to_path_buf(), source };
        let file = std::fs::File::create(log).map_err(fail)?;
        let errors = file.try_clone().map_err(fail)?;
        let mut command = Command::new(path);
        command.args(args).stdin(Stdio::null()).stdout(file).stderr(errors);
        let child = command
            .spawn()
            .map_err(|error| CliError::Usage(format!("cannot start {}: {error}", path.display())))?;
        Ok(Self { child, name })
    }

    /// Waits until `ready` says so. Errors: the program ends, or the time is over.
    pub(super) fn wait(&mut self, mut ready: impl FnMut() -> bool) -> Outcome {
        let start = Instant::now();
        while start.elapsed() < START_MAX {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(CliError::Usage(format!("{} ended: {status}", self.name)));
            }
            if ready() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(CliError::Usage(format!("{} does not answer after {} s", self.name, START_MAX.as_secs())))
    }
}

/// Finds a program: where a variable says, in PATH, or in a folder of npm packages.
pub(super) fn find(
    name: &'static str,
    variable: &str,
    package: Option<&str>,
    help: &str,
) -> Outcome<PathBuf> {
    let told = std::env::var_os(variable).map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).map(|folder| folder.join(name));
    let modules = std::env::var_os("FUSOR_NODE_MODULES").map(PathBuf::from);
    let in_modules = modules.zip(package).map(|(folder, package)| folder.join(package));
    let mut places = told.into_iter().chain(in_path).chain(in_modules);
    places.find(|place| place.is_file()).ok_or_else(|| {
        CliError::Usage(format!("{name} is not installed: {help}, or say where it is with {variable}"))
    })
}

/// Returns loopback addresses that are free now.
pub(super) fn free(count: usize) -> Outcome<Vec<SocketAddr>> {
    let taken = (0..count).map(|_| TcpListener::bind(("127.0.0.1", 0))).collect::<Result<Vec<_>, _>>();
    let addresses = taken.and_then(|taken| taken.iter().map(TcpListener::local_addr).collect());
    addresses.map_err(|error| CliError::Usage(format!("no free port: {error}")))
}

/// Returns the first of `count` ports in a row that are free, below those that connections take.
pub(super) fn free_row(count: u16) -> Outcome<u16> {
    let is_free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let from = 20_000 + (std::process::id() % 10_000) as u16;
    let mut rows = (from..32_000).step_by(usize::from(count));
    let row = rows.find(|first| (*first..first.saturating_add(count)).all(is_free));
    row.ok_or_else(|| CliError::Usage("no free ports".into()))
}
