//! Writes and reads the frame of a snapshot: sections of records with checksums.

use super::{MAGIC, Section, SnapshotError, VERSION};
use alloy_primitives::{B256, Keccak256};
use std::io::{ErrorKind, Read, Write};

/// Writes a snapshot section by section.
pub(super) struct Writer<W> {
    out: W,
    hasher: Keccak256,
    count: u64,
}

impl<W: Write> Writer<W> {
    /// Begins a file.
    pub(super) fn new(out: W) -> Result<Self, SnapshotError> {
        let mut writer = Self { out, hasher: Keccak256::new(), count: 0 };
        writer.put(MAGIC)?;
        writer.put(&VERSION.to_be_bytes())?;
        Ok(writer)
    }

    /// Begins a section.
    pub(super) fn begin(&mut self, section: Section) -> Result<(), SnapshotError> {
        self.count = 0;
        self.put(&[section as u8])
    }

    /// Writes a record whose content is `parts` in a row.
    pub(super) fn record(&mut self, section: Section, parts: &[&[u8]]) -> Result<(), SnapshotError> {
        let len = parts.iter().map(|part| part.len()).sum::<usize>();
        let max = section.record_len_max();
        let short = u32::try_from(len).ok().filter(|len| *len <= max);
        let short = short.ok_or(SnapshotError::TooLong { section: section.name(), len, max })?;
        self.put(&short.to_be_bytes())?;
        self.count = self.count.saturating_add(1);
        parts.iter().try_for_each(|part| self.put(part))
    }

    /// Ends a section.
    pub(super) fn end(&mut self) -> Result<(), SnapshotError> {
        self.put(&0u32.to_be_bytes())?;
        self.put(&self.count.to_be_bytes())?;
        let checksum = self.hasher.clone().finalize();
        self.put(checksum.as_slice())
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> Result<(), SnapshotError> {
        Ok(self.out.flush()?)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.hasher.update(bytes);
        Ok(self.out.write_all(bytes)?)
    }
}

/// Reads a snapshot section by section; keeps one record in memory.
pub(super) struct Reader<R> {
    input: R,
    hasher: Keccak256,
    section: Section,
    offset: u64,
    start: u64,
    count: u64,
    record: Vec<u8>,
}

impl<R: Read> Reader<R> {
    /// Reads the file's beginning. Errors: another kind of file, or a newer version.
    pub(super) fn new(input: R) -> Result<Self, SnapshotError> {
        let mut reader = Self {
            input,
            hasher: Keccak256::new(),
            section: Section::Head,
            offset: 0,
            start: 0,
            count: 0,
            record: Vec::new(),
        };
        match reader.take::<8>() {
            Ok(magic) if magic == *MAGIC => {}
            Err(SnapshotError::Io(error)) => return Err(error.into()),
            _ => return Err(SnapshotError::NotASnapshot),
        }
        match u32::from_be_bytes(reader.take()?) {
            VERSION => Ok(reader),
            found => Err(SnapshotError::Version { found, known: VERSION }),
        }
    }

    /// Begins the next section, which has to be `section`.
    pub(super) fn begin(&mut self, section: Section) -> Result<(), SnapshotError> {
        (self.section, self.start, self.count) = (section, self.offset, 0);
        match self.take()? {
            [number] if number == section as u8 => Ok(()),
            [number] => Err(self.broken(format!("section {number} stands here"))),
        }
    }

    /// Reads the next record of the section; none at its end, whose count and checksum are then right.
    pub(super) fn record(&mut self) -> Result<Option<&[u8]>, SnapshotError> {
        self.start = self.offset;
        let len = u32::from_be_bytes(self.take()?);
        if len == 0 {
            return self.end().map(|()| None);
        }
        let max = self.section.record_len_max();
        if len > max {
            return Err(self.broken(format!("a record of {len} bytes, at most {max} are possible")));
        }
        self.count = self.count.saturating_add(1);
        self.record.clear();
        // What the file does not hold is not reserved: a length is a claim.
        let read = self.input.by_ref().take(u64::from(len)).read_to_end(&mut self.record)?;
        self.offset = self.offset.saturating_add(read as u64);
        if read as u64 != u64::from(len) {
            return Err(self.truncated());
        }
        self.hasher.update(&self.record);
        Ok(Some(&self.record))
    }

    /// Ends the file. Errors: more bytes follow.
    pub(super) fn finish(mut self) -> Result<(), SnapshotError> {
        self.start = self.offset;
        match self.take::<1>() {
            Err(SnapshotError::Truncated { .. }) => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Err(self.broken("bytes follow the last section".into())),
        }
    }

    /// Makes an error at the last record.
    pub(super) fn broken(&self, what: String) -> SnapshotError {
        SnapshotError::Broken { offset: self.start, section: self.section.name(), what }
    }

    fn truncated(&self) -> SnapshotError {
        SnapshotError::Truncated { offset: self.offset, section: self.section.name() }
    }

    fn end(&mut self) -> Result<(), SnapshotError> {
        let count = u64::from_be_bytes(self.take()?);
        let expected = self.hasher.clone().finalize();
        let offset = self.offset;
        if B256::from(self.take::<32>()?) != expected {
            return Err(SnapshotError::Checksum { offset, section: self.section.name() });
        }
        match count == self.count {
            true => Ok(()),
            false => Err(self.broken(format!("{} records, {count} are announced", self.count))),
        }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], SnapshotError> {
        let mut bytes = [0; N];
        let mut done = 0;
        while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.input.read(rest) {
                Ok(0) => return Err(self.truncated()),
                Ok(read) => {
                    done = done.saturating_add(read);
                    self.offset = self.offset.saturating_add(read as u64);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.hasher.update(bytes);
        Ok(bytes)
    }
}
