//! Takes transactions of users, and tells peers of them until they are final.

use super::{message::Message, observer::Reason, shared::Node};
use crate::{
    error::InvalidTx,
    pool::{Added, PoolError},
    tx::Transaction,
};
use alloy_primitives::B256;
use thiserror::Error;

impl Node {
    /// Takes a user's transaction into the pool. Errors: it is refused.
    pub fn submit(&self, tx: Transaction) -> Result<Added, PoolError> {
        let added = self.ledger(|ledger| {
            let base_fee = ledger.chain().head_header().base_fee_per_gas.unwrap_or_default();
            self.pool(|pool| pool.add(tx, ledger.chain(), base_fee))
        })?;
        self.observer().pooled(added.hash);
        Ok(added)
    }

    /// Reads a raw transaction, takes it into the pool and tells the peers; it is told again until it is final.
    pub fn submit_raw(&self, raw: &[u8]) -> Result<Added, SubmitError> {
        let tx = Transaction::decode_signed(raw)?;
        let added = self.submit(tx.clone())?;
        if let Err(reason) = self.observer().accepted(added.hash, raw) {
            self.pool(|pool| pool.remove(&added.hash));
            return Err(SubmitError::Unsafe(reason));
        }
        self.own().insert(added.hash, tx.clone());
        self.tell(Message::Transactions(vec![tx]));
        Ok(added)
    }

    /// Takes transactions again that were taken before a restart; those that are final by now are forgotten.
    pub fn restore(&self, raw: Vec<Vec<u8>>) {
        let mut gone = Vec::new();
        for tx in raw.iter().filter_map(|raw| Transaction::decode_signed(raw).ok()) {
            let hash = tx.hash();
            match self.submit(tx.clone()) {
                Ok(_) | Err(PoolError::AlreadyKnown) => drop(self.own().insert(hash, tx)),
                Err(_) => gone.push(hash),
            }
        }
        if !gone.is_empty() {
            self.observer().done(&gone);
        }
    }

    /// Tells peers again of what was submitted here and still waits.
    pub(super) fn retell(&self) {
        let mut own = self.own();
        let gone: Vec<B256> =
            self.pool(|pool| own.keys().filter(|hash| pool.get(hash).is_none()).copied().collect());
        gone.iter().for_each(|hash| drop(own.remove(hash)));
        if !gone.is_empty() {
            self.observer().done(&gone);
        }
        for message in Message::transactions(own.values()) {
            self.tell(message);
        }
    }
}

/// Says why a raw transaction is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SubmitError {
    /// It cannot be read.
    #[error(transparent)]
    Invalid(#[from] InvalidTx),
    /// The pool refuses it.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// It could not be kept safe against a crash.
    #[error("transaction could not be written down: {0}")]
    Unsafe(Reason),
}
