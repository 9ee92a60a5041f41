//! Is what a run is told and what it tells.

use crate::ledger::Sabotage;
use alloy_primitives::B256;

/// Is what a run is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Chooses everything that is left to chance.
    pub seed: u64,
    /// Nodes, all of them validators.
    pub nodes: u32,
    /// How many of them are hostile.
    pub hostile: u32,
    /// Heights to reach.
    pub blocks: u64,
    /// Whether links, disks and processes fail.
    pub faults: bool,
    /// Blocks of an epoch.
    pub epoch_length: u64,
    /// Groups at the start.
    pub groups: u32,
    /// Whether a validator joins and another leaves.
    pub changes: bool,
    /// A rule that is broken on purpose.
    pub sabotage: Option<Sabotage>,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            seed: 0,
            nodes: 4,
            hostile: 0,
            blocks: 50,
            faults: true,
            epoch_length: 20,
            groups: 2,
            changes: true,
            sabotage: None,
        }
    }
}

/// Is what a run tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What did not hold; empty if all did.
    pub violations: Vec<String>,
    /// Heights that became final.
    pub height: u64,
    /// Commits to the whole history of the runtime: the same seed gives the same.
    pub history: String,
    /// Hash of the last block that the honest nodes have in common.
    pub head: B256,
    /// Transactions that users were told are taken, and how many of them are final.
    pub transactions: (usize, usize),
    /// Crashes, partitions and other faults that were made.
    pub faults: u32,
    /// Blocks won by hostile nodes.
    pub hostile_blocks: u64,
    /// Cheats that honest nodes saw.
    pub cheats: usize,
    /// Validators of the first epoch that are gone, and new ones that came, by the last block.
    pub changes: (usize, usize),
    /// Hostile nodes that lost stake.
    pub punished: usize,
    /// Simulated milliseconds.
    pub time_ms: u64,
}
