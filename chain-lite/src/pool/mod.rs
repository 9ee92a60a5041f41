//! Holds transactions until a block takes them: bounded, without I/O, and the same on every machine for the same
//! calls.
//!
//! ```text
//! check   what can be said of a transaction alone
//! entry   a transaction with its price, cost and arrival
//! evict   what leaves a full pool
//! queue   one sender's transactions by nonce
//! ready   what the next block should try
//! error   why a transaction is refused
//! ```

mod check;
mod entry;
mod error;
mod evict;
mod queue;
mod ready;

pub use check::PoolRules;
pub use error::PoolError;
pub use ready::{Choice, Group};

use crate::{chain::Chain, state::State, tx::Transaction};
use alloy_primitives::{Address, B256, U256, map::B256Map};
use entry::Entry;
use queue::Queue;
use std::collections::BTreeMap;

/// Shows the accounts of the head's state.
pub trait AccountView {
    /// Returns the next nonce of an account.
    fn nonce(&self, who: Address) -> u64;
    /// Returns the balance of an account in wei.
    fn balance(&self, who: Address) -> U256;
}

impl AccountView for State {
    fn nonce(&self, who: Address) -> u64 {
        self.head(who).unwrap_or_default().nonce
    }

    fn balance(&self, who: Address) -> U256 {
        self.head(who).unwrap_or_default().balance
    }
}

impl AccountView for Chain {
    fn nonce(&self, who: Address) -> u64 {
        self.state().nonce(who)
    }

    fn balance(&self, who: Address) -> U256 {
        self.state().balance(who)
    }
}

/// Bounds the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most transactions.
    pub count: usize,
    /// Most bytes of all.
    pub bytes: usize,
    /// Most transactions of one sender: nonces from the account's next one on.
    pub sender_count: u64,
    /// Most bytes of one sender.
    pub sender_bytes: usize,
    /// Most bytes of one transaction.
    pub tx_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            count: 16_384,
            bytes: 64 << 20,
            sender_count: 1_024,
            sender_bytes: 4 << 20,
            tx_bytes: 128 << 10,
        }
    }
}

/// Tells what taking a transaction did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Hash of the transaction.
    pub hash: B256,
    /// The transaction that it replaced.
    pub replaced: Option<B256>,
    /// Transactions that left to make room.
    pub evicted: Vec<B256>,
    /// Whether it can run now; if not, it waits for a nonce that is missing.
    pub pending: bool,
}

/// Lists a sender's transactions by nonce.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// Those that can run one after another.
    pub pending: Vec<Transaction>,
    /// Those that wait for a nonce that is missing.
    pub queued: Vec<Transaction>,
}

/// Holds transactions that no block has taken yet.
#[derive(Debug, Clone)]
pub struct Pool {
    rules: PoolRules,
    limits: Limits,
    senders: BTreeMap<Address, Queue>,
    places: B256Map<(Address, u64)>,
    bytes: usize,
    arrivals: u64,
}

impl Pool {
    /// Makes an empty pool.
    pub fn new(rules: PoolRules, limits: Limits) -> Self {
        Self { rules, limits, senders: BTreeMap::new(), places: B256Map::default(), bytes: 0, arrivals: 0 }
    }

    /// Takes a transaction. `base_fee` in wei per gas decides which ones are cheapest when the pool is full; then
    /// cheaper ones leave, from the end of their senders' rows. Errors: the transaction is refused; nothing has
    /// changed.
    pub fn add(
        &mut self,
        tx: Transaction,
        view: &dyn AccountView,
        base_fee: u64,
    ) -> Result<Added, PoolError> {
        let entry = Entry::new(tx, base_fee, self.arrivals);
        if self.places.contains_key(&entry.hash) {
            return Err(PoolError::AlreadyKnown);
        }
        self.rules.check(&entry, self.limits.tx_bytes)?;
        let (sender, nonce, hash) = (entry.tx.sender(), entry.tx.nonce(), entry.hash);
        let (next, balance) = (view.nonce(sender), view.balance(sender));
        self.check_place(&entry, next, balance)?;
        let evicted = self.victims(&entry, base_fee)?;
        evicted.iter().for_each(|hash| drop(self.remove(hash)));
        let replaced = self.place(sender, nonce, entry);
        self.refresh(sender, next, balance);
        let pending = self.senders.get(&sender).is_some_and(|queue| nonce < queue.pending_nonce());
        Ok(Added { hash, replaced, evicted, pending })
    }

    /// Follows a block: looks again at the accounts that `senders` names and drops what they have used or can no
    /// longer pay. Returns the hashes of what left. Others whose nonce a block moved (EIP-7702) are noticed when execution
    /// refuses their transactions; whoever builds the block takes those out by [`Pool::remove`].
    pub fn advance(
        &mut self,
        view: &dyn AccountView,
        senders: impl IntoIterator<Item = Address>,
    ) -> Vec<B256> {
        let mut gone = Vec::new();
        for sender in senders {
            gone.extend(self.refresh(sender, view.nonce(sender), view.balance(sender)));
        }
        gone
    }

    /// Takes a transaction out, for example one that execution refused; the sender's later ones stay and wait.
    pub fn remove(&mut self, hash: &B256) -> Option<Transaction> {
        let (sender, nonce) = self.places.remove(hash)?;
        let queue = self.senders.get_mut(&sender)?;
        let entry = queue.entries.remove(&nonce)?;
        self.bytes = self.bytes.saturating_sub(entry.bytes);
        if queue.entries.is_empty() {
            self.senders.remove(&sender);
        }
        Some(entry.tx)
    }

    /// Finds a transaction.
    pub fn get(&self, hash: &B256) -> Option<&Transaction> {
        let (sender, nonce) = self.places.get(hash)?;
        self.senders.get(sender)?.entries.get(nonce).map(|entry| &entry.tx)
    }

    /// Returns the nonce that a sender should use next.
    pub fn pending_nonce(&self, sender: Address, view: &dyn AccountView) -> u64 {
        let next = view.nonce(sender);
        self.nonce_after(sender).map_or(next, |nonce| nonce.max(next))
    }

    /// Returns the nonce after all that can run of a sender, as far as the pool has followed the chain; none if
    /// nothing of it is here.
    pub fn nonce_after(&self, sender: Address) -> Option<u64> {
        self.senders.get(&sender).map(|queue| queue.pending_nonce())
    }

    /// Returns how many transactions can run and how many wait for a nonce.
    pub fn status(&self) -> (usize, usize) {
        let pending = self.senders.values().map(|queue| queue.pending().count()).sum();
        (pending, self.len().saturating_sub(pending))
    }

    /// Lists everything by sender.
    pub fn content(&self) -> BTreeMap<Address, Content> {
        let list = |entries: Vec<&Entry>| entries.into_iter().map(|entry| entry.tx.clone()).collect();
        let content = self.senders.iter().map(|(sender, queue)| {
            let (pending, queued) = (queue.pending().collect(), queue.queued().collect());
            (*sender, Content { pending: list(pending), queued: list(queued) })
        });
        content.collect()
    }

    /// Returns the number of transactions.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Says whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Returns the bytes of all transactions.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Refuses what does not fit among the sender's own.
    fn check_place(&self, entry: &Entry, next: u64, balance: U256) -> Result<(), PoolError> {
        let nonce = entry.tx.nonce();
        if nonce < next {
            return Err(PoolError::NonceTooLow { nonce, next });
        }
        let ahead_max = self.limits.sender_count;
        if nonce - next >= ahead_max || nonce == u64::MAX {
            return Err(PoolError::NonceTooHigh { nonce, next, ahead_max });
        }
        let none = Queue::default();
        let queue = self.senders.get(&entry.tx.sender()).unwrap_or(&none);
        let old = queue.entries.get(&nonce);
        if old.is_some_and(|old| !entry.bid.outbids(old.bid)) {
            return Err(PoolError::ReplacementUnderpriced);
        }
        let sum = queue.cost(next, nonce).zip(entry.cost).and_then(|(sum, cost)| sum.checked_add(cost));
        match sum {
            Some(cost) if cost <= balance => {}
            sum => return Err(PoolError::InsufficientFunds { balance, cost: sum.unwrap_or(U256::MAX) }),
        }
        let bytes = queue.bytes().saturating_sub(old.map_or(0, |old| old.bytes)).saturating_add(entry.bytes);
        let most = self.limits.sender_bytes;
        if bytes > most { Err(PoolError::SenderFull { bytes, most }) } else { Ok(()) }
    }

    /// Puts an entry in; returns the hash of the one that it replaced.
    fn place(&mut self, sender: Address, nonce: u64, entry: Entry) -> Option<B256> {
        self.arrivals = self.arrivals.saturating_add(1);
        self.bytes += entry.bytes;
        self.places.insert(entry.hash, (sender, nonce));
        let old = self.senders.entry(sender).or_default().entries.insert(nonce, entry)?;
        self.places.remove(&old.hash);
        self.bytes = self.bytes.saturating_sub(old.bytes);
        Some(old.hash)
    }

    fn refresh(&mut self, sender: Address, next: u64, balance: U256) -> Vec<B256> {
        let Some(queue) = self.senders.get_mut(&sender) else { return Vec::new() };
        let gone = queue.refresh(next, balance);
        if queue.entries.is_empty() {
            self.senders.remove(&sender);
        }
        for entry in &gone {
            self.places.remove(&entry.hash);
            self.bytes = self.bytes.saturating_sub(entry.bytes);
        }
        gone.into_iter().map(|entry| entry.hash).collect()
    }
}
