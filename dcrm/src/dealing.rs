//! Deals a secret: Pedersen commitments to two polynomials, and a sealed pair for each receiver.

use k256::elliptic_curve::ops::LinearCombination;
use k256::{ProjectivePoint, Scalar};
use zeroize::Zeroizing;

use crate::extraction::Extraction;
use crate::generator::second_generator;
use crate::hash::expand;
use crate::point::Point;
use crate::poly::{evaluate, evaluate_points};
use crate::seal::{Bundle, TAG_SIZE};
use crate::secret::{DecryptionKey, Pair};
use crate::terms::Terms;
use crate::wire::{DecodeError, HEADER_SIZE, Header, Kind};

const SEALED_SIZE: usize = Pair::SIZE + TAG_SIZE;

/// Carries what dealer i says in steps 1.b and 1.c of whitepaper 3.5.2: the commitments P_ik = a_ik T + b_ik T', and
/// the pair (s_ij, s'_ij) sealed to each member j.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dealing(pub(crate) Bundle<SEALED_SIZE>);

impl Dealing {
    /// Puts a dealing together from its parts, right or wrong: `pairs` in the order of the members.
    ///
    /// None if the counts are not those of the terms or the ephemeral key is zero. An honest dealer uses [`Dealer`].
    pub fn assemble(
        terms: &Terms,
        dealer: u16,
        commitments: Vec<Point>,
        ephemeral: &Scalar,
        pairs: &[Pair],
    ) -> Option<Self> {
        let header = Header { kind: Kind::Dealing, digest: *terms.digest(), author: dealer };
        if commitments.len() != usize::from(terms.threshold()) {
            return None;
        }
        let texts: Vec<_> = pairs.iter().map(|pair| Zeroizing::new(pair.to_bytes().to_vec())).collect();
        Bundle::assemble(header, commitments, ephemeral, terms, &texts).map(Self)
    }

    /// Writes the one byte string that means this dealing.
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// Reads a dealing of this session and checks that its author knows the ephemeral key.
    ///
    /// The chain checks besides that the sender is [`Dealing::dealer`], and takes one dealing of each.
    pub fn decode(bytes: &[u8], terms: &Terms) -> Result<Self, DecodeError> {
        Bundle::decode(bytes, Kind::Dealing, terms.digest(), terms.size(), terms).map(Self)
    }

    /// Counts the bytes of a dealing under these terms.
    pub fn size(terms: &Terms) -> usize {
        HEADER_SIZE + Bundle::<SEALED_SIZE>::body_size(terms)
    }

    /// Gives the dealer's index i.
    pub fn dealer(&self) -> u16 {
        self.0.header.author
    }

    /// Gives the commitments P_ik.
    pub fn commitments(&self) -> &[Point] {
        &self.0.commitments
    }

    /// Opens what is sealed to the receiver by its key. None if it does not open, or is no pair.
    pub fn open(&self, receiver: u16, key: &DecryptionKey) -> Option<Pair> {
        let shared = self.0.shared(key)?;
        self.open_shared(receiver, &shared)
    }

    /// Opens what is sealed to the receiver by the point it shares with the dealer.
    pub(crate) fn open_shared(&self, receiver: u16, shared: &Point) -> Option<Pair> {
        Pair::from_bytes(&self.0.open(receiver, shared)?)
    }

    /// Checks equation (5) of whitepaper 3.5.2: s_ij T + s'_ij T' = sum j^k P_ik.
    pub fn commits_to(&self, receiver: u16, pair: &Pair) -> bool {
        let points: Vec<_> = self.commitments().iter().map(Point::projective).collect();
        pedersen(&pair.share, &pair.blind) == evaluate_points(points.iter(), receiver)
    }
}

/// Commits to a scalar under a blind: a T + b T'.
fn pedersen(a: &Scalar, b: &Scalar) -> ProjectivePoint {
    ProjectivePoint::lincomb(&ProjectivePoint::GENERATOR, a, &second_generator(), b)
}

/// Plays dealer i: the two random polynomials of step 1.a, all from one seed.
///
/// The same terms, index and seed give the same bytes, so a dealer that crashes and begins anew deals no second,
/// different dealing. The seed must be kept, and be as secret as a share.
pub struct Dealer<'a> {
    terms: &'a Terms,
    index: u16,
    secret: Zeroizing<Vec<Scalar>>,
    blind: Zeroizing<Vec<Scalar>>,
    ephemeral: Zeroizing<Scalar>,
}

impl<'a> Dealer<'a> {
    /// Draws the polynomials f_i and f'_i of degree t-1 (step 1.a) from a seed of 32 uniform bytes.
    ///
    /// None if nobody has this index.
    pub fn from_seed(terms: &'a Terms, index: u16, seed: &[u8; 32]) -> Option<Self> {
        terms.member(index)?;
        let draw = |tag, number: u16| {
            let (author, number) = (index.to_be_bytes(), number.to_be_bytes());
            expand(tag, seed, &[terms.digest(), &author, &number])
        };
        let all = |tag| Zeroizing::new((0..terms.threshold()).map(|k| *draw(tag, k)).collect());
        Some(Self {
            terms,
            index,
            secret: all("fusor/dcrm/deal/secret"),
            blind: all("fusor/dcrm/deal/blind"),
            ephemeral: draw("fusor/dcrm/deal/ephemeral", 0),
        })
    }

    /// Computes the pair for receiver j: s_ij = f_i(j), s'_ij = f'_i(j).
    pub fn pair(&self, receiver: u16) -> Pair {
        Pair { share: evaluate(&self.secret, receiver), blind: evaluate(&self.blind, receiver) }
    }

    /// Computes the commitments P_ik of step 1.a.ii.
    ///
    /// None only if one of them is the point at infinity, which shows the logarithm of T'.
    pub fn commitments(&self) -> Option<Vec<Point>> {
        self.secret.iter().zip(self.blind.iter()).map(|(a, b)| Point::new(pedersen(a, b))).collect()
    }

    /// Deals (steps 1.b and 1.c).
    pub fn deal(&self) -> Option<Dealing> {
        let pairs: Vec<Pair> = self.terms.indices().map(|receiver| self.pair(receiver)).collect();
        Dealing::assemble(self.terms, self.index, self.commitments()?, &self.ephemeral, &pairs)
    }

    /// Shows the dealer's part of the public key: A_ik = a_ik T for all k (step 2.a, in full as GJKR 4.a).
    pub fn extract(&self) -> Option<Extraction> {
        let points = self.secret.iter().map(Point::of_secret).collect::<Option<Vec<_>>>()?;
        Extraction::new(self.terms, self.index, points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists everything secret that a dealer draws.
    fn drawn(terms: &Terms, index: u16, seed: u8) -> Vec<[u8; 32]> {
        let dealer = Dealer::from_seed(terms, index, &[seed; 32]).unwrap();
        let all = dealer.secret.iter().chain(dealer.blind.iter()).chain([&*dealer.ephemeral]);
        all.map(|scalar| scalar.to_bytes().into()).collect()
    }

    #[test]
    fn nothing_drawn_is_drawn_again_elsewhere() {
        let members: Vec<Point> = (1..=5u64).map(|k| Point::of_secret(&Scalar::from(k)).unwrap()).collect();
        let terms = |session| Terms::new([session; 32], 3, members.clone()).unwrap();
        let (first, second) = (terms(1), terms(2));
        let mut all =
            [drawn(&first, 1, 9), drawn(&first, 2, 9), drawn(&second, 1, 9), drawn(&first, 1, 8)].concat();
        assert_eq!(all.len(), 4 * 7);
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 4 * 7);
        assert_eq!(drawn(&first, 1, 9), drawn(&first, 1, 9));
    }
}
