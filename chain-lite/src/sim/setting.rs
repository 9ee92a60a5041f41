//! Is what a run is told and what it tells.

use super::{
    count::{Kind, Sent},
    hostile::Mischief,
};
use crate::ledger::Sabotage;
use alloy_primitives::B256;
use std::collections::BTreeMap;

/// Is how much users send, from the end of the load before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// The first height that it is over at.
    pub until: u64,
    /// Transactions a second.
    pub rate: u32,
}

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
    /// Whether the number of groups stays as it is.
    pub fixed: bool,
    /// Gas limit of a block.
    pub block_gas_limit: u64,
    /// What users send, one load after another; nothing after the last. Without any, about 2.4 transactions a second.
    pub load: &'static [Load],
    /// What all hostile nodes do; none leaves it to chance for each of them.
    pub mischief: Option<Mischief>,
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
            fixed: false,
            block_gas_limit: 60_000_000,
            load: &[],
            mischief: None,
        }
    }
}

/// Is a final block as a run tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Its height.
    pub height: u64,
    /// Its groups.
    pub x: u32,
    /// Its users' transactions.
    pub transactions: usize,
    /// Gas that it used.
    pub gas_used: u64,
    /// Whether a hostile node made it.
    pub hostile: bool,
    /// Whether its author showed work.
    pub worked: bool,
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
    /// Final blocks whose seed the committee signed; the others' authors did.
    pub committee_seeds: u64,
    /// Cheats that honest nodes saw.
    pub cheats: usize,
    /// Validators of the first epoch that are gone, and new ones that came, by the last block.
    pub changes: (usize, usize),
    /// Hostile nodes that lost stake.
    pub punished: usize,
    /// Simulated milliseconds.
    pub time_ms: u64,
    /// Final blocks in order.
    pub blocks: Vec<Made>,
    /// What nodes sent, by kind.
    pub sent: BTreeMap<Kind, Sent>,
    /// Simulated milliseconds from a block's certificate to its end of execution as a final one, at every honest
    /// node and height, in ascending order.
    pub finality_ms: Vec<u64>,
}

impl Outcome {
    /// Sums up what nodes sent for blocks; what the committee's key takes once an epoch is left out.
    pub fn sent_for_blocks(&self) -> Sent {
        let for_blocks = self.sent.iter().filter(|(kind, _)| **kind != Kind::Dealings);
        for_blocks.fold(Sent::default(), |sum, (_, sent)| Sent {
            messages: sum.messages + sent.messages,
            bytes: sum.bytes + sent.bytes,
        })
    }
}
