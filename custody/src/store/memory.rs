//! A folder in memory, for simulations and for tests that crash it.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};

use super::files::Files;

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
