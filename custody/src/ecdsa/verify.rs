//! Checks a finished signature before it leaves the node.

use k256_14::FieldBytes;
use k256_14::ecdsa::signature::hazmat::PrehashVerifier;
use k256_14::ecdsa::{RecoveryId, Signature as Ecdsa, VerifyingKey};

use crate::keys::Point;
use crate::message::FaultKind;

/// Whether `s` is in the lower half of the group order (BIP-146, EIP-2).
#[must_use]
pub fn is_low(r: [u8; 32], s: [u8; 32]) -> bool {
    parse(r, s).is_some_and(|signature| signature.normalize_s() == signature)
}

/// Whether the recovery id leads from signature and hash back to `key`.
#[must_use]
pub fn recovers(key: &Point, hash: [u8; 32], r: [u8; 32], s: [u8; 32], recovery: u8) -> bool {
    let (Some(signature), Some(id)) = (parse(r, s), RecoveryId::from_byte(recovery)) else {
        return false;
    };
    VerifyingKey::recover_from_prehash(&hash, &signature, id)
        .is_ok_and(|found| found.to_sec1_point(true).as_bytes() == key.as_slice())
}

/// Checks that the signature holds under `key`, that `s` is low and the recovery id right.
///
/// # Errors
/// [`FaultKind::BadSignature`] if any of these fails.
pub fn verify(key: &Point, hash: [u8; 32], r: [u8; 32], s: [u8; 32], recovery: u8) -> Result<(), FaultKind> {
    let signature = parse(r, s).ok_or(FaultKind::BadSignature)?;
    let verifier = VerifyingKey::from_sec1_bytes(key).map_err(|_| FaultKind::BadSignature)?;
    verifier.verify_prehash(&hash, &signature).map_err(|_| FaultKind::BadSignature)?;
    if is_low(r, s) && recovers(key, hash, r, s, recovery) { Ok(()) } else { Err(FaultKind::BadSignature) }
}

fn parse(r: [u8; 32], s: [u8; 32]) -> Option<Ecdsa> {
    Ecdsa::from_scalars(FieldBytes::from(r), FieldBytes::from(s)).ok()
}
