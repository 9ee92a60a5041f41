//! Reads what a folder says of itself as a project: `foundry.toml`, `fusor.toml`, `remappings.txt`, and its packages.

mod library;
mod packages;
mod remappings;
mod settings;
mod toml;

use crate::compile::name_of;
use crate::error::{CliError, Outcome};
use fusor_compiler::{driver::Options, imports::Remapping};
pub(crate) use library::{Library, library};
use settings::{Settings, wrong};
use std::{
    fs,
    io::ErrorKind,
    path::{Component, Path, PathBuf},
};

/// Names the files that make a folder a project, the one that counts more first.
const FILES: [&str; 2] = ["fusor.toml", "foundry.toml"];

/// Is a project: where its files are and how it is compiled.
#[derive(Debug)]
pub(crate) struct Project {
    /// The folder that holds it all; names of sources begin below it.
    pub(crate) root: PathBuf,
    /// The folder of the sources, below the root.
    pub(crate) src: String,
    /// The folders of packages.
    pub(crate) libs: Vec<PathBuf>,
    /// The folder for artifacts.
    pub(crate) out: PathBuf,
    pub(crate) remappings: Vec<Remapping>,
    pub(crate) options: Options,
}

impl Project {
    /// Reads the project of a folder; none when neither file is in it.
    pub(crate) fn read(root: &Path) -> Outcome<Option<Self>> {
        let mut settings = Settings::default();
        let mut found = false;
        for path in FILES.map(|name| root.join(name)) {
            let Some(text) = read(&path)? else { continue };
            let document = toml::parse(&text).map_err(|error| wrong(&path, error.line, error.message))?;
            settings.add(&path, &document)?;
            found = true;
        }
        if !found {
            return Ok(None);
        }
        let file = root.join("remappings.txt");
        if let Some(text) = read(&file)? {
            remappings::add_lines(&mut settings.remappings, &file, &text)?;
        }
        Ok(Some(Self::new(root, settings)))
    }

    fn new(root: &Path, settings: Settings) -> Self {
        let src = settings.src.unwrap_or_else(|| match root.join("src").is_dir() {
            false if root.join("contracts").is_dir() => "contracts".into(),
            _ => "src".into(),
        });
        let libs = settings.libs.unwrap_or_else(|| vec!["node_modules".into(), "lib".into()]);
        let mut remappings = settings.remappings;
        packages::add(&mut remappings, root, &libs);
        // A project may hold code that is not for release, such as helpers of tests: too large is a warning.
        let mut options = Options { enforce_limits: false, ..settings.options };
        if let Some(metadata) = &mut options.metadata {
            metadata.remappings = remappings.iter().map(Remapping::to_string).collect();
        }
        let out = root.join(settings.out.unwrap_or_else(|| "out".into()));
        let libs = libs.iter().map(|lib| root.join(lib)).collect();
        Self { root: root.to_path_buf(), src, libs, out, remappings, options }
    }

    /// Returns the folder of the sources.
    pub(crate) fn sources(&self) -> PathBuf {
        self.root.join(&self.src)
    }

    /// Returns the source unit name of a file in the folder of the sources.
    pub(crate) fn name_of(&self, file: &Path) -> String {
        let below = file.strip_prefix(self.sources()).unwrap_or(file);
        let parts = Path::new(&self.src).components().filter(|part| *part != Component::CurDir);
        name_of(&parts.collect::<PathBuf>().join(below))
    }
}

/// Reads a file that may be missing.
fn read(path: &Path) -> Outcome<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(source) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(CliError::Read { path: path.to_path_buf(), source }),
    }
}
