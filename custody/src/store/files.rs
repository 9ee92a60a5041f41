//! The few file operations the store is made of, on a disk and in memory.

use std::collections::BTreeMap;
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

/// What of the writes that were not made durable is still there after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Everything that was done.
    Nothing,
    /// All that was not synced.
    Unsynced,
    /// Nothing, but the last write got only half way.
    Torn,
}

#[derive(Clone, Debug, Default)]
struct Inode {
    live: Vec<u8>,
    durable: Vec<u8>,
}

/// A folder in memory that can stop after any operation, for simulations and tests.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    inodes: Vec<Inode>,
    live: BTreeMap<String, usize>,
    durable: BTreeMap<String, usize>,
    operations: u64,
    stop_at: Option<u64>,
    torn: bool,
}

impl Memory {
    /// Makes every operation after the first `count` more of them fail; with `torn`, the one that fails first, if it
    /// writes, writes half.
    pub fn stop_after(&mut self, count: u64, torn: bool) {
        self.stop_at = Some(self.operations.saturating_add(count));
        self.torn = torn;
    }

    /// How many changing operations were done.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.operations
    }

    /// The folder as a restart finds it.
    #[must_use]
    pub fn crash(&self, loss: Loss) -> Self {
        let names = if loss == Loss::Unsynced { &self.durable } else { &self.live };
        let mut after = Self::default();
        for (name, inode) in names {
            let inode = self.inodes.get(*inode).cloned().unwrap_or_default();
            let bytes = if loss == Loss::Unsynced { inode.durable } else { inode.live };
            after.live.insert(name.clone(), after.inodes.len());
            after.inodes.push(Inode { live: bytes.clone(), durable: bytes });
        }
        after.durable = after.live.clone();
        after
    }

    /// Every byte that is or was in a file, for tests that look for secrets.
    pub fn all_bytes(&self) -> impl Iterator<Item = &[u8]> {
        self.inodes.iter().flat_map(|inode| [inode.live.as_slice(), inode.durable.as_slice()])
    }

    /// Counts an operation; with `Some(half)` the write that is cut off still gets that far.
    fn step(&mut self) -> Result<(), bool> {
        match self.stop_at {
            Some(stop) if self.operations >= stop => Err(std::mem::take(&mut self.torn)),
            _ => {
                self.operations += 1;
                Ok(())
            }
        }
    }

    fn inode(&mut self, name: &str) -> io::Result<&mut Inode> {
        let inode = *self.live.get(name).ok_or(ErrorKind::NotFound)?;
        self.inodes.get_mut(inode).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn create(&mut self, name: &str) -> io::Result<&mut Inode> {
        if !self.live.contains_key(name) {
            self.live.insert(name.to_owned(), self.inodes.len());
            self.inodes.push(Inode::default());
        }
        self.inode(name)
    }
}

fn stopped() -> io::Error {
    io::Error::other("stopped")
}

impl Files for Memory {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let inode = self.live.get(name).and_then(|inode| self.inodes.get(*inode));
        Ok(inode.map(|inode| inode.live.clone()))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.live.keys().cloned().collect())
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        match self.step() {
            Ok(()) => self.create(name)?.live = bytes.to_vec(),
            Err(torn) => {
                if torn {
                    let (half, _) = bytes.split_at(bytes.len() / 2);
                    let live = &mut self.create(name)?.live;
                    let rest = live.split_off(half.len().min(live.len()));
                    *live = [half, &rest].concat();
                }
                return Err(stopped());
            }
        }
        Ok(())
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (bytes, outcome) = match self.step() {
            Ok(()) => (bytes, Ok(())),
            Err(true) => (bytes.split_at(bytes.len() / 2).0, Err(stopped())),
            Err(false) => return Err(stopped()),
        };
        self.inode(name)?.live.extend_from_slice(bytes);
        outcome
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.step().map_err(|_| stopped())?;
        let inode = self.inode(name)?;
        inode.durable = inode.live.clone();
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.step().map_err(|_| stopped())?;
        let inode = self.live.remove(from).ok_or(ErrorKind::NotFound)?;
        self.live.insert(to.to_owned(), inode);
        Ok(())
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.step().map_err(|_| stopped())?;
        self.live.remove(name).map(|_| ()).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        self.step().map_err(|_| stopped())?;
        self.durable = self.live.clone();
        Ok(())
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
