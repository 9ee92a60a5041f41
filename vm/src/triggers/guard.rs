//! Holds a guard: a condition on one's own state, the ledger, rights, triggers, or another contract's answer.

use super::{
    compare::Comparison,
    record::{clear_bytes, read_bytes, write_bytes},
    slots::GUARD_CALL_GAS,
};
use crate::{
    account::TRIGGERS,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
};
use alloy_primitives::{Address, Bytes, U256};

/// Most bytes of call data that a guard keeps.
pub const MAX_GUARD_DATA: usize = 1024;

/// Says where the guarded value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardKind {
    /// 0: no value is needed; the guard always holds.
    Always,
    /// 1: a word of the contract's own storage at `key`.
    Storage,
    /// 2: free units of asset `target` of account `key`.
    Free,
    /// 3: owned units of asset `target` of account `key`.
    Owned,
    /// 4: units of asset `target` that account `key` may use at time `aux` (0: now).
    Usable,
    /// 5: state of grant `target`.
    Grant,
    /// 6: state of trigger `target`.
    Trigger,
    /// 7: how often trigger `target` has fired.
    Fired,
    /// 8: the first word that a STATICCALL to `target` returns.
    Call,
}

impl GuardKind {
    const ALL: [Self; 9] = [
        Self::Always,
        Self::Storage,
        Self::Free,
        Self::Owned,
        Self::Usable,
        Self::Grant,
        Self::Trigger,
        Self::Fired,
        Self::Call,
    ];

    fn new(code: U256) -> Result<Self, Fault> {
        let known = usize::try_from(code).ok().and_then(|code| Self::ALL.get(code));
        known.copied().ok_or(Fault::Misuse("unknown kind of guard"))
    }
}

/// Says when a nested call may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// Where the value comes from.
    pub kind: GuardKind,
    /// Asset, grant, trigger or callee.
    pub target: U256,
    /// Storage key or account.
    pub key: U256,
    /// Time, or zero.
    pub aux: U256,
    /// How the value compares to the operand.
    pub comparison: Comparison,
    /// What the value is compared with.
    pub operand: U256,
    /// Call data; empty unless the kind is a call.
    pub data: Bytes,
}

impl Guard {
    /// Returns where in memory the guard's call data stands, as (offset, length); none unless the kind is a
    /// call. Errors: misuse when the data is longer than [`MAX_GUARD_DATA`].
    pub fn memory_data(words: &[U256; 6]) -> Result<Option<(U256, usize)>, Fault> {
        let [kind, _, key, aux, ..] = *words;
        if GuardKind::new(kind)? != GuardKind::Call {
            return Ok(None);
        }
        match usize::try_from(aux) {
            Ok(len) if len <= MAX_GUARD_DATA => Ok(Some((key, len))),
            _ => Err(Fault::Misuse("call data of the guard is too long")),
        }
    }

    /// Reads a guard from its six words in memory and the call data they point at. Errors: misuse when they
    /// are malformed.
    pub fn decode(words: [U256; 6], data: Bytes) -> Result<Self, Fault> {
        let kind = GuardKind::new(words[0])?;
        let [_, target, key, aux, comparison, operand] = words;
        let comparison = Comparison::new(comparison)?;
        if kind != GuardKind::Call {
            return Ok(Self { kind, target, key, aux, comparison, operand, data: Bytes::new() });
        }
        if data.len() > MAX_GUARD_DATA {
            return Err(Fault::Misuse("call data of the guard is too long"));
        }
        if target >> 160 != U256::ZERO {
            return Err(Fault::Misuse("callee of the guard is no address"));
        }
        Ok(Self { kind, target, key: U256::ZERO, aux: U256::ZERO, comparison, operand, data })
    }

    /// Returns the callee of a guard that makes a call.
    pub fn callee(&self) -> Option<Address> {
        (self.kind == GuardKind::Call).then(|| Address::from_word(self.target.into()))
    }

    /// Says whether the guard holds for `value`; a missing value (a call that failed or returned less than a
    /// word) holds for nothing.
    pub fn holds(&self, value: Option<U256>) -> bool {
        self.kind == GuardKind::Always
            || value.is_some_and(|value| self.comparison.holds(value, self.operand))
    }

    /// Returns the gas for the call that a poll of this guard makes.
    pub fn call_gas(&self) -> u64 {
        if self.kind == GuardKind::Call { GUARD_CALL_GAS } else { 0 }
    }

    /// Reads the stored guard of trigger `tid`, whose call data is `len` bytes long.
    pub(super) fn load(store: &mut dyn Store, tid: U256, len: u16) -> Result<Self, Fault> {
        let record = Record::new(Table::TriggerFilter, &[tid]);
        let mut words = [U256::ZERO; 6];
        for (word, i) in words.iter_mut().zip(0u8..) {
            *word = store.get(TRIGGERS, record.word(i))?;
        }
        let data = read_bytes(store, record, 6, len)?;
        Self::decode(words, data)
    }

    /// Writes the guard of trigger `tid`.
    pub(super) fn save(&self, store: &mut dyn Store, tid: U256) -> Result<(), Fault> {
        let record = Record::new(Table::TriggerFilter, &[tid]);
        let comparison = U256::from(self.comparison.code());
        let words = [U256::from(self.kind as u8), self.target, self.key, self.aux, comparison, self.operand];
        for (word, i) in words.into_iter().zip(0u8..) {
            if !word.is_zero() {
                store.set(TRIGGERS, record.word(i), word)?;
            }
        }
        write_bytes(store, record, 6, &self.data)
    }

    /// Clears the stored guard of trigger `tid`.
    pub(super) fn clear(store: &mut dyn Store, tid: U256, len: u16) -> Result<(), Fault> {
        clear_bytes(store, Record::new(Table::TriggerFilter, &[tid]), 0, len.saturating_add(192))
    }
}
