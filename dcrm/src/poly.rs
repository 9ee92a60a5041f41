//! Evaluates and interpolates polynomials over the scalars, and over points that commit to them.

use k256::{ProjectivePoint, Scalar};
use zeroize::Zeroizing;

/// Evaluates `sum coefficients[k] * at^k`.
pub(crate) fn evaluate(coefficients: &[Scalar], at: u16) -> Scalar {
    let at = Scalar::from(u32::from(at));
    coefficients.iter().rev().fold(Scalar::ZERO, |sum, coefficient| sum * at + coefficient)
}

/// Evaluates `sum at^k * points[k]`, the right side of equation (5): by Horner's rule with a small multiplier.
/// Time depends on `at`, which is public.
pub(crate) fn evaluate_points<'a>(
    points: impl DoubleEndedIterator<Item = &'a ProjectivePoint>,
    at: u16,
) -> ProjectivePoint {
    points.rev().fold(ProjectivePoint::IDENTITY, |sum, point| times(&sum, at) + point)
}

/// Multiplies a point by a small public number, by double and add.
pub(crate) fn times(point: &ProjectivePoint, by: u16) -> ProjectivePoint {
    let bits = u16::BITS - by.leading_zeros();
    (0..bits).rev().fold(ProjectivePoint::IDENTITY, |sum, bit| {
        let doubled = sum.double();
        if by >> bit & 1 == 1 { doubled + point } else { doubled }
    })
}

/// Weighs each of `indices` so that the weighted values of a polynomial of lower degree sum to its value at 0.
///
/// None if an index is doubled or zero.
pub(crate) fn weights_at_zero(indices: &[u16]) -> Option<Vec<Scalar>> {
    let xs: Vec<Scalar> = indices.iter().map(|index| Scalar::from(u32::from(*index))).collect();
    if xs.contains(&Scalar::ZERO) {
        return None;
    }
    xs.iter().map(|x| weight(&xs, x)).collect()
}

fn weight(xs: &[Scalar], own: &Scalar) -> Option<Scalar> {
    let others = || xs.iter().filter(|x| *x != own);
    if others().count() + 1 != xs.len() {
        return None;
    }
    let above = others().fold(Scalar::ONE, |product, x| product * x);
    let below = others().fold(Scalar::ONE, |product, x| product * (x - own));
    Option::<Scalar>::from(below.invert()).map(|inverse| above * inverse)
}

/// Interpolates the coefficients of the polynomial of lowest degree through the points, by Newton's divided
/// differences. None if an index is doubled.
pub(crate) fn interpolate(points: &[(u16, Scalar)]) -> Option<Zeroizing<Vec<Scalar>>> {
    let mut found = Zeroizing::new(Vec::with_capacity(points.len()));
    // The product of (z - x) over the points already met.
    let mut vanishing = vec![Scalar::ONE];
    for (index, value) in points {
        let x = Scalar::from(u32::from(*index));
        let missing = value - &evaluate_scalar(&found, &x);
        let slope = missing * Option::<Scalar>::from(evaluate_scalar(&vanishing, &x).invert())?;
        found.resize(vanishing.len(), Scalar::ZERO);
        for (into, from) in found.iter_mut().zip(&vanishing) {
            *into += slope * from;
        }
        vanishing = times_root(&vanishing, &x);
    }
    Some(found)
}

fn evaluate_scalar(coefficients: &[Scalar], at: &Scalar) -> Scalar {
    coefficients.iter().rev().fold(Scalar::ZERO, |sum, coefficient| sum * at + coefficient)
}

/// Multiplies a polynomial by (z - root).
fn times_root(polynomial: &[Scalar], root: &Scalar) -> Vec<Scalar> {
    let shifted = std::iter::once(&Scalar::ZERO).chain(polynomial);
    let scaled =
        polynomial.iter().map(|coefficient| *coefficient * root).chain(std::iter::once(Scalar::ZERO));
    shifted.zip(scaled).map(|(high, low)| high - &low).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scalars(numbers: &[u64]) -> Vec<Scalar> {
        numbers.iter().map(|number| Scalar::from(*number)).collect()
    }

    proptest! {
        #[test]
        fn interpolation_gives_the_polynomial_back(
            numbers in prop::collection::vec(any::<u64>(), 1..8),
            from in 1u16..1000,
        ) {
            let polynomial = scalars(&numbers);
            let values: Vec<_> = (from..).take(polynomial.len()).map(|x| (x, evaluate(&polynomial, x))).collect();
            prop_assert_eq!(&*interpolate(&values).unwrap(), &polynomial);
            let indices: Vec<u16> = values.iter().map(|(x, _)| *x).collect();
            let weights = weights_at_zero(&indices).unwrap();
            let at_zero = weights.iter().zip(&values).fold(Scalar::ZERO, |sum, (w, (_, v))| sum + w * v);
            prop_assert_eq!(at_zero, polynomial[0]);
        }

        #[test]
        fn points_are_evaluated_as_scalars_are(numbers in prop::collection::vec(any::<u64>(), 1..6), at: u16) {
            let polynomial = scalars(&numbers);
            let points: Vec<_> = polynomial.iter().map(|c| ProjectivePoint::GENERATOR * c).collect();
            let expected = ProjectivePoint::GENERATOR * evaluate(&polynomial, at);
            prop_assert_eq!(evaluate_points(points.iter(), at), expected);
        }
    }

    #[test]
    fn doubled_indices_and_zero_have_no_weights() {
        assert_eq!(weights_at_zero(&[1, 2, 1]), None);
        assert_eq!(weights_at_zero(&[0, 2]), None);
        assert!(interpolate(&[(3, Scalar::ONE), (3, Scalar::ZERO)]).is_none());
    }
}
