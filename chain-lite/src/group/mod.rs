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
//! view     the state as one group sees it
//! run      one group, and all groups on threads
//! merge    clean or tail
//! judge    whether a block should run in groups
//! ```

mod access;
mod assign;
mod changes;
mod judge;
mod merge;
mod run;
mod view;

pub use access::Key;
pub use assign::{group_of_node, group_of_sender, split};
pub(crate) use changes::Change;
pub use judge::Grouping;
pub(crate) use judge::{Judge, PROBE, Plan};
pub(crate) use merge::{Clean, Merged, merge, merge_blindly};
pub(crate) use run::{Attempt, BlockRules, Done, Ground, run};
