//! Names what a node tells whoever runs it: what became final, what must survive a crash, why it stops.

use crate::ledger::{Final, LedgerError};
use alloy_primitives::B256;
use std::time::Duration;
use thiserror::Error;

/// Says why a node stops.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Reason {
    /// A block that consensus made final cannot be executed: more than a third of the committee are hostile, or
    /// this node's data are damaged.
    #[error("final block {hash} at height {height} is invalid: {error}")]
    InvalidFinal {
        /// Its height.
        height: u64,
        /// Its hash.
        hash: B256,
        /// Why.
        error: Box<LedgerError>,
    },
    /// The store does not take what is final.
    #[error("store: {0}")]
    Store(String),
}

/// Is told what happens at a node; what it does must be short.
pub trait Observer: Send + Sync + 'static {
    /// A block became final. An error stops the node before the block counts as processed.
    fn finalized(&self, last: &Final) -> Result<(), Reason> {
        let _ = last;
        Ok(())
    }

    /// A block was certified: it will be final, or an ancestor of what is, unless its view is given up.
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

    /// A user's transaction was taken here; the user is told so only if it is safe against a crash.
    fn accepted(&self, hash: B256, raw: &[u8]) -> Result<(), Reason> {
        let _ = (hash, raw);
        Ok(())
    }

    /// Transactions that were taken here are final or worth nothing any more.
    fn done(&self, hashes: &[B256]) {
        let _ = hashes;
    }

    /// The node is about to send a package that it signed for a height, parent and group. After a crash it must not
    /// sign another one for that place.
    fn signing(&self, place: (u64, B256, u32), package: &[u8]) -> Result<(), Reason> {
        let _ = (place, package);
        Ok(())
    }

    /// Returns the package that the node signed for a place before it was restarted.
    fn signed(&self, place: (u64, B256, u32)) -> Result<Option<Vec<u8>>, Reason> {
        let _ = place;
        Ok(None)
    }

    /// The node is about to acknowledge what a dealer sent it for the committee's key of an epoch: its share is made of
    /// it.
    fn dealt(&self, epoch: u64, dealer: B256, bytes: &[u8]) -> Result<(), Reason> {
        let _ = (epoch, dealer, bytes);
        Ok(())
    }

    /// Lists what dealers sent for the committee's key of an epoch, as it was acknowledged.
    fn dealings(&self, epoch: u64) -> Result<Vec<(B256, Vec<u8>)>, Reason> {
        let _ = epoch;
        Ok(Vec::new())
    }

    /// A final block is the head of the ledger, and the pool is up to date with it.
    fn settled(&self, height: u64) {
        let _ = height;
    }

    /// A transaction came into the pool, from a user or a peer.
    fn pooled(&self, hash: B256) {
        let _ = hash;
    }

    /// This node made an offer, which took so long: the search for its work, and its execution.
    fn worked(&self, took: Duration) {
        let _ = took;
    }

    /// Returns a package of an earlier block, if the store has it.
    fn package(&self, digest: B256) -> Option<Vec<u8>> {
        let _ = digest;
        None
    }
}
