//! Holds points of secp256k1 that can be written down: never the point at infinity.

use k256::elliptic_curve::group::GroupEncoding;
use k256::elliptic_curve::point::DecompressPoint;
use k256::elliptic_curve::subtle::Choice;
use k256::{AffinePoint, ProjectivePoint, Scalar};
use thiserror::Error;

/// Says that 33 bytes are no compressed point (SEC 1, 2.3.4), or name the point at infinity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a canonical compressed point of secp256k1")]
pub struct NotAPoint;

/// Holds a point of secp256k1 other than the point at infinity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point(AffinePoint);

impl Point {
    /// Counts the bytes of a written point.
    pub const SIZE: usize = 33;

    /// Takes a point of the group, unless it is the point at infinity.
    pub fn new(point: ProjectivePoint) -> Option<Self> {
        (point != ProjectivePoint::IDENTITY).then(|| Self(point.to_affine()))
    }

    /// Multiplies the base point, unless the scalar is zero.
    pub fn of_secret(secret: &Scalar) -> Option<Self> {
        Self::new(ProjectivePoint::GENERATOR * secret)
    }

    /// Reads the compressed form (SEC 1, 2.3.4): a tag of 2 or 3, then x below the field's prime.
    pub fn from_bytes(bytes: &[u8; Self::SIZE]) -> Result<Self, NotAPoint> {
        let [tag, x @ ..] = bytes;
        let odd = match tag {
            2 => Choice::from(0),
            3 => Choice::from(1),
            _ => return Err(NotAPoint),
        };
        Option::from(AffinePoint::decompress(x.into(), odd)).map(Self).ok_or(NotAPoint)
    }

    /// Writes the compressed form (SEC 1, 2.3.3).
    pub fn to_bytes(&self) -> [u8; Self::SIZE] {
        self.0.to_bytes().into()
    }

    /// Gives the point as an element of the group.
    pub fn projective(&self) -> ProjectivePoint {
        ProjectivePoint::from(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> [u8; 33] {
        let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
        let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect();
        bytes.try_into().unwrap()
    }

    #[test]
    fn reads_what_it_writes() {
        for k in 1..50u64 {
            let point = Point::of_secret(&Scalar::from(k)).unwrap();
            assert_eq!(Point::from_bytes(&point.to_bytes()), Ok(point));
        }
    }

    #[test]
    fn refuses_identity_and_other_forms() {
        assert_eq!(Point::new(ProjectivePoint::IDENTITY), None);
        assert_eq!(Point::from_bytes(&[0; 33]), Err(NotAPoint));
        let good = Point::of_secret(&Scalar::from(7u64)).unwrap().to_bytes();
        for tag in [0, 1, 4, 5, 6, 7, 255] {
            let mut bytes = good;
            bytes[0] = tag;
            assert_eq!(Point::from_bytes(&bytes), Err(NotAPoint), "tag {tag}");
        }
    }

    #[test]
    fn refuses_an_x_at_or_above_the_prime() {
        // p + 1 would be x = 1, which is on the curve.
        let one = hex(&format!("02{:064x}", 1));
        assert!(Point::from_bytes(&one).is_ok());
        let again = hex("02fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30");
        assert_eq!(Point::from_bytes(&again), Err(NotAPoint));
    }

    #[test]
    fn refuses_an_x_off_the_curve() {
        assert_eq!(Point::from_bytes(&hex(&format!("02{:064x}", 5))), Err(NotAPoint));
    }
}
