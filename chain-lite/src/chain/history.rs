//! Bounds what a chain keeps in memory, and continues one that was kept elsewhere.

use super::Chain;
use crate::{
    block::Block, error::ChainError, genesis::Genesis, group::Judge, receipt::Receipt, schedule::Index,
    state::State,
};
use alloy_primitives::map::{AddressMap, B256Map};

/// Blocks before the head whose hashes BLOCKHASH may ask for.
const HASHES_KEPT: u64 = 256;

impl Chain {
    /// Continues a chain at a state. `blocks` are the last ones in order, the head last, with their receipts.
    /// Errors: no block, or a state that is not the head's.
    pub fn resume(
        genesis: Genesis,
        mut state: State,
        blocks: Vec<(Block, Vec<Receipt>)>,
    ) -> Result<Self, ChainError> {
        let first = blocks.first().map(|(block, _)| block.header.number);
        let first = first.ok_or(ChainError::Unknown { what: "block" })?;
        let (blocks, receipts): (Vec<_>, Vec<_>) = blocks.into_iter().unzip();
        if blocks.last().is_none_or(|head| head.header.state_root != state.root()) {
            return Err(ChainError::Header("state root"));
        }
        let mark = state.mark();
        let mut chain = Self {
            index: Index::default(),
            marks: vec![mark; blocks.len()],
            state,
            first,
            places: B256Map::default(),
            numbers: blocks.iter().map(|block| (block.hash, block.header.number)).collect(),
            pool: Vec::new(),
            pooled: AddressMap::default(),
            grouping: None,
            judge: Judge::default(),
            blocks,
            receipts,
            genesis,
        };
        for (number, receipts) in (first..).zip(&chain.receipts) {
            let places = receipts.iter().zip(0..).map(|(receipt, place)| (receipt.tx_hash, (number, place)));
            chain.places.extend(places);
        }
        chain.reindex()?;
        Ok(chain)
    }

    /// Forgets all but the last `kept` blocks, and how to return to what was before them.
    pub fn forget(&mut self, kept: usize) {
        let gone = self.blocks.len().saturating_sub(kept.max(1));
        if gone == 0 {
            return;
        }
        for block in self.blocks.drain(..gone) {
            self.numbers.remove(&block.hash);
        }
        for receipt in self.receipts.drain(..gone).flatten() {
            self.places.remove(&receipt.tx_hash);
        }
        self.marks.drain(..gone);
        self.first = self.first.saturating_add(gone as u64);
        if let Some(mark) = self.marks.first() {
            self.state.forget_before(*mark);
        }
        self.state.forget_block_hashes(self.first.saturating_sub(HASHES_KEPT));
    }

    /// Returns where a block stands among those that are kept.
    pub(super) fn slot_of(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.first)?).ok()
    }
}
