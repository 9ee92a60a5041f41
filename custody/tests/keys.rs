//! What key generation hands over is believed only where it fits together.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use fusor_custody::measure::deal;
use fusor_custody::{Holding, KeyError, Terms};
use k256_14::elliptic_curve::PrimeField;
use k256_14::elliptic_curve::sec1::ToSec1Point;
use k256_14::{ProjectivePoint, Scalar};
use proptest::prelude::{any, prop_assert_eq, proptest};

fn parts(t: u16, m: u16) -> ([u8; 33], Vec<[u8; 33]>) {
    let holdings = deal([1; 32], 1, t, m).unwrap();
    (holdings[0].terms().key(), holdings[0].terms().points().to_vec())
}

#[test]
fn terms_that_do_not_fit_are_refused() {
    let (key, points) = parts(3, 5);
    let terms = |t, key, points: &[[u8; 33]]| Terms::new([1; 32], 1, t, key, points.to_vec()).unwrap_err();
    assert!(Terms::new([1; 32], 1, 3, key, points.clone()).is_ok());
    // A polynomial of lower degree would let fewer sign than the terms say.
    assert_eq!(terms(4, key, &points), KeyError::Polynomial);
    assert_eq!(terms(2, key, &points), KeyError::Polynomial);
    assert_eq!(terms(1, key, &points), KeyError::Threshold);
    assert_eq!(terms(0, key, &points), KeyError::Threshold);
    assert_eq!(terms(6, key, &points), KeyError::Threshold);
    assert_eq!(terms(3, key, &vec![key; 65]), KeyError::Threshold);
    assert_eq!(terms(3, points[0], &points), KeyError::Polynomial);
    for place in 0..5 {
        let mut other = points.clone();
        other[place][0] ^= 1;
        assert_eq!(terms(3, key, &other), KeyError::Polynomial, "negated {place}");
        other[place] = [0; 33];
        assert_eq!(terms(3, key, &other), KeyError::Point, "identity {place}");
        other[place] = [0xff; 33];
        assert_eq!(terms(3, key, &other), KeyError::Point);
        other[place] = [2; 33];
        other[place][1..].fill(0xff);
        assert_eq!(terms(3, key, &other), KeyError::Point, "x not below the prime");
    }
    let mut swapped = points.clone();
    swapped.swap(0, 1);
    assert_eq!(terms(3, key, &swapped), KeyError::Polynomial);
}

#[test]
fn a_shard_that_is_not_ones_own_is_refused() {
    let holdings = deal([1; 32], 1, 2, 3).unwrap();
    let terms = holdings[0].terms();
    let take = |me, share| Holding::new(Arc::clone(terms), me, share).unwrap_err();
    assert_eq!(take(2, **holdings[0].share()), KeyError::Share);
    assert_eq!(take(0, **holdings[0].share()), KeyError::Member);
    assert_eq!(take(4, **holdings[0].share()), KeyError::Member);
    assert_eq!(take(1, [0; 32]), KeyError::Share);
    assert_eq!(take(1, [0xff; 32]), KeyError::Scalar);
}

#[test]
fn a_child_that_is_the_identity_is_refused() {
    let holdings = deal([1; 32], 1, 2, 3).unwrap();
    let scalar = |holding: &Holding| -> Scalar {
        Option::from(Scalar::from_repr((**holding.share()).into())).unwrap()
    };
    let key = scalar(&holdings[0]) + scalar(&holdings[0]) - scalar(&holdings[1]);
    let tweak: [u8; 32] = (-key).to_repr().into();
    assert_eq!(holdings[0].terms().child_key(&tweak), Err(KeyError::Point));
    assert_eq!(holdings[0].terms().child_key(&[0xff; 32]), Err(KeyError::Scalar));
}

proptest! {
    /// Tweaks add up, and a child key is key plus tweak times generator.
    #[test]
    fn tweaks_add(one in any::<u64>(), two in any::<u64>()) {
        let terms = Arc::clone(deal([1; 32], 1, 2, 2).unwrap()[0].terms());
        let bytes = |scalar: Scalar| -> [u8; 32] { scalar.to_repr().into() };
        let (one, two) = (Scalar::from(one), Scalar::from(two));
        let child = terms.child_key(&bytes(one + two)).unwrap();
        let encoded = k256_14::Sec1Point::from_bytes(terms.child_key(&bytes(one)).unwrap()).unwrap();
        let point = k256_14::PublicKey::from_sec1_bytes(encoded.as_bytes()).unwrap();
        let sum = point.to_projective() + ProjectivePoint::GENERATOR * two;
        let sum = sum.to_affine().to_sec1_point(true);
        prop_assert_eq!(sum.as_bytes(), child.as_slice());
    }
}
