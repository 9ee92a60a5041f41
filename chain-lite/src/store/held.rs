//! Holds back every write to a backend until it is let go, so that opening a database that turns out to be of
//! another chain, newer or damaged changes nothing on disk.

use redb::{BackendError, StorageBackend};
use std::{
    io,
    ops::Bound,
    sync::{Arc, PoisonError, RwLock},
};

/// Is a backend behind a gate.
#[derive(Debug)]
pub(super) struct Held<B>(Arc<Gate<B>>);

/// Opens the gate of a [`Held`] backend.
#[derive(Debug)]
pub(super) struct Release<B>(Arc<Gate<B>>);

#[derive(Debug)]
struct Gate<B> {
    inner: B,
    /// What was written so far; none once the gate is open.
    held: RwLock<Option<Journal>>,
}

#[derive(Debug)]
struct Journal {
    len: u64,
    writes: Vec<Write>,
}

/// Is something done to a backend.
#[derive(Debug)]
pub(super) enum Write {
    /// Bytes at an offset.
    Bytes(u64, Vec<u8>),
    /// A new length.
    Len(u64),
    /// A sync.
    Sync,
}

impl<B: StorageBackend> Held<B> {
    /// Closes the gate, with `writes` held back already. Errors: the length of the backend cannot be read.
    pub(super) fn new(inner: B, writes: Vec<Write>) -> io::Result<(Self, Release<B>)> {
        let mut journal = Journal { len: inner.len()?, writes: Vec::new() };
        writes.into_iter().for_each(|write| journal.push(write));
        let gate = Arc::new(Gate { inner, held: RwLock::new(Some(journal)) });
        Ok((Self(gate.clone()), Release(gate)))
    }

    /// Keeps `write`, or does it if the gate is open.
    fn write_or(
        &self,
        write: impl FnOnce() -> Write,
        open: impl FnOnce(&B) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.0.held.read().unwrap_or_else(PoisonError::into_inner).is_none() {
            return open(&self.0.inner);
        }
        match &mut *self.0.held.write().unwrap_or_else(PoisonError::into_inner) {
            Some(journal) => journal.push(write()),
            None => open(&self.0.inner)?,
        }
        Ok(())
    }
}

impl<B: StorageBackend> Release<B> {
    /// Returns the backend behind the gate.
    pub(super) fn inner(&self) -> &B {
        &self.0.inner
    }

    /// Writes what was held back, in order, and opens the gate. Errors: a write fails; the gate stays closed then,
    /// so that the database still reads what it wrote until it is dropped.
    pub(super) fn release(self) -> io::Result<()> {
        let mut held = self.0.held.write().unwrap_or_else(PoisonError::into_inner);
        for write in held.iter().flat_map(|journal| &journal.writes) {
            match write {
                Write::Bytes(offset, data) => self.0.inner.write(*offset, data)?,
                Write::Len(len) => self.0.inner.set_len(*len)?,
                Write::Sync => self.0.inner.sync_data()?,
            }
        }
        *held = None;
        Ok(())
    }
}

impl Journal {
    fn push(&mut self, write: Write) {
        match &write {
            Write::Bytes(offset, data) => self.len = self.len.max(offset.saturating_add(data.len() as u64)),
            Write::Len(len) => self.len = *len,
            Write::Sync => {}
        }
        self.writes.push(write);
    }

    /// Reads as if everything held back had been written.
    fn read(&self, inner: &impl StorageBackend, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(out.len() as u64).filter(|end| *end <= self.len);
        end.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        let there = inner.len()?.saturating_sub(offset).min(out.len() as u64);
        let (front, back) = out.split_at_mut(usize::try_from(there).unwrap_or(usize::MAX).min(out.len()));
        if !front.is_empty() {
            inner.read(offset, front)?;
        }
        back.fill(0);
        for write in &self.writes {
            match write {
                Write::Bytes(at, data) => overlay(offset, out, *at, data),
                Write::Len(len) => clear_from(out, len.saturating_sub(offset)),
                Write::Sync => {}
            }
        }
        Ok(())
    }
}

/// Copies the part of `data`, which stands at `at`, that falls into `out`, which stands at `offset`.
fn overlay(offset: u64, out: &mut [u8], at: u64, data: &[u8]) {
    let skip_out = usize::try_from(at.saturating_sub(offset)).unwrap_or(usize::MAX);
    let skip_data = usize::try_from(offset.saturating_sub(at)).unwrap_or(usize::MAX);
    let target = out.get_mut(skip_out..).unwrap_or_default();
    let source = data.get(skip_data..).unwrap_or_default();
    target.iter_mut().zip(source).for_each(|(target, source)| *target = *source);
}

fn clear_from(out: &mut [u8], start: u64) {
    if let Some(gone) = usize::try_from(start).ok().and_then(|start| out.get_mut(start..)) {
        gone.fill(0);
    }
}

impl<B: StorageBackend> StorageBackend for Held<B> {
    fn len(&self) -> io::Result<u64> {
        match &*self.0.held.read().unwrap_or_else(PoisonError::into_inner) {
            Some(journal) => Ok(journal.len),
            None => self.0.inner.len(),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match &*self.0.held.read().unwrap_or_else(PoisonError::into_inner) {
            Some(journal) => journal.read(&self.0.inner, offset, out),
            None => self.0.inner.read(offset, out),
        }
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.write_or(|| Write::Len(len), |inner| inner.set_len(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.write_or(|| Write::Sync, StorageBackend::sync_data)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.write_or(|| Write::Bytes(offset, data.to_vec()), |inner| inner.write(offset, data))
    }

    fn close(&self) -> io::Result<()> {
        self.0.inner.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.inner.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.inner.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.inner.query_lock_range(start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use redb::backends::InMemoryBackend;

    #[derive(Debug, Clone)]
    enum Step {
        Write(u64, Vec<u8>),
        Len(u64),
        Read(u64, usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let data = prop::collection::vec(1u8.., 1..40);
        prop_oneof![
            (0u64..60, data).prop_map(|(at, data)| Step::Write(at, data)),
            (0u64..100).prop_map(Step::Len),
            (0u64..100, 0usize..60).prop_map(|(at, len)| Step::Read(at, len)),
        ]
    }

    fn read(backend: &impl StorageBackend, at: u64, len: usize) -> Option<Vec<u8>> {
        let mut out = vec![0xee; len];
        (at + len as u64 <= backend.len().unwrap()).then(|| backend.read(at, &mut out).map(|()| out).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        /// What is held back reads as if it were written, leaves the backend alone, and is written on release.
        #[test]
        fn held_writes_read_as_written(before in prop::collection::vec(1u8.., 0..80), steps in prop::collection::vec(step(), 0..30)) {
            let (plain, inner) = (InMemoryBackend::new(), InMemoryBackend::new());
            for backend in [&plain, &inner] {
                backend.set_len(before.len() as u64).unwrap();
                backend.write(0, &before).unwrap();
            }
            let (held, release) = Held::new(inner, Vec::new()).unwrap();
            for step in steps {
                match step {
                    Step::Write(at, data) => {
                        let end = at + data.len() as u64;
                        if plain.len().unwrap() < end {
                            plain.set_len(end).unwrap();
                            held.set_len(end).unwrap();
                        }
                        plain.write(at, &data).unwrap();
                        held.write(at, &data).unwrap();
                    }
                    Step::Len(len) => {
                        plain.set_len(len).unwrap();
                        held.set_len(len).unwrap();
                    }
                    Step::Read(at, len) => prop_assert_eq!(read(&plain, at, len), read(&held, at, len)),
                }
                held.sync_data().unwrap();
                prop_assert_eq!(plain.len().unwrap(), held.len().unwrap());
            }
            prop_assert_eq!(read(&held.0.inner, 0, before.len()), Some(before));
            release.release().unwrap();
            let len = plain.len().unwrap();
            prop_assert_eq!(held.0.inner.len().unwrap(), len);
            prop_assert_eq!(read(&plain, 0, len as usize), read(&held, 0, len as usize));
        }
    }
}
