//! Hashes under tags, in the style of BIP-340: `sha256(sha256(tag) || sha256(tag) || parts)`.

use k256::elliptic_curve::PrimeField;
use k256::elliptic_curve::ops::Reduce;
use k256::{FieldBytes, Scalar, U256};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Hashes the parts under a tag; the caller sees to it that their lengths are fixed by the tag.
pub(crate) fn tagged(tag: &str, parts: &[&[u8]]) -> [u8; 32] {
    let prefix = Sha256::digest(tag.as_bytes());
    let mut hasher = Sha256::new();
    hasher.update(prefix);
    hasher.update(prefix);
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Hashes to a challenge: reduced by the group's order, which biases it by less than 2^-127.
pub(crate) fn challenge(tag: &str, parts: &[&[u8]]) -> Scalar {
    let digest = FieldBytes::from(tagged(tag, parts));
    <Scalar as Reduce<U256>>::reduce_bytes(&digest)
}

/// Reads 32 bytes as a scalar, only if they are below the group's order.
pub(crate) fn scalar(bytes: &[u8; 32]) -> Option<Scalar> {
    Option::from(Scalar::from_repr(FieldBytes::from(*bytes)))
}

/// Expands a secret to a scalar that is uniform in 1..q, by rejection (a second try has odds of 2^-128).
pub(crate) fn expand(tag: &str, secret: &[u8; 32], parts: &[&[u8]]) -> Zeroizing<Scalar> {
    let mut inner: Vec<&[u8]> = vec![secret];
    inner.extend(parts);
    for round in 0..u32::MAX {
        let round = round.to_be_bytes();
        let mut outer = inner.clone();
        outer.push(&round);
        let bytes = Zeroizing::new(tagged(tag, &outer));
        if let Some(found) = scalar(&bytes)
            && found != Scalar::ZERO
        {
            return Zeroizing::new(found);
        }
    }
    Zeroizing::new(Scalar::ONE)
}
