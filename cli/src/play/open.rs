//! Opens a scenario: finds its file, reads it, and compiles the contracts that it releases.

use crate::{
    compile::{Program, Sources, name_of},
    error::{CliError, Outcome},
    input::json,
    output,
    scenario::{self, SYSTEM, Scenario, StepKind},
};
use std::path::{Path, PathBuf};

/// The name of a scenario within its folder.
const FILE: &str = "scenario.json";

/// Is a scenario with its compiled contracts.
pub(crate) struct Opened {
    /// The scenario's file.
    pub(crate) path: PathBuf,
    /// What to call it: the folder's name.
    pub(crate) name: String,
    pub(crate) scenario: Scenario,
    pub(crate) program: Program,
}

/// Opens a folder with a scenario, a scenario file, or a source with a scenario beside it.
pub(crate) fn open(path: &Path) -> Outcome<Opened> {
    let file = find(path);
    let text = output::read_text(&file)?;
    let document = json::parse(&text).map_err(|source| CliError::Json { path: file.clone(), source })?;
    let read = scenario::read(&document);
    let mut scenario = read.map_err(|source| CliError::View { path: file.clone(), source })?;
    let folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
    for release in &mut scenario.releases {
        release.file = name_of(&folder.join(&release.file));
    }
    let program = sources(&scenario, &folder).compile()?;
    Ok(Opened { name: name(&file), path: file, scenario, program })
}

fn find(path: &Path) -> PathBuf {
    let is_source = path.extension().is_some_and(|end| end == "csc" || end == "sol");
    match (path.is_dir(), is_source) {
        (true, _) => path.join(FILE),
        (false, true) => path.with_file_name(FILE),
        (false, false) => path.to_path_buf(),
    }
}

/// Returns the folder's name, or the file's stem where that is not the usual one.
fn name(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if !file.ends_with(FILE) {
        return stem;
    }
    let folder = file.parent().and_then(|folder| folder.canonicalize().ok());
    let named = folder.and_then(|folder| folder.file_name().map(|name| name.to_string_lossy().into_owned()));
    named.unwrap_or(stem)
}

fn sources(scenario: &Scenario, folder: &Path) -> Sources {
    let mut sources = Sources::new(&[folder.to_path_buf()]);
    for release in &scenario.releases {
        sources = sources.file(Path::new(&release.file)).only(&release.contract);
    }
    if calls_system(scenario) {
        let import = |(_, interface): (&str, &str)| format!("import \"fusor/interfaces/{interface}.sol\";\n");
        let text: String = SYSTEM.into_iter().map(import).collect();
        sources = sources.text("fusor/system.sol", &text);
        sources = SYSTEM.iter().fold(sources, |sources, (_, interface)| sources.only(interface));
    }
    sources
}

fn calls_system(scenario: &Scenario) -> bool {
    let is_system = |name: &str| SYSTEM.iter().any(|(system, _)| *system == name);
    scenario.steps.iter().any(|step| match &step.kind {
        StepKind::Call(call) => is_system(&call.target.release),
        StepKind::Check(check) => is_system(&check.target.release),
        StepKind::Run(_) | StepKind::Holds { .. } => false,
    })
}
