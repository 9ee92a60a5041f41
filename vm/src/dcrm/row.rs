//! Reads and writes the words of a record of the custody account.

use crate::{
    account::DCRM,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
    word::small,
};
use alloy_primitives::{B256, U256};

/// Is a record of the custody account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row(Record);

impl Row {
    pub(super) fn new(table: Table, parts: &[U256]) -> Self {
        Self(Record::new(table, parts))
    }

    pub(super) fn get(self, store: &mut dyn Store, word: u8) -> Result<U256, Fault> {
        store.get(DCRM, self.0.word(word))
    }

    pub(super) fn set(self, store: &mut dyn Store, word: u8, value: U256) -> Result<(), Fault> {
        store.set(DCRM, self.0.word(word), value)
    }

    pub(super) fn words<const N: usize>(self, store: &mut dyn Store) -> Result<[U256; N], Fault> {
        let mut words = [U256::ZERO; N];
        for (word, i) in words.iter_mut().zip(0u8..) {
            *word = self.get(store, i)?;
        }
        Ok(words)
    }

    pub(super) fn set_words(self, store: &mut dyn Store, words: &[U256]) -> Result<(), Fault> {
        for (word, i) in words.iter().zip(0u8..) {
            self.set(store, i, *word)?;
        }
        Ok(())
    }
}

/// Is a compressed secp256k1 point (SEC 1, 33 bytes).
pub type Point = [u8; 33];

/// Splits a point into its x coordinate and its first byte.
pub(super) fn split(point: &Point) -> (U256, u8) {
    let [first, x @ ..] = *point;
    (U256::from_be_bytes(x), first)
}

/// Joins what [`split`] made.
pub(super) fn join(x: U256, first: u8) -> Point {
    let mut point = [first; 33];
    for (place, byte) in point.iter_mut().skip(1).zip(x.to_be_bytes::<32>()) {
        *place = byte;
    }
    point
}

/// Reads a number of at most 32 bits.
pub(super) fn short(word: U256, low: usize, bits: usize) -> u32 {
    small(word, low, bits.min(32)) as u32
}

/// Returns a short text as a name: left-aligned in a word, as Solidity's `bytes32` literals.
pub fn name(text: &str) -> B256 {
    let mut word = B256::ZERO;
    for (place, byte) in word.iter_mut().zip(text.bytes()) {
        *place = byte;
    }
    word
}

/// Returns the text of a name, up to its first zero byte; bytes that are no UTF-8 are replaced.
pub fn text(name: B256) -> String {
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
    String::from_utf8_lossy(name.get(..end).unwrap_or_default()).into_owned()
}
