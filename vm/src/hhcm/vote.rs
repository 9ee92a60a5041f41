//! Reads votes of the consensus engine from the bytes that a node signed, and tells which two cannot both be an
//! honest node's.
//!
//! The engine is simplex of `commonware-consensus` 2026.10. A node signs
//!
//! ```text
//! length of namespace | namespace | message        length and numbers as canonical LEB128
//! namespace   "fusor" ‖ chain id (8 bytes) ‖ "_NOTARIZE", "_NULLIFY" or "_FINALIZE"
//! message     epoch | view | parent view | payload (32 bytes)      to notarize and to finalize
//!             epoch | view                                         to nullify
//! ```

use alloy_primitives::B256;

/// Says what is voted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// To notarize a proposal: (parent view, payload).
    Notarize(u64, B256),
    /// To give up the view.
    Nullify,
    /// To finalize a proposal: (parent view, payload).
    Finalize(u64, B256),
}

/// Is a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote {
    /// The engine's epoch.
    pub epoch: u64,
    /// The view within it.
    pub view: u64,
    /// What is voted for.
    pub choice: Choice,
}

/// Returns the base namespace of the engine's votes: `"fusor" ‖ chain id (8 bytes, most significant first)`.
pub fn vote_namespace(chain_id: u64) -> Vec<u8> {
    let mut namespace = b"fusor".to_vec();
    namespace.extend_from_slice(&chain_id.to_be_bytes());
    namespace
}

impl Vote {
    /// Reads the bytes that a node of chain `chain_id` signed; none if they are no vote on it.
    pub fn decode(signed: &[u8], chain_id: u64) -> Option<Self> {
        let of = |suffix: &[u8]| message(signed, chain_id, suffix);
        if let Some(message) = of(b"_NOTARIZE") {
            return Self::proposal(message, Choice::Notarize);
        }
        if let Some(message) = of(b"_FINALIZE") {
            return Self::proposal(message, Choice::Finalize);
        }
        let (epoch, rest) = number(of(b"_NULLIFY")?)?;
        let (view, rest) = number(rest)?;
        rest.is_empty().then_some(Self { epoch, view, choice: Choice::Nullify })
    }

    fn proposal(message: &[u8], choice: fn(u64, B256) -> Choice) -> Option<Self> {
        let (epoch, rest) = number(message)?;
        let (view, rest) = number(rest)?;
        let (parent, payload) = number(rest)?;
        let payload = B256::try_from(payload).ok()?;
        Some(Self { epoch, view, choice: choice(parent, payload) })
    }

    /// Says whether no honest node signs both: two proposals of a view notarized, or two finalized, or a view
    /// both finalized and given up.
    pub fn conflicts(&self, other: &Self) -> bool {
        use Choice::{Finalize, Notarize, Nullify};
        let same_view = (self.epoch, self.view) == (other.epoch, other.view);
        same_view
            && match (self.choice, other.choice) {
                (Notarize(..), Notarize(..)) | (Finalize(..), Finalize(..)) => self.choice != other.choice,
                (Nullify, Finalize(..)) | (Finalize(..), Nullify) => true,
                _ => false,
            }
    }
}

/// Returns what follows the namespace with `suffix`; none if the bytes begin otherwise.
fn message<'a>(signed: &'a [u8], chain_id: u64, suffix: &[u8]) -> Option<&'a [u8]> {
    let mut namespace = vote_namespace(chain_id);
    namespace.extend_from_slice(suffix);
    let (length, rest) = number(signed)?;
    (length == namespace.len() as u64).then_some(rest)?.strip_prefix(namespace.as_slice())
}

/// Reads a number in the one way that LEB128 allows; returns the rest too.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    let mut rest = bytes;
    for shift in (0..64).step_by(7) {
        let (byte, tail) = rest.split_first()?;
        let bits = u64::from(byte & 0x7f);
        let canonical = (*byte != 0 || shift == 0) && (bits << shift) >> shift == bits;
        if !canonical {
            return None;
        }
        value |= bits << shift;
        rest = tail;
        if byte & 0x80 == 0 {
            return Some((value, rest));
        }
    }
    None
}
