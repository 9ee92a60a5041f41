//! Writes final blocks to the store, and opens a ledger from it.

use super::{Final, Ledger, LedgerError};
use crate::{
    block::Block,
    chain::Chain,
    genesis::Genesis,
    hhcm::Offer,
    receipt::Receipt,
    state::{Changeset, Mark},
    store::{Finalised, Reading, Store, StoreError},
};
use alloy_primitives::B256;
use thiserror::Error;

/// Says why a ledger cannot be opened from a store, or a block not be kept.
#[derive(Debug, Error)]
pub enum KeepError {
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger refuses.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A block that has to be there is not, or is another one.
    #[error("store lacks block {0}, or holds another one in its place")]
    Block(u64),
}

/// Writes a final block with all that it changed, and its packages.
pub fn keep(store: &Store, last: &Final) -> Result<(), KeepError> {
    let Final { block, offer, receipts, changes, packages } = last;
    let encoded: Vec<(B256, Vec<u8>)> =
        packages.iter().flatten().map(|p| (p.digest(), p.encoded())).collect();
    let packages: Vec<(B256, &[u8])> =
        encoded.iter().map(|(digest, bytes)| (*digest, bytes.as_slice())).collect();
    store.commit(&Finalised {
        height: block.header.number,
        hash: block.hash,
        parent: block.header.parent_hash,
        state_root: block.header.state_root,
        block: &offer.encoded(),
        transactions: &block.transactions,
        receipts,
        changes,
        certificate: None,
        packages: &packages,
    })?;
    Ok(())
}

/// Forgets packages of blocks that lie more than `kept` heights behind `height`.
pub fn forget_packages(store: &Store, height: u64, kept: u64) -> Result<(), KeepError> {
    let named = |raw: &[u8]| {
        let seal = Offer::decoded(raw).ok().and_then(|offer| offer.seal().ok());
        seal.map(|seal| seal.packages.into_iter().flatten().collect()).unwrap_or_default()
    };
    Ok(store.forget_packages(height.saturating_sub(kept), named)?)
}

/// Opens the ledger at the store's head; an empty store gets block 0 first.
pub fn reopen(genesis: Genesis, store: &Store, threads: usize) -> Result<Ledger, KeepError> {
    let Some(head) = store.head()? else { return begin(genesis, store, threads) };
    let kept =
        genesis.consensus.as_ref().map_or(0, |consensus| consensus.params.epoch_length).saturating_add(2);
    let first = store.read()?.first_block()?.unwrap_or_default();
    let first = head.height.saturating_sub(kept.max(256)).max(first);
    let blocks = (first..=head.height).map(|height| read(store, height)).collect::<Result<Vec<_>, _>>()?;
    let (state, _) = store.load_state(head.state_root)?;
    let chain = Chain::resume(genesis, state, blocks).map_err(LedgerError::from)?;
    Ok(Ledger::over(chain, threads)?)
}

fn begin(genesis: Genesis, store: &Store, threads: usize) -> Result<Ledger, KeepError> {
    let ledger = Ledger::new(genesis, threads)?;
    let block = ledger.chain().head();
    let changes: Changeset = ledger.chain().state().changes_since(Mark::default()).unwrap_or_default();
    store.commit(&Finalised {
        height: 0,
        hash: block.hash,
        parent: B256::ZERO,
        state_root: block.header.state_root,
        block: &ledger.genesis().encoded(),
        transactions: &[],
        receipts: &[],
        changes: &changes,
        certificate: None,
        packages: &[],
    })?;
    Ok(ledger)
}

/// Reads a final block with its transactions.
pub fn kept_block(reading: &Reading, height: u64) -> Result<Block, KeepError> {
    let bytes = reading.block(height)?.ok_or(KeepError::Block(height))?;
    let offer = Offer::decoded(&bytes).map_err(|_| KeepError::Block(height))?;
    Ok(Block { hash: offer.hash(), header: offer.header, transactions: reading.transactions(height)? })
}

fn read(store: &Store, height: u64) -> Result<(Block, Vec<Receipt>), KeepError> {
    let reading = store.read()?;
    Ok((kept_block(&reading, height)?, reading.receipts(height)?))
}
