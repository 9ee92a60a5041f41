//! Checks the public terms of a vault's key, as key generation hands them over.

use k256_14::elliptic_curve::PrimeField;
use k256_14::elliptic_curve::group::Group;
use k256_14::elliptic_curve::sec1::{FromSec1Point, ToSec1Point};
use k256_14::{AffinePoint, ProjectivePoint, Scalar, Sec1Point};
use thiserror::Error;

use crate::hash::tagged;

/// A public point in compressed SEC1 form.
pub type Point = [u8; 33];

/// A public scalar, big-endian, added to a vault key to get a child key.
pub type Tweak = [u8; 32];

/// The most members a vault may have.
pub const MAX_MEMBERS: u16 = 64;

/// Why keys or shards were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not `2 <= t <= m <= MAX_MEMBERS`.
    #[error("threshold and member count do not fit")]
    Threshold,
    /// A point is not a compressed point of the curve, or is the identity.
    #[error("not a point of the curve")]
    Point,
    /// A scalar is not below the group order, or is zero where that is not allowed.
    #[error("not a scalar of the curve")]
    Scalar,
    /// The members' points do not lie on one polynomial of degree exactly `t - 1` through the key.
    #[error("members' points do not match the key")]
    Polynomial,
    /// The shard is not the one behind the member's public point.
    #[error("shard does not match the member's point")]
    Share,
    /// No member has this number.
    #[error("no such member")]
    Member,
}

/// The public terms of a vault's key in one epoch; every member knows the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    vault: [u8; 32],
    epoch: u64,
    threshold: u16,
    key: Point,
    points: Vec<Point>,
    digest: [u8; 32],
}

impl Terms {
    /// Checks and takes the outcome of key generation: `points[j - 1]` is the public point of member `j`.
    ///
    /// # Errors
    /// Refuses thresholds out of range, points off the curve, and points that do not lie on one polynomial of degree
    /// `threshold - 1` through `key`.
    pub fn new(
        vault: [u8; 32],
        epoch: u64,
        threshold: u16,
        key: Point,
        points: Vec<Point>,
    ) -> Result<Self, KeyError> {
        let members = u16::try_from(points.len()).map_err(|_| KeyError::Threshold)?;
        if threshold < 2 || threshold > members || members > MAX_MEMBERS {
            return Err(KeyError::Threshold);
        }
        check_polynomial(threshold, &key, &points)?;
        let digest = tagged(
            "fusor/custody/terms",
            &[
                &vault,
                &epoch.to_be_bytes(),
                &threshold.to_be_bytes(),
                &members.to_be_bytes(),
                &key,
                points.as_flattened(),
            ],
        );
        Ok(Self { vault, epoch, threshold, key, points, digest })
    }

    /// The vault the key belongs to.
    #[must_use]
    pub fn vault(&self) -> [u8; 32] {
        self.vault
    }

    /// The epoch of these shards.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// How many members sign together, `t`.
    #[must_use]
    pub fn threshold(&self) -> u16 {
        self.threshold
    }

    /// How many members hold shards, `m`.
    #[must_use]
    pub fn members(&self) -> u16 {
        // At most MAX_MEMBERS, checked when made.
        u16::try_from(self.points.len()).unwrap_or(MAX_MEMBERS)
    }

    /// The vault's public key.
    #[must_use]
    pub fn key(&self) -> Point {
        self.key
    }

    /// All members' public points, the first member's first.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The public point of `member`.
    ///
    /// # Errors
    /// There is no such member.
    pub fn point(&self, member: u16) -> Result<Point, KeyError> {
        let place = usize::from(member).checked_sub(1).ok_or(KeyError::Member)?;
        self.points.get(place).copied().ok_or(KeyError::Member)
    }

    /// A digest of everything above.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The child key under a public `tweak`: `key + tweak * G`.
    ///
    /// # Errors
    /// The tweak is no scalar, or the child would be the identity.
    pub fn child_key(&self, tweak: &Tweak) -> Result<Point, KeyError> {
        tweaked(&self.key, tweak)
    }

    /// Whether `set` is exactly `t` different members in rising order.
    #[must_use]
    pub fn is_signer_set(&self, set: &[u16]) -> bool {
        set.len() == usize::from(self.threshold)
            && set.is_sorted_by(|a, b| a < b)
            && set.iter().all(|member| (1..=self.members()).contains(member))
    }
}

/// Reads a scalar below the group order.
pub(crate) fn scalar(bytes: &[u8; 32]) -> Result<Scalar, KeyError> {
    Option::from(Scalar::from_repr((*bytes).into())).ok_or(KeyError::Scalar)
}

/// Reads a compressed point other than the identity.
pub(crate) fn point(bytes: &Point) -> Result<ProjectivePoint, KeyError> {
    let encoded = Sec1Point::from_bytes(bytes).map_err(|_| KeyError::Point)?;
    let affine: Option<AffinePoint> = AffinePoint::from_sec1_point(&encoded).into();
    let point = ProjectivePoint::from(affine.ok_or(KeyError::Point)?);
    if point == ProjectivePoint::IDENTITY { Err(KeyError::Point) } else { Ok(point) }
}

/// Writes a point in compressed form; the identity becomes zeros, which no reader takes.
pub(crate) fn compress(point: &ProjectivePoint) -> Point {
    let encoded = point.to_affine().to_sec1_point(true);
    encoded.as_bytes().try_into().unwrap_or([0; 33])
}

/// `point + tweak * G`, refused if it is the identity.
pub(crate) fn tweaked(base: &Point, tweak: &Tweak) -> Result<Point, KeyError> {
    let sum = point(base)? + ProjectivePoint::GENERATOR * scalar(tweak)?;
    if bool::from(sum.is_identity()) { Err(KeyError::Point) } else { Ok(compress(&sum)) }
}

/// Interpolates the key from every run of `t` neighbours: neighbours share `t - 1` points and the value at 0, so all
/// runs lie on one polynomial. From `t - 1` members it must not come out, or fewer than `t` could sign.
fn check_polynomial(threshold: u16, key: &Point, points: &[Point]) -> Result<(), KeyError> {
    let key = point(key)?;
    let points = points.iter().map(point).collect::<Result<Vec<_>, _>>()?;
    for (start, run) in (1u16..).zip(points.windows(usize::from(threshold))) {
        if interpolate(start, run)? != key {
            return Err(KeyError::Polynomial);
        }
    }
    let (fewer, _) = points.split_at(usize::from(threshold.saturating_sub(1)));
    if interpolate(1, fewer)? == key { Err(KeyError::Polynomial) } else { Ok(()) }
}

/// The value at 0 of the polynomial through the points of members `start`, `start + 1` and so on.
fn interpolate(start: u16, run: &[ProjectivePoint]) -> Result<ProjectivePoint, KeyError> {
    let indices: Vec<u16> = (start..).take(run.len()).collect();
    let mut sum = ProjectivePoint::IDENTITY;
    for (index, share) in indices.iter().zip(run) {
        sum += *share * lagrange(*index, &indices)?;
    }
    Ok(sum)
}

/// The Lagrange coefficient of `index` at 0 over `indices`.
fn lagrange(index: u16, indices: &[u16]) -> Result<Scalar, KeyError> {
    let own = Scalar::from(u32::from(index));
    let mut above = Scalar::ONE;
    let mut below = Scalar::ONE;
    for other in indices.iter().filter(|other| **other != index) {
        let other = Scalar::from(u32::from(*other));
        above *= other;
        below *= other - own;
    }
    let inverse: Option<Scalar> = below.invert().into();
    Ok(above * inverse.ok_or(KeyError::Member)?)
}
