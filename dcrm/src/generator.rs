//! Finds the second base point T' of the Pedersen commitments, whose logarithm to the first nobody knows.

use std::sync::LazyLock;

use k256::ProjectivePoint;
use sha2::{Digest, Sha256};

use crate::point::Point;

/// Seeds the search for the second generator.
const TEXT: &str = "Fusor DCRM: second generator on secp256k1";

/// Writes the second generator down: the first x = sha256(text || counter as 32 bits) on the curve, with even y.
pub const SECOND_GENERATOR: [u8; Point::SIZE] = [
    0x02, 0x22, 0xa7, 0xa3, 0x01, 0xb4, 0x4a, 0xbe, 0x56, 0x2a, 0x01, 0x71, 0xba, 0x55, 0xb5, 0x9a, 0x7a,
    0xd8, 0xab, 0x91, 0x7a, 0xa6, 0x6b, 0x74, 0x11, 0xa9, 0x4b, 0x2d, 0xec, 0xa1, 0x7e, 0xa3, 0x9a,
];

/// Gives the second generator T' of whitepaper 3.5.2 (equation 5).
pub fn second_generator() -> ProjectivePoint {
    static FOUND: LazyLock<ProjectivePoint> = LazyLock::new(search);
    *FOUND
}

/// Searches by try and increment; every other counter hits.
fn search() -> ProjectivePoint {
    let hit = (0..u32::MAX).find_map(|counter| Point::from_bytes(&candidate(counter)).ok());
    hit.map_or(ProjectivePoint::IDENTITY, |point| point.projective())
}

fn candidate(counter: u32) -> [u8; Point::SIZE] {
    let mut hasher = Sha256::new();
    hasher.update(TEXT.as_bytes());
    hasher.update(counter.to_be_bytes());
    let mut bytes = [2; Point::SIZE];
    if let Some(x) = bytes.get_mut(1..) {
        x.copy_from_slice(&hasher.finalize());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_finds_what_is_written_down() {
        let found = Point::new(second_generator()).unwrap();
        assert_eq!(found.to_bytes(), SECOND_GENERATOR);
    }

    #[test]
    fn is_no_small_multiple_of_the_base_point() {
        let mut multiple = ProjectivePoint::IDENTITY;
        for _ in 0..1000 {
            assert_ne!(multiple, second_generator());
            assert_ne!(-multiple, second_generator());
            multiple += ProjectivePoint::GENERATOR;
        }
    }
}
