//! Loads the state into memory, record by record, and proves that it is the head block's.

use super::{
    ChainHead, Store, StoreError, record,
    table::{ACCOUNTS, CODES, HASHES, HEAD_KEY, META, WORDS},
};
use crate::state::State;
use alloy_primitives::B256;
use redb::{ReadTransaction, ReadableDatabase, ReadableTable};

/// How many blocks back BLOCKHASH sees.
pub(super) const HASHES_MAX: u64 = 256;

impl Store {
    /// Loads the state after the head, with the hashes of the last 256 blocks; nothing of it can be undone.
    /// `expected` is the state root in the head block's header. Errors: an empty store; a state with another
    /// root, or any other damage.
    pub fn load_state(&self, expected: B256) -> Result<(State, ChainHead), StoreError> {
        let tx = self.db.begin_read()?;
        let raw = tx.open_table(META)?.get(HEAD_KEY)?.ok_or(StoreError::Empty)?;
        let head = record::head(raw.value())?;
        let mut state = state_of(&tx, expected)?;
        let (first, hashes) = recent_hashes(&tx, &head)?;
        state.load_block_hashes(first, hashes);
        Ok((state, head))
    }
}

/// Loads accounts, storage and code, and compares the root.
pub(super) fn state_of(tx: &ReadTransaction, expected: B256) -> Result<State, StoreError> {
    let mut state = State::default();
    load_accounts(tx, &mut state)?;
    load_words(tx, &mut state)?;
    load_codes(tx, &mut state)?;
    match state.root() {
        found if found != expected => Err(StoreError::Root { found, expected }),
        _ if !state.codes_complete() => Err(StoreError::damaged("the code of an account is missing")),
        _ => Ok(state),
    }
}

fn load_accounts(tx: &ReadTransaction, state: &mut State) -> Result<(), StoreError> {
    for entry in tx.open_table(ACCOUNTS)?.iter()? {
        let (key, value) = entry?;
        state.load_head(record::address(key.value())?, record::account(value.value())?);
    }
    Ok(())
}

fn load_words(tx: &ReadTransaction, state: &mut State) -> Result<(), StoreError> {
    for entry in tx.open_table(WORDS)?.iter()? {
        let (key, value) = entry?;
        let (address, key) = record::word_key(key.value())?;
        if !state.load_word(address, key, record::word(value.value())?) {
            return Err(StoreError::damaged(format!("{address} has storage and no account")));
        }
    }
    Ok(())
}

fn load_codes(tx: &ReadTransaction, state: &mut State) -> Result<(), StoreError> {
    for entry in tx.open_table(CODES)?.iter()? {
        let (key, value) = entry?;
        let hash = record::hash(key.value())?;
        state.load_code(hash, record::code(hash, value.value())?);
    }
    Ok(())
}

/// Returns the hashes of the last 256 blocks up to the head, and the height of the first of them. Without any of
/// them BLOCKHASH would answer otherwise than on other nodes.
pub(super) fn recent_hashes(tx: &ReadTransaction, head: &ChainHead) -> Result<(u64, Vec<B256>), StoreError> {
    let table = tx.open_table(HASHES)?;
    let first = head.height.saturating_sub(HASHES_MAX - 1);
    let mut hashes = Vec::new();
    for height in first..=head.height {
        let raw = table.get(&height.to_be_bytes()[..])?;
        let raw = raw.ok_or_else(|| StoreError::damaged(format!("the hash of block {height} is missing")))?;
        hashes.push(record::hash(raw.value())?);
    }
    match hashes.last() {
        Some(last) if *last == head.hash => Ok((first, hashes)),
        _ => Err(StoreError::damaged("the hash of the head differs")),
    }
}
