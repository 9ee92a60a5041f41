//! Keeps the hashes of recent blocks for BLOCKHASH.

use alloy_primitives::B256;
use std::collections::VecDeque;

/// Is a run of block hashes without gaps.
#[derive(Debug, Default)]
pub(super) struct Hashes {
    first: u64,
    hashes: VecDeque<B256>,
}

impl Hashes {
    /// Returns the hash of block `number` if it is kept.
    pub(super) fn get(&self, number: u64) -> Option<B256> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.hashes.get(place).copied()
    }

    /// Appends the hash of the next block.
    pub(super) fn push(&mut self, hash: B256) {
        self.hashes.push_back(hash);
    }

    /// Forgets the hashes of blocks from height `len` on.
    pub(super) fn truncate(&mut self, len: usize) {
        let len = len as u64;
        self.hashes.truncate(usize::try_from(len.saturating_sub(self.first)).unwrap_or(usize::MAX));
        if self.hashes.is_empty() {
            self.first = len.min(self.first);
        }
    }

    /// Forgets the hashes of blocks below height `first`.
    pub(super) fn forget_below(&mut self, first: u64) {
        let many = usize::try_from(first.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let many = many.min(self.hashes.len());
        self.hashes.drain(..many);
        self.first = self.first.saturating_add(many as u64);
    }

    /// Replaces all; `first` is the height of the first of `hashes`.
    pub(super) fn replace(&mut self, first: u64, hashes: Vec<B256>) {
        *self = Self { first, hashes: hashes.into() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: u64) -> B256 {
        B256::left_padding_from(&number.to_be_bytes())
    }

    #[test]
    fn numbers_stay_when_old_hashes_go() {
        let mut hashes = Hashes::default();
        (0..600).for_each(|number| hashes.push(hash(number)));
        hashes.forget_below(300);
        assert_eq!(hashes.get(299), None);
        assert_eq!(hashes.get(300), Some(hash(300)));
        hashes.truncate(500);
        assert_eq!(hashes.get(499), Some(hash(499)));
        assert_eq!(hashes.get(500), None);
        hashes.push(hash(500));
        assert_eq!(hashes.get(500), Some(hash(500)));
        hashes.truncate(300);
        hashes.push(hash(300));
        assert_eq!(hashes.get(300), Some(hash(300)));
        hashes.truncate(7);
        hashes.push(hash(7));
        assert_eq!(hashes.get(7), Some(hash(7)));
        hashes.forget_below(u64::MAX);
        assert_eq!(hashes.get(7), None);
        hashes.replace(40, vec![hash(40), hash(41)]);
        assert_eq!((hashes.get(39), hashes.get(41)), (None, Some(hash(41))));
    }
}
