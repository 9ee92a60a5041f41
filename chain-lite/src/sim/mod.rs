//! Runs whole nodes in a simulated network, deterministically by seed: latency, loss, partitions, crashes with torn
//! writes, wrong clocks, and hostile nodes. What must hold is checked after every final block and at the end.
//!
//! ```text
//! setting   what a run is told
//! world     nodes, their disks and links, and the run itself
//! faults    what goes wrong, and when
//! traffic   users who send transactions
//! hostile   what hostile nodes say
//! wire      what hostile nodes send beside their messages
//! changes   validators that join and leave
//! clockwork a contract that triggers start, and its check
//! witness   what must hold
//! count     what nodes send
//! ```
//!
//! The nodes are those of [`crate::node`], on `commonware-runtime`'s deterministic runtime; only sockets, disks and
//! time are simulated.

mod changes;
mod clockwork;
mod count;
mod faults;
mod hostile;
mod setting;
mod traffic;
mod wire;
mod witness;
mod world;

pub use count::{Kind, Sent};
pub use hostile::Mischief;
pub use setting::{Load, Made, Outcome, Setting};
pub use world::run;
