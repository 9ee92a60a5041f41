//! Writes and reads messages: a kind, the session's digest, the author's index, then a body of one exact length.
//!
//! One meaning has one byte string, so different nodes cannot be shown different messages of one hash.

use k256::Scalar;
use thiserror::Error;

use crate::hash;
use crate::point::Point;

/// Tells messages apart by their first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Commitments and sealed pairs (whitepaper 3.5.2, steps 1.b and 1.c).
    Dealing = 1,
    /// A receiver opens its sealed pair to everyone (1.d.ii).
    Complaint = 2,
    /// The dealer's part of the public key (2.a).
    Extraction = 3,
    /// A holder shows a pair that the extraction does not meet (GJKR 4.b).
    Objection = 4,
    /// A holder shows a pair of a dealer whose part is reconstructed (GJKR 4.c).
    Reveal = 5,
    /// An old holder shares its share among the new group.
    Handover = 6,
}

/// Says why bytes are no message of this session. Nothing follows about who is guilty: the message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// Too short or too long for its kind under these terms.
    #[error("{found} bytes where {expected} are due")]
    Length {
        /// The exact length in bytes that the terms demand.
        expected: usize,
        /// The length found, in bytes.
        found: usize,
    },
    /// Another kind of message.
    #[error("kind {0} where another is due")]
    Kind(u8),
    /// Said in another session, or under other terms.
    #[error("of another session")]
    OtherSession,
    /// An index that is zero or above the number of members.
    #[error("no member has index {0}")]
    NoSuchMember(u16),
    /// A point that is not canonical, not on the curve, or at infinity.
    #[error("a point that is not canonical or at infinity")]
    Point,
    /// A scalar at or above the group's order.
    #[error("a scalar at or above the order of the group")]
    Scalar,
    /// The dealer does not show that it knows its ephemeral key.
    #[error("the proof of the ephemeral key does not verify")]
    Possession,
    /// The first commitment of a handover is not the holder's verifying point: another share is handed over.
    #[error("the handover is not of the share that the holder is known by")]
    ForeignShare,
}

/// Counts the bytes before the body: kind, digest, author.
pub(crate) const HEADER_SIZE: usize = 1 + 32 + 2;

/// Opens every message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    pub(crate) digest: [u8; 32],
    pub(crate) author: u16,
}

impl Header {
    /// Starts a message with its header.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut bytes = vec![self.kind as u8];
        bytes.extend(self.digest);
        bytes.extend(self.author.to_be_bytes());
        bytes
    }

    /// Reads the header due, by an author of index 1 to `authors`, before a body of exactly `body` bytes.
    pub(crate) fn read<'a>(
        bytes: &'a [u8],
        kind: Kind,
        digest: &[u8; 32],
        authors: u16,
        body: usize,
    ) -> Result<(Self, Reader<'a>), DecodeError> {
        let expected = HEADER_SIZE + body;
        if bytes.len() != expected {
            return Err(DecodeError::Length { expected, found: bytes.len() });
        }
        let mut reader = Reader { rest: bytes };
        let [found] = reader.array()?;
        if found != kind as u8 {
            return Err(DecodeError::Kind(found));
        }
        if reader.array::<32>()? != *digest {
            return Err(DecodeError::OtherSession);
        }
        let author = reader.index(authors)?;
        Ok((Self { kind, digest: *digest, author }, reader))
    }
}

/// Reads a body whose length is known to be right.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    /// Reads N bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let short = DecodeError::Length { expected: N, found: self.rest.len() };
        let (found, rest) = self.rest.split_first_chunk::<N>().ok_or(short)?;
        self.rest = rest;
        Ok(*found)
    }

    /// Reads an index from 1 to `size`.
    pub(crate) fn index(&mut self, size: u16) -> Result<u16, DecodeError> {
        let index = u16::from_be_bytes(self.array()?);
        if index == 0 || index > size {
            return Err(DecodeError::NoSuchMember(index));
        }
        Ok(index)
    }

    /// Reads a canonical point, never at infinity.
    pub(crate) fn point(&mut self) -> Result<Point, DecodeError> {
        Point::from_bytes(&self.array()?).map_err(|_| DecodeError::Point)
    }

    /// Reads `count` points.
    pub(crate) fn points(&mut self, count: u16) -> Result<Vec<Point>, DecodeError> {
        (0..count).map(|_| self.point()).collect()
    }

    /// Reads a scalar below the group's order.
    pub(crate) fn scalar(&mut self) -> Result<Scalar, DecodeError> {
        hash::scalar(&self.array()?).ok_or(DecodeError::Scalar)
    }
}

/// Tells by the first byte which kind of message bytes claim to be.
pub(crate) fn kind_of(bytes: &[u8]) -> Option<Kind> {
    let kinds =
        [Kind::Dealing, Kind::Complaint, Kind::Extraction, Kind::Objection, Kind::Reveal, Kind::Handover];
    let first = bytes.first()?;
    kinds.into_iter().find(|kind| *kind as u8 == *first)
}
