//! Derives a key of its own for each deposit from a shared key, by a public tweak.

use k256::{ProjectivePoint, Scalar};
use thiserror::Error;

use crate::hash::{scalar, tagged};
use crate::point::Point;
use crate::secret::Share;

/// Says why a context derives no key; odds of 2^-127, another context is taken then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DeriveError {
    /// The hash is zero, or at or above the group's order.
    #[error("the context hashes to no scalar of the group")]
    NoTweak,
    /// The child would be zero or the point at infinity.
    #[error("the derived key is zero")]
    Zero,
}

/// Hashes the parent key and a context to a tweak, as BIP-341 does under a tag of its own.
///
/// Whoever knows key and context can compute it: it separates addresses, it protects nothing.
pub fn tweak(key: &Point, context: &[u8; 32]) -> Result<Scalar, DeriveError> {
    let hash = tagged("fusor/dcrm/derive", &[&key.to_bytes(), context]);
    scalar(&hash).filter(|tweak| *tweak != Scalar::ZERO).ok_or(DeriveError::NoTweak)
}

/// Adds the tweak to a key, or to a verifying point.
pub fn child_key(key: &Point, tweak: &Scalar) -> Result<Point, DeriveError> {
    Point::new(key.projective() + ProjectivePoint::GENERATOR * tweak).ok_or(DeriveError::Zero)
}

/// Adds the tweak to a share: added to every share of Shamir's it is added to the secret.
pub fn child_share(share: &Share, tweak: &Scalar) -> Result<Share, DeriveError> {
    Share::new(share.index(), *share.scalar() + tweak).map_err(|_| DeriveError::Zero)
}
