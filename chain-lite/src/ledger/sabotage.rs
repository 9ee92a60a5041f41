//! Breaks a rule on purpose, so that tests can see that the simulation notices.

use super::Ledger;

/// Is a rule that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sabotage {
    /// Triggers that are due do not run.
    SkipDue,
    /// What groups did is kept, whatever they did to each other.
    IgnoreConflicts,
    /// A node signs two votes in a view.
    VoteTwice,
}

impl Ledger {
    /// Breaks a rule from now on.
    pub(crate) fn sabotage(&mut self, rule: Sabotage) {
        self.sabotage = Some(rule);
    }

    /// Says whether a rule is broken.
    pub(super) fn breaks(&self, rule: Sabotage) -> bool {
        self.sabotage == Some(rule)
    }

    /// Decides for all blocks of this node whether groups' runs are merged; otherwise it is judged for each.
    pub fn set_merging(&mut self, merging: Option<bool>) {
        self.merging = merging;
    }
}
