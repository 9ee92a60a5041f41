//! Finds the files that sources import: below the base path and the include paths, in allowed folders only.

use fusor_compiler::source::FILE_SIZE_MAX;
use std::path::{Component, Path, PathBuf};

/// Reads files by their source unit names.
#[derive(Debug, Default)]
pub(crate) struct Files {
    base: PathBuf,
    includes: Vec<PathBuf>,
    allowed: Vec<PathBuf>,
}

impl Files {
    /// Starts with a base path (empty for the working folder) and include paths.
    pub(crate) fn new(base: Option<&Path>, includes: &[PathBuf]) -> Self {
        let base = base.unwrap_or(Path::new("")).to_path_buf();
        let mut files = Self { base, includes: includes.to_vec(), allowed: Vec::new() };
        for folder in std::iter::once(files.base.clone()).chain(includes.iter().cloned()) {
            files.allow(&folder);
        }
        files
    }

    /// Lets files below a folder be read; a file stands for its folder.
    pub(crate) fn allow(&mut self, path: &Path) {
        let whole = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let Ok(real) = whole.canonicalize() else { return };
        self.allowed.push(if real.is_file() {
            real.parent().map_or(real.clone(), Path::to_path_buf)
        } else {
            real
        });
    }

    /// Reads a source; the error is a sentence.
    pub(crate) fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        if let Some(text) = fusor_stdlib::find(name) {
            return Ok(text.as_bytes().to_vec());
        }
        let path = name.strip_prefix("file://").unwrap_or(name);
        let places: Vec<PathBuf> =
            std::iter::once(&self.base).chain(&self.includes).map(|folder| folder.join(path)).collect();
        let mut found: Vec<&PathBuf> = places.iter().filter(|place| place.exists()).collect();
        found.dedup();
        match *found.as_slice() {
            [] => Err(format!("File not found. Searched the following locations: {}.", self.locations())),
            [place] => self.read_place(place),
            _ => Err(format!(
                "Ambiguous import. Multiple matching files found inside base path and/or include paths: {}.",
                list(found.into_iter())
            )),
        }
    }

    fn read_place(&self, place: &Path) -> Result<Vec<u8>, String> {
        let real = place.canonicalize().map_err(|e| e.to_string())?;
        if !self.allowed.iter().any(|folder| real.starts_with(folder)) {
            return Err(format!(
                "File outside of allowed directories. The following are allowed: {}.",
                list(self.allowed.iter())
            ));
        }
        let meta = real.metadata().map_err(|e| e.to_string())?;
        if !meta.is_file() {
            return Err("Not a valid file.".into());
        }
        if meta.len() > FILE_SIZE_MAX as u64 {
            return Err(format!("{} bytes; the limit is {FILE_SIZE_MAX}", meta.len()));
        }
        std::fs::read(&real).map_err(|e| e.to_string())
    }

    fn locations(&self) -> String {
        list(std::iter::once(&self.base).chain(&self.includes))
    }

    /// Returns the source unit name of a file of the command line: its path below the base path or an include path,
    /// else the whole path.
    pub(crate) fn name_of(&self, path: &Path) -> String {
        let whole = absolute(path);
        let folders = std::iter::once(&self.base).chain(&self.includes);
        let inside = folders.filter_map(|folder| whole.strip_prefix(absolute(folder)).ok()).next();
        inside.unwrap_or(&whole).to_string_lossy().replace('\\', "/")
    }
}

fn list<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> String {
    paths.map(|path| format!("\"{}\"", path.display())).collect::<Vec<_>>().join(", ")
}

/// Makes a path absolute without following links.
fn absolute(path: &Path) -> PathBuf {
    let mut whole = std::env::current_dir().unwrap_or_default();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            Component::CurDir => {}
            other => whole.push(other),
        }
    }
    whole
}
