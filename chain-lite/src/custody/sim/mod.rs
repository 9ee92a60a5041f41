//! Runs custody in a simulated world, deterministically by seed: custodians, the chain they serve, and an outer chain of
//! the Bitcoin family, with lost messages, partitions, crashes with torn writes, failing outer nodes, reorganisations,
//! and hostile custodians. What must hold is checked after every block and at the end.
//!
//! ```text
//! setting  what a run is told and what it tells
//! world    the run itself
//! act      what custodians do, and how what they say travels
//! life     a custodian through all its restarts
//! traffic  users who lock in and out
//! mishap   what goes wrong, and when
//! cheat    what hostile custodians do
//! witness  what must hold
//! healed   what must hold at the end
//! secrets  the search for shares and keys in all bytes
//! ground   the chain
//! outer    the outer chain as a custodian's node sees it
//! node     the answers of that node
//! net      the outer chain: pool, blocks, reorganisations
//! ```
//!
//! Custodians are those of [`crate::custody`], and what needs no outer node is the code of `fusor_outer`. The randomness of
//! shard files and of signatures is their own; what a run does and tells does not depend on it.

mod act;
mod cheat;
mod ground;
mod healed;
mod life;
mod mishap;
mod net;
mod node;
mod outer;
mod secrets;
mod setting;
mod traffic;
mod witness;
mod world;

pub use cheat::Mischief;
pub use setting::{Outcome, Sabotage, Setting};
pub use world::run;
