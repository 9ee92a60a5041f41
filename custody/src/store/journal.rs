//! The journal: what was signed, who is banned, which epoch is active. It only grows.
//!
//! After a header (magic, version, vault, key check) come records of equal length, each with a tag over itself and the
//! tag before it, so that none can be changed, dropped from the middle or moved from another journal. A last record that
//! is torn was never acted upon and is dropped. That somebody put back a whole older journal cannot be seen from the
//! file alone: a node restored from a backup must not sign in an epoch it has signed in before.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::StoreError;
use super::files::BYTES_MAX;
use super::shard::Keys;

const MAGIC: &[u8; 8] = b"FUSORJNL";
const VERSION: u16 = 1;
const HEADER: usize = 50;
const CONTENT: usize = 75;
const TAG: usize = 16;
const RECORD: usize = CONTENT + TAG;

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// A request signs this subject; attempts up to this one are used.
    Sign { request: [u8; 32], attempt: u32, subject: [u8; 32] },
    /// The transfers with a member are never to be used again in an epoch.
    Ban { epoch: u64, member: u16 },
    /// An epoch's shard is the one to use.
    Activate { epoch: u64 },
}

impl Record {
    /// kind 1, number 8, member 2, request 32, subject 32.
    fn content(&self) -> [u8; CONTENT] {
        let zero = [0; 32];
        let (kind, number, member, request, subject) = match self {
            Self::Sign { request, attempt, subject } => (1u8, u64::from(*attempt), 0u16, request, subject),
            Self::Ban { epoch, member } => (2, *epoch, *member, &zero, &zero),
            Self::Activate { epoch } => (3, *epoch, 0, &zero, &zero),
        };
        let parts = [&[kind][..], &number.to_be_bytes(), &member.to_be_bytes(), request, subject];
        let mut content = [0; CONTENT];
        for (place, byte) in content.iter_mut().zip(parts.concat()) {
            *place = byte;
        }
        content
    }

    fn read(content: &[u8; CONTENT]) -> Option<Self> {
        let (kind, rest) = content.split_first()?;
        let (number, rest) = rest.split_first_chunk()?;
        let (member, rest) = rest.split_first_chunk()?;
        let (request, rest) = rest.split_first_chunk()?;
        let (subject, _) = rest.split_first_chunk()?;
        let number = u64::from_be_bytes(*number);
        match kind {
            1 => Some(Self::Sign {
                request: *request,
                attempt: u32::try_from(number).ok()?,
                subject: *subject,
            }),
            2 => Some(Self::Ban { epoch: number, member: u16::from_be_bytes(*member) }),
            3 => Some(Self::Activate { epoch: number }),
            _ => None,
        }
    }
}

/// What the records say together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal {
    signed: BTreeMap<[u8; 32], ([u8; 32], u32)>,
    bans: BTreeSet<(u64, u16)>,
    active: Option<u64>,
    last_tag: [u8; TAG],
    records: u64,
}

impl Journal {
    /// The bytes of an empty journal.
    pub(crate) fn header(keys: &Keys, vault: &[u8; 32]) -> Vec<u8> {
        [MAGIC.as_slice(), &VERSION.to_be_bytes(), vault, &keys.check].concat()
    }

    /// Reads a journal; the number says how many of its bytes are whole.
    pub(crate) fn read(keys: &Keys, vault: &[u8; 32], file: &[u8]) -> Result<(Self, usize), StoreError> {
        check_header(keys, vault, file)?;
        let (_, records) = file.split_at_checked(HEADER).ok_or(StoreError::Damaged)?;
        let mut journal = Self::default();
        let mut whole = HEADER;
        let mut rest = records;
        while let Some((bytes, after)) = rest.split_first_chunk::<RECORD>() {
            match journal.check(keys, bytes) {
                Some(record) => journal.apply(&record, keys),
                // The last record may be torn; one before it may not.
                None if after.is_empty() => break,
                None => return Err(StoreError::Damaged),
            }
            whole += RECORD;
            rest = after;
        }
        Ok((journal, whole))
    }

    fn check(&self, keys: &Keys, bytes: &[u8; RECORD]) -> Option<Record> {
        let (content, tag) = bytes.split_first_chunk::<CONTENT>()?;
        (self.tag(keys, content) == tag).then(|| Record::read(content)).flatten()
    }

    fn tag(&self, keys: &Keys, content: &[u8; CONTENT]) -> [u8; TAG] {
        // All parts have fixed length, so a keyed prefix is a sound tag.
        let mut hasher = Sha256::new();
        hasher.update(keys.journal.as_slice());
        hasher.update(self.last_tag);
        hasher.update(content);
        let digest: [u8; 32] = hasher.finalize().into();
        digest.first_chunk().copied().unwrap_or_default()
    }

    /// The bytes that append a record.
    pub(crate) fn encode(&self, keys: &Keys, record: &Record) -> Vec<u8> {
        let content = record.content();
        [content.as_slice(), &self.tag(keys, &content)].concat()
    }

    /// Takes a record that is on the disk.
    pub(crate) fn apply(&mut self, record: &Record, keys: &Keys) {
        self.last_tag = self.tag(keys, &record.content());
        self.records = self.records.saturating_add(1);
        match *record {
            Record::Sign { request, attempt, subject } => {
                self.signed.insert(request, (subject, attempt));
            }
            Record::Ban { epoch, member } => {
                self.bans.insert((epoch, member));
            }
            Record::Activate { epoch } => self.active = Some(epoch),
        }
    }

    /// Whether the file could no longer be read with one more record.
    pub(crate) fn is_full(&self) -> bool {
        self.records >= (BYTES_MAX - HEADER as u64) / RECORD as u64
    }

    pub(crate) fn signed(&self, request: &[u8; 32]) -> Option<([u8; 32], u32)> {
        self.signed.get(request).copied()
    }

    pub(crate) fn is_banned(&self, epoch: u64, member: u16) -> bool {
        self.bans.contains(&(epoch, member))
    }

    pub(crate) fn bans(&self, epoch: u64) -> impl Iterator<Item = u16> + '_ {
        self.bans.range((epoch, 0)..=(epoch, u16::MAX)).map(|(_, member)| *member)
    }

    pub(crate) fn active(&self) -> Option<u64> {
        self.active
    }
}

fn check_header(keys: &Keys, vault: &[u8; 32], file: &[u8]) -> Result<(), StoreError> {
    let rest = file.strip_prefix(MAGIC).ok_or(StoreError::Damaged)?;
    let (version, rest) = rest.split_first_chunk().ok_or(StoreError::Damaged)?;
    match u16::from_be_bytes(*version) {
        VERSION => {}
        version if version > VERSION => return Err(StoreError::FutureVersion(version)),
        _ => return Err(StoreError::Damaged),
    }
    let (found, rest) = rest.split_first_chunk::<32>().ok_or(StoreError::Damaged)?;
    if found != vault {
        return Err(StoreError::OtherVault);
    }
    if rest.first_chunk() != Some(&keys.check) {
        return Err(StoreError::WrongKey);
    }
    Ok(())
}
