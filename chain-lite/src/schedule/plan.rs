//! Chooses what a block runs: at most a quarter of its gas; what was booked for this moment first, then what
//! was carried over, fairly among contracts by deficit round robin.

use super::index::{Index, Item, Order};
use alloy_primitives::{Address, U256};
use fusor_vm::{
    fault::Fault,
    store::Store,
    triggers::{FIRING_GAS, cursor, deficit, set_cursor, set_deficit},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

/// Parts of a block's quarter that a contract is granted per turn.
const QUANTA: u64 = 8;
/// Most turns of the round robin in a block.
const TURNS_MAX: usize = 4_096;

/// Is what a block runs before users' transactions, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Triggers, once per firing.
    pub runs: Vec<U256>,
    /// Gas that they may use at most.
    pub weight: u64,
}

struct Draft<'a> {
    index: &'a Index,
    left: u64,
    chosen: BTreeMap<Order, (Item, u64)>,
}

impl Plan {
    /// Advances the index to `now`, chooses what runs and remembers whose turn is next.
    pub fn make(index: &mut Index, store: &mut dyn Store, now: u64, capacity: u64) -> Result<Self, Fault> {
        let booked = index.advance(now);
        let mut draft = Draft { index, left: capacity, chosen: BTreeMap::new() };
        for item in booked.iter().take_while(|item| item.weight <= capacity) {
            if !draft.take(item) {
                break;
            }
        }
        draft.share(store, capacity)?;
        let weight = capacity - draft.left;
        let runs = draft.chosen.into_values();
        let runs = runs.flat_map(|(item, times)| (0..times).map(move |_| item.tid)).collect();
        Ok(Self { runs, weight })
    }
}

impl Draft<'_> {
    /// Chooses one firing of `item` if it fits what is left of the quarter.
    fn take(&mut self, item: &Item) -> bool {
        let Some(left) = self.left.checked_sub(item.weight) else { return false };
        self.left = left;
        self.chosen.entry(item.order()).or_insert((*item, 0)).1 += 1;
        true
    }

    fn taken(&self, item: &Item) -> u64 {
        self.chosen.get(&item.order()).map_or(0, |(_, times)| *times)
    }

    /// Shares what is left among the contracts with late work, starting after the one served last.
    fn share(&mut self, store: &mut dyn Store, capacity: u64) -> Result<(), Fault> {
        let mut turn = cursor(store)?;
        let first = turn;
        let mut done = BTreeSet::new();
        let quantum = capacity / QUANTA;
        for _ in 0..TURNS_MAX {
            if self.left < FIRING_GAS {
                break;
            }
            let Some(contract) = self.next(turn, &done) else { break };
            let granted = deficit(store, contract)?.saturating_add(quantum).min(capacity);
            let (rest, end) = self.serve(contract, granted);
            set_deficit(store, contract, rest)?;
            match end {
                End::Empty => drop(done.insert(contract)),
                End::BlockFull => break,
                End::TurnOver => {}
            }
            turn = contract;
        }
        if turn == first { Ok(()) } else { set_cursor(store, turn) }
    }

    /// Finds the next contract after `turn` with late work, going round.
    fn next(&self, turn: Address, done: &BTreeSet<Address>) -> Option<Address> {
        let late = &self.index.backlog;
        let after = late.range((Bound::Excluded(turn), Bound::Unbounded));
        after.chain(late.range(..=turn)).map(|(contract, _)| *contract).find(|c| !done.contains(c))
    }

    /// Chooses work of `contract` worth at most `granted`; returns what is left of the grant and why it ended.
    fn serve(&mut self, contract: Address, mut granted: u64) -> (u64, End) {
        let items = self.index.backlog.get(&contract).into_iter().flat_map(BTreeMap::values);
        for item in items {
            for _ in self.taken(item)..item.pending {
                if item.weight > granted {
                    return (granted, End::TurnOver);
                }
                if !self.take(item) {
                    return (granted, End::BlockFull);
                }
                granted -= item.weight;
            }
        }
        (0, End::Empty)
    }
}

enum End {
    /// The contract has no more late work.
    Empty,
    /// Its next firing is worth more than its grant.
    TurnOver,
    /// Its next firing does not fit the block any more.
    BlockFull,
}
