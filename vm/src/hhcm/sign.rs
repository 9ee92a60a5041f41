//! Verifies the ed25519 signatures of nodes by the rules of ZIP-215, as the consensus engine does.

use alloy_primitives::B256;
use ed25519_zebra::{Signature, VerificationKey};

/// Says whether `signature` is that of `key` on `message`.
pub fn verify(key: B256, message: &[u8], signature: &[u8; 64]) -> bool {
    VerificationKey::try_from(key.0)
        .is_ok_and(|key| key.verify(&Signature::from(*signature), message).is_ok())
}

/// Says whether `key` is a point at all.
pub fn is_key(key: B256) -> bool {
    VerificationKey::try_from(key.0).is_ok()
}
