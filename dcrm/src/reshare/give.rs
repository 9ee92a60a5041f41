//! Plays an old holder.

use k256::Scalar;
use thiserror::Error;
use zeroize::Zeroizing;

use super::{Handover, Succession};
use crate::hash::expand;
use crate::point::Point;
use crate::poly::evaluate;
use crate::secret::Share;

/// Says why a holder cannot hand over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum GiveError {
    /// The share is not the one by which the old group knows this holder: perhaps of an older epoch.
    #[error("the share does not belong to holder {0} of this group")]
    OtherShare(u16),
}

/// Plays old holder i: a polynomial whose value at 0 is its share, the rest from one seed.
///
/// The same succession, share and seed give the same bytes, so a holder that crashes hands over nothing different.
pub struct Giver<'a> {
    succession: &'a Succession,
    index: u16,
    polynomial: Zeroizing<Vec<Scalar>>,
    ephemeral: Zeroizing<Scalar>,
}

impl<'a> Giver<'a> {
    /// Draws the polynomial from a seed of 32 uniform bytes, drawn for this session alone and kept secret.
    pub fn from_seed(succession: &'a Succession, share: &Share, seed: &[u8; 32]) -> Result<Self, GiveError> {
        let index = share.index();
        let known = succession.holders().verifying(index);
        if known.is_none() || share.verifying().as_ref() != known {
            return Err(GiveError::OtherShare(index));
        }
        let draw = |tag, number: u16| {
            let (author, number) = (index.to_be_bytes(), number.to_be_bytes());
            expand(tag, seed, &[succession.digest(), &author, &number])
        };
        let rest = (1..succession.terms().threshold()).map(|k| *draw("fusor/dcrm/give/secret", k));
        let polynomial = Zeroizing::new(std::iter::once(*share.scalar()).chain(rest).collect());
        let ephemeral = draw("fusor/dcrm/give/ephemeral", 0);
        Ok(Self { succession, index, polynomial, ephemeral })
    }

    /// Computes what new member j receives.
    pub fn share_for(&self, receiver: u16) -> Zeroizing<Scalar> {
        Zeroizing::new(evaluate(&self.polynomial, receiver))
    }

    /// Hands over. None only at odds of 2^-250, if a coefficient is zero.
    pub fn hand_over(&self) -> Option<Handover> {
        let commitments = self.polynomial.iter().map(Point::of_secret).collect::<Option<Vec<_>>>()?;
        let shares: Zeroizing<Vec<Scalar>> = Zeroizing::new(
            self.succession.terms().indices().map(|receiver| *self.share_for(receiver)).collect(),
        );
        Handover::assemble(self.succession, self.index, commitments, &self.ephemeral, &shares)
    }
}
