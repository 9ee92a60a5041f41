//! Is a bounded list of grants: those of an owner, a user, a sublessor, or a parent.

use super::{
    grant::{self, Head},
    window::Window,
};
use crate::{
    account::USUFRUCT,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
    word,
};
use alloy_primitives::{Address, U256};

/// Is the number of live grants that a list holds.
pub const LIST_MAX: usize = 64;

/// Is the work of looking at one entry beyond its storage reads, in gas.
const ENTRY_GAS: u64 = 30;

/// Is an entry whose grant is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) gid: U256,
    pub(super) window: Window,
}

/// Names one list.
#[derive(Debug, Clone, Copy)]
pub(super) struct List(Record);

impl List {
    /// Lists the root grants that encumber `who`'s holding of `id`.
    pub(super) fn owner(id: U256, who: Address) -> Self {
        Self(Record::new(Table::OwnerIndex, &[id, word::from_address(who)]))
    }

    /// Lists the grants of `id` under which `who` is the user.
    pub(super) fn user(id: U256, who: Address) -> Self {
        Self(Record::new(Table::UserIndex, &[id, word::from_address(who)]))
    }

    /// Lists the sub-grants of `id` that `who` gave.
    pub(super) fn sublet(id: U256, who: Address) -> Self {
        Self(Record::new(Table::SubletIndex, &[id, word::from_address(who)]))
    }

    /// Lists the sub-grants of one grant.
    pub(super) fn children(gid: U256) -> Self {
        Self(Record::new(Table::GrantChildren, &[gid]))
    }

    fn key(self, place: usize) -> U256 {
        self.0.word(place.min(LIST_MAX) as u8)
    }

    fn len(self, store: &mut dyn Store) -> Result<usize, Fault> {
        let len: usize = store.get(USUFRUCT, self.key(0))?.saturating_to();
        Ok(len.min(LIST_MAX))
    }

    fn set_len(self, store: &mut dyn Store, len: usize) -> Result<(), Fault> {
        store.set(USUFRUCT, self.key(0), U256::from(len))
    }

    /// Reads every entry, also those whose grant is over.
    pub(super) fn gids(self, store: &mut dyn Store) -> Result<Vec<U256>, Fault> {
        let len = self.len(store)?;
        store.charge(ENTRY_GAS.saturating_mul(len as u64))?;
        (1..=len).map(|place| store.get(USUFRUCT, self.key(place))).collect()
    }

    /// Reads the entries whose grants are alive; writes nothing.
    pub(super) fn live(self, store: &mut dyn Store) -> Result<Vec<Entry>, Fault> {
        let gids = self.gids(store)?;
        live_of(store, &gids)
    }

    /// Drops entries whose grants are over and returns the others.
    pub(super) fn settle(self, store: &mut dyn Store) -> Result<Vec<Entry>, Fault> {
        let gids = self.gids(store)?;
        let live = live_of(store, &gids)?;
        if live.len() == gids.len() {
            return Ok(live);
        }
        let mut kept = live.iter().map(|entry| entry.gid);
        for (place, gid) in (1..).zip(&gids) {
            let next = kept.next().unwrap_or_default();
            if next != *gid {
                store.set(USUFRUCT, self.key(place), next)?;
            }
        }
        self.set_len(store, live.len())?;
        Ok(live)
    }

    /// Appends a grant; the caller has made sure of room.
    pub(super) fn push(self, store: &mut dyn Store, gid: U256) -> Result<(), Fault> {
        let place = self.len(store)? + 1;
        if place > LIST_MAX {
            return Err(crate::ledger::holding::inconsistent());
        }
        store.set(USUFRUCT, self.key(place), gid)?;
        self.set_len(store, place)
    }

    /// Drops a grant if it is listed, and returns the number of entries left.
    pub(super) fn remove(self, store: &mut dyn Store, gid: U256) -> Result<usize, Fault> {
        let gids = self.gids(store)?;
        let Some(index) = gids.iter().position(|listed| *listed == gid) else { return Ok(gids.len()) };
        let rest = gids.len() - 1;
        if index != rest {
            let last = gids.last().copied().unwrap_or_default();
            store.set(USUFRUCT, self.key(index + 1), last)?;
        }
        store.set(USUFRUCT, self.key(gids.len()), U256::ZERO)?;
        self.set_len(store, rest)?;
        Ok(rest)
    }

    /// Removes the whole list.
    pub(super) fn erase(self, store: &mut dyn Store) -> Result<(), Fault> {
        let len = self.len(store)?;
        (0..=len).try_for_each(|place| store.set(USUFRUCT, self.key(place), U256::ZERO))
    }
}

fn live_of(store: &mut dyn Store, gids: &[U256]) -> Result<Vec<Entry>, Fault> {
    let now = store.now();
    let mut live = Vec::with_capacity(gids.len());
    for gid in gids {
        let head = Head::read(store, *gid)?;
        if head.is_live(now) {
            let amount = grant::amount(store, *gid)?;
            live.push(Entry { gid: *gid, window: Window { start: head.start, end: head.end, amount } });
        }
    }
    Ok(live)
}

/// Returns the windows of entries.
pub(super) fn windows(entries: &[Entry]) -> Vec<Window> {
    entries.iter().map(|entry| entry.window).collect()
}
