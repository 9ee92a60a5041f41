//! Keeps the pending triggers by time, and those that are late by contract.

use super::listen::Listeners;
use crate::state::{BlockStore, Mark, State};
use alloy_primitives::{
    Address, U256,
    map::{HashMap, HashSet},
};
use fusor_vm::{
    account::TRIGGERS,
    fault::Fault,
    slot::{Record, Table},
    triggers::Trigger,
};
use std::collections::BTreeMap;

/// Is a pending trigger as the scheduler sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The trigger.
    pub tid: U256,
    /// Its contract.
    pub contract: Address,
    /// The contract's own registration number.
    pub number: u64,
    /// When the occurrence is due.
    pub due: u64,
    /// When to look at it.
    pub wake: u64,
    /// Orders firings due at the same time: 0 booked timing, 1 other timing, 2 watch, 3 event.
    pub class: u8,
    /// Gas that one firing takes from the block's quarter.
    pub weight: u64,
    /// How many firings are pending.
    pub pending: u64,
}

/// Orders triggers: due (or wake) time, class, contract, number.
pub(super) type Order = (u64, u8, Address, u64);

impl Item {
    fn new(trigger: &Trigger) -> Option<Self> {
        Some(Self {
            tid: trigger.tid(),
            contract: trigger.contract,
            number: trigger.number,
            due: trigger.due,
            wake: trigger.wake_time()?,
            class: trigger.class(),
            weight: trigger.weight(),
            pending: trigger.pending(),
        })
    }

    /// Returns the order in which a block runs it.
    pub(super) fn order(&self) -> Order {
        (self.due, self.class, self.contract, self.number)
    }

    fn waking(&self) -> Order {
        (self.wake, self.class, self.contract, self.number)
    }
}

/// Holds every pending trigger and every listener to logs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    now: u64,
    future: BTreeMap<Order, Item>,
    pub(super) backlog: BTreeMap<Address, BTreeMap<Order, Item>>,
    items: HashMap<Record, Item>,
    pub(crate) listeners: Listeners,
}

impl Index {
    /// Builds the index from the calling list's storage after a block at time `now`.
    pub fn rebuild(state: &mut State, now: u64) -> Result<Self, Fault> {
        let mut index = Self { now, ..Self::default() };
        let records: Vec<Record> = state
            .words(TRIGGERS)
            .into_keys()
            .map(Record::of_slot)
            .filter(|record| record.tag() == Table::Trigger as u8)
            .collect::<HashSet<_>>()
            .into_iter()
            .collect();
        for record in records {
            index.refresh(state, record)?;
        }
        Ok(index)
    }

    /// Follows the writes to the calling list since `mark`.
    pub fn follow(&mut self, state: &mut State, mark: Mark) -> Result<(), Fault> {
        let written = state.written_since(mark, TRIGGERS);
        self.follow_keys(state, &written)
    }

    /// Moves on to a block's time without choosing what runs, as for a block that was executed before.
    pub(crate) fn settle(&mut self, now: u64) {
        self.advance(now);
    }

    /// Returns to an earlier time, at which the state no longer has what was written to the keys in `written`.
    pub(crate) fn rewind(&mut self, state: &mut State, now: u64, written: &[U256]) -> Result<(), Fault> {
        self.now = now;
        let Self { backlog, future, .. } = self;
        backlog.retain(|_, late| {
            late.retain(|_, item| {
                let early = item.wake > now;
                if early {
                    future.insert(item.waking(), *item);
                }
                !early
            });
            !late.is_empty()
        });
        self.follow_keys(state, written)
    }

    /// Looks again at the records of storage keys in ascending order.
    fn follow_keys(&mut self, state: &mut State, written: &[U256]) -> Result<(), Fault> {
        let mut last = None;
        for key in written.iter().copied() {
            let record = Record::of_slot(key);
            if record.tag() == Table::Trigger as u8 && last.replace(record) != Some(record) {
                self.refresh(state, record)?;
            }
        }
        Ok(())
    }

    /// Says when the next block has something to run; none if nothing is pending. A time that has passed
    /// means that work is carried over.
    pub fn next_due(&self) -> Option<u64> {
        match self.backlog.is_empty() {
            false => Some(self.now),
            true => self.future.keys().next().map(|(wake, ..)| *wake),
        }
    }

    /// Counts pending triggers.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Says whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Lists the pending triggers in the order of their time.
    pub fn pending(&self) -> impl Iterator<Item = &Item> {
        self.backlog.values().flat_map(BTreeMap::values).chain(self.future.values())
    }

    /// Moves what has come due by `now` to the backlog and returns those with a booked slot.
    pub(super) fn advance(&mut self, now: u64) -> Vec<Item> {
        self.now = now;
        let mut booked = Vec::new();
        while let Some(entry) = self.future.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let item = entry.remove();
            if item.class == 0 {
                booked.push(item);
            }
            self.backlog.entry(item.contract).or_default().insert(item.order(), item);
        }
        booked
    }

    fn refresh(&mut self, state: &mut State, record: Record) -> Result<(), Fault> {
        let now = self.now;
        let mut store = BlockStore::new(state, now, 0);
        let trigger = Trigger::load_record(&mut store, record)?;
        self.listeners.refresh(&mut store, record, trigger.as_ref())?;
        self.remove(record);
        if let Some(item) = trigger.as_ref().and_then(Item::new) {
            self.insert(record, item);
        }
        Ok(())
    }

    fn insert(&mut self, record: Record, item: Item) {
        self.items.insert(record, item);
        match item.wake > self.now {
            true => drop(self.future.insert(item.waking(), item)),
            false => drop(self.backlog.entry(item.contract).or_default().insert(item.order(), item)),
        }
    }

    fn remove(&mut self, record: Record) {
        let Some(item) = self.items.remove(&record) else { return };
        if self.future.remove(&item.waking()).is_some() {
            return;
        }
        if let Some(late) = self.backlog.get_mut(&item.contract) {
            late.remove(&item.order());
            if late.is_empty() {
                self.backlog.remove(&item.contract);
            }
        }
    }
}
