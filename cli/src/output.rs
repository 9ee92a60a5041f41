//! Writes files so that readers see the old one or the whole new one, never a part.

use crate::error::{CliError, Outcome};
use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

/// Reads a text file.
pub(crate) fn read_text(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|source| CliError::Read { path: path.to_path_buf(), source })
}

/// Writes a file through a temporary neighbour and a rename; creates its folder.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Outcome {
    write_with(path, |file| {
        file.write_all(bytes).map_err(|source| CliError::Write { path: path.to_path_buf(), source })
    })
}

/// Writes a file that `fill` fills, as [`write_whole`] does.
pub(crate) fn write_with(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> Outcome) -> Outcome {
    let fail = |source| CliError::Write { path: path.to_path_buf(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(fail)?;
    }
    let part = neighbour(path);
    let written = write_part(&part, fill, fail).and_then(|()| fs::rename(&part, path).map_err(fail));
    written.inspect_err(|_| {
        // The part is worthless; that it cannot be removed either adds nothing to the message.
        let _ = fs::remove_file(&part);
    })
}

fn write_part(
    part: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> Outcome,
    fail: impl Fn(std::io::Error) -> CliError,
) -> Outcome {
    let mut file = BufWriter::new(File::create(part).map_err(&fail)?);
    fill(&mut file)?;
    file.flush().and_then(|()| file.get_ref().sync_all()).map_err(fail)
}

fn neighbour(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}

/// Prints to standard output; a closed pipe is an error like any other, not a panic.
pub(crate) fn print(text: &str) -> Outcome {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(CliError::Print)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_a_file_and_leaves_no_part() {
        let folder = std::env::temp_dir().join(format!("fusor-output-{}", std::process::id()));
        let path = folder.join("a/b.txt");
        write_whole(&path, b"one").unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(read_text(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.join("a")).unwrap().count(), 1);
        assert!(write_whole(&folder.join("a"), b"x").is_err());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }
}
