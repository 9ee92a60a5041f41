//! Holds the current firing.

use super::record::{lane, lanes};
use crate::{
    account::TRIGGERS,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
};
use alloy_primitives::U256;

/// Tells a handler which occurrence it handles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Firing {
    /// The trigger.
    pub tid: U256,
    /// When the occurrence was due.
    pub due: u64,
    /// Failed attempts before this one.
    pub attempt: u8,
}

fn record() -> Record {
    Record::new(Table::TriggerGlobal, &[U256::from(1)])
}

/// Returns the firing that is running; none outside of system transactions.
pub fn current(store: &mut dyn Store) -> Result<Option<Firing>, Fault> {
    let record = record();
    let tid = store.get(TRIGGERS, record.word(0))?;
    if tid.is_zero() {
        return Ok(None);
    }
    let word = store.get(TRIGGERS, record.word(1))?;
    Ok(Some(Firing { tid, due: lane(word, 0), attempt: lane(word, 1) as u8 }))
}

/// Sets or clears the firing that is running.
pub(super) fn set_current(store: &mut dyn Store, firing: Option<Firing>) -> Result<(), Fault> {
    let record = record();
    let (tid, word) = match firing {
        Some(firing) => (firing.tid, lanes([firing.due, firing.attempt.into(), 0, 0])),
        None => (U256::ZERO, U256::ZERO),
    };
    store.set(TRIGGERS, record.word(0), tid)?;
    store.set(TRIGGERS, record.word(1), word)
}
