//! The few file operations the store is made of, and a folder on a disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The longest file that is read or grown, in bytes: a shard with setups to 63 members takes some 7 MiB, a journal of
/// this size holds eleven million attempts.
pub const BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// One folder of files. Each method is one operation: a crash comes before or after it, or tears a write.
pub trait Files {
    /// Reads a whole file; `None` if there is none.
    ///
    /// # Errors
    /// The file cannot be read or is longer than [`BYTES_MAX`].
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>>;

    /// Lists the names of all files.
    ///
    /// # Errors
    /// The folder cannot be read.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Writes a file in place from its start, then cuts it to length. Not durable before [`sync`](Self::sync).
    ///
    /// # Errors
    /// The file cannot be written; it may then be torn.
    fn write(&mut self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Appends to a file. Not durable before [`sync`](Self::sync).
    ///
    /// # Errors
    /// The file cannot be written; it may then be torn.
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Makes a file's content durable.
    ///
    /// # Errors
    /// The disk refuses.
    fn sync(&mut self, name: &str) -> io::Result<()>;

    /// Renames a file over another at once. Not durable before [`sync_folder`](Self::sync_folder).
    ///
    /// # Errors
    /// There is no such file, or the disk refuses.
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file. Not durable before [`sync_folder`](Self::sync_folder).
    ///
    /// # Errors
    /// There is no such file, or the disk refuses.
    fn remove(&mut self, name: &str) -> io::Result<()>;

    /// Makes renames and removals durable.
    ///
    /// # Errors
    /// The disk refuses.
    fn sync_folder(&mut self) -> io::Result<()>;
}

/// A folder on a disk: mode 0700, files 0600, locked against a second process.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
    _lock: File,
}

impl Disk {
    /// Opens or makes the folder.
    ///
    /// # Errors
    /// The folder cannot be made or restricted to its owner, or another process has it open
    /// ([`ErrorKind::WouldBlock`]).
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        let lock = private().create(true).truncate(false).write(true).open(folder.join(LOCK))?;
        lock.try_lock().map_err(|_| io::Error::from(ErrorKind::WouldBlock))?;
        Ok(Self { folder: folder.to_owned(), _lock: lock })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

const LOCK: &str = "lock";

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

impl Files for Disk {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(self.path(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > BYTES_MAX {
            return Err(ErrorKind::FileTooLarge.into());
        }
        Ok(Some(bytes))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            names.extend(entry?.file_name().into_string().ok().filter(|name| name != LOCK));
        }
        names.sort_unstable();
        Ok(names)
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = private().create(true).truncate(false).write(true).open(self.path(name))?;
        file.write_all(bytes)?;
        file.set_len(bytes.len() as u64)
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        private().append(true).open(self.path(name))?.write_all(bytes)
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        OpenOptions::new().write(true).open(self.path(name))?.sync_all()
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path(name))
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()
    }
}

/// Replaces a file at once and durably: write beside it, sync, rename, sync the folder.
pub(crate) fn replace(files: &mut impl Files, name: &str, bytes: &[u8]) -> io::Result<()> {
    let temporary = format!("{name}{TEMPORARY}");
    files.write(&temporary, bytes)?;
    files.sync(&temporary)?;
    files.rename(&temporary, name)?;
    files.sync_folder()
}

/// Overwrites, syncs and removes a file. The caller syncs the folder.
pub(crate) fn erase(files: &mut impl Files, name: &str) -> io::Result<()> {
    let length = files.read(name)?.map_or(0, |bytes| bytes.len());
    files.write(name, &vec![0; length])?;
    files.sync(name)?;
    files.remove(name)
}

/// The ending of files that are not finished.
pub(crate) const TEMPORARY: &str = ".new";
