//! Names what can go wrong with blocks of HHCM.

use crate::{
    error::ChainError,
    hhcm::{OfferError, RoundError},
};
use alloy_primitives::B256;
use thiserror::Error;

/// Says why a block is refused or an answer is not there; the ledger is as it was before.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LedgerError {
    /// The genesis describes no consensus.
    #[error("genesis describes no consensus")]
    NoConsensus,
    /// The block is neither the last final one nor executed above it.
    #[error("block {0} is not known")]
    Unknown(B256),
    /// The block does not fit its round.
    #[error(transparent)]
    Round(#[from] RoundError),
    /// The block names a package that was not given, or another one was.
    #[error("package of group {0} is not the one that the block names")]
    Package(u32),
    /// What a group's run did is not what its package claims.
    #[error("package of group {0} claims what did not happen")]
    Claims(u32),
    /// The committee's signature over the height's seed is not known yet.
    #[error("the committee has not signed the seed of height {0} yet")]
    NoReveal(u64),
    /// A header field differs from what execution gives.
    #[error("header field {0} differs from execution")]
    Header(&'static str),
    /// The block conflicts with the final chain.
    #[error("block {0} does not follow the last final block")]
    NotNext(B256),
    /// The chain refuses.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl From<OfferError> for LedgerError {
    fn from(error: OfferError) -> Self {
        Self::Round(error.into())
    }
}
