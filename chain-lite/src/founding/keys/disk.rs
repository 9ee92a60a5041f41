//! Writes and reads files that hold secrets.

use super::{Existing, KeyError};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Bounds what is read of a key's file, in bytes.
const LENGTH_MAX: u64 = 1_024;

/// Is a file to write.
pub(super) struct Entry {
    path: PathBuf,
    bytes: Vec<u8>,
    secret: bool,
}

impl Entry {
    pub(super) fn secret(path: PathBuf, bytes: Vec<u8>) -> Self {
        Self { path, bytes, secret: true }
    }

    pub(super) fn public(path: PathBuf, bytes: Vec<u8>) -> Self {
        Self { path, bytes, secret: false }
    }

    /// Returns the neighbour that is written first and renamed when all are.
    fn part(&self) -> PathBuf {
        let mut name = std::ffi::OsString::from(".");
        name.push(self.path.file_name().unwrap_or_default());
        name.push(format!(".{}.part", std::process::id()));
        self.path.with_file_name(name)
    }

    fn write_part(&self) -> Result<(), KeyError> {
        let part = self.part();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        if self.secret {
            only_owner(&mut options);
        }
        let write = || {
            let mut file = options.open(&part)?;
            file.write_all(&self.bytes)?;
            file.sync_all()
        };
        write().map_err(|source| KeyError::Write { path: self.path.clone(), source })
    }
}

/// Writes all of the files or none; those of a folder that did not exist go with a new one.
pub(super) fn write_all(folder: &Path, files: &[Entry], existing: Existing) -> Result<(), KeyError> {
    if existing == Existing::Refuse
        && let Some(taken) = files.iter().find(|file| file.path.symlink_metadata().is_ok())
    {
        return Err(KeyError::Exists(taken.path.clone()));
    }
    make_folder(folder).map_err(|source| KeyError::Write { path: folder.to_path_buf(), source })?;
    let written = files.iter().try_for_each(Entry::write_part).and_then(|()| rename_all(files));
    if written.is_err() {
        for file in files {
            // The part is worthless; that it cannot be removed adds nothing to the message.
            let _ = fs::remove_file(file.part());
        }
    }
    written
}

fn rename_all(files: &[Entry]) -> Result<(), KeyError> {
    for file in files {
        fs::rename(file.part(), &file.path)
            .map_err(|source| KeyError::Write { path: file.path.clone(), source })?;
    }
    Ok(())
}

/// Makes the folder, for its owner alone; one that is there keeps its permissions.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    private(&mut builder);
    builder.create(folder)
}

/// Reads the text of a file that must be its owner's alone.
pub(super) fn read_secret(path: &Path) -> Result<String, KeyError> {
    let fail = |source| KeyError::Read { path: path.to_path_buf(), source };
    let file = File::open(path).map_err(fail)?;
    // Of the open file, so that nobody exchanges it in between.
    if let Some(mode) = mode_for_others(&file.metadata().map_err(fail)?) {
        return Err(KeyError::Open { path: path.to_path_buf(), mode });
    }
    let mut text = String::new();
    file.take(LENGTH_MAX).read_to_string(&mut text).map_err(fail)?;
    Ok(text)
}

/// Has a file that is made read and written by its owner alone.
#[cfg(unix)]
pub(crate) fn only_owner(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

#[cfg(unix)]
fn private(builder: &mut DirBuilder) {
    std::os::unix::fs::DirBuilderExt::mode(builder, 0o700);
}

#[cfg(unix)]
fn mode_for_others(metadata: &fs::Metadata) -> Option<u32> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
pub(crate) fn only_owner(_: &mut OpenOptions) {}

#[cfg(not(unix))]
fn private(_: &mut DirBuilder) {}

#[cfg(not(unix))]
fn mode_for_others(_: &fs::Metadata) -> Option<u32> {
    None
}
