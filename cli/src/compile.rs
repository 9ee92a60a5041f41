//! Compiles files with the standard library at hand and reports everything that is wrong with them.

use crate::error::{CliError, Outcome};
use crate::project::{Library, Project};
use alloy_json_abi::JsonAbi;
use fusor_compiler::{
    artifact::Artifact,
    compilation::{Compilation, DiskProvider},
    diag::{Diagnostics, Severity},
    driver::{self, Options},
    inputs::ContractInput,
};
use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// Is what compiling a set of files gave.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) artifacts: Vec<Artifact>,
}

/// Compiles a file of standalone Yul. All diagnostics go to standard error.
pub(crate) fn compile_yul(path: &Path) -> Outcome<Program> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| CliError::Read { path: path.to_path_buf(), source })?;
    let program = driver::compile_yul(&name_of(path), &text, &Options::default());
    eprint!("{}", program.diagnostics.render(&program.map, std::io::stderr().is_terminal()));
    match program.artifact {
        Some(artifact) => Ok(Program { artifacts: vec![artifact] }),
        None => Err(CliError::Compile { errors: program.diagnostics.len() }),
    }
}

/// Says why an artifact cannot be used.
#[derive(Debug, Error)]
pub(crate) enum ProgramError {
    #[error("`{file}` has no contract `{contract}`; it has {known}")]
    NoContract { file: String, contract: String, known: String },
    #[error("`{contract}` is abstract or an interface and cannot be released")]
    NotDeployable { contract: String },
    #[error("`{contract}` needs the library `{library}`, which has to be released and linked first")]
    Unlinked { contract: String, library: String },
    #[error("the ABI of `{contract}` cannot be read: {reason}")]
    Abi { contract: String, reason: String },
}

/// Holds files to compile together.
pub(crate) struct Sources {
    compilation: Compilation<DiskProvider>,
    options: Options,
    libraries: Vec<Library>,
}

impl Sources {
    /// Starts an empty set. Imports that are not relative are looked for in the standard library, below the
    /// working folder, then below `folders`.
    pub(crate) fn new(folders: &[PathBuf]) -> Self {
        let mut roots = vec![PathBuf::new()];
        roots.extend_from_slice(folders);
        let provider = DiskProvider { embedded: fusor_stdlib::find, roots, remappings: Vec::new() };
        Self::of(provider, Options::default())
    }

    /// Starts an empty set that is compiled as a project says. Names of sources begin below the project's folder.
    pub(crate) fn of_project(project: &Project) -> Self {
        let (roots, remappings) = (vec![project.root.clone()], project.remappings.clone());
        let provider = DiskProvider { embedded: fusor_stdlib::find, roots, remappings };
        Self::of(provider, project.options.clone())
    }

    fn of(provider: DiskProvider, options: Options) -> Self {
        let mut compilation = Compilation::new(provider);
        compilation.set_evm_version(options.evm_version);
        Self { compilation, options, libraries: Vec::new() }
    }

    /// Links these libraries.
    pub(crate) fn link(mut self, libraries: &[Library]) -> Self {
        for Library { file, name, address } in libraries {
            if let Some(metadata) = &mut self.options.metadata {
                metadata.libraries.insert(format!("{file}:{name}"), format!("{address:#x}"));
            }
        }
        self.libraries.extend_from_slice(libraries);
        self
    }

    /// Adds a file by its source unit name.
    pub(crate) fn named(mut self, name: &str) -> Self {
        self.compilation.add_file(name);
        self
    }

    /// Adds a file from disk.
    pub(crate) fn file(self, path: &Path) -> Self {
        self.named(&name_of(path))
    }

    /// Adds a source at hand, for example one that imports from the standard library.
    pub(crate) fn text(mut self, name: &str, text: &str) -> Self {
        self.compilation.add_text(name, text);
        self
    }

    /// Makes code for the contract of this name only (and for others so named).
    pub(crate) fn only(mut self, contract: &str) -> Self {
        self.options.only.push(contract.to_string());
        self
    }

    /// Checks the files without making code. All diagnostics go to standard error.
    pub(crate) fn check(mut self) -> Outcome {
        self.report()?;
        Ok(())
    }

    /// Compiles the files. All diagnostics go to standard error.
    pub(crate) fn compile(self) -> Outcome<Program> {
        self.checked()?.compile()
    }

    /// Checks the files, so that code can be made for some of their contracts. All diagnostics go to standard error.
    pub(crate) fn checked(mut self) -> Outcome<Checked> {
        self.report()?;
        Ok(Checked(self))
    }

    fn make(self) -> Outcome<Program> {
        match driver::compile_checked(&self.compilation, &self.options) {
            Ok(mut artifacts) => {
                for Library { file, name, address } in &self.libraries {
                    artifacts.iter_mut().for_each(|artifact| artifact.link(file, name, address.0.0));
                }
                self.warn_of_sizes(&artifacts);
                Ok(Program { artifacts })
            }
            Err(errors) => {
                eprint!("{}", errors.render(self.compilation.source_map(), std::io::stderr().is_terminal()));
                Err(CliError::Compile { errors: errors.len() })
            }
        }
    }

    /// Warns of code above the limits, which is an error already where they are enforced.
    fn warn_of_sizes(&self, artifacts: &[Artifact]) {
        let Some(hir) = self.compilation.hir() else { return };
        let mut warnings = Diagnostics::default();
        warnings.extend(driver::size_warnings(hir, artifacts));
        eprint!("{}", warnings.render(self.compilation.source_map(), std::io::stderr().is_terminal()));
    }

    fn report(&mut self) -> Outcome {
        self.compilation.check();
        let found = self.compilation.diagnostics();
        eprint!("{}", found.render(self.compilation.source_map(), std::io::stderr().is_terminal()));
        let errors = found.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        if errors > 0 { Err(CliError::Compile { errors }) } else { Ok(()) }
    }
}

/// Holds files without errors.
pub(crate) struct Checked(Sources);

impl Checked {
    /// Lists the contracts and what they are made from.
    pub(crate) fn contracts(&self) -> Vec<ContractInput> {
        self.0.compilation.contract_inputs()
    }

    /// Spells all that code depends on beside sources.
    pub(crate) fn settings(&self) -> String {
        let libraries = self.0.libraries.iter().map(|l| format!("{}:{}={}", l.file, l.name, l.address));
        format!("{:?} {:?}", self.0.options, libraries.collect::<Vec<_>>())
    }

    /// Makes code for all contracts.
    pub(crate) fn compile(self) -> Outcome<Program> {
        self.0.make()
    }

    /// Makes code for these contracts, each given as `file:Name`.
    pub(crate) fn compile_only(mut self, contracts: Vec<String>) -> Outcome<Program> {
        if contracts.is_empty() {
            return Ok(Program { artifacts: Vec::new() });
        }
        self.0.options.only = contracts;
        self.0.make()
    }
}

/// Returns the source unit name of a file: its path as given, with slashes.
pub(crate) fn name_of(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").unwrap_or(&text).to_string()
}

impl Program {
    /// Finds a contract that can be released by its file and name.
    pub(crate) fn find(&self, file: &str, contract: &str) -> Result<&Artifact, ProgramError> {
        let of_file = || self.artifacts.iter().filter(|artifact| artifact.file == file);
        let Some(found) = of_file().find(|artifact| artifact.name == contract) else {
            let known: Vec<_> = of_file().map(|artifact| artifact.name.as_str()).collect();
            let known = if known.is_empty() { "none".to_string() } else { known.join(", ") };
            return Err(ProgramError::NoContract {
                file: file.to_string(),
                contract: contract.to_string(),
                known,
            });
        };
        if !found.is_deployable() {
            return Err(ProgramError::NotDeployable { contract: contract.to_string() });
        }
        match found.creation.link_references.first() {
            None => Ok(found),
            Some(link) => {
                let (contract, library) = (contract.to_string(), link.library.clone());
                Err(ProgramError::Unlinked { contract, library })
            }
        }
    }

    /// Reads the ABI of a contract.
    pub(crate) fn parse_abi(&self, artifact: &Artifact) -> Result<JsonAbi, ProgramError> {
        let parsed = serde_json::from_value(artifact.abi.clone());
        parsed
            .map_err(|error| ProgramError::Abi { contract: artifact.name.clone(), reason: error.to_string() })
    }

    /// Finds the ABI of a contract or interface by its name alone.
    pub(crate) fn abi_of(&self, name: &str) -> Option<JsonAbi> {
        let artifact = self.artifacts.iter().find(|artifact| artifact.name == name)?;
        self.parse_abi(artifact).ok()
    }
}
