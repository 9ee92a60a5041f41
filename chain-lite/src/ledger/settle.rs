//! Makes blocks final: their changes are applied for good, and what conflicts with them is forgotten.

use super::{Ledger, LedgerError, Packages};
use crate::{block::Block, hhcm::Offer, receipt::Receipt, state::Changeset};
use alloy_primitives::B256;

/// Is a block that became final, as the store keeps it.
#[derive(Debug, Clone)]
pub struct Final {
    /// The block with its transactions.
    pub block: Block,
    /// What consensus decided on.
    pub offer: Offer,
    /// Its receipts.
    pub receipts: Vec<Receipt>,
    /// What it changed.
    pub changes: Changeset,
    /// The packages that it was made of.
    pub packages: Packages,
}

impl Ledger {
    /// Makes a known block final, which follows the last final one. Errors: it is not known or does not follow.
    pub fn settle(&mut self, hash: B256) -> Result<Final, LedgerError> {
        let pending = self.pending.get(&hash).ok_or(LedgerError::Unknown(hash))?;
        if pending.executed.block.header.parent_hash != self.head() {
            return Err(LedgerError::NotNext(hash));
        }
        let Some(pending) = self.pending.remove(&hash) else { return Err(LedgerError::Unknown(hash)) };
        let receipts = pending.executed.receipts.clone();
        let block = pending.executed.block.clone();
        self.chain.adopt(pending.executed, &pending.changes)?;
        self.round = pending.round;
        self.fit.retain(|(height, _), _| *height >= self.round.height);
        self.reveals.retain(|(height, _), _| *height >= self.round.height);
        self.chain.forget(self.kept());
        self.forget_stale();
        Ok(Final {
            block,
            offer: pending.offer,
            receipts,
            changes: pending.changes,
            packages: pending.packages,
        })
    }

    /// Says how many blocks are kept in memory: those that BLOCKHASH, the epoch's beginning and proofs ask for.
    fn kept(&self) -> usize {
        let epoch = usize::try_from(self.consensus.params.epoch_length).unwrap_or(usize::MAX);
        epoch.saturating_add(2).max(256)
    }

    /// Forgets what does not descend from the last final block.
    fn forget_stale(&mut self) {
        let mut alive = std::collections::BTreeSet::from([self.head()]);
        // Heights only grow along a path, so one pass in their order sees each parent before its children.
        let mut order: Vec<_> = self
            .pending
            .iter()
            .map(|(hash, p)| (p.executed.block.header.number, *hash, p.executed.block.header.parent_hash))
            .collect();
        order.sort_unstable();
        for (_, hash, parent) in order {
            if alive.contains(&parent) {
                alive.insert(hash);
            }
        }
        self.pending.retain(|hash, _| alive.contains(hash));
    }
}
