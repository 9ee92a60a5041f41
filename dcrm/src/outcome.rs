//! Puts the public key together from the qualified dealers' parts.

use k256::{ProjectivePoint, Scalar};
use thiserror::Error;

use crate::dealing::Dealing;
use crate::extraction::{Extraction, Reveal};
use crate::point::Point;
use crate::poly::{evaluate_points, interpolate};
use crate::terms::Terms;

/// Says why a session gives no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FinishError {
    /// Phases are left to end.
    #[error("the session has not ended")]
    NotEnded,
    /// Fewer dealers stand than shares sign: not surely an honest one among them.
    #[error("{found} dealers stand, {needed} are needed")]
    TooFewDealers {
        /// How many stand.
        found: usize,
        /// t, how many must.
        needed: u16,
    },
    /// A dealer counts twice.
    #[error("dealer {0} counts twice")]
    DoubledDealer(u16),
    /// Too few holders showed right pairs of a dealer to reconstruct its part.
    #[error("{found} pairs of dealer {dealer} are shown, {needed} are needed")]
    TooFewReveals {
        /// The dealer's index.
        dealer: u16,
        /// How many holders showed a right pair.
        found: usize,
        /// t, how many must.
        needed: u16,
    },
    /// The key or a verifying point would be the point at infinity (odds of 2^-250).
    #[error("the key or a verifying point is the point at infinity")]
    Infinity,
    /// The new group's key is not the old one's: handovers of another key were given.
    #[error("the key would change")]
    OtherKey,
}

/// Says what everyone knows after a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Y, the public key that nobody holds.
    pub key: Point,
    /// Y_j for every member j, in the order of their indices: what its share times the base point must be.
    pub verifying: Vec<Point>,
    /// The indices of the dealers whose sum the key is (QUAL), or who were chosen to hand over.
    pub dealers: Vec<u16>,
}

impl Outcome {
    /// Gives the verifying point of a member.
    pub fn verifying(&self, index: u16) -> Option<&Point> {
        self.verifying.get(usize::from(index.checked_sub(1)?))
    }
}

/// Gives one qualified dealer's part of the key.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// An extraction to which nobody rightly objected.
    Extracted(&'a Extraction),
    /// A dealing, and holders' pairs of it. Wrong, doubled and excess ones do not count.
    Revealed(&'a Dealing, &'a [Reveal]),
}

impl Part<'_> {
    fn dealer(&self) -> u16 {
        match self {
            Self::Extracted(extraction) => extraction.dealer(),
            Self::Revealed(dealing, _) => dealing.dealer(),
        }
    }

    /// Gives A_ik for all k.
    fn points(&self, terms: &Terms) -> Result<Vec<ProjectivePoint>, FinishError> {
        match self {
            Self::Extracted(extraction) => Ok(extraction.points().iter().map(Point::projective).collect()),
            Self::Revealed(dealing, reveals) => reconstruct(terms, dealing, reveals),
        }
    }
}

/// Sums the qualified dealers' parts to the key Y = sum A_i0 (whitepaper 3.5.2, step 2.b) and to the verifying points
/// Y_j = sum_i sum_k j^k A_ik of all members.
pub fn finish(terms: &Terms, parts: &[Part<'_>]) -> Result<Outcome, FinishError> {
    let dealers = distinct(parts)?;
    if parts.len() < usize::from(terms.threshold()) {
        return Err(FinishError::TooFewDealers { found: parts.len(), needed: terms.threshold() });
    }
    let mut sums = vec![ProjectivePoint::IDENTITY; usize::from(terms.threshold())];
    for part in parts {
        for (sum, point) in sums.iter_mut().zip(part.points(terms)?) {
            *sum += point;
        }
    }
    public(terms, &sums, dealers).ok_or(FinishError::Infinity)
}

/// Evaluates the joint polynomial over points at 0 and at every member's index.
pub(crate) fn public(terms: &Terms, joint: &[ProjectivePoint], dealers: Vec<u16>) -> Option<Outcome> {
    let key = Point::new(*joint.first()?)?;
    let verifying = terms.indices().map(|index| Point::new(evaluate_points(joint.iter(), index)));
    Some(Outcome { key, verifying: verifying.collect::<Option<_>>()?, dealers })
}

fn distinct(parts: &[Part<'_>]) -> Result<Vec<u16>, FinishError> {
    let mut dealers: Vec<u16> = parts.iter().map(Part::dealer).collect();
    dealers.sort_unstable();
    match dealers.iter().zip(dealers.iter().skip(1)).find(|(early, late)| early == late) {
        Some((doubled, _)) => Err(FinishError::DoubledDealer(*doubled)),
        None => Ok(dealers),
    }
}

/// Interpolates a dealer's polynomial from t right pairs, and shows its A_ik (GJKR 4.c).
fn reconstruct(
    terms: &Terms,
    dealing: &Dealing,
    reveals: &[Reveal],
) -> Result<Vec<ProjectivePoint>, FinishError> {
    let needed = terms.threshold();
    let mut values: Vec<(u16, Scalar)> = Vec::new();
    for reveal in reveals {
        let new = values.iter().all(|(holder, _)| *holder != reveal.holder());
        if values.len() < usize::from(needed) && new && reveal.holds(dealing) {
            values.push((reveal.holder(), reveal.pair().share));
        }
    }
    let short = FinishError::TooFewReveals { dealer: dealing.dealer(), found: values.len(), needed };
    if values.len() < usize::from(needed) {
        return Err(short);
    }
    let polynomial = interpolate(&values).ok_or(short)?;
    Ok(polynomial.iter().map(|coefficient| ProjectivePoint::GENERATOR * coefficient).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dealing::Dealer;
    use crate::secret::{DecryptionKey, Pair};

    fn terms() -> Terms {
        let key = |index| DecryptionKey::from_bytes(&[index; 32]).unwrap().public().unwrap();
        Terms::new([5; 32], 2, (1..=3).map(key).collect()).unwrap()
    }

    #[test]
    fn only_right_reveals_of_distinct_holders_count() {
        let terms = terms();
        let (first, second) =
            (Dealer::from_seed(&terms, 1, &[1; 32]), Dealer::from_seed(&terms, 2, &[2; 32]));
        let (first, second) = (first.unwrap(), second.unwrap());
        let (shown, dealing) = (first.extract().unwrap(), second.deal().unwrap());
        let reveal = |holder, pair: Pair| Reveal::new(&terms, holder, 2, pair);
        let right = |holder| reveal(holder, second.pair(holder));
        let wrong = reveal(1, Pair { share: Scalar::ONE, blind: Scalar::ONE });
        let of_another = Reveal::new(&terms, 2, 1, second.pair(2));
        let done = |reveals: &[Reveal]| {
            finish(&terms, &[Part::Extracted(&shown), Part::Revealed(&dealing, reveals)])
        };
        let expected =
            finish(&terms, &[Part::Extracted(&shown), Part::Extracted(&second.extract().unwrap())]);
        assert!(expected.is_ok());
        assert_eq!(done(&[right(1), right(3)]), expected);
        assert_eq!(
            done(&[wrong.clone(), right(2), of_another.clone(), right(2), right(3), right(1)]),
            expected
        );
        let short = Err(FinishError::TooFewReveals { dealer: 2, found: 1, needed: 2 });
        assert_eq!(done(&[wrong, right(2), of_another, right(2)]), short);
    }

    #[test]
    fn parts_are_of_distinct_dealers() {
        let terms = terms();
        let shown = Dealer::from_seed(&terms, 1, &[1; 32]).unwrap().extract().unwrap();
        let twice = [Part::Extracted(&shown), Part::Extracted(&shown)];
        assert_eq!(finish(&terms, &twice), Err(FinishError::DoubledDealer(1)));
        let once = [Part::Extracted(&shown)];
        assert_eq!(finish(&terms, &once), Err(FinishError::TooFewDealers { found: 1, needed: 2 }));
    }
}
