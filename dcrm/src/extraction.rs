//! Shows a dealer's part of the public key, and what holders answer to it.

use crate::dealing::Dealing;
use crate::point::Point;
use crate::poly::evaluate_points;
use crate::secret::Pair;
use crate::terms::Terms;
use crate::wire::{DecodeError, HEADER_SIZE, Header, Kind};
use k256::ProjectivePoint;

/// Carries A_ik = a_ik T for all k (whitepaper 3.5.2, step 2.a; all k as GJKR 4.a, not only A_i0).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extraction {
    header: Header,
    points: Vec<Point>,
}

impl Extraction {
    /// Takes t points, right or wrong. None at another count; an honest dealer uses [`crate::Dealer::extract`].
    pub fn new(terms: &Terms, dealer: u16, points: Vec<Point>) -> Option<Self> {
        let header = Header { kind: Kind::Extraction, digest: *terms.digest(), author: dealer };
        (points.len() == usize::from(terms.threshold())).then_some(Self { header, points })
    }

    /// Writes the one byte string that means this extraction.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.header.write();
        bytes.extend(self.points.iter().flat_map(Point::to_bytes));
        bytes
    }

    /// Reads an extraction of this session.
    pub fn decode(bytes: &[u8], terms: &Terms) -> Result<Self, DecodeError> {
        let body = Self::size(terms) - HEADER_SIZE;
        let (header, mut reader) = Header::read(bytes, Kind::Extraction, terms.digest(), terms.size(), body)?;
        Ok(Self { header, points: reader.points(terms.threshold())? })
    }

    /// Counts the bytes of an extraction under these terms.
    pub fn size(terms: &Terms) -> usize {
        HEADER_SIZE + usize::from(terms.threshold()) * Point::SIZE
    }

    /// Gives the dealer's index i.
    pub fn dealer(&self) -> u16 {
        self.header.author
    }

    /// Gives the points A_ik.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Checks a pair against the part shown: s_ij T = sum j^k A_ik (GJKR, equation 5).
    pub fn agrees_with(&self, receiver: u16, pair: &Pair) -> bool {
        let points: Vec<_> = self.points.iter().map(Point::projective).collect();
        ProjectivePoint::GENERATOR * pair.share == evaluate_points(points.iter(), receiver)
    }
}

/// Holds a pair that its holder shows to everyone.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    header: Header,
    dealer: u16,
    pair: Pair,
}

const SHOWN_SIZE: usize = HEADER_SIZE + 2 + Pair::SIZE;

impl Shown {
    fn new(kind: Kind, terms: &Terms, holder: u16, dealer: u16, pair: Pair) -> Self {
        Self { header: Header { kind, digest: *terms.digest(), author: holder }, dealer, pair }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = self.header.write();
        bytes.extend(self.dealer.to_be_bytes());
        bytes.extend(self.pair.to_bytes().iter());
        bytes
    }

    fn decode(bytes: &[u8], kind: Kind, terms: &Terms) -> Result<Self, DecodeError> {
        let body = SHOWN_SIZE - HEADER_SIZE;
        let (header, mut reader) = Header::read(bytes, kind, terms.digest(), terms.size(), body)?;
        let dealer = reader.index(terms.size())?;
        let pair = Pair { share: reader.scalar()?, blind: reader.scalar()? };
        Ok(Self { header, dealer, pair })
    }
}

/// Shows a pair that the dealing commits to and the extraction does not meet (GJKR 4.b).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection(Shown);

impl Objection {
    /// Counts the bytes of an objection.
    pub const SIZE: usize = SHOWN_SIZE;

    /// Objects to a dealer's extraction by the pair it handed to the accuser.
    pub fn new(terms: &Terms, accuser: u16, dealer: u16, pair: Pair) -> Self {
        Self(Shown::new(Kind::Objection, terms, accuser, dealer, pair))
    }

    /// Writes the one byte string that means this objection.
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// Reads an objection of this session.
    pub fn decode(bytes: &[u8], terms: &Terms) -> Result<Self, DecodeError> {
        Shown::decode(bytes, Kind::Objection, terms).map(Self)
    }

    /// Gives the accuser's index j.
    pub fn accuser(&self) -> u16 {
        self.0.header.author
    }

    /// Gives the index i of the dealer accused.
    pub fn dealer(&self) -> u16 {
        self.0.dealer
    }

    /// Gives the pair shown.
    pub fn pair(&self) -> &Pair {
        &self.0.pair
    }
}

/// Shows a holder's pair of a dealer whose part must be reconstructed (GJKR 4.c).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reveal(Shown);

impl Reveal {
    /// Counts the bytes of a reveal.
    pub const SIZE: usize = SHOWN_SIZE;

    /// Shows the pair that the dealer handed to the holder.
    pub fn new(terms: &Terms, holder: u16, dealer: u16, pair: Pair) -> Self {
        Self(Shown::new(Kind::Reveal, terms, holder, dealer, pair))
    }

    /// Writes the one byte string that means this reveal.
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// Reads a reveal of this session.
    pub fn decode(bytes: &[u8], terms: &Terms) -> Result<Self, DecodeError> {
        Shown::decode(bytes, Kind::Reveal, terms).map(Self)
    }

    /// Gives the holder's index j.
    pub fn holder(&self) -> u16 {
        self.0.header.author
    }

    /// Gives the index i of the dealer.
    pub fn dealer(&self) -> u16 {
        self.0.dealer
    }

    /// Gives the pair shown.
    pub fn pair(&self) -> &Pair {
        &self.0.pair
    }

    /// Checks the pair against the dealer's commitments by equation (5); only such a pair counts.
    pub fn holds(&self, dealing: &Dealing) -> bool {
        self.dealer() == dealing.dealer() && dealing.commits_to(self.holder(), self.pair())
    }
}
