//! Finds the event triggers that a log starts.

use alloy_primitives::{Address, Log, U256};
use fusor_vm::{
    fault::Fault,
    slot::Record,
    store::Store,
    triggers::{Filter, Kind, State, Trigger},
};
use std::collections::{BTreeMap, HashMap};

/// Keeps the filters of event triggers by emitter, in the order (contract, number).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Listeners {
    by_emitter: BTreeMap<Address, BTreeMap<(Address, u64), Heard>>,
    emitters: HashMap<Record, Address>,
}

/// Is an event trigger that listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    /// The trigger.
    pub tid: U256,
    filter: Filter,
}

impl Listeners {
    /// Lists the triggers that `log` starts, in order.
    pub(crate) fn matching<'a>(&'a self, log: &'a Log) -> impl Iterator<Item = U256> + 'a {
        let heard = self.by_emitter.get(&log.address).into_iter().flat_map(BTreeMap::values);
        let matches = |heard: &&Heard| heard.filter.matches(log.address, log.topics(), &log.data.data);
        heard.filter(matches).map(|heard| heard.tid)
    }

    /// Follows a change of the trigger at `record`.
    pub(crate) fn refresh(
        &mut self,
        store: &mut dyn Store,
        record: Record,
        trigger: Option<&Trigger>,
    ) -> Result<(), Fault> {
        let listens = |t: &&Trigger| t.kind == Kind::Event && t.state == State::Waiting;
        match (trigger.filter(listens), self.emitters.get(&record).copied()) {
            (Some(trigger), None) => {
                let tid = trigger.tid();
                let filter = Filter::load(store, tid)?;
                self.emitters.insert(record, filter.emitter);
                let heard = self.by_emitter.entry(filter.emitter).or_default();
                heard.insert((trigger.contract, trigger.number), Heard { tid, filter });
            }
            (None, Some(emitter)) => self.forget(record, emitter, trigger),
            _ => {}
        }
        Ok(())
    }

    fn forget(&mut self, record: Record, emitter: Address, trigger: Option<&Trigger>) {
        self.emitters.remove(&record);
        let Some(heard) = self.by_emitter.get_mut(&emitter) else { return };
        if let Some(trigger) = trigger {
            heard.remove(&(trigger.contract, trigger.number));
        }
        if heard.is_empty() {
            self.by_emitter.remove(&emitter);
        }
    }
}
