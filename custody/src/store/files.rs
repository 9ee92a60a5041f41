//! The few file operations the store is made of.

use std::io;

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
