//! The leave to sign, which only the store gives.

use crate::hash::tagged;
use crate::keys::Tweak;

/// Which signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// ECDSA by DKLs23.
    Ecdsa,
    /// Schnorr with taproot tweak by FROST.
    Schnorr,
}

/// The leave to sign one message in one attempt. Only [`Store::admit`](super::Store::admit) makes it, after the journal is on the disk, and
/// a session consumes it.
#[derive(Debug, PartialEq, Eq)]
pub struct Admission {
    pub(super) request: [u8; 32],
    pub(super) attempt: u32,
    pub(super) scheme: Scheme,
    pub(super) tweak: Tweak,
    pub(super) hash: [u8; 32],
}

impl Admission {
    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The tweak of the child key.
    #[must_use]
    pub fn tweak(&self) -> Tweak {
        self.tweak
    }

    /// The hash that is signed.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The id of this attempt's session.
    pub(crate) fn session_id(&self) -> [u8; 32] {
        tagged("fusor/custody/attempt", &[&self.request, &self.attempt.to_be_bytes()])
    }

    /// What a request may sign, in whatever attempt.
    pub(super) fn subject(&self) -> [u8; 32] {
        let scheme = match self.scheme {
            Scheme::Ecdsa => 1,
            Scheme::Schnorr => 2,
        };
        tagged("fusor/custody/subject", &[&[scheme], &self.tweak, &self.hash])
    }
}
