//! Decides block by block whether running in groups is worth it; the choice changes speed and order, never
//! validity.

use crate::executor::GroupsRun;

/// Transactions below which starting threads costs more than it saves.
const TRANSACTIONS_MIN: usize = 64;
/// Transactions at the head of a block that are tried in groups where nothing is known of its kind.
pub(crate) const PROBE: usize = 64;
/// Fewest blocks after which groups are tried again where they did not pay; each failure doubles them.
const PAUSE_MIN: u32 = 16;
/// Most blocks between tries.
const PAUSE_MAX: u32 = 256;
/// Weight of the past against the last block, as (past, whole).
const MEMORY: (u32, u32) = (3, 4);
const WHOLE: u32 = 1_000;
/// What threads and merging cost beside the runs, in thousandths of a sequential run.
const OVERHEAD: u32 = 200;

/// Says how a chain runs users' transactions in groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grouping {
    /// How many groups the transactions are divided into; X in the whitepaper.
    pub groups: u32,
    /// Threads to run them on.
    pub threads: usize,
}

impl Grouping {
    /// Says whether groups pay for a block of `transactions` of which `again` run twice: what runs twice costs a
    /// sequential run of it, so it has to be less than what the threads save.
    pub(crate) fn pays(self, transactions: usize, again: usize) -> bool {
        transactions >= TRANSACTIONS_MIN && part(again, transactions) < self.saved()
    }

    /// Returns what the threads save, in thousandths of a sequential run.
    fn saved(self) -> u32 {
        let threads = u32::try_from(self.threads).unwrap_or(u32::MAX).min(self.groups).clamp(1, WHOLE);
        (WHOLE - WHOLE / threads).saturating_sub(OVERHEAD)
    }
}

/// Is how a block is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    /// One by one.
    Plain,
    /// Its head in groups, the rest as that turns out.
    Probe,
    /// In groups.
    Groups,
}

/// Remembers how much of recent blocks had to run twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Judge {
    /// Part of the transactions that ended in the tail, in thousandths; none before the first try.
    wasted: Option<u32>,
    /// Blocks since groups were tried.
    since: u32,
    /// Blocks to let pass before the next try.
    pause: u32,
}

impl Judge {
    /// Says how to run a block of `transactions`.
    pub(crate) fn plan(&self, grouping: Grouping, transactions: usize) -> Plan {
        if grouping.saved() == 0 || transactions < TRANSACTIONS_MIN {
            return Plan::Plain;
        }
        match self.wasted {
            Some(_) if self.pays(grouping) => Plan::Groups,
            Some(_) if self.since < self.pause => Plan::Plain,
            _ => Plan::Probe,
        }
    }

    /// Says whether groups paid in what was seen last.
    pub(crate) fn pays(&self, grouping: Grouping) -> bool {
        self.wasted.is_some_and(|wasted| wasted < grouping.saved())
    }

    /// Notes a block that ran one by one.
    pub(crate) fn pass(&mut self) {
        self.since = self.since.saturating_add(1);
    }

    /// Learns from transactions that ran in groups.
    pub(crate) fn learn(&mut self, grouping: Grouping, run: &GroupsRun) {
        let tail = run.tail + run.left_out.len();
        let part = part(tail, run.clean + tail);
        // After a pause the past says nothing.
        let past = self.wasted.filter(|_| self.since < self.pause.max(1)).unwrap_or(part);
        self.wasted = Some((past * MEMORY.0 + part * (MEMORY.1 - MEMORY.0)) / MEMORY.1);
        self.since = 0;
        self.pause = match self.pays(grouping) {
            true => 0,
            false => self.pause.saturating_mul(2).clamp(PAUSE_MIN, PAUSE_MAX),
        };
    }
}

/// Returns `some` of `all` in thousandths.
fn part(some: usize, all: usize) -> u32 {
    let part = some.saturating_mul(WHOLE as usize).checked_div(all).unwrap_or_default();
    u32::try_from(part).unwrap_or(WHOLE).min(WHOLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUPING: Grouping = Grouping { groups: 8, threads: 2 };

    fn run(clean: usize, tail: usize) -> GroupsRun {
        GroupsRun { clean, tail, left_out: Vec::new() }
    }

    /// Lets blocks pass until the next try, and counts them.
    fn pause(judge: &mut Judge) -> u32 {
        let passed = (0..).find(|_| {
            let over = judge.plan(GROUPING, 1_000) != Plan::Plain;
            judge.pass();
            over
        });
        passed.unwrap_or_default()
    }

    #[test]
    fn groups_are_left_alone_where_they_do_not_pay_and_tried_again_later() {
        let mut judge = Judge::default();
        assert_eq!(judge.plan(GROUPING, 1_000), Plan::Probe);
        assert_eq!(judge.plan(GROUPING, 3), Plan::Plain);
        assert_eq!(judge.plan(Grouping { threads: 1, ..GROUPING }, 1_000), Plan::Plain);
        judge.learn(GROUPING, &run(10, 54));
        for expected in [16, 32, 64, 128, 256, 256] {
            assert_eq!(pause(&mut judge), expected);
            judge.learn(GROUPING, &run(10, 54));
        }
        pause(&mut judge);
        judge.learn(GROUPING, &run(64, 0));
        assert_eq!(judge.plan(GROUPING, 1_000), Plan::Groups);
    }

    #[test]
    fn a_single_block_that_conflicts_does_not_end_groups() {
        let mut judge = Judge::default();
        (0..4).for_each(|_| judge.learn(GROUPING, &run(1_000, 0)));
        judge.learn(GROUPING, &run(100, 900));
        assert_eq!(judge.plan(GROUPING, 1_000), Plan::Groups);
        (0..3).for_each(|_| judge.learn(GROUPING, &run(100, 900)));
        assert_eq!(judge.plan(GROUPING, 1_000), Plan::Plain);
    }

    #[test]
    fn what_runs_twice_is_held_against_what_threads_save() {
        assert!(GROUPING.pays(1_000, 299) && !GROUPING.pays(1_000, 300));
        assert!(!GROUPING.pays(63, 0) && !Grouping { groups: 1, ..GROUPING }.pays(1_000, 0));
    }
}
