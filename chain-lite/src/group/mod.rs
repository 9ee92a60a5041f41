//! Runs the transactions of a block in groups, in parallel, with the result of an ordinary sequential block.
//!
//! Layer 1 of HHCM (whitepaper 5.1, 5.4; design 10). Each group runs its transactions on the state after the
//! block's system transactions and records what each of them touched. A transaction is *clean* if what it
//! touched avoids everything that clean transactions of earlier groups wrote, and if it touched nothing that an
//! unclean transaction of its own group wrote before it. Clean transactions would do the same one after another,
//! group by group, so their outcomes are kept; the rest run again at the end, in order. What comes out is a list
//! of transactions and their outcomes that any node can replay sequentially.
//!
//! ```text
//! assign   which group a transaction or a node belongs to
//! access   what a transaction touched
//! changes  what it changed
//! attempts what a group's transactions did
//! view     the state as one group sees it
//! run      one group, and all groups on threads
//! writers  what earlier groups wrote, for a first glance
//! merge    clean or tail
//! judge    whether a block should run in groups
//! threads  work on several threads
//! ```

mod access;
mod assign;
mod attempts;
mod changes;
mod judge;
mod merge;
mod run;
mod threads;
mod view;
mod writers;

pub use access::Key;
pub use assign::{group_of_node, group_of_sender, split};
pub(crate) use attempts::{Attempt, Attempts, Ran};
pub(crate) use changes::Change;
pub use judge::Grouping;
pub(crate) use judge::{Judge, PROBE, Plan};
pub(crate) use merge::{Flags, merge, merge_blindly};
pub(crate) use run::{BlockRules, Ground, run};
pub(crate) use threads::each;
