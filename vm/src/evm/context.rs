//! Carries what the extension must know of the running transaction beside revm's own context.

use super::follow::Then;
use alloy_primitives::{Address, U256};
use revm::{
    Context, Journal,
    context::{BlockEnv, CfgEnv, TxEnv, journaled_state::JournalCheckpoint},
};
use std::collections::BTreeSet;

/// Is the context in which every instruction and precompile runs.
pub type FusorContext<DB> = Context<BlockEnv, TxEnv, CfgEnv, DB, Journal<DB>, Extension>;

/// Is an amount of one asset that travels with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attached {
    /// The asset's id; never 0, because native coin travels as CALLVALUE.
    pub id: U256,
    /// The amount in the asset's smallest unit; never 0.
    pub amount: U256,
}

/// Holds the extension's part of a transaction. It lives as long as the transaction; nothing of it is state.
#[derive(Debug, Default)]
pub struct Extension {
    /// Whether the 24 opcodes and the system precompiles are active.
    pub(crate) on: bool,
    /// Whether the transaction has executed one of the 24 bytes or called a system precompile.
    pub(crate) met: bool,
    /// Accounts with storage but neither code nor nonce (EIP-7610).
    pub(crate) storage_only: BTreeSet<Address>,
    /// Whether the first frame runs under STATICCALL's rules.
    pub(crate) top_static: bool,
    /// One record for each frame on revm's frame stack.
    pub(crate) frames: Vec<FrameRecord>,
    /// What ACALL and NCALL leave for the frame that they ask for.
    pub(crate) staged: Option<Staged>,
    /// Whether the result about to reach the caller is NCALL's "guard false" instead of 1 or 0.
    pub(crate) guard_was_false: bool,
    /// Priority fees in wei since they were last taken; none where each goes to the beneficiary at once.
    pub(crate) fees: Option<U256>,
}

impl Extension {
    /// Forgets the transaction before.
    pub(crate) fn reset(&mut self, top_static: bool) {
        self.met = false;
        self.top_static = top_static;
        self.frames.clear();
        self.staged = None;
        self.guard_was_false = false;
    }

    /// Lists the assets that came with the executing call.
    pub(crate) fn attached(&self) -> &[Attached] {
        self.frames.last().map_or(&[], |frame| frame.attached.as_slice())
    }
}

/// Is what the extension remembers of one frame.
#[derive(Debug, Default)]
pub(crate) struct FrameRecord {
    pub(crate) attached: Vec<Attached>,
    pub(crate) then: Then,
}

/// Is handed from the instruction that calls to the frame that it opens.
#[derive(Debug, Default)]
pub(crate) struct Staged {
    pub(crate) attached: Vec<Attached>,
    /// Taken before the assets moved; the callee's frame reverts to it.
    pub(crate) checkpoint: Option<JournalCheckpoint>,
    pub(crate) then: Then,
}

impl Staged {
    /// Is true if the frame has something to settle when it returns.
    pub(crate) fn is_taken(&self) -> bool {
        let Then { refund, guarded, through } = &self.then;
        self.checkpoint.is_some() || *refund != 0 || guarded.is_some() || through.is_some()
    }
}
