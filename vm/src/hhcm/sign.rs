//! Verifies the ed25519 signatures of nodes by the rules of ZIP-215, as the consensus engine does, and judges the
//! keys that they register.

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

/// Says whether `beacon` is a compressed BLS12-381 public key in G1: on the curve, in the subgroup, not infinity.
pub fn is_beacon_key(beacon: &[u8; 48]) -> bool {
    blst::min_pk::PublicKey::key_validate(beacon).is_ok()
}
