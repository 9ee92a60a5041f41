//! Is a disk in memory that fails as disks do, by seed: for tests and for the simulation.
//!
//! A write is sure only after a sync. A crash keeps, drops or cuts each write since the last sync on its own, in
//! any combination, as a disk that reorders its cache does; then the disk can be opened again.

use redb::{BackendError, StorageBackend};
use std::{
    io::{self, ErrorKind},
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Is a disk that keeps its bytes when the database on it is dropped. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Disk(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    /// What reads see.
    data: Vec<u8>,
    /// What is sure.
    synced: Vec<u8>,
    /// What was done since the last sync.
    unsynced: Vec<Write>,
    /// How often the disk crashed; a backend of an earlier life is dead.
    life: u64,
    /// The life whose backend holds the lock.
    locked: Option<u64>,
    /// Writes, changes of length and syncs so far.
    writes: u64,
    reads: u64,
    full_at: Option<u64>,
    crash_at: Option<u64>,
    unreadable_at: Option<u64>,
}

#[derive(Debug, Clone)]
enum Write {
    Bytes(u64, Vec<u8>),
    Len(u64),
}

impl Disk {
    /// Makes an empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a disk with `data` on it, all of it sure.
    pub fn with(data: Vec<u8>) -> Self {
        let inner = Inner { synced: data.clone(), data, ..Inner::default() };
        Self(Arc::new(Mutex::new(inner)))
    }

    /// Plugs the disk in; what it returns works until the next crash.
    pub fn backend(&self) -> Backend {
        let life = self.inner().life;
        Backend { disk: self.clone(), life }
    }

    /// Returns what reads see now.
    pub fn data(&self) -> Vec<u8> {
        self.inner().data.clone()
    }

    /// Cuts the power: each write since the last sync is kept, dropped or cut, as `seed` says. All backends are
    /// dead from now on, locks are gone, and so are the faults that were set.
    pub fn crash(&self, seed: u64) {
        let mut inner = self.inner();
        let mut random = Random(seed);
        let mut data = std::mem::take(&mut inner.synced);
        for write in std::mem::take(&mut inner.unsynced) {
            tear(&mut data, write, &mut random);
        }
        *inner = Inner { synced: data.clone(), data, life: inner.life + 1, ..Inner::default() };
    }

    /// Stops a process without harm to the disk, as kill -9 does: everything written stays. All backends are dead
    /// from now on, locks are gone.
    pub fn kill(&self) {
        let mut inner = self.inner();
        *inner = Inner {
            synced: std::mem::take(&mut inner.synced),
            data: std::mem::take(&mut inner.data),
            unsynced: std::mem::take(&mut inner.unsynced),
            life: inner.life + 1,
            ..Inner::default()
        };
    }

    /// Refuses writes for want of space once `more` further writes, changes of length and syncs were done; none
    /// gives space again.
    pub fn fill_after(&self, more: Option<u64>) {
        let mut inner = self.inner();
        inner.full_at = more.map(|more| inner.writes.saturating_add(more));
    }

    /// Fails everything once `more` further writes, changes of length and syncs were done, as when the process is
    /// about to die; [`Self::crash`] then decides what is left.
    pub fn fail_after(&self, more: Option<u64>) {
        let mut inner = self.inner();
        inner.crash_at = more.map(|more| inner.writes.saturating_add(more));
    }

    /// Fails the read after `more` further reads, once.
    pub fn fail_read_after(&self, more: Option<u64>) {
        let mut inner = self.inner();
        inner.unreadable_at = more.map(|more| inner.reads.saturating_add(more));
    }

    /// Counts writes, changes of length and syncs of this life.
    pub fn writes(&self) -> u64 {
        self.inner().writes
    }

    /// Counts reads of this life.
    pub fn reads(&self) -> u64 {
        self.inner().reads
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Is a [`Disk`] as the database sees it.
#[derive(Debug)]
pub struct Backend {
    disk: Disk,
    life: u64,
}

impl Backend {
    fn alive(&self) -> io::Result<MutexGuard<'_, Inner>> {
        let inner = self.disk.inner();
        match inner.life == self.life {
            true => Ok(inner),
            false => Err(io::Error::other("the disk crashed")),
        }
    }

    /// Counts a write and fails it if it is its turn.
    fn writing(&self) -> io::Result<MutexGuard<'_, Inner>> {
        let mut inner = self.alive()?;
        let now = inner.writes;
        inner.writes = now.saturating_add(1);
        if inner.crash_at.is_some_and(|at| now >= at) {
            return Err(io::Error::other("the disk is failing"));
        }
        if inner.full_at.is_some_and(|at| now >= at) {
            return Err(ErrorKind::StorageFull.into());
        }
        Ok(inner)
    }

    fn write_through(&self, write: Write) -> io::Result<()> {
        let mut inner = self.writing()?;
        apply(&mut inner.data, &write);
        inner.unsynced.push(write);
        Ok(())
    }
}

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        Ok(self.alive()?.data.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut inner = self.alive()?;
        let now = inner.reads;
        inner.reads = now.saturating_add(1);
        if inner.unreadable_at.is_some_and(|at| now >= at) {
            inner.unreadable_at = None;
            return Err(io::Error::other("a sector cannot be read"));
        }
        let data = usize::try_from(offset).ok().and_then(|offset| inner.data.get(offset..));
        let data = data.and_then(|data| data.get(..out.len())).ok_or(ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(data);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.write_through(Write::Len(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut inner = self.writing()?;
        let Inner { synced, unsynced, .. } = &mut *inner;
        unsynced.drain(..).for_each(|write| apply(synced, &write));
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.write_through(Write::Bytes(offset, data.to_vec()))
    }

    fn close(&self) -> io::Result<()> {
        if let Ok(mut inner) = self.alive() {
            inner.locked = None;
        }
        Ok(())
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        whole(start, end)?;
        let mut inner = self.alive().map_err(BackendError::Io)?;
        let free = inner.locked.is_none();
        inner.locked = Some(self.life);
        Ok(free)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        whole(start, end)?;
        self.alive().map_err(BackendError::Io)?.locked = None;
        Ok(())
    }
}

/// This disk can only be locked as a whole.
fn whole(start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
    match (start, end) {
        (Bound::Unbounded | Bound::Included(0), Bound::Unbounded) => Ok(()),
        _ => Err(BackendError::Unsupported),
    }
}

/// Does a write as a whole.
fn apply(data: &mut Vec<u8>, write: &Write) {
    match write {
        Write::Len(len) => data.resize(usize::try_from(*len).unwrap_or(usize::MAX), 0),
        Write::Bytes(offset, bytes) => {
            let start = usize::try_from(*offset).unwrap_or(usize::MAX);
            let end = start.saturating_add(bytes.len());
            data.resize(data.len().max(end), 0);
            if let Some(target) = data.get_mut(start..end) {
                target.copy_from_slice(bytes);
            }
        }
    }
}

/// Does a write as a crash leaves it.
fn tear(data: &mut Vec<u8>, write: Write, random: &mut Random) {
    match (random.below(3), write) {
        (0, _) => {}
        (1, Write::Bytes(offset, mut bytes)) => {
            let kept = random.below(bytes.len() as u64);
            bytes.truncate(usize::try_from(kept).unwrap_or_default());
            apply(data, &Write::Bytes(offset, bytes));
        }
        (_, write) => apply(data, &write),
    }
}

/// Makes numbers from a seed (SplitMix64).
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `bound`; 0 if that is 0.
    fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(seed: u64) -> Vec<u8> {
        let disk = Disk::new();
        let backend = disk.backend();
        backend.set_len(64).unwrap();
        backend.write(0, &[1; 32]).unwrap();
        backend.sync_data().unwrap();
        (0..8).for_each(|i| backend.write(i * 8, &[i as u8 + 2; 8]).unwrap());
        disk.crash(seed);
        assert!(backend.len().is_err(), "a backend outlives a crash");
        disk.data()
    }

    #[test]
    fn crashes_follow_the_seed_and_spare_what_was_synced() {
        let all: Vec<Vec<u8>> = (0..200).map(filled).collect();
        assert_eq!(all, (0..200).map(filled).collect::<Vec<_>>());
        for data in &all {
            for (place, byte) in data.iter().enumerate() {
                let new = place as u8 / 8 + 2;
                let old = u8::from(place < 32);
                assert!(*byte == new || *byte == old);
            }
        }
        let cut = |data: &Vec<u8>| data.chunks(8).any(|chunk| chunk[0] != chunk[7]);
        assert!(all.iter().any(cut) && all.iter().any(|data| !cut(data)));
    }

    #[test]
    fn faults_come_at_their_turn() {
        let disk = Disk::with(vec![0; 8]);
        let backend = disk.backend();
        disk.fill_after(Some(1));
        backend.write(0, &[1]).unwrap();
        assert_eq!(backend.write(0, &[2]).unwrap_err().kind(), ErrorKind::StorageFull);
        disk.fill_after(None);
        backend.write(0, &[3]).unwrap();
        disk.fail_read_after(Some(1));
        let mut byte = [0];
        backend.read(0, &mut byte).unwrap();
        assert!(backend.read(0, &mut byte).is_err());
        backend.read(0, &mut byte).unwrap();
        assert_eq!(byte, [3]);
        assert!(backend.read(7, &mut [0; 2]).is_err());
        assert!(backend.try_lock_range(Bound::Unbounded, Bound::Unbounded).unwrap());
        assert!(!disk.backend().try_lock_range(Bound::Unbounded, Bound::Unbounded).unwrap());
        disk.kill();
        assert!(disk.backend().try_lock_range(Bound::Unbounded, Bound::Unbounded).unwrap());
        assert_eq!(disk.data()[0], 3);
    }
}
