//! Runs on the state after blocks that are not final, and returns; takes over blocks that became final.

use super::Chain;
use crate::{
    block::Block,
    error::ChainError,
    executor::Executed,
    schedule::Index,
    state::{Changeset, Mark, State},
};
use alloy_consensus::Header;
use fusor_vm::account::TRIGGERS;

impl Chain {
    /// Runs `act` on the head's state and returns to it.
    pub(crate) fn aside<T>(
        &mut self,
        act: impl FnOnce(&mut State, &mut Index, &Self) -> T,
    ) -> Result<T, ChainError> {
        self.after(&[], act)
    }

    /// Runs `act` on the state after `path`, executed blocks above the head, and returns.
    pub(crate) fn after<T>(
        &mut self,
        path: &[(&Block, &Changeset)],
        act: impl FnOnce(&mut State, &mut Index, &Self) -> T,
    ) -> Result<T, ChainError> {
        let mark = self.state.mark();
        let (mut state, mut index) = (std::mem::take(&mut self.state), std::mem::take(&mut self.index));
        let followed = follow(&mut state, &mut index, path);
        let result = followed.map(|()| act(&mut state, &mut index, self));
        (self.state, self.index) = (state, index);
        self.return_to(mark)?;
        result
    }

    /// Appends a block that was executed on the head, by what it changed.
    pub(crate) fn adopt(&mut self, executed: Executed, changes: &Changeset) -> Result<(), ChainError> {
        let mark = self.state.mark();
        follow(&mut self.state, &mut self.index, &[(&executed.block, changes)])?;
        if self.state.root() != executed.block.header.state_root {
            self.return_to(mark)?;
            return Err(ChainError::Header("state root"));
        }
        self.append(Executed { mark, ..executed });
        Ok(())
    }

    /// Returns to a mark at or after the head; costs by what was written since.
    pub(super) fn return_to(&mut self, mark: Mark) -> Result<(), ChainError> {
        let written = self.state.written_since(mark, TRIGGERS);
        self.state.undo_to(mark);
        self.state
            .truncate_block_hashes(usize::try_from(self.height()).unwrap_or(usize::MAX).saturating_add(1));
        let now = self.time();
        let followed = self.index.rewind(&mut self.state, now, &written);
        followed.map_err(|fault| ChainError::Internal(fault.to_string()))
    }

    /// Returns the last block's header.
    pub(crate) fn head_header(&self) -> &Header {
        &self.head().header
    }
}

fn follow(state: &mut State, index: &mut Index, path: &[(&Block, &Changeset)]) -> Result<(), ChainError> {
    for (block, changes) in path {
        let mark = state.mark();
        state.apply(changes);
        state.push_block_hash(block.hash);
        index.settle(block.header.timestamp);
        index.follow(state, mark).map_err(|fault| ChainError::Internal(fault.to_string()))?;
    }
    Ok(())
}
