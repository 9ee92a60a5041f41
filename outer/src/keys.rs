//! Reads keys and verifies signatures of secp256k1.

use crate::{
    error::AddressError,
    sign::{Scheme, Signature},
};
use k256::{
    AffinePoint, ProjectivePoint, PublicKey, Scalar,
    ecdsa::{self, RecoveryId, signature::hazmat::PrehashVerifier},
    elliptic_curve::{PrimeField, sec1::ToEncodedPoint},
    schnorr,
};
use sha2::{Digest, Sha256};

/// Reads a compressed point.
pub(crate) fn parse(key: &[u8; 33]) -> Result<PublicKey, AddressError> {
    match key.first() {
        Some(2 | 3) => PublicKey::from_sec1_bytes(key).map_err(|_| AddressError::BadKey),
        _ => Err(AddressError::BadKey),
    }
}

/// Returns the compressed bytes of a point.
pub(crate) fn compress(point: &AffinePoint) -> Result<[u8; 33], AddressError> {
    point.to_encoded_point(true).as_bytes().try_into().map_err(|_| AddressError::BadKey)
}

/// Returns `sha256(sha256(tag) || sha256(tag) || parts)` (BIP-340).
pub(crate) fn tagged_hash(tag: &str, parts: &[&[u8]]) -> [u8; 32] {
    let tag = Sha256::digest(tag.as_bytes());
    let start = Sha256::new().chain_update(tag).chain_update(tag);
    parts.iter().fold(start, |hash, part| hash.chain_update(part)).finalize().into()
}

/// Returns the x coordinate of the output key of a lock: its key tweaked with no script tree (BIP-341, "Constructing
/// and spending Taproot outputs").
pub(crate) fn taproot_output(key: &[u8; 33]) -> Result<[u8; 32], AddressError> {
    parse(key)?;
    let x: [u8; 32] = key.last_chunk().copied().ok_or(AddressError::BadKey)?;
    let internal = lift_x(&x)?;
    let tweak: Option<Scalar> = Scalar::from_repr(tagged_hash("TapTweak", &[&x]).into()).into();
    let tweak = tweak.ok_or(AddressError::BadKey)?;
    let output =
        (ProjectivePoint::from(*internal.as_affine()) + ProjectivePoint::GENERATOR * tweak).to_affine();
    compress(&output)?.last_chunk().copied().ok_or(AddressError::BadKey)
}

/// Returns the point with even y at an x coordinate (BIP-340).
pub(crate) fn lift_x(x: &[u8; 32]) -> Result<PublicKey, AddressError> {
    parse(&even(x))
}

/// Returns the compressed bytes of the point with even y at an x coordinate.
pub(crate) fn even(x: &[u8; 32]) -> [u8; 33] {
    let mut key = [2; 33];
    if let Some((_, tail)) = key.split_first_mut() {
        tail.copy_from_slice(x);
    }
    key
}

/// Says whether a signature verifies; `key` is the lock's key, or the output key for Schnorr.
pub(crate) fn verifies(scheme: Scheme, key: &[u8; 33], hash: &[u8; 32], signature: &Signature) -> bool {
    match scheme {
        Scheme::Ecdsa => low_s(signature).is_some_and(|signature| verifies_ecdsa(key, hash, &signature)),
        Scheme::Schnorr => verifies_schnorr(key, hash, signature),
    }
}

fn verifies_ecdsa(key: &[u8; 33], hash: &[u8; 32], signature: &ecdsa::Signature) -> bool {
    parse(key).is_ok_and(|key| ecdsa::VerifyingKey::from(key).verify_prehash(hash, signature).is_ok())
}

fn verifies_schnorr(key: &[u8; 33], hash: &[u8; 32], signature: &Signature) -> bool {
    let parts = key.last_chunk::<32>().and_then(|x| schnorr::VerifyingKey::from_bytes(x).ok());
    let signature = schnorr::Signature::try_from(signature.as_slice());
    matches!((parts, signature), (Some(key), Ok(signature)) if key.verify_prehash(hash, &signature).is_ok())
}

/// Reads `r || s` and takes the lower of both s (BIP-146, EIP-2): both are signatures, one is relayed.
pub(crate) fn low_s(signature: &Signature) -> Option<ecdsa::Signature> {
    let signature = ecdsa::Signature::from_slice(signature).ok()?;
    Some(signature.normalize_s().unwrap_or(signature))
}

/// Finds the parity with which a signature gives back its key.
pub(crate) fn parity(key: &[u8; 33], hash: &[u8; 32], signature: &ecdsa::Signature) -> Option<bool> {
    let want = ecdsa::VerifyingKey::from(parse(key).ok()?);
    [false, true].into_iter().find(|odd| {
        let id = RecoveryId::new(*odd, false);
        ecdsa::VerifyingKey::recover_from_prehash(hash, signature, id).is_ok_and(|have| have == want)
    })
}
