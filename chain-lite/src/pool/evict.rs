//! Chooses what leaves a full pool.

use super::{Pool, entry::Entry, error::PoolError};
use alloy_primitives::{Address, B256};

impl Pool {
    /// Chooses what must leave so that `entry` fits: the cheapest of all senders' last ones, again and again.
    /// Errors: one of them pays as much as `entry`. It looks at every sender for each that leaves, which costs less
    /// than recovering a signature.
    pub(super) fn victims(&self, entry: &Entry, base_fee: u64) -> Result<Vec<B256>, PoolError> {
        let (sender, nonce) = (entry.tx.sender(), entry.tx.nonce());
        let old = self.senders.get(&sender).and_then(|queue| queue.entries.get(&nonce));
        let mut count = self.len() + usize::from(old.is_none());
        let mut bytes = (self.bytes + entry.bytes).saturating_sub(old.map_or(0, |old| old.bytes));
        let mut rows: Vec<_> = Vec::new();
        let (mut victims, mut begun) = (Vec::new(), false);
        while count > self.limits.count || bytes > self.limits.bytes {
            if !std::mem::replace(&mut begun, true) {
                rows = self.rows_beside(sender, nonce);
            }
            let last = rows.iter_mut().filter_map(|row| row.last().copied().map(|last| (last, row)));
            let cheapest =
                last.min_by_key(|(last, _)| (last.bid.rank(base_fee), std::cmp::Reverse(last.arrival)));
            let (last, row) = cheapest.ok_or(PoolError::Full)?;
            if last.bid.rank(base_fee) >= entry.bid.rank(base_fee) {
                return Err(PoolError::Full);
            }
            row.pop();
            victims.push(last.hash);
            count -= 1;
            bytes = bytes.saturating_sub(last.bytes);
        }
        Ok(victims)
    }

    /// Lists what may leave for a transaction of `sender`: all of others, and its own behind `nonce`.
    fn rows_beside(&self, sender: Address, nonce: u64) -> Vec<Vec<&Entry>> {
        let rows = self.senders.iter().map(|(who, queue)| {
            let row = queue.entries.iter().filter(|(n, _)| *who != sender || **n > nonce);
            row.map(|(_, entry)| entry).collect()
        });
        rows.collect()
    }
}
