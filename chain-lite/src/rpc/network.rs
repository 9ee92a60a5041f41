//! Says what a node shows of the network that it is part of.

use crate::{
    ledger::LedgerError,
    node::{Counts, GroupStatus, Status, Validator},
};

/// Shows the network as a node sees it.
pub trait NetworkView: Send + Sync {
    /// Tells how the node stands. Errors: a state that contradicts itself.
    fn status(&self) -> Result<Status, LedgerError>;
    /// Lists the groups of the next block's round. Errors: a state that contradicts itself.
    fn groups(&self) -> Result<Vec<GroupStatus>, LedgerError>;
    /// Lists the committee. Errors: a state that contradicts itself.
    fn validators(&self) -> Result<Vec<Validator>, LedgerError>;
    /// Counts packages and offers that were heard since the node started.
    fn heard(&self) -> Counts;
    /// Returns the milliseconds from the last final block's own time until it was final here.
    fn latency_ms(&self) -> u64;
    /// Returns the microseconds that this node's last offer took.
    fn worked_us(&self) -> u64;
    /// Counts cheats that were seen.
    fn cheats(&self) -> u64;
}
