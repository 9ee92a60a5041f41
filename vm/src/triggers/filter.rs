//! Holds the filter of an event trigger: emitter, constraints on topics, bounds on data words.

use super::{compare::Comparison, record::lane};
use crate::{
    account::TRIGGERS,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
};
use alloy_primitives::{Address, B256, U256};

/// Most constraints on topics.
pub const MAX_TOPICS: usize = 4;
/// Most bounds on data words.
pub const MAX_BOUNDS: usize = 8;

/// Compares the topic or data word `index` of a log with an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// Which topic (0..4) or which 32-byte word of the data (0..256).
    pub index: u8,
    /// How to compare.
    pub comparison: Comparison,
    /// What to compare with.
    pub operand: U256,
}

impl Bound {
    /// Reads a bound from its three words. Errors: misuse for an unknown comparison or an index at or above
    /// `limit`.
    pub fn decode(words: [U256; 3], limit: u64) -> Result<Self, Fault> {
        let [index, comparison, operand] = words;
        if index >= U256::from(limit.min(256)) {
            return Err(Fault::Misuse("filter index out of range"));
        }
        Ok(Self { index: index.saturating_to(), comparison: Comparison::new(comparison)?, operand })
    }

    fn holds(&self, word: Option<U256>) -> bool {
        word.is_some_and(|word| self.comparison.holds(word, self.operand))
    }
}

/// Says which logs start an event trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The contract whose logs count.
    pub emitter: Address,
    /// Constraints on topics; all must hold.
    pub topics: Vec<Bound>,
    /// Bounds on data words; all must hold, and a missing word fails.
    pub data: Vec<Bound>,
}

impl Filter {
    /// Returns how many words a filter with these counts takes in memory. Errors: misuse for counts out of
    /// range or an emitter that is no address.
    pub fn memory_words(head: [U256; 3]) -> Result<usize, Fault> {
        let [emitter, topics, bounds] = head;
        if emitter >> 160 != U256::ZERO {
            return Err(Fault::Misuse("emitter is no address"));
        }
        if topics > U256::from(MAX_TOPICS) || bounds > U256::from(MAX_BOUNDS) {
            return Err(Fault::Misuse("filter has too many constraints"));
        }
        Ok(3 + 3 * (topics.saturating_to::<usize>() + bounds.saturating_to::<usize>()))
    }

    /// Reads a filter from its words in memory: emitter, number of topic constraints a, number of data
    /// bounds b, then a and b times (index, comparison, operand). Errors: misuse when they are malformed.
    pub fn decode(words: &[U256]) -> Result<Self, Fault> {
        let malformed = Fault::Misuse("filter is cut short");
        let (head, rest) = words.split_first_chunk::<3>().ok_or(malformed.clone())?;
        if Self::memory_words(*head)? != words.len() {
            return Err(malformed);
        }
        let [emitter, topics, _] = *head;
        let (topics, data) = rest.split_at_checked(3 * topics.saturating_to::<usize>()).ok_or(malformed)?;
        Ok(Self {
            emitter: Address::from_word(emitter.into()),
            topics: bounds(topics, 4)?,
            data: bounds(data, 256)?,
        })
    }

    /// Says whether a log passes.
    pub fn matches(&self, emitter: Address, topics: &[B256], data: &[u8]) -> bool {
        let topic = |i: u8| topics.get(usize::from(i)).map(|topic| U256::from_be_bytes(topic.0));
        let word = |i: u8| {
            let from = usize::from(i) * 32;
            data.get(from..from + 32).map(U256::from_be_slice)
        };
        self.emitter == emitter
            && self.topics.iter().all(|bound| bound.holds(topic(bound.index)))
            && self.data.iter().all(|bound| bound.holds(word(bound.index)))
    }

    /// Reads the stored filter of trigger `tid`.
    pub fn load(store: &mut dyn Store, tid: U256) -> Result<Self, Fault> {
        let record = Record::new(Table::TriggerFilter, &[tid]);
        let head = store.get(TRIGGERS, record.word(0))?;
        let counts = lane(head, 2) >> 32;
        let mut words = Vec::new();
        for i in 0..(counts & 0xff) + (counts >> 8 & 0xff) {
            let key = store.get(TRIGGERS, record.word((1 + 2 * i) as u8))?;
            let operand = store.get(TRIGGERS, record.word((2 + 2 * i) as u8))?;
            words.push(Bound {
                index: lane(key, 0) as u8,
                comparison: Comparison::new(U256::from(lane(key, 1)))?,
                operand,
            });
        }
        let data = words.split_off(words.len().min((counts & 0xff) as usize));
        let emitter = Address::from_word((head << 96usize >> 96usize).into());
        Ok(Self { emitter, topics: words, data })
    }

    /// Writes the filter of trigger `tid`.
    pub(super) fn save(&self, store: &mut dyn Store, tid: U256) -> Result<(), Fault> {
        let record = Record::new(Table::TriggerFilter, &[tid]);
        let counts = U256::from(self.topics.len()) << 160 | U256::from(self.data.len()) << 168;
        store.set(TRIGGERS, record.word(0), U256::from_be_bytes(self.emitter.into_word().0) | counts)?;
        for (bound, i) in self.topics.iter().chain(&self.data).zip(0u8..) {
            let key = U256::from(bound.index) | U256::from(bound.comparison.code()) << 64;
            store.set(TRIGGERS, record.word(1 + 2 * i), key)?;
            store.set(TRIGGERS, record.word(2 + 2 * i), bound.operand)?;
        }
        Ok(())
    }

    /// Clears the stored filter of trigger `tid`.
    pub(super) fn clear(&self, store: &mut dyn Store, tid: U256) -> Result<(), Fault> {
        let record = Record::new(Table::TriggerFilter, &[tid]);
        let words = 1 + 2 * (self.topics.len() + self.data.len());
        for (_, i) in (0..words).zip(0u8..) {
            store.set(TRIGGERS, record.word(i), U256::ZERO)?;
        }
        Ok(())
    }
}

fn bounds(words: &[U256], limit: u64) -> Result<Vec<Bound>, Fault> {
    words.as_chunks::<3>().0.iter().map(|words| Bound::decode(*words, limit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::MemStore;

    fn words(values: &[u64]) -> Vec<U256> {
        values.iter().copied().map(U256::from).collect()
    }

    #[test]
    fn a_filter_survives_storage_and_matches() {
        let filter = Filter::decode(&words(&[7, 1, 1, 1, 0, 5, 0, 4, 100])).unwrap();
        let mut store = MemStore::default();
        filter.save(&mut store, U256::from(1)).unwrap();
        assert_eq!(Filter::load(&mut store, U256::from(1)).unwrap(), filter);
        let emitter = Address::with_last_byte(7);
        let topics = [B256::ZERO, B256::with_last_byte(5)];
        let data = |v: u64| U256::from(v).to_be_bytes::<32>();
        assert!(filter.matches(emitter, &topics, &data(101)));
        assert!(!filter.matches(emitter, &topics, &data(100)));
        assert!(!filter.matches(emitter, &topics[..1], &data(101)));
        assert!(!filter.matches(emitter, &topics, &[]));
        assert!(!filter.matches(Address::ZERO, &topics, &data(101)));
        filter.clear(&mut store, U256::from(1)).unwrap();
        assert!(store.state.words.is_empty());
    }

    #[test]
    fn malformed_filters_are_misuse() {
        for bad in [&[7, 5, 0][..], &[7, 0, 9], &[7, 1, 0], &[7, 1, 0, 4, 0, 0], &[7, 1, 0, 0, 6, 0], &[7, 0]]
        {
            assert!(Filter::decode(&words(bad)).is_err(), "{bad:?}");
        }
        assert!(Filter::decode(&[U256::MAX, U256::ZERO, U256::ZERO]).is_err());
    }
}
