//! Opens one sealed secret to everyone, with proof that it is opened rightly.

use crate::point::Point;
use crate::proof::{SharedPointProof, Statement};
use crate::seal::Bundle;
use crate::secret::DecryptionKey;
use crate::terms::Terms;
use crate::wire::{DecodeError, HEADER_SIZE, Header, Kind};

/// Accuses a dealer (whitepaper 3.5.2, step 1.d.ii) by opening what it sealed to the accuser.
///
/// Serves key generation and re-sharing alike; the digest in its header tells the sessions apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Complaint {
    header: Header,
    dealer: u16,
    pub(crate) shared: Point,
    proof: SharedPointProof,
}

impl Complaint {
    /// Counts the bytes of a complaint.
    pub const SIZE: usize = HEADER_SIZE + 2 + Point::SIZE + SharedPointProof::SIZE;

    /// Accuses the dealer of a dealing by the accuser's key. None if nobody has this index and key.
    pub fn new(terms: &Terms, accuser: u16, key: &DecryptionKey, against: &crate::Dealing) -> Option<Self> {
        Self::against(&against.0, terms, accuser, key)
    }

    pub(crate) fn against<const N: usize>(
        bundle: &Bundle<N>,
        terms: &Terms,
        accuser: u16,
        key: &DecryptionKey,
    ) -> Option<Self> {
        let receiver_key = terms.member(accuser).filter(|member| key.public().as_ref() == Some(member))?;
        let shared = bundle.shared(key)?;
        let statement = statement(bundle, accuser, receiver_key, &shared);
        let proof = SharedPointProof::prove(&statement, key);
        let header = Header { kind: Kind::Complaint, digest: bundle.header.digest, author: accuser };
        Some(Self { header, dealer: bundle.header.author, shared, proof })
    }

    /// Writes the one byte string that means this complaint.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.header.write();
        bytes.extend(self.dealer.to_be_bytes());
        bytes.extend(self.shared.to_bytes());
        self.proof.write(&mut bytes);
        bytes
    }

    /// Reads a complaint of a key generation. Its proof is checked by [`crate::judge::complaint`].
    pub fn decode(bytes: &[u8], terms: &Terms) -> Result<Self, DecodeError> {
        Self::decode_under(bytes, terms.digest(), terms.size(), terms.size())
    }

    pub(crate) fn decode_under(
        bytes: &[u8],
        digest: &[u8; 32],
        accusers: u16,
        dealers: u16,
    ) -> Result<Self, DecodeError> {
        let (header, mut reader) =
            Header::read(bytes, Kind::Complaint, digest, accusers, Self::SIZE - HEADER_SIZE)?;
        let dealer = reader.index(dealers)?;
        let shared = reader.point()?;
        Ok(Self { header, dealer, shared, proof: SharedPointProof::read(&mut reader)? })
    }

    /// Gives the accuser's index j.
    pub fn accuser(&self) -> u16 {
        self.header.author
    }

    /// Gives the index i of the dealer accused.
    pub fn dealer(&self) -> u16 {
        self.dealer
    }

    /// Checks that the complaint speaks of this bundle and opens it by the accuser's key.
    pub(crate) fn opens<const N: usize>(&self, bundle: &Bundle<N>, terms: &Terms) -> bool {
        let same = self.header.digest == bundle.header.digest && self.dealer == bundle.header.author;
        let key = terms.member(self.accuser()).filter(|_| same);
        key.is_some_and(|key| self.proof.holds(&statement(bundle, self.accuser(), key, &self.shared)))
    }
}

fn statement<'a, const N: usize>(
    bundle: &'a Bundle<N>,
    receiver: u16,
    receiver_key: &'a Point,
    shared: &'a Point,
) -> Statement<'a> {
    Statement {
        digest: &bundle.header.digest,
        dealer: bundle.header.author,
        receiver,
        receiver_key,
        ephemeral: &bundle.ephemeral,
        shared,
    }
}
