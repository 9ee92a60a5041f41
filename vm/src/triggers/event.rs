//! Queues the logs that start event triggers, to be run in the next block.

use super::record::{Kind, State, Trigger, clear_bytes, lane, lanes, read_bytes, write_bytes};
use crate::{
    account::TRIGGERS,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
};
use alloy_primitives::{B256, Bytes, U256};

/// Most occurrences that wait for one event trigger.
pub const QUEUE_MAX: u64 = 256;
/// Most bytes of a log (topics 1.. and data) that a handler receives.
pub const MAX_EVENT_DATA: usize = 4096;

/// Is a log that starts an event trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// Timestamp of the log's block.
    pub due: u64,
    /// How many event triggers started each other before this one; 1 for a log of a user's transaction.
    pub depth: u32,
    /// Height of the log's block.
    pub block: u64,
    /// Index of the log in its block.
    pub log: u32,
    /// Topics 1.. and data of the log.
    pub payload: Bytes,
}

impl Occurrence {
    /// Joins topics after the first and the data of a log, as the handler receives them.
    pub fn payload(topics: &[B256], data: &[u8]) -> Bytes {
        let mut payload = Vec::with_capacity(data.len() + 96);
        topics.iter().skip(1).for_each(|topic| payload.extend_from_slice(topic.as_slice()));
        payload.extend_from_slice(data);
        payload.into()
    }

    fn record(tid: U256, seq: u64) -> Record {
        Record::new(Table::TriggerPending, &[tid, U256::from(seq)])
    }

    fn save(&self, store: &mut dyn Store, tid: U256, seq: u64) -> Result<(), Fault> {
        let record = Self::record(tid, seq);
        let sizes = u64::from(self.depth) | (self.payload.len() as u64) << 32;
        store.set(TRIGGERS, record.word(0), lanes([self.due, sizes, self.block, self.log.into()]))?;
        write_bytes(store, record, 1, &self.payload)
    }

    /// Reads the occurrence that is number `seq` of trigger `tid`.
    pub(super) fn load(store: &mut dyn Store, tid: U256, seq: u64) -> Result<Self, Fault> {
        let record = Self::record(tid, seq);
        let head = store.get(TRIGGERS, record.word(0))?;
        let sizes = lane(head, 1);
        let payload = read_bytes(store, record, 1, (sizes >> 32) as u16)?;
        Ok(Self {
            due: lane(head, 0),
            depth: sizes as u32,
            block: lane(head, 2),
            log: lane(head, 3) as u32,
            payload,
        })
    }

    fn clear(store: &mut dyn Store, tid: U256, seq: u64) -> Result<(), Fault> {
        let record = Self::record(tid, seq);
        let len = (lane(store.get(TRIGGERS, record.word(0))?, 1) >> 32) as u16;
        store.set(TRIGGERS, record.word(0), U256::ZERO)?;
        clear_bytes(store, record, 1, len)
    }
}

/// Queues an occurrence for trigger `tid`; true if it will run. With `admit` false, because a bound on
/// cascades or fan-out is reached, or when the queue is full or the log too long, it is counted as skipped
/// and told by the trigger's next firing. A trigger that no longer listens is left alone.
pub fn enqueue(
    store: &mut dyn Store,
    tid: U256,
    occurrence: &Occurrence,
    admit: bool,
) -> Result<bool, Fault> {
    let Some(before) = Trigger::load(store, tid)? else { return Ok(false) };
    let mut trigger = before;
    let sated = trigger.count != 0 && trigger.period >= trigger.count;
    if trigger.state != State::Waiting || trigger.kind != Kind::Event || sated {
        return Ok(false);
    }
    if trigger.wake_time().is_none() {
        trigger.wake = store.now();
        trigger.due = occurrence.due;
    }
    let waiting = trigger.period.saturating_sub(trigger.index);
    let admit = admit && waiting < QUEUE_MAX && occurrence.payload.len() <= MAX_EVENT_DATA;
    if admit {
        occurrence.save(store, tid, trigger.period)?;
        trigger.period = trigger.period.saturating_add(1);
    } else {
        trigger.start = trigger.start.saturating_add(1);
    }
    trigger.update(store, &before)?;
    Ok(admit)
}

/// Takes the first queued occurrence away.
pub(super) fn pop(store: &mut dyn Store, trigger: &mut Trigger) -> Result<(), Fault> {
    Occurrence::clear(store, trigger.tid(), trigger.index)?;
    trigger.index = trigger.index.saturating_add(1);
    Ok(())
}

/// Turns what is still queued for a trigger that stops into skipped occurrences.
pub(super) fn flush(store: &mut dyn Store, trigger: &mut Trigger) -> Result<(), Fault> {
    while trigger.kind == Kind::Event && trigger.index < trigger.period {
        pop(store, trigger)?;
        trigger.start = trigger.start.saturating_add(1);
    }
    Ok(())
}
