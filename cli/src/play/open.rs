//! Opens a scenario: finds its file, reads it, and compiles the contracts that it releases.

use crate::{
    compile::{Program, Sources, name_of},
    error::{CliError, Outcome},
    input::json::{self, Place},
    output,
    scenario::{self, Account, Release, SYSTEM, Scenario, StepKind},
};
use alloy_primitives::U256;
use fusor_compiler::artifact::Artifact;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The name of a scenario within its folder.
const FILE: &str = "scenario.json";
/// Who releases a source that has no scenario.
const OWNER: &str = "owner";

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

/// Opens a source without a scenario: its described contracts are released at `start` by an owner who brings
/// the escrow that their policies name.
pub(crate) fn open_alone(path: &Path, start: u64) -> Outcome<Opened> {
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let program = Sources::new(&[folder]).file(path).compile()?;
    let file = name_of(path);
    let own = program
        .artifacts
        .iter()
        .filter(|artifact| artifact.file == file && !artifact.descriptions.is_empty());
    let releases: Vec<_> = own.map(|artifact| release(artifact, &file)).collect();
    if releases.is_empty() {
        return Err(CliError::NothingDescribed(path.to_path_buf()));
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let accounts = vec![Account { name: OWNER.to_string(), balance: U256::MAX >> 64 }];
    let (assets, steps, plot) = (Vec::new(), Vec::new(), None);
    let scenario = Scenario { title: file, start, accounts, assets, releases, steps, plot };
    Ok(Opened { name, path: path.to_path_buf(), scenario, program })
}

/// Says whether a path is a source that has no scenario beside it.
pub(crate) fn is_alone(path: &Path) -> bool {
    is_source(path) && path.is_file() && !path.with_file_name(FILE).exists()
}

fn release(artifact: &Artifact, file: &str) -> Release {
    let escrows: BTreeMap<_, _> =
        artifact.descriptions.iter().map(|one| (&one.description, one.escrow)).collect();
    Release {
        name: artifact.name.clone(),
        file: file.to_string(),
        contract: artifact.name.clone(),
        from: OWNER.to_string(),
        value: escrows.values().fold(U256::ZERO, |sum, escrow| sum.saturating_add(*escrow)),
        args: Vec::new(),
        place: Place::default(),
    }
}

fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "csc" || end == "sol")
}

fn find(path: &Path) -> PathBuf {
    match (path.is_dir(), is_source(path)) {
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
