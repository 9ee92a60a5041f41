//! States who holds a key, and who shall.

use k256::ProjectivePoint;
use thiserror::Error;

use crate::hash::tagged;
use crate::outcome::Outcome;
use crate::point::Point;
use crate::poly::weights_at_zero;
use crate::terms::{MEMBERS_MAX, Terms};

/// Says why a group is not one that holds the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HoldersError {
    /// The threshold is zero or above the number of holders, or there are more than [`MEMBERS_MAX`].
    #[error("{threshold} of {holders} holders")]
    Size {
        /// t of the group.
        threshold: u16,
        /// m of the group.
        holders: usize,
    },
    /// The verifying points do not lie on one polynomial of degree t-1 whose value at 0 is the key.
    #[error("the verifying points are not those of the key")]
    OtherKey,
}

/// States what is publicly known of the group that holds a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holders {
    key: Point,
    threshold: u16,
    verifying: Vec<Point>,
}

impl Holders {
    /// Takes the key, t, and the holders' verifying points in the order of their indices; checks that they fit.
    pub fn new(key: Point, threshold: u16, verifying: Vec<Point>) -> Result<Self, HoldersError> {
        let t = usize::from(threshold);
        if t == 0 || t > verifying.len() || verifying.len() > MEMBERS_MAX {
            return Err(HoldersError::Size { threshold, holders: verifying.len() });
        }
        let holders = Self { key, threshold, verifying };
        if holders.fit() { Ok(holders) } else { Err(HoldersError::OtherKey) }
    }

    /// Takes the outcome of a generation or re-sharing under `terms`.
    pub fn of(terms: &Terms, outcome: &Outcome) -> Result<Self, HoldersError> {
        Self::new(outcome.key, terms.threshold(), outcome.verifying.clone())
    }

    /// Checks that each t consecutive points interpolate to the key: then all lie on one polynomial.
    fn fit(&self) -> bool {
        let indices: Vec<u16> = (1..=self.size()).collect();
        indices.windows(usize::from(self.threshold)).all(|some| self.at_zero(some) == Some(self.key))
    }

    fn at_zero(&self, indices: &[u16]) -> Option<Point> {
        let mut sum = ProjectivePoint::IDENTITY;
        for (index, weight) in indices.iter().zip(weights_at_zero(indices)?) {
            sum += self.verifying(*index)?.projective() * weight;
        }
        Point::new(sum)
    }

    /// Gives the key.
    pub fn key(&self) -> &Point {
        &self.key
    }

    /// Gives t, the number of holders who must hand over.
    pub fn threshold(&self) -> u16 {
        self.threshold
    }

    /// Gives m, the number of holders.
    pub fn size(&self) -> u16 {
        u16::try_from(self.verifying.len()).unwrap_or(u16::MAX)
    }

    /// Gives a holder's verifying point.
    pub fn verifying(&self, index: u16) -> Option<&Point> {
        self.verifying.get(usize::from(index.checked_sub(1)?))
    }
}

/// States one re-sharing: from whom, to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    holders: Holders,
    terms: Terms,
    digest: [u8; 32],
}

impl Succession {
    /// Plans a re-sharing from the holders to the members of the new terms.
    pub fn new(holders: Holders, terms: Terms) -> Self {
        let digest = digest(&holders, &terms);
        Self { holders, terms, digest }
    }

    /// Gives the old group.
    pub fn holders(&self) -> &Holders {
        &self.holders
    }

    /// Gives the new group.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Binds everything said in the session: the hash of the key, the old group and the new terms.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

fn digest(holders: &Holders, terms: &Terms) -> [u8; 32] {
    let (threshold, size) = (holders.threshold.to_be_bytes(), holders.size().to_be_bytes());
    let verifying: Vec<[u8; Point::SIZE]> = holders.verifying.iter().map(Point::to_bytes).collect();
    let key = holders.key.to_bytes();
    let parts: [&[u8]; 5] = [terms.digest(), &key, &threshold, &size, verifying.as_flattened()];
    tagged("fusor/dcrm/succession", &parts)
}
