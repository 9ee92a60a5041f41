//! Decides block by block whether running in groups is worth it; the choice changes speed and order, never
//! validity.

use crate::executor::GroupsRun;

/// Transactions below which starting threads costs more than it saves.
const TRANSACTIONS_MIN: usize = 64;
/// Blocks after which groups are tried again where they did not pay.
const RETRY_AFTER: u32 = 16;
/// Weight of the past against the last block, as (past, whole).
const MEMORY: (u32, u32) = (3, 4);
const WHOLE: u32 = 1_000;

/// Says how a chain runs users' transactions in groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grouping {
    /// How many groups the transactions are divided into; X in the whitepaper.
    pub groups: u32,
    /// Threads to run them on.
    pub threads: usize,
}

/// Remembers how much of recent blocks had to run twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Judge {
    /// Part of the transactions that ended in the tail, in thousandths.
    wasted: u32,
    /// Blocks since groups were tried.
    since: u32,
}

impl Judge {
    /// Says whether `transactions` should run in groups. What runs twice costs a whole sequential run of it, so
    /// groups pay while that is less than what the threads save.
    pub(crate) fn worth(&mut self, grouping: Grouping, transactions: usize) -> bool {
        let threads = grouping.threads.min(grouping.groups as usize);
        if threads < 2 || transactions < TRANSACTIONS_MIN {
            return false;
        }
        let saved = WHOLE - WHOLE / u32::try_from(threads).unwrap_or(WHOLE);
        self.since = self.since.saturating_add(1);
        self.wasted < saved || self.since > RETRY_AFTER
    }

    /// Learns from a block that ran in groups.
    pub(crate) fn learn(&mut self, run: &GroupsRun) {
        let tail = run.tail + run.left_out.len();
        let part = tail.saturating_mul(WHOLE as usize).checked_div(run.clean + tail).unwrap_or_default();
        let part = u32::try_from(part).unwrap_or(WHOLE);
        // After a pause the past says nothing.
        let past = if self.since > RETRY_AFTER { part } else { self.wasted };
        self.wasted = (past * MEMORY.0 + part * (MEMORY.1 - MEMORY.0)) / MEMORY.1;
        self.since = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(clean: usize, tail: usize) -> GroupsRun {
        GroupsRun { clean, tail, left_out: Vec::new() }
    }

    #[test]
    fn groups_are_left_alone_where_they_do_not_pay_and_tried_again_later() {
        let grouping = Grouping { groups: 8, threads: 2 };
        let mut judge = Judge::default();
        assert!(judge.worth(grouping, 1_000));
        assert!(!judge.worth(grouping, 3) && !judge.worth(Grouping { threads: 1, ..grouping }, 1_000));
        while judge.worth(grouping, 1_000) {
            judge.learn(&run(10, 990));
        }
        let pause = (1..).find(|_| judge.worth(grouping, 1_000)).unwrap_or_default();
        assert_eq!(pause, RETRY_AFTER);
        judge.learn(&run(1_000, 0));
        assert!(judge.worth(grouping, 1_000));
    }
}
