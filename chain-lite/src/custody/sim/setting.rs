//! Is what a run is told and what it tells.

use super::cheat::Mischief;
use alloy_primitives::B256;
use fusor_vm::dcrm::Scheme;

/// Is a rule of custody that custodians break on purpose, so that tests can see that the simulation notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sabotage {
    /// Every plan is taken for right.
    ApproveUnchecked,
    /// A transaction that waits for a block is taken for confirmed.
    SettleUnconfirmed,
    /// An output is reported under two names.
    CreditTwice,
}

/// Is what a run is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Chooses everything that is left to chance.
    pub seed: u64,
    /// Heights with users, faults and cheats; afterwards all that is open must come to its end.
    pub blocks: u64,
    /// How the vault signs.
    pub scheme: Scheme,
    /// Whether links, disks, processes and outer nodes fail, and outer blocks are reorganised.
    pub faults: bool,
    /// What all hostile custodians do; none leaves it to chance for each of them.
    pub mischief: Option<Mischief>,
    /// A rule that every custodian breaks.
    pub sabotage: Option<Sabotage>,
    /// Whether every custodian's process ends when it is about to send the first outer transaction that was signed.
    pub crash_before_broadcast: bool,
    /// What operators decide about lock-outs, of which they are asked then; none leaves it to chance whether they are asked
    /// about large ones, to which they agree.
    pub by_hand: Option<bool>,
    /// Whether every byte that is sent or kept is searched for shares and the key.
    pub secrets: bool,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            seed: 0,
            blocks: 90,
            scheme: Scheme::Schnorr,
            faults: true,
            mischief: None,
            sabotage: None,
            crash_before_broadcast: false,
            by_hand: None,
            secrets: false,
        }
    }
}

/// Is what a run tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// What did not hold; empty if all did.
    pub violations: Vec<String>,
    /// Blocks of the chain.
    pub height: u64,
    /// Hash of both chains' heads: the same seed gives the same.
    pub history: B256,
    /// Custodians, and how many of them are hostile.
    pub custodians: (u32, u32),
    /// Deposits that were credited.
    pub deposits: usize,
    /// How many of them headers had to prove besides.
    pub proved: usize,
    /// Decisions of operators about lock-outs.
    pub decided: usize,
    /// Lock-outs that were paid.
    pub paid: usize,
    /// Lock-outs whose units went back.
    pub returned: usize,
    /// Groups that took a key over from another.
    pub reshared: u32,
    /// Hostile custodians that were struck.
    pub struck: usize,
    /// Crashes, partitions and failures that were made.
    pub faults: u32,
    /// Processes that ended when they were about to send an outer transaction.
    pub unsent: u32,
    /// Reorganisations of the outer chain.
    pub reorgs: u32,
    /// Bytes that were searched for secrets, and secrets that were looked for.
    pub searched: (usize, usize),
}
