//! Shares one share among the new group, and judges complaints about it.

use k256::{ProjectivePoint, Scalar};
use zeroize::Zeroizing;

use super::Succession;
use crate::complaint::Complaint;
use crate::hash;
use crate::judge::{NoVerdict, Verdict};
use crate::point::Point;
use crate::poly::evaluate_points;
use crate::seal::{Bundle, TAG_SIZE};
use crate::secret::DecryptionKey;
use crate::wire::{DecodeError, HEADER_SIZE, Header, Kind};

const SEALED_SIZE: usize = 32 + TAG_SIZE;

/// Carries what old holder i says: Feldman commitments c_k = a_k G to a polynomial of degree t'-1 whose value at 0 is
/// its share, and the value at j sealed to each new member j.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover(pub(crate) Bundle<SEALED_SIZE>);

impl Handover {
    /// Puts a handover together from its parts, right or wrong: `shares` in the order of the new members.
    ///
    /// None if the counts are not those of the terms or the ephemeral key is zero. An honest holder uses
    /// [`super::Giver`].
    pub fn assemble(
        succession: &Succession,
        holder: u16,
        commitments: Vec<Point>,
        ephemeral: &Scalar,
        shares: &[Scalar],
    ) -> Option<Self> {
        let terms = succession.terms();
        let header = Header { kind: Kind::Handover, digest: *succession.digest(), author: holder };
        if commitments.len() != usize::from(terms.threshold()) {
            return None;
        }
        let texts: Vec<_> = shares.iter().map(|share| Zeroizing::new(share.to_bytes().to_vec())).collect();
        Bundle::assemble(header, commitments, ephemeral, terms, &texts).map(Self)
    }

    /// Writes the one byte string that means this handover.
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// Reads a handover of this session; checks that its author knows the ephemeral key, and that what is handed over
    /// is the share the holder is known by (c_0 = Y_i).
    pub fn decode(bytes: &[u8], succession: &Succession) -> Result<Self, DecodeError> {
        let (terms, holders) = (succession.terms(), succession.holders());
        let bundle = Bundle::decode(bytes, Kind::Handover, succession.digest(), holders.size(), terms)?;
        if bundle.commitments.first() != holders.verifying(bundle.header.author) {
            return Err(DecodeError::ForeignShare);
        }
        Ok(Self(bundle))
    }

    /// Counts the bytes of a handover.
    pub fn size(succession: &Succession) -> usize {
        HEADER_SIZE + Bundle::<SEALED_SIZE>::body_size(succession.terms())
    }

    /// Gives the holder's index i in the old group.
    pub fn holder(&self) -> u16 {
        self.0.header.author
    }

    /// Gives the commitments c_k.
    pub fn commitments(&self) -> &[Point] {
        &self.0.commitments
    }

    /// Opens what is sealed to a new member by its key. None if it does not open, or is no scalar.
    pub fn open(&self, receiver: u16, key: &DecryptionKey) -> Option<Zeroizing<Scalar>> {
        let shared = self.0.shared(key)?;
        self.open_shared(receiver, &shared)
    }

    fn open_shared(&self, receiver: u16, shared: &Point) -> Option<Zeroizing<Scalar>> {
        let text = self.0.open(receiver, shared)?;
        let bytes: &[u8; 32] = text.as_slice().try_into().ok()?;
        hash::scalar(bytes).map(Zeroizing::new)
    }

    /// Checks s_i(j) G = sum j^k c_k (Feldman 1987).
    pub fn commits_to(&self, receiver: u16, share: &Scalar) -> bool {
        let points: Vec<_> = self.commitments().iter().map(Point::projective).collect();
        ProjectivePoint::GENERATOR * share == evaluate_points(points.iter(), receiver)
    }

    /// Accuses the holder by a new member's key. None if nobody has this index and key.
    pub fn complain(&self, succession: &Succession, accuser: u16, key: &DecryptionKey) -> Option<Complaint> {
        Complaint::against(&self.0, succession.terms(), accuser, key)
    }
}

/// Reads a complaint of a re-sharing: by a member of the new group against a holder of the old.
pub fn decode_complaint(bytes: &[u8], succession: &Succession) -> Result<Complaint, DecodeError> {
    let (accusers, dealers) = (succession.terms().size(), succession.holders().size());
    Complaint::decode_under(bytes, succession.digest(), accusers, dealers)
}

/// Judges a complaint as [`crate::judge::complaint`] does, by the equation of [`Handover::commits_to`].
pub fn judge(
    succession: &Succession,
    handover: &Handover,
    complaint: &Complaint,
) -> Result<Verdict, NoVerdict> {
    if !complaint.opens(&handover.0, succession.terms()) {
        return Err(NoVerdict::Unproved);
    }
    let accuser = complaint.accuser();
    let share = handover.open_shared(accuser, &complaint.shared);
    let right = share.is_some_and(|share| handover.commits_to(accuser, &share));
    Ok(if right { Verdict::Accuser } else { Verdict::Dealer })
}
