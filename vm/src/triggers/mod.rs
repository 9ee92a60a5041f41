//! Keeps the calling list: registers triggers, books their slots, holds their escrow, settles their firings.
//!
//! Everything is storage of [`crate::account::TRIGGERS`]; its native balance is the sum of all pots and
//! escrows. A trigger's id (tid) is `keccak256(contract, number)`, where `number` counts the contract's own
//! registrations from 1, so that no counter is shared between contracts.
//!
//! ```text
//! Table::Trigger [tid]         least significant bits first
//!   0 head    contract 160 | state 8 | kind 8 | attempt 8 | flags 8 | selector 32 | args length 16 | 16 unused
//!             flags: bit 0 slot booked, bit 1 polls no longer funded (watch), bit 2 has run (at)
//!             once an `at` has ended, its other words are stale
//!   1 time    wake 64 | due 64 | gas 64 | fired 64
//!             wake is when the scheduler looks next; due is when the occurrence ought to run
//!   2 escrow  escrow in wei 128 | price in wei per gas 64 | number 64
//!   3 policy  the policy word ([`Policy`])
//!   4 grid    start 64 | period 64 | count 64 | index 64                             (zero for at)
//!             every: occurrence k is due at start + k * period; index is the pending one
//!             event: skipped, not yet told | occurrences queued ever | max | occurrences taken ever
//!             watch: deadline | poll interval | 0 | 0
//!   5 target  address 160 | else selector 32 | guard data length 16                    (watch only)
//! Table::TriggerArgs [tid]     words of the call's arguments after the selector (watch: the whole input)
//! Table::TriggerFilter [tid]   event: the filter; watch: the guard and its call data
//! Table::TriggerPending [tid, seq]   queued occurrence of an event trigger
//!   0 due 64 | depth 8 | data length 16 | block 64 | log index 32
//!   1.. data: topics 1..n, then the log's data
//! Table::TriggerNonce [contract]     0 registrations so far
//! Table::TriggerPot [contract]       0 pot in wei   1 deficit of the round robin in gas
//! Table::TriggerLoad [bucket]        0 booked gas
//! Table::TriggerGlobal [0]           chain parameters ([`Params`])
//! Table::TriggerGlobal [1]           current firing: 0 tid   1 due 64 | attempt 64
//! Table::TriggerGlobal [2]           0 round robin: contract served last
//! ```

mod compare;
mod event;
mod filter;
mod firing;
mod guard;
mod param;
mod policy;
mod pot;
mod record;
mod register;
mod slots;

pub use compare::Comparison;
pub use event::{MAX_EVENT_DATA, Occurrence, QUEUE_MAX, enqueue};
pub use filter::{Bound, Filter, MAX_BOUNDS, MAX_TOPICS};
pub use firing::{
    Action, Begun, Cause, Firing, Outcome, Ran, Settled, Skipped, begin, current, finish, poll,
};
pub use guard::{Guard, GuardKind, MAX_GUARD_DATA};
pub use param::{Params, cursor, set_cursor};
pub use policy::{Failure, Missed, Policy};
pub use pot::{deficit, fund, pot, set_deficit, withdraw};
pub use record::{Kind, State, Trigger, tid_of};
pub use register::{
    At, Callback, Event, Every, Info, MAX_ARGS, Watch, at, cancel, event, every, info, resume, watch,
};
pub use slots::{FIRING_GAS, POLL_GAS, USUAL_PRICE, USUAL_RENT, quote, weight};
