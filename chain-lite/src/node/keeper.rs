//! Keeps in the store what a node must not forget: final blocks, transactions it said it took, packages it signed,
//! and what its share of the committee's key is made of.

use super::observer::{Observer, Reason};
use crate::{
    ledger::{Final, KeepError, forget_packages, keep},
    store::{Store, StoreError},
};
use alloy_primitives::B256;
use std::time::Duration;

/// Heights for which a node remembers what it signed.
const SIGNED_KEPT: u64 = 256;

/// Is told what happened, after it was kept.
pub trait Watch: Send + Sync + 'static {
    /// A block is final and kept.
    fn finalized(&self, last: &Final) {
        let _ = last;
    }

    /// A block was certified here.
    fn certified(&self, hash: B256) {
        let _ = hash;
    }

    /// The node cannot go on.
    fn stopped(&self, reason: &Reason) {
        tracing::error!(%reason, "node stops");
    }

    /// A peer or an author did what no honest one does.
    fn cheat(&self, author: B256, what: &str) {
        tracing::warn!(%author, what, "cheat");
    }

    /// A final block is the head of the ledger, and the pool is up to date with it.
    fn settled(&self, height: u64) {
        let _ = height;
    }

    /// A transaction came into the pool.
    fn pooled(&self, hash: B256) {
        let _ = hash;
    }

    /// The node made an offer, which took so long.
    fn worked(&self, took: Duration) {
        let _ = took;
    }
}

/// Keeps what a node must not forget, and tells a watcher.
#[derive(Debug)]
pub struct Keeper<W> {
    /// Where it is kept.
    pub store: Store,
    /// Who is told.
    pub watch: W,
    /// Heights behind the head whose packages are kept for peers that catch up; none keeps all.
    pub packages_kept: Option<u64>,
}

impl<W: Watch> Observer for Keeper<W> {
    fn finalized(&self, last: &Final) -> Result<(), Reason> {
        let failed = |error: KeepError| Reason::Store(error.to_string());
        keep(&self.store, last).map_err(failed)?;
        if let Some(kept) = self.packages_kept {
            forget_packages(&self.store, last.block.header.number, kept).map_err(failed)?;
        }
        self.watch.finalized(last);
        Ok(())
    }

    fn certified(&self, hash: B256) {
        self.watch.certified(hash);
    }

    fn stopped(&self, reason: &Reason) {
        self.watch.stopped(reason);
    }

    fn cheat(&self, author: B256, what: &str) {
        self.watch.cheat(author, what);
    }

    fn accepted(&self, hash: B256, raw: &[u8]) -> Result<(), Reason> {
        self.store.put_own(hash, raw).map_err(failed)
    }

    fn done(&self, hashes: &[B256]) {
        // What is left over is looked at again after a restart.
        if let Err(error) = self.store.remove_own(hashes) {
            tracing::debug!(%error, "own transactions stay on disk");
        }
    }

    fn signing(&self, place: (u64, B256, u32), package: &[u8]) -> Result<(), Reason> {
        self.store.put_signed(place, package, place.0.saturating_sub(SIGNED_KEPT)).map_err(failed)
    }

    fn signed(&self, place: (u64, B256, u32)) -> Result<Option<Vec<u8>>, Reason> {
        self.store.signed(place).map_err(failed)
    }

    fn dealt(&self, epoch: u64, dealer: B256, bytes: &[u8]) -> Result<(), Reason> {
        self.store.put_dealt(epoch, dealer, bytes).map_err(failed)
    }

    fn dealings(&self, epoch: u64) -> Result<Vec<(B256, Vec<u8>)>, Reason> {
        self.store.dealt(epoch).map_err(failed)
    }

    fn settled(&self, height: u64) {
        self.watch.settled(height);
    }

    fn pooled(&self, hash: B256) {
        self.watch.pooled(hash);
    }

    fn worked(&self, took: Duration) {
        self.watch.worked(took);
    }

    fn package(&self, digest: B256) -> Option<Vec<u8>> {
        self.store.package(digest).unwrap_or_else(|error| unread(&error))
    }
}

fn failed(error: StoreError) -> Reason {
    Reason::Store(error.to_string())
}

fn unread(error: &StoreError) -> Option<Vec<u8>> {
    tracing::error!(%error, "a package cannot be read");
    None
}
