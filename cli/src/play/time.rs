//! Lets simulated time pass, block by block, so that everything that fires is seen.

use super::{Player, StepError};
use crate::{
    input::date,
    progress::Progress,
    scenario::{Run, RunUntil},
};

/// Says how long time runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// Up to a moment, whatever is booked.
    Time(u64),
    /// Until one block with due triggers has run, at most up to a moment.
    Next { limit: u64 },
    /// Until nothing is booked, at most up to a moment.
    Quiet { limit: u64 },
}

impl From<&Run> for Until {
    fn from(run: &Run) -> Self {
        let limit = run.limit.unwrap_or(u64::MAX);
        match run.until {
            RunUntil::Date(time) => Self::Time(time.min(limit)),
            RunUntil::Next => Self::Next { limit },
            RunUntil::Quiet => Self::Quiet { limit },
        }
    }
}

impl Until {
    /// Ends at `end` at the latest.
    pub(crate) fn capped(self, end: u64) -> Self {
        match self {
            Self::Time(time) => Self::Time(time.min(end)),
            Self::Next { limit } => Self::Next { limit: limit.min(end) },
            Self::Quiet { limit } => Self::Quiet { limit: limit.min(end) },
        }
    }
}

impl Player {
    /// Runs through time.
    pub(crate) fn run(&mut self, until: Until) -> Result<(), StepError> {
        match until {
            Until::Time(time) => {
                self.run_due(time)?;
                if self.chain.time() != time {
                    self.chain.run_to(time)?;
                    self.record_new_blocks();
                }
                Ok(())
            }
            Until::Quiet { limit } => self.run_due(limit),
            Until::Next { limit } => match self.next_block_time().filter(|time| *time <= limit) {
                Some(_) => self.run_one(),
                None => Err(StepError::NothingBooked),
            },
        }
    }

    /// Runs every block that has something due up to `end`.
    fn run_due(&mut self, end: u64) -> Result<(), StepError> {
        let start = self.chain.time();
        let bar = Progress::new(&self.label, end.saturating_sub(start));
        while let Some(time) = self.next_block_time().filter(|time| *time <= end) {
            bar.at(time.saturating_sub(start), date::show(time));
            self.run_one()?;
        }
        Ok(())
    }

    fn run_one(&mut self) -> Result<(), StepError> {
        self.chain.run_to_next_trigger()?;
        self.record_new_blocks();
        Ok(())
    }

    /// Returns the time of the next block that has something to run: when it is due, or at the chain's rate if
    /// that has passed. None when nothing is booked.
    pub(crate) fn next_block_time(&self) -> Option<u64> {
        let due = self.chain.next_due()?;
        let earliest = self.chain.time().checked_add(1)?;
        if due >= earliest {
            Some(due)
        } else {
            self.chain.time().checked_add(self.chain.genesis().block_time)
        }
    }
}
