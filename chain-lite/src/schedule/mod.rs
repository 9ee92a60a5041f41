//! Finds what is due and chooses what a block runs.
//!
//! The index is derived from the calling list's storage alone and can be rebuilt from it at any time.

mod index;
mod listen;
mod plan;

pub use index::{Index, Item};
pub use plan::Plan;
