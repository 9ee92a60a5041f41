//! Finds test files in a directory, a single file, or a `.tar.xz` archive.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};
use thiserror::Error;

/// Is one JSON file of the corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestFile {
    /// The path within the corpus, with `/` between its parts.
    pub path: String,
    /// The content.
    pub json: Vec<u8>,
}

/// Says why the corpus cannot be read.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// A file or directory cannot be read.
    #[error("{path}: {error}")]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The archive is no xz stream.
    #[error("{path}: not an xz archive: {reason}")]
    Xz {
        /// Which archive.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// No JSON file was found.
    #[error("{0}: no .json file found")]
    Empty(PathBuf),
}

/// Reads every JSON file at `path`, in order of path.
pub fn load(path: &Path) -> Result<Vec<TestFile>, ArchiveError> {
    let is_archive = path.to_string_lossy().ends_with(".tar.xz");
    let mut files = match is_archive {
        true => read_archive(path)?,
        false => read_tree(path)?,
    };
    if files.is_empty() {
        return Err(ArchiveError::Empty(path.to_owned()));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn read_archive(path: &Path) -> Result<Vec<TestFile>, ArchiveError> {
    let io_error = |error| ArchiveError::Io { path: path.to_owned(), error };
    let packed = fs::read(path).map_err(io_error)?;
    let mut tape = Vec::new();
    lzma_rs::xz_decompress(&mut packed.as_slice(), &mut tape)
        .map_err(|error| ArchiveError::Xz { path: path.to_owned(), reason: format!("{error:?}") })?;
    let mut files = Vec::new();
    for entry in tar::Archive::new(tape.as_slice()).entries().map_err(io_error)? {
        let mut entry = entry.map_err(io_error)?;
        let name = entry.path().map_err(io_error)?.to_string_lossy().into_owned();
        if !name.ends_with(".json") {
            continue;
        }
        let mut json = Vec::new();
        entry.read_to_end(&mut json).map_err(io_error)?;
        files.push(TestFile { path: name, json });
    }
    Ok(files)
}

fn read_tree(root: &Path) -> Result<Vec<TestFile>, ArchiveError> {
    let mut files = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        let io_error = |error| ArchiveError::Io { path: path.clone(), error };
        if fs::metadata(&path).map_err(io_error)?.is_dir() {
            for entry in fs::read_dir(&path).map_err(io_error)? {
                open.push(entry.map_err(io_error)?.path());
            }
        } else if path.extension().is_some_and(|end| end == "json") {
            let inside = path.strip_prefix(root).unwrap_or(&path);
            let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
            let name = match parts.is_empty() {
                true => path.to_string_lossy().into_owned(),
                false => parts.join("/"),
            };
            files.push(TestFile { path: name, json: fs::read(&path).map_err(io_error)? });
        }
    }
    Ok(files)
}
