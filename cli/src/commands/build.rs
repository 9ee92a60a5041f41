//! `fusor build` and `fusor check`: compile files and report all that is wrong; build also writes artifacts.

use crate::{
    compile::{Sources, compile_yul},
    error::{CliError, Outcome},
    output,
    project::{Library, Project, library},
};
use fusor_compiler::artifact::Artifact;
use std::{
    collections::BTreeMap,
    fs,
    path::{Component, Path, PathBuf},
};

/// Folders that hold no sources of the project.
const SKIPPED: [&str; 3] = ["out", "node_modules", "target"];

/// Reports every error without writing anything.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// A file, or a folder whose `.sol` and `.csc` files are checked; `foundry.toml` in it is heeded.
    #[arg(default_value = ".")]
    path: PathBuf,
}

/// Compiles and writes one artifact per contract, unless there is an error.
#[derive(Debug, clap::Args)]
pub(crate) struct BuildArgs {
    /// A file (`.yul` for standalone Yul), or a folder whose `.sol` and `.csc` files are compiled;
    /// `foundry.toml` in it is heeded.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The folder for artifacts; `out` if nothing else is said.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Where a library is released: `FILE:Name=0xADDRESS`. Can be given many times.
    #[arg(long, value_name = "LIBRARY", value_parser = library)]
    libraries: Vec<Library>,
}

/// Checks.
pub(crate) fn check(args: &CheckArgs) -> Outcome {
    let (sources, count) = sources(&args.path, project(&args.path)?.as_ref())?;
    sources.check()?;
    output::print(&format!("{} checked, no errors\n", plural(count, "file")))
}

/// Builds.
pub(crate) fn build(args: &BuildArgs) -> Outcome {
    let project = project(&args.path)?;
    let program = if args.path.extension().is_some_and(|end| end == "yul") {
        compile_yul(&args.path)?
    } else {
        sources(&args.path, project.as_ref())?.0.link(&args.libraries).compile()?
    };
    let of_project = project.as_ref().map(|project| &project.out);
    let out = args.out.clone().or(of_project.cloned()).unwrap_or_else(|| PathBuf::from("out"));
    let texts = place(&program.artifacts, &out, project.is_some())?;
    for (path, (_, text)) in &texts {
        output::write_whole(path, text.as_bytes())?;
    }
    output::print(&format!("{} written to {}\n", plural(texts.len(), "artifact"), out.display()))
}

/// Gives each artifact its file. In projects, whose packages have contracts of the same names, the later of two goes
/// to a folder named by its source.
fn place(
    artifacts: &[Artifact],
    out: &Path,
    in_project: bool,
) -> Outcome<BTreeMap<PathBuf, (String, String)>> {
    let mut texts: BTreeMap<PathBuf, (String, String)> = BTreeMap::new();
    for artifact in artifacts {
        let mut path = out.join(artifact.path());
        let whole = Path::new(&artifact.file);
        let inside = whole.components().all(|part| matches!(part, Component::Normal(_)));
        if in_project && inside && texts.contains_key(&path) {
            path = out.join(whole).join(format!("{}.json", artifact.name));
        }
        let source = format!("{}:{}", artifact.file, artifact.name);
        let text = format!("{:#}\n", artifact.to_json());
        if let Some((other, _)) = texts.insert(path.clone(), (source.clone(), text)) {
            return Err(CliError::SamePlace { path, first: other, second: source });
        }
    }
    Ok(texts)
}

/// Reads the project when the path is a folder with one.
fn project(path: &Path) -> Outcome<Option<Project>> {
    if path.is_dir() { Project::read(path) } else { Ok(None) }
}

/// Collects the sources at a path, and says how many files there are.
fn sources(path: &Path, project: Option<&Project>) -> Outcome<(Sources, usize)> {
    let Some(project) = project else {
        let folder = if path.is_dir() { Some(path) } else { path.parent() };
        let folders: Vec<_> = folder.map(Path::to_path_buf).into_iter().collect();
        let files = files(path, &[])?;
        let all = files.iter().fold(Sources::new(&folders), |sources, file| sources.file(file));
        return Ok((all, files.len()));
    };
    let files = files(&project.sources(), &project.libs)?;
    let names = files.iter().map(|file| project.name_of(file));
    let all = names.fold(Sources::of_project(project), |sources, name| sources.named(&name));
    Ok((all, files.len()))
}

fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Lists the sources at a path, in order of name; those in the folders `libs` are no part of it.
fn files(path: &Path, libs: &[PathBuf]) -> Outcome<Vec<PathBuf>> {
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
            let skipped = name.starts_with('.') || SKIPPED.contains(&name.as_str()) || libs.contains(&path);
            if kind.is_dir() && !skipped {
                folders.push(path);
            } else if !kind.is_dir() && path.extension().is_some_and(|end| end == "sol" || end == "csc") {
                found.push(path);
            }
        }
    }
    found.sort();
    if found.is_empty() { Err(CliError::NoSources(path.to_path_buf())) } else { Ok(found) }
}
