//! Runs the chain through simulated time. No wall clock is read here or below.

use super::Chain;
use crate::{error::ChainError, receipt::FiringReceipt};

impl Chain {
    /// Says when the next block has something to run; a time that has passed means that work is carried over.
    pub fn next_due(&self) -> Option<u64> {
        self.index.next_due()
    }

    /// Seals a block at the next due time (or, for work carried over, at the chain's rate) and returns what
    /// fired; nothing, and no block, if nothing is pending.
    pub fn run_to_next_trigger(&mut self) -> Result<Vec<FiringReceipt>, ChainError> {
        let Some(time) = self.next_run()? else { return Ok(Vec::new()) };
        let sealed = self.seal_at(time)?;
        Ok(self.firings(sealed.number).cloned().collect())
    }

    /// Runs every trigger due up to `time`, seals a last block at `time` and returns what fired. Work that
    /// does not fit is left to later blocks. Errors: a time that has passed.
    pub fn run_to(&mut self, time: u64) -> Result<Vec<FiringReceipt>, ChainError> {
        if time < self.time() {
            return Err(ChainError::Time { time, parent: self.time() });
        }
        let from = self.height() + 1;
        while let Some(next) = self.next_run()?.filter(|next| *next <= time) {
            self.seal_at(next)?;
        }
        if self.time() < time {
            self.seal_at(time)?;
        }
        Ok(self.firings(from).cloned().collect())
    }

    /// Runs until nothing is pending or `blocks_max` blocks have been sealed; returns what fired.
    pub fn run_until_quiet(&mut self, blocks_max: u64) -> Result<Vec<FiringReceipt>, ChainError> {
        let from = self.height() + 1;
        for _ in 0..blocks_max {
            let Some(next) = self.next_run()? else { break };
            self.seal_at(next)?;
        }
        Ok(self.firings(from).cloned().collect())
    }

    /// Returns the time of the next block that has something to run.
    fn next_run(&self) -> Result<Option<u64>, ChainError> {
        match self.next_due() {
            None => Ok(None),
            Some(due) if due > self.time() => Ok(Some(due)),
            Some(_) => self.next_time().map(Some),
        }
    }
}
