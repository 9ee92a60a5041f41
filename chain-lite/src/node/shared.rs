//! Is what the tasks of a node work on together.

use super::{
    book::Book,
    dealing::Making,
    keys::NodeKeys,
    message::Message,
    observer::{Observer, Reason},
    settings::Settings,
    voice::Voice,
};
use crate::{
    hhcm::{CommitteeKey, Evidence, Offer, Package, PackageError, Round},
    ledger::{Ledger, LedgerError, Packages},
    pool::Pool,
    tx::Transaction,
};
use alloy_primitives::B256;
use commonware_cryptography::ed25519::PublicKey;
use commonware_utils::{
    channel::mpsc,
    sync::{Mutex, MutexGuard, Notify},
};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Is a node without its tasks; clones are handles to the same one.
#[derive(Clone)]
pub struct Node(Arc<Inner>);

struct Inner {
    keys: NodeKeys,
    settings: Settings,
    chain_id: u64,
    ledger: Mutex<Ledger>,
    pool: Mutex<Pool>,
    book: Mutex<Book>,
    /// The making of the epoch's committee key.
    making: Mutex<Option<Making>>,
    /// The committees' keys that are known.
    committee_keys: Mutex<Vec<Arc<CommitteeKey>>>,
    /// Wakes who waits for packages, offers, openings or executed blocks.
    changed: Notify,
    observer: Arc<dyn Observer>,
    voice: Box<dyn Voice>,
    outbox: mpsc::Sender<Letter>,
    wanted: mpsc::UnboundedSender<B256>,
    inboxes: Mutex<Option<Inboxes>>,
    /// Proofs that nodes cheated, until they are punished.
    evidence: Mutex<BTreeMap<B256, Evidence>>,
    /// Transactions that were submitted here and are told again until they are final.
    own: Mutex<BTreeMap<B256, Transaction>>,
    /// The highest final block that the node knows of, executed here or not.
    highest: AtomicU64,
    /// What this node's clock differs by, in milliseconds; not 0 in simulations alone.
    skew_ms: i64,
}

/// Is a message and whom it is for; all peers if nobody is named.
pub(super) struct Letter {
    pub(super) to: Option<PublicKey>,
    pub(super) message: Message,
}

/// Holds what tasks hand to the network's.
pub(super) struct Inboxes {
    pub(super) outbox: mpsc::Receiver<Letter>,
    pub(super) wanted: mpsc::UnboundedReceiver<B256>,
}

/// Most nodes against whom a proof is kept.
const EVIDENCE_KEPT_MAX: usize = 64;
/// Messages that wait to be sent; more are dropped, as the network would.
const OUTBOX_LEN: usize = 4_096;

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({})", self.0.keys.id())
    }
}

impl Node {
    /// Makes a node over a ledger and a pool.
    pub fn new(
        keys: NodeKeys,
        settings: Settings,
        ledger: Ledger,
        pool: Pool,
        observer: Arc<dyn Observer>,
        voice: impl Voice,
        skew_ms: i64,
    ) -> Self {
        let chain_id = ledger.chain().genesis().chain_id;
        let mut book = Book::new(settings.heard_max);
        let height = ledger.height();
        book.settle(height);
        let ((outbox, sending), (wanted, fetching)) = (mpsc::channel(OUTBOX_LEN), mpsc::unbounded_channel());
        Self(Arc::new(Inner {
            outbox,
            wanted,
            inboxes: Mutex::new(Some(Inboxes { outbox: sending, wanted: fetching })),
            own: Mutex::default(),
            evidence: Mutex::default(),
            keys,
            settings,
            chain_id,
            ledger: Mutex::new(ledger),
            pool: Mutex::new(pool),
            book: Mutex::new(book),
            making: Mutex::default(),
            committee_keys: Mutex::default(),
            changed: Notify::new(),
            observer,
            voice: Box::new(voice),
            highest: AtomicU64::new(height),
            skew_ms,
        }))
    }

    /// Returns the node's keys.
    pub fn keys(&self) -> &NodeKeys {
        &self.0.keys
    }

    /// Returns the node's settings.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Returns the chain's id.
    pub fn chain_id(&self) -> u64 {
        self.0.chain_id
    }

    /// Works on the ledger.
    pub fn ledger<T>(&self, act: impl FnOnce(&mut Ledger) -> T) -> T {
        act(&mut self.0.ledger.lock())
    }

    /// Works on the pool.
    pub fn pool<T>(&self, act: impl FnOnce(&mut Pool) -> T) -> T {
        act(&mut self.0.pool.lock())
    }

    /// Locks the pool, for a moment.
    pub fn lock_pool(&self) -> MutexGuard<'_, Pool> {
        self.0.pool.lock()
    }

    /// Returns the height of the highest final block that the node knows of, executed here or not.
    pub fn highest(&self) -> u64 {
        self.0.highest.load(Ordering::Relaxed)
    }

    /// Notes that a block is final somewhere.
    pub(super) fn hear_final(&self, height: u64) {
        self.0.highest.fetch_max(height, Ordering::Relaxed);
    }

    /// Works on the book.
    pub fn book<T>(&self, act: impl FnOnce(&mut Book) -> T) -> T {
        act(&mut self.0.book.lock())
    }

    /// Works on the making of the epoch's committee key.
    pub(super) fn making<T>(&self, act: impl FnOnce(&mut Option<Making>) -> T) -> T {
        act(&mut self.0.making.lock())
    }

    /// Locks the committees' keys that are known, the latest last.
    pub(super) fn committee_keys(&self) -> MutexGuard<'_, Vec<Arc<CommitteeKey>>> {
        self.0.committee_keys.lock()
    }

    /// Returns who is told what happens.
    pub fn observer(&self) -> &dyn Observer {
        &*self.0.observer
    }

    /// Locks the transactions that were submitted here.
    pub(super) fn own(&self) -> MutexGuard<'_, BTreeMap<B256, Transaction>> {
        self.0.own.lock()
    }

    /// Hands a message for all peers to the network; it is lost if too many wait.
    pub(super) fn tell(&self, message: Message) {
        self.send(None, message);
    }

    /// Hands a message for one peer to the network; it is lost if too many wait.
    pub(super) fn tell_one(&self, peer: &PublicKey, message: Message) {
        self.send(Some(peer), message);
    }

    fn send(&self, to: Option<&PublicKey>, message: Message) {
        for message in self.0.voice.say(self, message) {
            if self.0.outbox.try_send(Letter { to: to.cloned(), message }).is_err() {
                tracing::warn!("message lost: too many wait to be sent");
            }
        }
    }

    /// Returns what the node proposes as leader.
    pub(super) fn spoken(&self, round: &Round, offer: Option<Offer>) -> Option<Offer> {
        self.0.voice.propose(self, round, offer)
    }

    /// Asks peers for a package.
    pub(super) fn want(&self, digest: B256) {
        // The fetching task ends with the node.
        let _ = self.0.wanted.send(digest);
    }

    /// Hands over what the network's tasks read; once.
    pub(super) fn take_inboxes(&self) -> Option<Inboxes> {
        self.0.inboxes.lock().take()
    }

    /// Ends the node's work for a reason that no retry mends.
    pub(super) fn stop(&self, reason: Reason) {
        self.observer().stopped(&reason);
    }

    /// Returns a transaction of the pool.
    pub(super) fn known(&self, hash: B256) -> Option<Transaction> {
        self.pool(|pool| pool.get(&hash).cloned())
    }

    /// Reads a package; senders of transactions in the pool are not recovered again.
    pub(super) fn read_package(&self, bytes: &[u8]) -> Result<Package, PackageError> {
        Package::decoded(self.chain_id(), bytes, &|hash| self.known(hash))
    }

    /// Wakes who waits for a change.
    pub(super) fn notify(&self) {
        self.0.changed.notify_waiters();
    }

    /// Waits until `look` finds something; it is asked again after every change.
    pub(super) async fn wait<T>(&self, mut look: impl FnMut(&Self) -> Option<T>) -> T {
        loop {
            let changed = self.0.changed.notified();
            let mut changed = std::pin::pin!(changed);
            // Registered before the look, so that a change between the two is not missed.
            changed.as_mut().enable();
            if let Some(found) = look(self) {
                return found;
            }
            changed.await;
        }
    }

    /// Returns the node's own clock, which may be wrong.
    pub(super) fn clock(&self, now: SystemTime) -> SystemTime {
        let skew = Duration::from_millis(self.0.skew_ms.unsigned_abs());
        match self.0.skew_ms >= 0 {
            true => now.checked_add(skew).unwrap_or(now),
            false => now.checked_sub(skew).unwrap_or(UNIX_EPOCH),
        }
    }

    /// Executes an offer whose packages are at hand and keeps it as known.
    pub(super) fn check(&self, offer: &Offer, packages: &Packages) -> Result<(), LedgerError> {
        let result = self.ledger(|ledger| ledger.check(offer, packages));
        match &result {
            Ok(()) => self.notify(),
            Err(LedgerError::Unknown(_)) => {}
            Err(error) => {
                tracing::debug!(hash = %offer.hash(), %error, "offer refused");
                self.book(|book| book.condemn(offer.hash()));
            }
        }
        result
    }

    /// Keeps a proof that a node cheated, the first for each node, for the next block of this one.
    pub(super) fn accuse(&self, proof: Evidence, what: &str) {
        let author = proof.author();
        self.observer().cheat(author, what);
        let mut kept = self.0.evidence.lock();
        if kept.len() < EVIDENCE_KEPT_MAX {
            kept.entry(author).or_insert(proof);
        }
    }

    /// Lists the proofs that are kept.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        self.0.evidence.lock().values().cloned().collect()
    }

    /// Forgets proofs against nodes that were punished.
    pub(super) fn forget_evidence(&self) {
        let mut kept = self.0.evidence.lock();
        if !kept.is_empty() {
            self.ledger(|ledger| kept.retain(|author, _| !ledger.is_jailed(*author)));
        }
    }

    /// Says whether a node is of the committee, whose members alone are listened to.
    pub(super) fn is_member(&self, key: B256) -> bool {
        self.ledger(|ledger| ledger.members().iter().any(|member| member.key == key))
    }

    /// Notes a package; two of one author for one place are reported.
    pub(super) fn hear_package(&self, package: Arc<Package>) -> bool {
        if !self.is_member(package.header.author) {
            return false;
        }
        let (fresh, other) = self.book(|book| book.hear_package(package.clone()));
        if let Some(other) = other {
            let proof = [(other.header, other.signature), (package.header, package.signature)];
            self.accuse(Evidence::Packages(Box::new(proof)), "two packages for one group");
        }
        if fresh {
            self.notify();
        }
        fresh
    }
}

/// Returns seconds since 1970.
pub(super) fn seconds(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Returns the moment of a block's time.
pub(super) fn moment(time: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_secs(time)).unwrap_or(UNIX_EPOCH)
}
