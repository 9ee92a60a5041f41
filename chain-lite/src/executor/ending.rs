//! Is how a transaction or a firing ended.

use alloy_primitives::{Address, Bytes, Log};
use revm::context::result::ExecutionResult;

/// Is what a call left behind.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) success: bool,
    pub(super) logs: Vec<Log>,
    pub(super) created: Option<Address>,
    pub(super) output: Bytes,
    pub(super) halt: Option<String>,
}

impl Ending {
    pub(super) fn nothing() -> Self {
        Self { success: true, logs: Vec::new(), created: None, output: Bytes::new(), halt: None }
    }

    fn failed() -> Self {
        Self { success: false, ..Self::nothing() }
    }

    pub(super) fn no_code() -> Self {
        Self { halt: Some("NoCode".into()), ..Self::failed() }
    }

    pub(crate) fn of(result: ExecutionResult) -> Self {
        let created = result.created_address();
        match result {
            ExecutionResult::Success { logs, output, .. } => {
                Self { logs, created, output: output.into_data(), ..Self::nothing() }
            }
            ExecutionResult::Revert { output, .. } => Self { output, ..Self::failed() },
            ExecutionResult::Halt { reason, .. } => {
                Self { halt: Some(format!("{reason:?}")), ..Self::failed() }
            }
        }
    }
}
