//! `fusor build` and `fusor check`: compile files and report all that is wrong; build also writes artifacts.

use crate::{
    compile::{Checked, Sources, compile_yul},
    error::{CliError, Outcome},
    output,
    project::{Library, Project, library},
    record::{Record, inputs_hash},
};
use alloy_primitives::B256;
use fusor_compiler::{
    artifact::{self, Artifact},
    inputs::ContractInput,
};
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
    let of_project = project.as_ref().map(|project| &project.out);
    let out = args.out.clone().or(of_project.cloned()).unwrap_or_else(|| PathBuf::from("out"));
    if args.path.extension().is_some_and(|end| end == "yul") {
        return write_all(&compile_yul(&args.path)?.artifacts, &out);
    }
    let checked = sources(&args.path, project.as_ref())?.0.link(&args.libraries).checked()?;
    build_stale(checked, &out, project.is_some())
}

fn write_all(artifacts: &[Artifact], out: &Path) -> Outcome {
    for artifact in artifacts {
        output::write_whole(&out.join(artifact.path()), text(artifact).as_bytes())?;
    }
    output::print(&format!("{} written to {}\n", plural(artifacts.len(), "artifact"), out.display()))
}

fn text(artifact: &Artifact) -> String {
    format!("{:#}\n", artifact.to_json())
}

/// Makes and writes the artifacts that are not there as the sources and settings want them.
fn build_stale(checked: Checked, out: &Path, in_project: bool) -> Outcome {
    let settings = checked.settings();
    let places = place(checked.contracts(), out, in_project)?;
    let mut record = Record::read(out);
    let stale: BTreeMap<String, (&PathBuf, B256)> = places
        .iter()
        .map(|(path, contract)| (path, contract, inputs_hash(contract, &settings)))
        .filter(|(path, _, inputs)| !record.is_fresh(path, *inputs))
        .map(|(path, contract, inputs)| (label(&contract.file, &contract.name), (path, inputs)))
        .collect();
    let program = checked.compile_only(stale.keys().cloned().collect())?;
    let mut written = 0;
    for artifact in &program.artifacts {
        let Some((path, inputs)) = stale.get(&label(&artifact.file, &artifact.name)) else { continue };
        let text = text(artifact);
        output::write_whole(path, text.as_bytes())?;
        record.note(path, *inputs, &text);
        written += 1;
    }
    record.write(|path| places.contains_key(path))?;
    let fresh = match places.len().saturating_sub(written) {
        0 => String::new(),
        count => format!(", {count} up to date"),
    };
    output::print(&format!("{} written to {}{fresh}\n", plural(written, "artifact"), out.display()))
}

fn label(file: &str, contract: &str) -> String {
    format!("{file}:{contract}")
}

/// Gives each artifact its file. In projects, whose packages have contracts of the same names, the later of two goes
/// to a folder named by its source.
fn place(
    contracts: Vec<ContractInput>,
    out: &Path,
    in_project: bool,
) -> Outcome<BTreeMap<PathBuf, ContractInput>> {
    let mut places: BTreeMap<PathBuf, ContractInput> = BTreeMap::new();
    for contract in contracts {
        let mut path = out.join(artifact::path(&contract.file, &contract.name));
        let whole = Path::new(&contract.file);
        let inside = whole.components().all(|part| matches!(part, Component::Normal(_)));
        if in_project && inside && places.contains_key(&path) {
            path = out.join(whole).join(format!("{}.json", contract.name));
        }
        let second = label(&contract.file, &contract.name);
        if let Some(other) = places.insert(path.clone(), contract) {
            return Err(CliError::SamePlace { path, first: label(&other.file, &other.name), second });
        }
    }
    Ok(places)
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
