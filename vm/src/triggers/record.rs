//! Packs and unpacks a trigger's words.

use super::{
    firing,
    policy::Policy,
    slots::{FIRING_GAS, GUARD_CALL_GAS, POLL_GAS},
};
use crate::{
    account::TRIGGERS,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
};
use alloy_primitives::{Address, Bytes, U256, keccak256};

/// Says what starts a trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// One moment.
    At,
    /// An anchored grid of moments.
    Every,
    /// Logs that pass a filter.
    Event,
    /// A guard that comes to hold.
    Watch,
}

/// Says where a trigger stands; the codes are what TINFO returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// 1: an occurrence is booked, or logs are listened to.
    Waiting,
    /// 2: stopped by its failure policy.
    Paused,
    /// 3: all occurrences ran.
    Done,
    /// 4: cancelled by its contract.
    Cancelled,
    /// 5: the next occurrence could not be paid for.
    Unfunded,
}

impl State {
    /// Returns the code that TINFO shows.
    pub fn code(self) -> u8 {
        match self {
            Self::Waiting => 1,
            Self::Paused => 2,
            Self::Done => 3,
            Self::Cancelled => 4,
            Self::Unfunded => 5,
        }
    }

    fn of(code: u8) -> Option<Self> {
        [Self::Waiting, Self::Paused, Self::Done, Self::Cancelled, Self::Unfunded]
            .into_iter()
            .find(|state| state.code() == code)
    }
}

impl Kind {
    fn of(code: u8) -> Option<Self> {
        [Self::At, Self::Every, Self::Event, Self::Watch].into_iter().find(|kind| *kind as u8 == code)
    }
}

/// Is one row of the calling list. The layout is drawn at the head of [`super`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trigger {
    /// The contract that registered it, pays for it and is called.
    pub contract: Address,
    /// Where it stands.
    pub state: State,
    /// What starts it.
    pub kind: Kind,
    /// Failed attempts of the pending occurrence.
    pub attempt: u8,
    /// Whether the wake time's slot has room for it.
    pub booked: bool,
    /// Whether a watch has run out of money for polls and only waits for its deadline.
    pub starved: bool,
    /// Selector of the handler.
    pub selector: [u8; 4],
    /// Length of the arguments in bytes.
    pub args_len: u16,
    /// When the scheduler looks at it next; `u64::MAX` may be a real time.
    pub wake: u64,
    /// When the pending occurrence is due.
    pub due: u64,
    /// Gas of one firing.
    pub gas: u64,
    /// Occurrences that ran, well or badly.
    pub fired: u64,
    /// Wei reserved for the pending occurrence.
    pub escrow: u128,
    /// Wei per gas, fixed at booking.
    pub price: u64,
    /// The contract's own registration number.
    pub number: u64,
    /// The policy word.
    pub policy: U256,
    /// The grid's start; see the layout for event and watch.
    pub start: u64,
    /// The grid's period; see the layout for event and watch.
    pub period: u64,
    /// Occurrences in all; 0 for no end.
    pub count: u64,
    /// Index of the pending occurrence.
    pub index: u64,
    /// Callee of a watch.
    pub target: Address,
    /// Selector that a watch calls past its deadline.
    pub else_selector: [u8; 4],
    /// Length of the guard's call data.
    pub guard_len: u16,
    /// Where it stands in storage.
    record: Record,
}

/// Returns 64-bit lane `i` of a word, least significant first.
pub(super) fn lane(word: U256, i: usize) -> u64 {
    word.as_limbs().get(i).copied().unwrap_or_default()
}

/// Packs four 64-bit lanes, least significant first.
pub(super) fn lanes(lanes: [u64; 4]) -> U256 {
    U256::from_limbs(lanes)
}

fn bits(word: U256, from: usize, count: usize) -> u64 {
    lane(word >> from, 0) & ((1 << count) - 1)
}

fn selector_of(word: U256, from: usize) -> [u8; 4] {
    (bits(word, from, 32) as u32).to_be_bytes()
}

fn address_of(word: U256) -> Address {
    Address::from_word(word.into())
}

fn address_word(address: Address) -> U256 {
    address.into_word().into()
}

/// Returns the id of the trigger that `contract` registered as its `number`th.
pub fn tid_of(contract: Address, number: u64) -> U256 {
    let mut bytes = [0u8; 64];
    let (left, right) = bytes.split_at_mut(32);
    left.copy_from_slice(contract.into_word().as_slice());
    right.copy_from_slice(&U256::from(number).to_be_bytes::<32>());
    keccak256(bytes).into()
}

impl Trigger {
    /// Makes a waiting trigger of `kind` that has no occurrence yet.
    pub(super) fn new(contract: Address, kind: Kind, number: u64, gas: u64, policy: U256) -> Self {
        Self {
            contract,
            state: State::Waiting,
            kind,
            attempt: 0,
            booked: false,
            starved: false,
            selector: [0; 4],
            args_len: 0,
            wake: 0,
            due: 0,
            gas,
            fired: 0,
            escrow: 0,
            price: 0,
            number,
            policy,
            start: 0,
            period: 0,
            count: 0,
            index: 0,
            target: Address::ZERO,
            else_selector: [0; 4],
            guard_len: 0,
            record: Record::new(Table::Trigger, &[tid_of(contract, number)]),
        }
    }

    /// Returns the trigger's id.
    pub fn tid(&self) -> U256 {
        tid_of(self.contract, self.number)
    }

    /// Reads the trigger `tid`; none if there is no such trigger.
    pub fn load(store: &mut dyn Store, tid: U256) -> Result<Option<Self>, Fault> {
        Self::load_record(store, Record::new(Table::Trigger, &[tid]))
    }

    /// Reads the trigger whose words stand at `record`.
    pub fn load_record(store: &mut dyn Store, record: Record) -> Result<Option<Self>, Fault> {
        let head = store.get(TRIGGERS, record.word(0))?;
        let (Some(state), Some(kind)) =
            (State::of(bits(head, 160, 8) as u8), Kind::of(bits(head, 168, 8) as u8))
        else {
            return Ok(None);
        };
        let mut words = [U256::ZERO; 6];
        for (word, i) in words.iter_mut().zip(0u8..).skip(1) {
            let kept = match kind {
                Kind::At => i < 4,
                Kind::Every | Kind::Event => i < 5,
                Kind::Watch => true,
            };
            if kept {
                *word = store.get(TRIGGERS, record.word(i))?;
            }
        }
        let [_, time, escrow, policy, grid, target] = words;
        let at = kind == Kind::At;
        let mut trigger = Self {
            contract: address_of(head & ADDRESS_MASK),
            state,
            kind,
            attempt: bits(head, 176, 8) as u8,
            booked: bits(head, 184, 1) == 1,
            starved: bits(head, 185, 1) == 1,
            selector: selector_of(head, 192),
            args_len: bits(head, 224, 16) as u16,
            wake: lane(time, 0),
            due: lane(time, 1),
            gas: lane(time, 2),
            fired: lane(time, 3),
            escrow: u128::from(lane(escrow, 0)) | u128::from(lane(escrow, 1)) << 64,
            price: lane(escrow, 2),
            number: lane(escrow, 3),
            policy,
            start: if at { lane(time, 1) } else { lane(grid, 0) },
            period: lane(grid, 1),
            count: if at { 1 } else { lane(grid, 2) },
            index: lane(grid, 3),
            target: address_of(target & ADDRESS_MASK),
            else_selector: selector_of(target, 160),
            guard_len: bits(target, 192, 16) as u16,
            record,
        };
        // One that cancels itself is over already, but its firing has yet to be paid and the rest given back.
        if trigger.over() && !firing::is_current(store, record)? {
            trigger.fired = bits(head, 186, 1);
            trigger.escrow = 0;
        }
        Ok(Some(trigger))
    }

    fn head(&self) -> U256 {
        let ran = self.kind == Kind::At && self.fired > 0;
        let flags = u8::from(self.booked) | u8::from(self.starved) << 1 | u8::from(ran) << 2;
        address_word(self.contract)
            | U256::from(self.state.code()) << 160
            | U256::from(self.kind as u8) << 168
            | U256::from(self.attempt) << 176
            | U256::from(flags) << 184
            | U256::from(u32::from_be_bytes(self.selector)) << 192
            | U256::from(self.args_len) << 224
    }

    fn words(&self) -> [U256; 6] {
        let grid = lanes([self.start, self.period, self.count, self.index]);
        let target = address_word(self.target)
            | U256::from(u32::from_be_bytes(self.else_selector)) << 160
            | U256::from(self.guard_len) << 192;
        [
            self.head(),
            lanes([self.wake, self.due, self.gas, self.fired]),
            lanes([self.escrow as u64, (self.escrow >> 64) as u64, self.price, self.number]),
            self.policy,
            if self.kind == Kind::At { U256::ZERO } else { grid },
            target,
        ]
    }

    /// Writes a new trigger; words that are zero are left alone.
    pub(super) fn insert(&self, store: &mut dyn Store) -> Result<(), Fault> {
        for (word, i) in self.words().into_iter().zip(0u8..) {
            if !word.is_zero() {
                store.set(TRIGGERS, self.record.word(i), word)?;
            }
        }
        Ok(())
    }

    /// Writes the words in which the trigger differs from `before`.
    pub(super) fn update(&self, store: &mut dyn Store, before: &Self) -> Result<(), Fault> {
        // A one-time trigger that has ended keeps its other words as they were; its head says all.
        let words = if self.over() { 1 } else { 6 };
        for ((new, old), i) in self.words().into_iter().zip(before.words()).zip(0u8..).take(words) {
            if new != old {
                store.set(TRIGGERS, self.record.word(i), new)?;
            }
        }
        Ok(())
    }

    /// Says whether this is a one-time trigger that has ended.
    fn over(&self) -> bool {
        self.kind == Kind::At && matches!(self.state, State::Done | State::Cancelled)
    }

    /// Reads the policy; it was checked at registration.
    pub fn policy(&self) -> Result<Policy, Fault> {
        Policy::decode(self.policy)
    }

    /// Returns when the scheduler has to look at the trigger; none while nothing of it is pending.
    pub fn wake_time(&self) -> Option<u64> {
        let pending = match self.kind {
            Kind::Event => self.start > 0 || self.state == State::Waiting && self.index < self.period,
            _ => self.state == State::Waiting,
        };
        pending.then_some(self.wake)
    }

    /// Returns how many firings are pending: more than one only for an event trigger.
    pub fn pending(&self) -> u64 {
        match self.kind {
            Kind::Event => self.period.saturating_sub(self.index).max(u64::from(self.start > 0)),
            _ => u64::from(self.state == State::Waiting),
        }
    }

    /// Returns the trigger's class, which orders firings that are due at the same time: 0 timing with a
    /// booked slot, 1 timing without, 2 watch, 3 event.
    pub fn class(&self) -> u8 {
        match self.kind {
            Kind::At | Kind::Every => u8::from(!self.booked),
            Kind::Watch => 2,
            Kind::Event => 3,
        }
    }

    /// Returns the gas that one firing takes from a block's quarter at most.
    pub fn weight(&self) -> u64 {
        let polls = if self.kind == Kind::Watch { POLL_GAS + GUARD_CALL_GAS } else { 0 };
        self.gas.saturating_add(FIRING_GAS + polls)
    }

    /// Returns when occurrence `k` is due; none past the end of the series or of time.
    pub fn occurrence(&self, k: u64) -> Option<u64> {
        if self.count != 0 && k >= self.count {
            return None;
        }
        self.period.checked_mul(k)?.checked_add(self.start)
    }
}

const ADDRESS_MASK: U256 = U256::from_limbs([u64::MAX, u64::MAX, u32::MAX as u64, 0]);

/// Writes `data` to the words of `record` from word `first` on; the caller bounds the length.
pub(super) fn write_bytes(
    store: &mut dyn Store,
    record: Record,
    first: u8,
    data: &[u8],
) -> Result<(), Fault> {
    for (chunk, i) in data.chunks(32).zip(first..=u8::MAX) {
        let mut word = [0u8; 32];
        word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        let word = U256::from_be_bytes(word);
        if !word.is_zero() {
            store.set(TRIGGERS, record.word(i), word)?;
        }
    }
    Ok(())
}

/// Reads `len` bytes from the words of `record` from word `first` on.
pub(super) fn read_bytes(store: &mut dyn Store, record: Record, first: u8, len: u16) -> Result<Bytes, Fault> {
    let len = usize::from(len);
    let mut data = Vec::with_capacity(len.next_multiple_of(32));
    for (_, i) in (0..len.div_ceil(32)).zip(first..=u8::MAX) {
        data.extend_from_slice(&store.get(TRIGGERS, record.word(i))?.to_be_bytes::<32>());
    }
    data.truncate(len);
    Ok(data.into())
}

/// Clears the words that `len` bytes take from word `first` on.
pub(super) fn clear_bytes(store: &mut dyn Store, record: Record, first: u8, len: u16) -> Result<(), Fault> {
    for (_, i) in (0..usize::from(len).div_ceil(32)).zip(first..=u8::MAX) {
        store.set(TRIGGERS, record.word(i), U256::ZERO)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::MemStore;
    use proptest::prelude::*;

    type Numbers = ([u64; 8], u128, [u8; 4], [u8; 4], (u16, u16, u8, bool, bool));

    fn trigger(kind: Kind, state: State, fields: Numbers) -> Trigger {
        let ([wake, due, gas, fired, price, start, period, index], escrow, selector, other, small) = fields;
        let blank = Trigger::new(Address::repeat_byte(selector[0]), kind, gas ^ due, gas, U256::from(escrow));
        Trigger {
            state,
            attempt: small.2,
            booked: small.3,
            selector,
            args_len: small.0,
            wake,
            due,
            fired,
            escrow,
            price,
            ..blank
        }
        .with_kind(start, period, index, other, small)
    }

    impl Trigger {
        fn with_kind(
            self,
            start: u64,
            period: u64,
            index: u64,
            other: [u8; 4],
            small: (u16, u16, u8, bool, bool),
        ) -> Self {
            match self.kind {
                Kind::At => Self { start: self.due, count: 1, fired: 0, ..self },
                Kind::Every | Kind::Event => Self { start, period, count: period ^ start, index, ..self },
                Kind::Watch => Self {
                    start,
                    period,
                    index,
                    count: index,
                    target: Address::repeat_byte(other[1]),
                    else_selector: other,
                    guard_len: small.1,
                    starved: small.4,
                    ..self
                },
            }
        }
    }

    proptest! {
        #[test]
        fn a_row_survives_its_words(kind in 0u8..4, state in 1u8..6, fields in any::<Numbers>(), later in any::<Numbers>()) {
            let (kind, state) = (Kind::of(kind).unwrap(), State::of(state).unwrap());
            let first = trigger(kind, State::Waiting, fields);
            let mut store = MemStore::default();
            first.insert(&mut store).unwrap();
            prop_assert_eq!(Trigger::load(&mut store, first.tid()).unwrap(), Some(first));
            let then = trigger(kind, state, later);
            let then = Trigger { contract: first.contract, number: first.number, record: first.record, ..then };
            then.update(&mut store, &first).unwrap();
            let loaded = Trigger::load(&mut store, first.tid()).unwrap().unwrap();
            if then.over() {
                prop_assert_eq!((loaded.state, loaded.escrow, loaded.fired), (state, 0, u64::from(then.fired > 0)));
            } else {
                prop_assert_eq!(loaded, then);
            }
        }
    }
}
