//! `fusor build` and `fusor check`: compile files and report all that is wrong; build also writes artifacts.

use crate::{
    compile::{Sources, compile_yul},
    error::{CliError, Outcome},
    output,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Folders that hold no sources of the project.
const SKIPPED: [&str; 3] = ["out", "node_modules", "target"];

/// Reports every error without writing anything.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// A file, or a folder whose `.sol` and `.csc` files are checked.
    #[arg(default_value = ".")]
    path: PathBuf,
}

/// Compiles and writes one artifact per contract, unless there is an error.
#[derive(Debug, clap::Args)]
pub(crate) struct BuildArgs {
    /// A file (`.yul` for standalone Yul), or a folder whose `.sol` and `.csc` files are compiled.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The folder for artifacts.
    #[arg(long, default_value = "out")]
    out: PathBuf,
}

/// Checks.
pub(crate) fn check(args: &CheckArgs) -> Outcome {
    let files = files(&args.path)?;
    let count = files.len();
    sources(&args.path, &files).check()?;
    output::print(&format!("{} checked, no errors\n", plural(count, "file")))
}

/// Builds.
pub(crate) fn build(args: &BuildArgs) -> Outcome {
    let program = if args.path.extension().is_some_and(|end| end == "yul") {
        compile_yul(&args.path)?
    } else {
        let files = files(&args.path)?;
        sources(&args.path, &files).compile()?
    };
    let mut texts: BTreeMap<PathBuf, (String, String)> = BTreeMap::new();
    for artifact in &program.artifacts {
        let path = args.out.join(artifact.path());
        let source = format!("{}:{}", artifact.file, artifact.name);
        let text = format!("{:#}\n", artifact.to_json());
        if let Some((other, _)) = texts.insert(path.clone(), (source.clone(), text)) {
            return Err(CliError::SamePlace { path, first: other, second: source });
        }
    }
    for (path, (_, text)) in &texts {
        output::write_whole(path, text.as_bytes())?;
    }
    output::print(&format!("{} written to {}\n", plural(texts.len(), "artifact"), args.out.display()))
}

fn sources(path: &Path, files: &[PathBuf]) -> Sources {
    let folder = if path.is_dir() { Some(path) } else { path.parent() };
    let folders: Vec<_> = folder.map(Path::to_path_buf).into_iter().collect();
    files.iter().fold(Sources::new(&folders), |sources, file| sources.file(file))
}

fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Lists the sources at a path, in order of name.
fn files(path: &Path) -> Outcome<Vec<PathBuf>> {
    let fail = |path: &Path| {
        let path = path.to_path_buf();
        move |source| CliError::Read { path, source }
    };
    if !fs::metadata(path).map_err(fail(path))?.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![path.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(fail(&folder))? {
            let entry = entry.map_err(fail(&folder))?;
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            // A link to a folder is not followed, so that no cycle can trap the walk.
            let kind = entry.file_type().map_err(fail(&path))?;
            if kind.is_dir() && !name.starts_with('.') && !SKIPPED.contains(&name.as_str()) {
                folders.push(path);
            } else if !kind.is_dir() && path.extension().is_some_and(|end| end == "sol" || end == "csc") {
                found.push(path);
            }
        }
    }
    found.sort();
    if found.is_empty() { Err(CliError::NoSources(path.to_path_buf())) } else { Ok(found) }
}
