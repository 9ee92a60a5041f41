//! Keeps filters that are polled: a bounded number, each until nobody has asked for it for a while.

use super::{backend::Change, error::RpcError};
use alloy_primitives::B256;
use alloy_rpc_types_eth::Filter;
use std::{
    collections::BTreeMap,
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

/// Most filters at a time.
const FILTERS_MAX: usize = 1_024;
/// Time after which a filter that nobody polls is removed.
const EXPIRES_AFTER: Duration = Duration::from_secs(300);

/// Is what a filter watches, and how far it has been told.
#[derive(Debug)]
pub(super) enum Watch {
    /// Logs after height `seen`.
    Logs {
        /// Which logs.
        filter: Box<Filter>,
        /// Last height that was told.
        seen: u64,
    },
    /// Blocks after height `seen`.
    Blocks {
        /// Last height that was told.
        seen: u64,
    },
    /// Transactions that come into the pool.
    Pending(Receiver<Change>),
}

/// Holds installed filters. The clock of the machine removes them; nothing that consensus sees depends on it.
#[derive(Default)]
pub(super) struct Filters {
    installed: Mutex<BTreeMap<u64, (Instant, Watch)>>,
    random: RandomState,
    count: std::sync::atomic::AtomicU64,
}

impl Filters {
    /// Installs a filter under an id that others cannot guess. Errors: there are too many.
    pub(super) fn install(&self, watch: Watch) -> Result<u64, RpcError> {
        let count = self.count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let id = self.random.hash_one(count);
        self.locked(|installed| {
            if installed.len() >= FILTERS_MAX {
                return Err(RpcError::TooMuch(format!("{FILTERS_MAX} filters are installed")));
            }
            installed.insert(id, (Instant::now(), watch));
            Ok(id)
        })
    }

    /// Removes a filter; false if there is none.
    pub(super) fn uninstall(&self, id: u64) -> bool {
        self.locked(|installed| installed.remove(&id).is_some())
    }

    /// Works on a filter. Errors: there is none, or as `work` says.
    pub(super) fn with<T>(
        &self,
        id: u64,
        work: impl FnOnce(&mut Watch) -> Result<T, RpcError>,
    ) -> Result<T, RpcError> {
        // The filter is taken out, so that the others need not wait for the chain.
        let taken = self.locked(|installed| installed.remove(&id));
        let (_, mut watch) = taken.ok_or(RpcError::UnknownFilter)?;
        let done = work(&mut watch);
        self.locked(|installed| installed.insert(id, (Instant::now(), watch)));
        done
    }

    fn locked<T>(&self, work: impl FnOnce(&mut BTreeMap<u64, (Instant, Watch)>) -> T) -> T {
        let mut installed = self.installed.lock().unwrap_or_else(PoisonError::into_inner);
        installed.retain(|_, (polled, _)| polled.elapsed() < EXPIRES_AFTER);
        work(&mut installed)
    }
}

impl fmt::Debug for Filters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filters").finish_non_exhaustive()
    }
}

/// Takes the hashes of new transactions out of a feed; those that it has dropped are left out.
pub(super) fn drain(changes: &mut Receiver<Change>) -> Vec<B256> {
    let mut hashes = Vec::new();
    loop {
        match changes.try_recv() {
            Ok(Change::Pending(hash)) => hashes.push(hash),
            Ok(Change::Block(_)) | Err(TryRecvError::Lagged(_)) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => return hashes,
        }
    }
}
