//! Registers, cancels, resumes and describes triggers.

use super::{
    event::flush,
    filter::Filter,
    firing,
    guard::Guard,
    param::Params,
    policy::Policy,
    pot,
    record::{Kind, State, Trigger, clear_bytes, tid_of, write_bytes},
    slots,
};
use crate::{
    account::TRIGGERS,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
};
use alloy_primitives::{Address, Bytes, U256};

/// Most bytes of arguments that a trigger keeps.
pub const MAX_ARGS: usize = 4096;

/// Is the call that a trigger makes to its own contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// Selector of the handler.
    pub selector: [u8; 4],
    /// Arguments after the selector, at most [`MAX_ARGS`] bytes.
    pub args: Bytes,
    /// Gas for the handler.
    pub gas: U256,
}

/// Asks for one call at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// The moment in seconds; one that has passed counts as now.
    pub time: U256,
    /// What to call.
    pub call: Callback,
    /// The policy word.
    pub policy: U256,
}

/// Asks for calls on the grid `start + k * period`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Every {
    /// Occurrence 0 in seconds; points of the grid before now are left out.
    pub start: U256,
    /// Seconds between occurrences; not 0.
    pub period: U256,
    /// Points of the grid, counted from `start`; 0 for no end.
    pub count: U256,
    /// What to call.
    pub call: Callback,
    /// The policy word.
    pub policy: U256,
}

/// Asks for a call for every log that passes a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Which logs.
    pub filter: Filter,
    /// Selector of the handler; topics 1.. and data of the log follow it.
    pub selector: [u8; 4],
    /// Gas for the handler.
    pub gas: U256,
    /// Most calls; 0 for no end.
    pub max: U256,
    /// The policy word.
    pub policy: U256,
}

/// Asks for a nested call as soon as a guard holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// The condition.
    pub guard: Guard,
    /// Whom to call; the caller it sees is the contract that registered.
    pub to: Address,
    /// The call's input, at most [`MAX_ARGS`] bytes.
    pub input: Bytes,
    /// Gas for the call, or for the else action.
    pub gas: U256,
    /// In seconds: from then on the else action runs instead. Bits 64..96 may hold the seconds between polls
    /// (0: every block).
    pub deadline: U256,
    /// Handler of the contract to call at the deadline; zero for none.
    pub else_selector: [u8; 4],
}

/// Describes a trigger, as TINFO returns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Info {
    /// 0 none, 1 waiting, 2 paused, 3 done, 4 cancelled, 5 unfunded.
    pub state: u8,
    /// When it runs or is polled next; 0 if nothing is pending.
    pub next: u64,
    /// Occurrences that ran.
    pub fired: u64,
    /// Wei reserved for the pending occurrence.
    pub escrow: u128,
}

/// Books one call of `contract`. Returns its tid; 0 when the gas exceeds a quarter of a block, the price is
/// above the policy's cap, or pot and balance are short. Errors: misuse for arguments that are too long, a
/// time beyond 64 bits or a malformed policy.
pub fn at(store: &mut dyn Store, contract: Address, at: &At) -> Result<U256, Fault> {
    let time = seconds(at.time)?.max(store.now());
    let draft = Draft { kind: Kind::At, gas: at.call.gas, policy: at.policy };
    register(store, contract, draft, &at.call.args, |trigger| {
        trigger.selector = at.call.selector;
        trigger.start = time;
        trigger.count = 1;
        Some(time)
    })
}

/// Books calls of `contract` on an anchored grid. Returns the tid; 0 as for [`at`] and when no point of the
/// grid is left. Errors: as [`at`], and misuse for a period of 0.
pub fn every(store: &mut dyn Store, contract: Address, every: &Every) -> Result<U256, Fault> {
    let (start, period, count) = (seconds(every.start)?, seconds(every.period)?, seconds(every.count)?);
    if period == 0 {
        return Err(Fault::Misuse("period of zero"));
    }
    let now = store.now();
    let draft = Draft { kind: Kind::Every, gas: every.call.gas, policy: every.policy };
    register(store, contract, draft, &every.call.args, |trigger| {
        trigger.selector = every.call.selector;
        trigger.start = start;
        trigger.period = period;
        trigger.count = count;
        trigger.index = now.saturating_sub(start).div_ceil(period);
        trigger.occurrence(trigger.index)
    })
}

/// Listens to logs for `contract`. Returns the tid; 0 as for [`at`] and when the emitter has too many
/// listeners. Errors: as [`at`].
pub fn event(store: &mut dyn Store, contract: Address, event: &Event) -> Result<U256, Fault> {
    let max = seconds(event.max)?;
    let listeners = listeners(event.filter.emitter);
    let known: u64 = store.get(TRIGGERS, listeners.word(0))?.saturating_to();
    if known >= Params::load(store)?.listeners_max.into() {
        return Ok(U256::ZERO);
    }
    let draft = Draft { kind: Kind::Event, gas: event.gas, policy: event.policy };
    let now = store.now();
    let tid = register(store, contract, draft, &Bytes::new(), |trigger| {
        trigger.selector = event.selector;
        trigger.count = max;
        Some(now)
    })?;
    if !tid.is_zero() {
        event.filter.save(store, tid)?;
        store.set(TRIGGERS, listeners.word(0), U256::from(known + 1))?;
    }
    Ok(tid)
}

/// Keeps a nested call of `contract` until its guard holds. Returns the tid; 0 as for [`at`]. Errors: as
/// [`at`].
pub fn watch(store: &mut dyn Store, contract: Address, watch: &Watch) -> Result<U256, Fault> {
    let poll: U256 = watch.deadline >> 64;
    let deadline = seconds(watch.deadline & U256::from(u64::MAX))?;
    let poll = u32::try_from(poll).map_err(|_| Fault::Misuse("deadline out of range"))?;
    let draft = Draft { kind: Kind::Watch, gas: watch.gas, policy: U256::ZERO };
    let now = store.now();
    let tid = register(store, contract, draft, &watch.input, |trigger| {
        trigger.target = watch.to;
        trigger.else_selector = watch.else_selector;
        trigger.guard_len = watch.guard.data.len() as u16;
        trigger.start = deadline;
        trigger.period = poll.into();
        Some(now.min(deadline))
    })?;
    if !tid.is_zero() {
        watch.guard.save(store, tid)?;
    }
    Ok(tid)
}

/// Cancels a trigger of `contract`. Returns the escrow that went back to its pot; 0 when the trigger has
/// ended already or is firing right now (then the rest is refunded when the firing ends). Errors: misuse
/// when the trigger belongs to somebody else.
pub fn cancel(store: &mut dyn Store, contract: Address, tid: U256) -> Result<U256, Fault> {
    let Some(before) = own(store, contract, tid)? else { return Ok(U256::ZERO) };
    if matches!(before.state, State::Done | State::Cancelled) {
        return Ok(U256::ZERO);
    }
    let mut trigger = before;
    trigger.state = State::Cancelled;
    if firing::current(store)?.is_some_and(|firing| firing.tid == tid) {
        trigger.update(store, &before)?;
        return Ok(U256::ZERO);
    }
    let params = Params::load(store)?;
    slots::unbook(store, &params, &mut trigger)?;
    let refund = U256::from(trigger.escrow);
    trigger.escrow = 0;
    pot::fund(store, contract, refund)?;
    flush(store, &mut trigger)?;
    close(store, &mut trigger)?;
    trigger.update(store, &before)?;
    Ok(refund)
}

/// Books the next occurrence of a paused or unfunded trigger of `contract`; occurrences that passed in the
/// meantime are left out. False when there is nothing to resume or it cannot be paid for. Errors: misuse
/// when the trigger belongs to somebody else.
pub fn resume(store: &mut dyn Store, contract: Address, tid: U256) -> Result<bool, Fault> {
    let Some(before) = own(store, contract, tid)? else { return Ok(false) };
    if !matches!(before.state, State::Paused | State::Unfunded) {
        return Ok(false);
    }
    let mut trigger = before;
    let now = store.now();
    let wake = match trigger.kind {
        Kind::Every => {
            let first = now.saturating_sub(trigger.start).div_ceil(trigger.period.max(1));
            trigger.index = trigger.index.max(first);
            trigger.occurrence(trigger.index)
        }
        Kind::At => Some(trigger.due.max(now)),
        Kind::Event | Kind::Watch => Some(now),
    };
    let Some(wake) = wake else { return Ok(false) };
    let params = Params::load(store)?;
    if !slots::book(store, &params, &mut trigger, wake)? {
        return Ok(false);
    }
    trigger.state = State::Waiting;
    trigger.attempt = 0;
    trigger.due = wake;
    trigger.update(store, &before)?;
    Ok(true)
}

/// Describes trigger `tid`; all zero if there is none.
pub fn info(store: &mut dyn Store, tid: U256) -> Result<Info, Fault> {
    let Some(trigger) = Trigger::load(store, tid)? else { return Ok(Info::default()) };
    let pending = trigger.state == State::Waiting && trigger.kind != Kind::Event;
    Ok(Info {
        state: trigger.state.code(),
        next: if pending { trigger.wake } else { 0 },
        fired: trigger.fired,
        escrow: trigger.escrow,
    })
}

/// Removes what only a living trigger needs: arguments, filter or guard.
pub(super) fn close(store: &mut dyn Store, trigger: &mut Trigger) -> Result<(), Fault> {
    if trigger.kind == Kind::At && trigger.args_len == 0 {
        return Ok(());
    }
    let tid = trigger.tid();
    clear_bytes(store, Record::new(Table::TriggerArgs, &[tid]), 0, trigger.args_len)?;
    trigger.args_len = 0;
    match trigger.kind {
        Kind::Event => {
            let filter = Filter::load(store, tid)?;
            filter.clear(store, tid)?;
            let listeners = listeners(filter.emitter);
            let known = store.get(TRIGGERS, listeners.word(0))?;
            store.set(TRIGGERS, listeners.word(0), known.saturating_sub(U256::from(1)))
        }
        Kind::Watch => Guard::clear(store, tid, trigger.guard_len),
        Kind::At | Kind::Every => Ok(()),
    }
}

struct Draft {
    kind: Kind,
    gas: U256,
    policy: U256,
}

/// Checks, books and writes a trigger; `shape` fills in what its kind needs and returns the first wake time.
fn register(
    store: &mut dyn Store,
    contract: Address,
    draft: Draft,
    args: &Bytes,
    shape: impl FnOnce(&mut Trigger) -> Option<u64>,
) -> Result<U256, Fault> {
    if store.is_static() {
        return Err(Fault::StaticWrite);
    }
    if args.len() > MAX_ARGS {
        return Err(Fault::Misuse("arguments of the trigger are too long"));
    }
    Policy::decode(draft.policy)?;
    let params = Params::load(store)?;
    let Ok(gas) = u64::try_from(draft.gas) else { return Ok(U256::ZERO) };
    let nonce = Record::new(Table::TriggerNonce, &[contract.into_word().into()]).word(0);
    let number = store.get(TRIGGERS, nonce)?.saturating_to::<u64>().saturating_add(1);
    let mut trigger = Trigger::new(contract, draft.kind, number, gas, draft.policy);
    trigger.args_len = args.len() as u16;
    let Some(wake) = shape(&mut trigger) else { return Ok(U256::ZERO) };
    trigger.due = wake;
    let overweight = trigger.weight() > params.capacity();
    if overweight || !slots::book(store, &params, &mut trigger, wake)? {
        return Ok(U256::ZERO);
    }
    let tid = tid_of(contract, number);
    store.set(TRIGGERS, nonce, U256::from(number))?;
    write_bytes(store, Record::new(Table::TriggerArgs, &[tid]), 0, args)?;
    trigger.insert(store)?;
    Ok(tid)
}

fn own(store: &mut dyn Store, contract: Address, tid: U256) -> Result<Option<Trigger>, Fault> {
    if store.is_static() {
        return Err(Fault::StaticWrite);
    }
    match Trigger::load(store, tid)? {
        Some(trigger) if trigger.contract != contract => Err(Fault::Misuse("trigger of another contract")),
        found => Ok(found),
    }
}

fn listeners(emitter: Address) -> Record {
    Record::new(Table::TriggerFilter, &[emitter.into_word().into(), U256::MAX])
}

fn seconds(word: U256) -> Result<u64, Fault> {
    u64::try_from(word).map_err(|_| Fault::Misuse("number beyond 64 bits"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::MemStore;

    const ME: Address = Address::repeat_byte(7);
    const NOW: u64 = 1_000;

    fn store(balance: u64) -> MemStore {
        let mut store = MemStore::at(NOW);
        let params = Params {
            block_gas_limit: 4_000_000,
            block_time: 10,
            base_price: 1,
            origin: NOW,
            rent: 100,
            listeners_max: 2,
            ..Params::default()
        };
        params.save(&mut store).unwrap();
        store.set_balance(ME, U256::from(balance));
        store
    }

    fn callback(gas: u64) -> Callback {
        Callback { selector: [1, 2, 3, 4], args: Bytes::from(vec![5; 40]), gas: U256::from(gas) }
    }

    fn at_time(time: u64) -> At {
        At { time: U256::from(time), call: callback(9_000), policy: U256::ZERO }
    }

    #[test]
    fn a_booking_is_paid_from_the_pot_first_and_then_from_the_balance() {
        let mut store = store(30_000);
        store.set_balance(TRIGGERS, U256::from(100));
        pot::fund(&mut store, ME, U256::from(100)).unwrap();
        let tid = at(&mut store, ME, &at_time(2_000)).unwrap();
        assert_eq!(info(&mut store, tid).unwrap(), Info { state: 1, next: 2_000, fired: 0, escrow: 30_100 });
        assert_eq!(store.balance(ME).unwrap(), U256::ZERO);
        assert_eq!(store.balance(TRIGGERS).unwrap(), U256::from(30_100));
        assert_eq!(pot::pot(&mut store, ME).unwrap(), U256::ZERO);
    }

    #[test]
    fn a_booking_that_cannot_be_paid_changes_nothing() {
        let mut store = store(30_099);
        let before = store.state.clone();
        assert_eq!(at(&mut store, ME, &at_time(2_000)).unwrap(), U256::ZERO);
        assert_eq!(store.state, before);
    }

    #[test]
    fn cancelling_leaves_the_head_alone_and_frees_the_slot() {
        let mut store = store(1_000_000);
        let tid = at(&mut store, ME, &At { call: callback(400_000), ..at_time(2_000) }).unwrap();
        let busy = slots::quote(&mut store, U256::from(2_000), U256::from(400_000)).unwrap();
        let refund = cancel(&mut store, ME, tid).unwrap();
        assert_eq!(refund, U256::from(421_100));
        let free = slots::quote(&mut store, U256::from(2_000), U256::from(400_000)).unwrap();
        assert!(busy > free && free == refund);
        assert_eq!(info(&mut store, tid).unwrap(), Info { state: 4, ..Info::default() });
        assert_eq!(cancel(&mut store, ME, tid).unwrap(), U256::ZERO);
        assert!(!resume(&mut store, ME, tid).unwrap());
    }

    #[test]
    fn strangers_and_unknown_ids() {
        let mut store = store(1_000_000);
        let tid = at(&mut store, ME, &at_time(2_000)).unwrap();
        let stranger = Address::repeat_byte(8);
        assert!(matches!(cancel(&mut store, stranger, tid), Err(Fault::Misuse(_))));
        assert!(matches!(resume(&mut store, stranger, tid), Err(Fault::Misuse(_))));
        assert_eq!(cancel(&mut store, stranger, U256::from(1)).unwrap(), U256::ZERO);
        assert_eq!(info(&mut store, U256::from(1)).unwrap(), Info::default());
    }

    #[test]
    fn misuse_halts() {
        let mut store = store(u64::MAX);
        let long = Callback { args: Bytes::from(vec![0; MAX_ARGS + 1]), ..callback(1) };
        let (time, policy) = (U256::from(2_000), U256::ZERO);
        assert!(at(&mut store, ME, &At { time, call: long, policy }).is_err());
        assert!(at(&mut store, ME, &At { time: U256::MAX, ..at_time(0) }).is_err());
        assert!(at(&mut store, ME, &At { policy: U256::MAX, ..at_time(0) }).is_err());
        let every_0 = Every { start: time, period: U256::ZERO, count: time, call: callback(1), policy };
        assert!(matches!(every(&mut store, ME, &every_0), Err(Fault::Misuse(_))));
        store.is_static = true;
        assert_eq!(at(&mut store, ME, &at_time(2_000)), Err(Fault::StaticWrite));
        assert_eq!(cancel(&mut store, ME, time), Err(Fault::StaticWrite));
    }

    #[test]
    fn an_emitter_has_room_for_so_many_listeners() {
        let mut store = store(u64::MAX);
        let filter = Filter { emitter: ME, topics: Vec::new(), data: Vec::new() };
        let (gas, max, policy) = (U256::from(1), U256::ZERO, U256::ZERO);
        let listen = Event { filter, selector: [0; 4], gas, max, policy };
        let tids = [(); 3].map(|()| event(&mut store, ME, &listen).unwrap());
        assert!(!tids[0].is_zero() && !tids[1].is_zero() && tids[2].is_zero());
        cancel(&mut store, ME, tids[0]).unwrap();
        assert!(!event(&mut store, ME, &listen).unwrap().is_zero());
    }

    #[test]
    fn a_watch_keeps_room_for_its_polls() {
        let mut store = store(u64::MAX);
        let guard = Guard::decode([1u64, 0, 9, 0, 0, 1].map(U256::from), Bytes::new()).unwrap();
        let deadline = U256::from(5_000) | U256::from(60) << 64;
        let input = Bytes::from(vec![1; 100]);
        let terms = Watch { guard, to: ME, input, gas: U256::from(9_000), deadline, else_selector: [9; 4] };
        let tid = watch(&mut store, ME, &terms).unwrap();
        let trigger = Trigger::load(&mut store, tid).unwrap().unwrap();
        assert_eq!((trigger.start, trigger.period, trigger.wake), (5_000, 60, NOW));
        assert_eq!(trigger.escrow, u128::from(trigger.weight()) + 100);
        assert!(trigger.weight() > 9_000 + slots::FIRING_GAS + slots::POLL_GAS);
        let beyond = Watch { deadline: U256::from(1) << 96, ..terms };
        assert!(watch(&mut store, ME, &beyond).is_err());
    }
}
