//! Keeps shards, bans and the journal of signed requests, so that a crash at any point loses nothing that matters.
//!
//! One folder for each vault: `journal`, and `<epoch>.shard` for each epoch that is pending or active. Which epoch is
//! active is the chain's decision: the node calls [`Store::activate`] with the chain's epoch when it changes and at each
//! start, and only that epoch's shard can be loaded. Files are replaced at once (write beside, sync, rename, sync the
//! folder). Erasing overwrites before it removes; on a copying file system or a flash disk that is only an attempt, and
//! what protects old shards there is the encryption.

mod admission;
mod disk;
mod error;
mod files;
mod journal;
mod memory;
mod shard;

use std::io;

use crate::holding::Holding;
use crate::keys::Tweak;
pub use admission::{Admission, Scheme};
pub use disk::Disk;
pub use error::StoreError;
pub use files::{BYTES_MAX, Files};
use files::{TEMPORARY, erase, replace};
use journal::{Journal, Record};
pub use memory::{Loss, Memory};
use shard::Keys;

const JOURNAL: &str = "journal";
const SHARD: &str = ".shard";

/// The store of one vault on one node.
pub struct Store<F> {
    files: F,
    vault: [u8; 32],
    keys: Keys,
    journal: Journal,
    broken: bool,
}

impl<F> std::fmt::Debug for Store<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("active", &self.journal.active()).finish_non_exhaustive()
    }
}

impl<F: Files> Store<F> {
    /// Opens the store of a vault, or makes it. Unfinished files are removed, a torn last record is dropped.
    ///
    /// # Errors
    /// The disk fails, or the journal is damaged, of another vault, key or version.
    pub fn open(mut files: F, secret: &[u8; 32], vault: [u8; 32]) -> Result<Self, StoreError> {
        let keys = Keys::derive(secret, &vault);
        let journal = match files.read(JOURNAL)? {
            Some(bytes) => {
                let (journal, whole) = Journal::read(&keys, &vault, &bytes)?;
                if let (whole, [_, ..]) = bytes.split_at(whole) {
                    replace(&mut files, JOURNAL, whole)?;
                }
                journal
            }
            None => {
                replace(&mut files, JOURNAL, &Journal::header(&keys, &vault))?;
                Journal::default()
            }
        };
        let mut store = Self { files, vault, keys, journal, broken: false };
        store.remove(|name| name.ends_with(TEMPORARY))?;
        Ok(store)
    }

    /// The epoch whose shard can be loaded.
    #[must_use]
    pub fn active(&self) -> Option<u64> {
        self.journal.active()
    }

    /// The members banned in an epoch.
    pub fn banned(&self, epoch: u64) -> impl Iterator<Item = u16> + '_ {
        self.journal.bans(epoch)
    }

    /// The layer of files, for tests and simulations.
    pub fn files(&self) -> &F {
        &self.files
    }

    /// The layer of files, to make it stop.
    pub fn files_mut(&mut self) -> &mut F {
        &mut self.files
    }

    /// Writes the shard of an epoch to come.
    ///
    /// # Errors
    /// The epoch is active or past, the shard is of another vault, or the disk fails.
    pub fn put_pending(&mut self, holding: &Holding) -> Result<(), StoreError> {
        let epoch = holding.terms().epoch();
        if self.active().is_some_and(|active| epoch <= active) {
            return Err(StoreError::NotActive(epoch));
        }
        self.put(holding)
    }

    /// Writes what was added to a shard that is pending or active: finished setups, banned members' setups left out.
    ///
    /// # Errors
    /// The stored shard is another one, or the disk fails.
    pub fn update(&mut self, holding: &Holding) -> Result<(), StoreError> {
        let stored = self.open_shard(holding.terms().epoch())?;
        let same = stored.terms() == holding.terms()
            && stored.me() == holding.me()
            && stored.share() == holding.share();
        if !same {
            return Err(StoreError::OtherTerms);
        }
        self.put(holding)
    }

    /// Makes an epoch the one whose shard is used, because the chain says so. Doing it again changes nothing.
    ///
    /// # Errors
    /// The epoch is past, its shard is missing, of other terms or damaged, or the disk fails.
    pub fn activate(&mut self, epoch: u64, terms: [u8; 32]) -> Result<(), StoreError> {
        if self.active().is_some_and(|active| epoch < active) {
            return Err(StoreError::NotActive(epoch));
        }
        if self.open_shard(epoch)?.terms().digest() != terms {
            return Err(StoreError::OtherTerms);
        }
        if self.active() == Some(epoch) {
            return Ok(());
        }
        self.record(Record::Activate { epoch })
    }

    /// Loads the active shard, without the setups of banned members.
    ///
    /// # Errors
    /// The epoch is not the active one, or its file is missing, of other terms or damaged.
    pub fn load(&self, epoch: u64, terms: [u8; 32]) -> Result<Holding, StoreError> {
        if self.active() != Some(epoch) {
            return Err(StoreError::NotActive(epoch));
        }
        let mut holding = self.open_shard(epoch)?;
        if holding.terms().digest() != terms {
            return Err(StoreError::OtherTerms);
        }
        for member in self.journal.bans(epoch) {
            holding.ban(member);
        }
        Ok(holding)
    }

    /// Erases the shards of all epochs before this one, which must not be later than the active one.
    ///
    /// # Errors
    /// The epoch is not active yet, or the disk fails.
    pub fn erase_before(&mut self, epoch: u64) -> Result<(), StoreError> {
        if self.active().is_none_or(|active| epoch > active) {
            return Err(StoreError::NotActive(epoch));
        }
        self.remove(|name| shard_epoch(name).is_some_and(|found| found < epoch))
    }

    /// Bans a member for this shard's epoch, for good: first in the journal, then its setup is dropped and erased. Call it
    /// before anything else is sent: until the journal is written, a crash would forget the ban.
    ///
    /// # Errors
    /// The disk fails. If the journal was written, the ban stands all the same.
    pub fn ban(&mut self, holding: &mut Holding, member: u16) -> Result<(), StoreError> {
        let epoch = holding.terms().epoch();
        holding.ban(member);
        if !self.journal.is_banned(epoch, member) {
            self.record(Record::Ban { epoch, member })?;
        }
        self.update(holding)
    }

    /// Admits an attempt to sign, after writing down that `request` signs this and nothing else.
    ///
    /// # Errors
    /// The request has been used for something else, the attempt or a later one is used, or the disk fails.
    pub fn admit(
        &mut self,
        request: [u8; 32],
        attempt: u32,
        scheme: Scheme,
        tweak: Tweak,
        hash: [u8; 32],
    ) -> Result<Admission, StoreError> {
        let admission = Admission { request, attempt, scheme, tweak, hash };
        let subject = admission.subject();
        match self.journal.signed(&request) {
            Some((used, _)) if used != subject => return Err(StoreError::OtherMessage),
            Some((_, last)) if attempt <= last => return Err(StoreError::UsedAttempt),
            _ => {}
        }
        self.record(Record::Sign { request, attempt, subject })?;
        Ok(admission)
    }

    fn put(&mut self, holding: &Holding) -> Result<(), StoreError> {
        let epoch = holding.terms().epoch();
        if holding.terms().vault() != self.vault {
            return Err(StoreError::OtherVault);
        }
        let mut kept = holding.clone();
        for member in self.journal.bans(epoch) {
            kept.ban(member);
        }
        let bytes = shard::seal(&self.keys, &kept)?;
        self.guarded(|files| replace(files, &shard_name(epoch), &bytes))
    }

    fn open_shard(&self, epoch: u64) -> Result<Holding, StoreError> {
        let bytes = self.files.read(&shard_name(epoch))?.ok_or(StoreError::Missing(epoch))?;
        shard::open(&self.keys, &bytes, self.vault, epoch)
    }

    fn record(&mut self, record: Record) -> Result<(), StoreError> {
        if self.journal.is_full() {
            return Err(StoreError::Full);
        }
        let bytes = self.journal.encode(&self.keys, &record);
        self.guarded(|files| {
            files.append(JOURNAL, &bytes)?;
            files.sync(JOURNAL)
        })?;
        self.journal.apply(&record, &self.keys);
        Ok(())
    }

    fn remove(&mut self, which: impl Fn(&str) -> bool) -> Result<(), StoreError> {
        let names: Vec<String> = self.files.list()?.into_iter().filter(|name| which(name)).collect();
        if names.is_empty() {
            return Ok(());
        }
        self.guarded(|files| {
            for name in &names {
                erase(files, name)?;
            }
            files.sync_folder()
        })
    }

    /// Runs a write; once one has failed, none follows.
    fn guarded(&mut self, write: impl FnOnce(&mut F) -> io::Result<()>) -> Result<(), StoreError> {
        if self.broken {
            return Err(StoreError::Broken);
        }
        write(&mut self.files).map_err(|error| {
            self.broken = true;
            StoreError::Io(error)
        })
    }
}

fn shard_name(epoch: u64) -> String {
    format!("{epoch}{SHARD}")
}

fn shard_epoch(name: &str) -> Option<u64> {
    name.strip_suffix(SHARD)?.parse().ok()
}
