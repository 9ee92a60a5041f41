//! Decides what follows when a frame opened by ACALL or NCALL returns.

use crate::triggers::Guard;
use revm::interpreter::{CallInputs, Gas};

/// Says what to do with a frame's result before its caller sees it.
#[derive(Debug, Default)]
pub(crate) struct Then {
    /// Gas refund earned by moving the attached assets; credited if the frame succeeds, because a revert
    /// moves them back.
    pub(crate) refund: i64,
    /// Set when the frame evaluates a guard: the nested call that waits for it.
    pub(crate) guarded: Option<Box<Guarded>>,
    /// Set when the call came through a precompile, which must answer in ABI encoding.
    pub(crate) through: Option<Box<Through>>,
}

/// Is a nested call that waits for the STATICCALL of its guard.
#[derive(Debug)]
pub(crate) struct Guarded {
    pub(crate) guard: Guard,
    /// The call to make; its gas limit is set when the guard has returned.
    pub(crate) call: CallInputs,
    /// Gas that the caller asked for.
    pub(crate) gas_wanted: u64,
    /// Gas on top that comes with a value transfer.
    pub(crate) stipend: u64,
    /// Gas paid for a value transfer that is returned if the guard is false.
    pub(crate) unspent_if_false: u64,
}

/// Is a system precompile's call frame, suspended while the frame that it asked for runs.
#[derive(Debug)]
pub(crate) struct Through {
    pub(crate) answer: Answer,
    /// The precompile's own gas.
    pub(crate) gas: Gas,
    /// Where the caller of the precompile wants the output.
    pub(crate) return_range: std::ops::Range<usize>,
}

/// Names the ABI encoding in which a precompile hands on a frame's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// `(bool ok, bytes output)` of `acall`.
    Assets,
    /// `(uint256 result, bytes output)` of `ncall`.
    Nested,
}
