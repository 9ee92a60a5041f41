//! Names what a request can be answered with instead of a result.
//!
//! ```text
//! -32602  parameters that are not what the method takes
//! -32601  no such method (the server's own answer)
//! -32603  the node's disk cannot be read
//! -32000  refused: the transaction, the call, or state of a block that is not kept
//! -32005  more than one answer may hold
//! 3       a call reverted; data holds what it reverted with
//! ```

use super::backend::Unread;
use alloy_primitives::Bytes;
use alloy_sol_types::{Panic, Revert, SolError};
use jsonrpsee::types::ErrorObjectOwned;
use thiserror::Error;

/// Is an error as it goes to the client.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RpcError {
    /// The method takes other parameters.
    #[error("{0}")]
    Params(String),
    /// The state of that block is not kept.
    #[error("state of block {0} is not kept; only the latest")]
    StateNotKept(u64),
    /// No such block.
    #[error("header not found")]
    UnknownBlock,
    /// No such filter, or it has expired.
    #[error("filter not found")]
    UnknownFilter,
    /// The answer or the work would be too large.
    #[error("{0}")]
    TooMuch(String),
    /// The node refuses.
    #[error("{0}")]
    Refused(String),
    /// A call reverted.
    #[error("{}", revert_message(.0))]
    Reverted(Bytes),
    /// The node's disk cannot be read.
    #[error("internal: {0}")]
    Internal(String),
    /// The method does not exist.
    #[error("the method {0} does not exist/is not available")]
    UnknownMethod(String),
}

impl RpcError {
    /// Refuses for a reason.
    pub(super) fn refused(reason: impl std::fmt::Display) -> Self {
        Self::Refused(reason.to_string())
    }

    /// Returns the code that tools look at.
    pub fn code(&self) -> i32 {
        match self {
            Self::Params(_) => -32_602,
            Self::UnknownMethod(_) => -32_601,
            Self::TooMuch(_) => -32_005,
            Self::Internal(_) => -32_603,
            Self::Reverted(_) => 3,
            Self::StateNotKept(_) | Self::UnknownBlock | Self::UnknownFilter | Self::Refused(_) => -32_000,
        }
    }
}

impl From<Unread> for RpcError {
    fn from(error: Unread) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<RpcError> for ErrorObjectOwned {
    fn from(error: RpcError) -> Self {
        let data = match &error {
            RpcError::Reverted(data) => Some(data.clone()),
            _ => None,
        };
        Self::owned(error.code(), error.to_string(), data)
    }
}

fn revert_message(data: &Bytes) -> String {
    let reason = Revert::abi_decode(data).map(|revert| revert.reason);
    match reason.or_else(|_| Panic::abi_decode(data).map(|panic| panic.to_string())) {
        Ok(reason) => format!("execution reverted: {reason}"),
        Err(_) => "execution reverted".into(),
    }
}
