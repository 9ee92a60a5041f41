//! Keeps the guard of a watched nested call as its six words and its call data.

use super::record::{clear_bytes, read_bytes, write_bytes};
use crate::{
    account::TRIGGERS,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
};
use alloy_primitives::{Bytes, U256};

/// Most bytes of call data that a guard keeps.
pub const MAX_GUARD_DATA: usize = 1024;

/// Is a guard as the calling list keeps it. The words are `kind, target, key, aux, comparison, operand`; for
/// a STATICCALL guard (kind 8) the pointer and length in `key` and `aux` mean nothing and are kept as zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredGuard {
    /// The six words.
    pub words: [U256; 6],
    /// Call data of a STATICCALL guard, else empty.
    pub data: Bytes,
}

impl StoredGuard {
    /// Makes a guard for storage. Errors: misuse when its call data is too long.
    pub fn new(words: [U256; 6], data: Bytes) -> Result<Self, Fault> {
        if data.len() > MAX_GUARD_DATA {
            return Err(Fault::Misuse("call data of the guard is too long"));
        }
        let [kind, target, _, _, comparison, operand] = words;
        if kind != U256::from(8) {
            return Ok(Self { words, data: Bytes::new() });
        }
        Ok(Self { words: [kind, target, U256::ZERO, U256::ZERO, comparison, operand], data })
    }

    /// Reads the guard of trigger `tid`, whose call data is `len` bytes long.
    pub(super) fn load(store: &mut dyn Store, tid: U256, len: u16) -> Result<Self, Fault> {
        let record = Record::new(Table::TriggerFilter, &[tid]);
        let mut words = [U256::ZERO; 6];
        for (word, i) in words.iter_mut().zip(0u8..) {
            *word = store.get(TRIGGERS, record.word(i))?;
        }
        Ok(Self { words, data: read_bytes(store, record, 6, len)? })
    }

    /// Writes the guard of trigger `tid`.
    pub(super) fn save(&self, store: &mut dyn Store, tid: U256) -> Result<(), Fault> {
        let record = Record::new(Table::TriggerFilter, &[tid]);
        for (word, i) in self.words.into_iter().zip(0u8..) {
            if !word.is_zero() {
                store.set(TRIGGERS, record.word(i), word)?;
            }
        }
        write_bytes(store, record, 6, &self.data)
    }

    /// Clears the guard of trigger `tid`.
    pub(super) fn clear(store: &mut dyn Store, tid: U256, len: u16) -> Result<(), Fault> {
        clear_bytes(store, Record::new(Table::TriggerFilter, &[tid]), 0, len.saturating_add(192))
    }
}
