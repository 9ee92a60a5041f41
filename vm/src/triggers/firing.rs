//! Begins and settles firings, so that each occurrence ends in exactly one state and is paid for.
//!
//! The scheduler runs, outside of any transaction: [`begin`], then the action it asks for (for a watch,
//! evaluates the guard and tells [`poll`]), then [`finish`].

use super::{
    event::{self, Occurrence},
    guard::Guard,
    param::{Global, Params, global},
    policy::{Failure, Missed, Policy},
    pot,
    record::{Kind, State, Trigger, lane, lanes, read_bytes},
    register::close,
    slots::{self, FIRING_GAS, GUARD_CALL_GAS, POLL_GAS},
};
use crate::{
    account::{SCHEDULER, TRIGGERS},
    fault::Fault,
    slot::{Record, Table},
    store::Store,
};
use alloy_primitives::{Address, Bytes, U256};

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

/// Says why a trigger fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Its time came.
    Time,
    /// An attempt failed before and its backoff passed.
    Retry,
    /// A log passed its filter.
    Event {
        /// Height of the log's block.
        block: u64,
        /// Index of the log in its block.
        log: u32,
    },
    /// Its guard is to be looked at.
    Poll,
    /// Its deadline passed before the guard held.
    Deadline,
    /// Occurrences that cannot run are to be told.
    Report,
}

/// Counts occurrences that end without running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skipped {
    /// When the first of them was due.
    pub first_due: u64,
    /// How many.
    pub count: u64,
}

/// Says what the scheduler has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Call `to` at top level.
    Call {
        /// The caller that the callee sees: the scheduler, or for a watch the contract itself.
        from: Address,
        /// The callee.
        to: Address,
        /// Call data.
        input: Bytes,
        /// Gas limit.
        gas: u64,
    },
    /// Evaluate a guard of `contract` and tell [`poll`].
    Poll(Guard),
    /// Nothing.
    None,
}

/// Is a firing that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The trigger.
    pub tid: U256,
    /// Its contract.
    pub contract: Address,
    /// The contract's own registration number.
    pub number: u64,
    /// Why it fires.
    pub cause: Cause,
    /// When the occurrence was due.
    pub due: u64,
    /// Failed attempts before this one.
    pub attempt: u8,
    /// How many event triggers started each other up to this one; 0 for a firing by time.
    pub depth: u32,
    /// Whether the late bound or deadline has passed.
    pub expired: bool,
    /// Earlier occurrences that end here without running.
    pub skipped: Option<Skipped>,
    /// What to do.
    pub action: Action,
    /// Wei already paid for polls of this firing.
    pub spent: u128,
}

/// Says how an occurrence, or an attempt at it, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The handler ran well.
    Executed,
    /// The handler failed for the last time.
    Failed,
    /// It ended without running.
    Skipped,
    /// Its late bound or deadline passed; the late or else action, if any, ran.
    Expired,
    /// The attempt failed and will be repeated; not an end.
    Retrying,
    /// The guard did not hold; not an end.
    Polled,
}

impl Outcome {
    /// Says whether the occurrence has ended.
    pub fn is_end(self) -> bool {
        !matches!(self, Self::Retrying | Self::Polled)
    }
}

/// Is what a call did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ran {
    /// Whether it ended without revert or halt.
    pub success: bool,
    /// Gas it used, after refunds.
    pub gas_used: u64,
}

/// Is a firing that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// How.
    pub outcome: Outcome,
    /// Gas charged.
    pub gas_used: u64,
    /// Wei charged, polls and rent included.
    pub cost: u128,
    /// Wei given back to the pot.
    pub refund: u128,
    /// Where the trigger stands now.
    pub state: State,
    /// When it is looked at next, if by time.
    pub next: Option<u64>,
}

/// Returns the firing that is running; none outside of system transactions.
pub fn current(store: &mut dyn Store) -> Result<Option<Firing>, Fault> {
    let record = global(Global::Firing);
    let tid = store.get(TRIGGERS, record.word(0))?;
    if tid.is_zero() {
        return Ok(None);
    }
    let word = store.get(TRIGGERS, record.word(1))?;
    Ok(Some(Firing { tid, due: lane(word, 0), attempt: lane(word, 1) as u8 }))
}

/// Says whether the firing that is running is that of the trigger at `record`.
pub(super) fn is_current(store: &mut dyn Store, record: Record) -> Result<bool, Fault> {
    Ok(current(store)?.is_some_and(|firing| Record::new(Table::Trigger, &[firing.tid]) == record))
}

fn set_current(store: &mut dyn Store, firing: Option<Firing>) -> Result<(), Fault> {
    let record = global(Global::Firing);
    let (tid, word) = match firing {
        Some(firing) => (firing.tid, lanes([firing.due, firing.attempt.into(), 0, 0])),
        None => (U256::ZERO, U256::ZERO),
    };
    store.set(TRIGGERS, record.word(0), tid)?;
    store.set(TRIGGERS, record.word(1), word)
}

/// Begins the pending firing of trigger `tid`: frees its slot, skips missed ticks by policy and says what to
/// do. None when nothing of it is due now.
pub fn begin(store: &mut dyn Store, tid: U256) -> Result<Option<Begun>, Fault> {
    let Some(before) = Trigger::load(store, tid)? else { return Ok(None) };
    if before.wake_time().is_none_or(|wake| wake > store.now()) {
        return Ok(None);
    }
    let mut trigger = before;
    let params = Params::load(store)?;
    slots::unbook(store, &params, &mut trigger)?;
    let mut begun = match trigger.kind {
        Kind::At | Kind::Every => begin_timed(store, tid, &mut trigger)?,
        Kind::Event => begin_event(store, tid, &mut trigger)?,
        Kind::Watch => begin_watch(store, tid, &trigger)?,
    };
    expire(store, &trigger, &mut begun)?;
    trigger.update(store, &before)?;
    set_current(store, Some(Firing { tid, due: begun.due, attempt: begun.attempt }))?;
    Ok(Some(begun))
}

fn begun(tid: U256, trigger: &Trigger, cause: Cause, action: Action) -> Begun {
    Begun {
        tid,
        contract: trigger.contract,
        number: trigger.number,
        cause,
        due: trigger.due,
        attempt: trigger.attempt,
        depth: 0,
        expired: false,
        skipped: None,
        action,
        spent: 0,
    }
}

fn call(trigger: &Trigger, selector: [u8; 4], args: &[u8]) -> Action {
    let input = [&selector, args].concat().into();
    Action::Call { from: SCHEDULER, to: trigger.contract, input, gas: trigger.gas }
}

fn args(store: &mut dyn Store, tid: U256, trigger: &Trigger) -> Result<Bytes, Fault> {
    if trigger.args_len == 0 {
        return Ok(Bytes::new());
    }
    read_bytes(store, Record::new(Table::TriggerArgs, &[tid]), 0, trigger.args_len)
}

fn begin_timed(store: &mut dyn Store, tid: U256, trigger: &mut Trigger) -> Result<Begun, Fault> {
    let skipped = match trigger.attempt {
        0 => skip_missed(trigger, store.now(), trigger.policy()?),
        _ => None,
    };
    let cause = if trigger.attempt == 0 { Cause::Time } else { Cause::Retry };
    let args = args(store, tid, trigger)?;
    let action = call(trigger, trigger.selector, &args);
    Ok(Begun { skipped, ..begun(tid, trigger, cause, action) })
}

/// Advances a periodic trigger past the missed ticks that its policy does not run. A tick is missed when the
/// next one is due as well.
fn skip_missed(trigger: &mut Trigger, now: u64, policy: Policy) -> Option<Skipped> {
    let last = now.saturating_sub(trigger.start).checked_div(trigger.period)?;
    let last = if trigger.count == 0 { last } else { last.min(trigger.count.saturating_sub(1)) };
    let missed = last.saturating_sub(trigger.index);
    let kept = match policy.missed {
        Missed::Skip => 0,
        Missed::Once => 1,
        Missed::All(most) => most.into(),
    };
    let count = missed.saturating_sub(kept);
    let first_due = trigger.due;
    trigger.index = trigger.index.saturating_add(count);
    trigger.due = trigger.occurrence(trigger.index)?;
    (count > 0).then_some(Skipped { first_due, count })
}

fn begin_event(store: &mut dyn Store, tid: U256, trigger: &mut Trigger) -> Result<Begun, Fault> {
    let count = std::mem::take(&mut trigger.start);
    let skipped = (count > 0).then_some(Skipped { first_due: trigger.due, count });
    if trigger.state != State::Waiting || trigger.index >= trigger.period {
        return Ok(Begun { skipped, ..begun(tid, trigger, Cause::Report, Action::None) });
    }
    let head = Occurrence::load(store, tid, trigger.index)?;
    trigger.due = head.due;
    let cause = match trigger.attempt {
        0 => Cause::Event { block: head.block, log: head.log },
        _ => Cause::Retry,
    };
    let action = call(trigger, trigger.selector, &head.payload);
    Ok(Begun { skipped, depth: head.depth, ..begun(tid, trigger, cause, action) })
}

fn begin_watch(store: &mut dyn Store, tid: U256, trigger: &Trigger) -> Result<Begun, Fault> {
    if store.now() < trigger.start {
        let guard = Guard::load(store, tid, trigger.guard_len)?;
        return Ok(begun(tid, trigger, Cause::Poll, Action::Poll(guard)));
    }
    let action = match trigger.else_selector {
        [0, 0, 0, 0] => Action::None,
        selector => call(trigger, selector, &[]),
    };
    Ok(Begun { expired: true, due: trigger.start, ..begun(tid, trigger, Cause::Deadline, action) })
}

/// Replaces the action of an occurrence whose late bound has passed by its late action.
fn expire(store: &mut dyn Store, trigger: &Trigger, begun: &mut Begun) -> Result<(), Fault> {
    let policy = trigger.policy()?;
    let bounded = matches!(begun.cause, Cause::Time | Cause::Retry | Cause::Event { .. });
    if !bounded || !policy.expired(begun.due, store.now()) {
        return Ok(());
    }
    begun.expired = true;
    if policy.late_selector == [0; 4] {
        begun.action = Action::None;
    } else if let Action::Call { input, .. } = &mut begun.action {
        let rest = input.get(4..).unwrap_or_default();
        *input = [&policy.late_selector, rest].concat().into();
    }
    Ok(())
}

/// Settles the poll of a watch: charges it and returns the nested call if the guard held. If not, the firing
/// has ended: the next poll is booked, or, when it cannot be paid, the watch sleeps until its deadline.
pub fn poll(
    store: &mut dyn Store,
    begun: &mut Begun,
    ran: Ran,
    holds: bool,
    beneficiary: Address,
) -> Result<Option<Settled>, Fault> {
    let before = load(store, begun.tid)?;
    let mut trigger = before;
    let gas = POLL_GAS.saturating_add(ran.gas_used.min(GUARD_CALL_GAS));
    let fee = charge(store, &mut trigger, gas, 0, beneficiary)?;
    begun.spent = begun.spent.saturating_add(fee);
    if holds {
        let input = args(store, begun.tid, &trigger)?;
        let (from, to, gas) = (trigger.contract, trigger.target, trigger.gas);
        begun.action = Action::Call { from, to, input, gas };
        trigger.update(store, &before)?;
        return Ok(None);
    }
    trigger.starved = !pot::reserve(store, trigger.contract, fee)?;
    if !trigger.starved {
        trigger.escrow = trigger.escrow.saturating_add(fee);
    }
    let next = if trigger.starved { u64::MAX } else { store.now().saturating_add(trigger.period.max(1)) };
    trigger.wake = next.min(trigger.start);
    trigger.update(store, &before)?;
    set_current(store, None)?;
    let (state, next) = (trigger.state, Some(trigger.wake));
    Ok(Some(Settled { outcome: Outcome::Polled, gas_used: gas, cost: fee, refund: 0, state, next }))
}

/// Settles a firing: charges the gas used, refunds the rest of the escrow to the pot, applies the failure
/// policy and books what comes next.
pub fn finish(
    store: &mut dyn Store,
    begun: &Begun,
    ran: Ran,
    beneficiary: Address,
) -> Result<Settled, Fault> {
    let before = load(store, begun.tid)?;
    let mut trigger = before;
    let params = Params::load(store)?;
    set_current(store, None)?;
    if begun.cause == Cause::Report {
        return report(store, &trigger);
    }
    let gas_used = FIRING_GAS.saturating_add(ran.gas_used.min(trigger.gas));
    let cost = charge(store, &mut trigger, gas_used, params.rent.into(), beneficiary)?;
    let refund = std::mem::take(&mut trigger.escrow);
    pot::fund(store, trigger.contract, U256::from(refund))?;
    let outcome = conclude(store, &params, &mut trigger, begun, ran.success)?;
    trigger.update(store, &before)?;
    let cost = cost.saturating_add(begun.spent);
    let next = trigger.wake_time();
    Ok(Settled { outcome, gas_used, cost, refund, state: trigger.state, next })
}

fn report(store: &mut dyn Store, trigger: &Trigger) -> Result<Settled, Fault> {
    let next = trigger.wake_time().filter(|wake| *wake > store.now());
    let (outcome, state) = (Outcome::Skipped, trigger.state);
    Ok(Settled { outcome, gas_used: 0, cost: 0, refund: 0, state, next })
}

fn load(store: &mut dyn Store, tid: U256) -> Result<Trigger, Fault> {
    Trigger::load(store, tid)?.ok_or(Fault::Misuse("no such trigger"))
}

/// Pays the beneficiary for `gas` out of the escrow; returns the wei paid.
fn charge(
    store: &mut dyn Store,
    trigger: &mut Trigger,
    gas: u64,
    extra: u128,
    beneficiary: Address,
) -> Result<u128, Fault> {
    let fee = u128::from(gas).saturating_mul(trigger.price.into()).saturating_add(extra).min(trigger.escrow);
    if !store.move_native(TRIGGERS, beneficiary, U256::from(fee))? {
        return Err(Fault::Database("the calling list's account does not cover its escrows".into()));
    }
    trigger.escrow -= fee;
    Ok(fee)
}

/// Decides how the occurrence ended and what the trigger does next.
fn conclude(
    store: &mut dyn Store,
    params: &Params,
    trigger: &mut Trigger,
    begun: &Begun,
    success: bool,
) -> Result<Outcome, Fault> {
    let policy = trigger.policy()?;
    let failed = !success && !begun.expired;
    let cancelled = trigger.state == State::Cancelled;
    if failed && !cancelled && retry(store, params, trigger, policy)? {
        return Ok(Outcome::Retrying);
    }
    trigger.fired = trigger.fired.saturating_add(u64::from(begun.action != Action::None));
    trigger.attempt = 0;
    let pause = failed && policy.failure == Failure::Pause;
    advance(store, params, trigger, pause)?;
    Ok(match (begun.expired, success) {
        (true, _) => Outcome::Expired,
        (false, true) => Outcome::Executed,
        (false, false) => Outcome::Failed,
    })
}

fn retry(
    store: &mut dyn Store,
    params: &Params,
    trigger: &mut Trigger,
    policy: Policy,
) -> Result<bool, Fault> {
    let Failure::Retry { times, backoff } = policy.failure else { return Ok(false) };
    let Some(wake) = store.now().checked_add(backoff.into()) else { return Ok(false) };
    if trigger.attempt >= times || !slots::book(store, params, trigger, wake)? {
        return Ok(false);
    }
    trigger.attempt += 1;
    Ok(true)
}

/// Moves to the next occurrence and books it, or ends the trigger.
fn advance(store: &mut dyn Store, params: &Params, trigger: &mut Trigger, pause: bool) -> Result<(), Fault> {
    let next = next_wake(store, trigger)?;
    if trigger.state == State::Cancelled {
        event::flush(store, trigger)?;
        return close(store, trigger);
    }
    let Some(wake) = next else {
        trigger.state = State::Done;
        return close(store, trigger);
    };
    if pause {
        trigger.state = State::Paused;
    } else if !slots::book(store, params, trigger, wake)? {
        trigger.state = State::Unfunded;
    }
    match trigger.state {
        State::Waiting => Ok(()),
        _ => event::flush(store, trigger),
    }
}

/// Takes the occurrence that ended away and returns when the next one wakes; none if there is none.
fn next_wake(store: &mut dyn Store, trigger: &mut Trigger) -> Result<Option<u64>, Fault> {
    match trigger.kind {
        Kind::At | Kind::Every => {
            trigger.index = trigger.index.saturating_add(1);
            let next = trigger.occurrence(trigger.index);
            trigger.due = next.unwrap_or(trigger.due);
            Ok(next)
        }
        Kind::Event => {
            event::pop(store, trigger)?;
            let more = trigger.count == 0 || trigger.index < trigger.count;
            Ok(more.then(|| store.now()))
        }
        Kind::Watch => Ok(None),
    }
}
