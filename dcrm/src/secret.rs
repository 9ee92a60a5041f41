//! Holds what only one party may know; wiped from memory when dropped, never printed.

use std::fmt;

use k256::Scalar;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::hash;
use crate::point::Point;

/// Says that 32 bytes are zero, or at or above the group's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a scalar between 1 and the order of the group")]
pub struct NotASecret;

fn nonzero(bytes: &[u8; 32]) -> Result<Scalar, NotASecret> {
    hash::scalar(bytes).filter(|scalar| *scalar != Scalar::ZERO).ok_or(NotASecret)
}

/// Holds the key by which a member opens what is sealed to it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DecryptionKey(Scalar);

impl DecryptionKey {
    /// Reads a key of 32 bytes, big-endian.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, NotASecret> {
        nonzero(bytes).map(Self)
    }

    /// Gives the encryption key that belongs to it.
    pub fn public(&self) -> Option<Point> {
        Point::of_secret(&self.0)
    }

    pub(crate) fn scalar(&self) -> &Scalar {
        &self.0
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DecryptionKey(..)")
    }
}

/// Holds the pair (s_ij, s'_ij) which dealer i hands to receiver j (whitepaper 3.5.2, step 1.a).
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Pair {
    /// s_ij: the dealer's secret polynomial at the receiver's index.
    pub share: Scalar,
    /// s'_ij: the dealer's blinding polynomial at the receiver's index.
    pub blind: Scalar,
}

impl Pair {
    /// Counts the bytes of a written pair.
    pub const SIZE: usize = 64;

    /// Writes the share, then the blind, each as 32 bytes, big-endian.
    pub fn to_bytes(&self) -> Zeroizing<[u8; Self::SIZE]> {
        let mut bytes = Zeroizing::new([0; Self::SIZE]);
        let (share, blind) = bytes.split_at_mut(32);
        share.copy_from_slice(&self.share.to_bytes());
        blind.copy_from_slice(&self.blind.to_bytes());
        bytes
    }

    /// Reads a pair of scalars below the group's order.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (share, rest) = bytes.split_first_chunk::<32>()?;
        let (blind, rest) = rest.split_first_chunk::<32>()?;
        let pair = Self { share: hash::scalar(share)?, blind: hash::scalar(blind)? };
        rest.is_empty().then_some(pair)
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pair(..)")
    }
}

/// Holds one member's share of the key: the joint polynomial at its index.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Share {
    index: u16,
    scalar: Scalar,
}

impl Share {
    /// Takes a share of the member of this index; zero is none (it would show itself as the point at infinity).
    pub fn new(index: u16, scalar: Scalar) -> Result<Self, NotASecret> {
        if index == 0 || scalar == Scalar::ZERO {
            return Err(NotASecret);
        }
        Ok(Self { index, scalar })
    }

    /// Reads a share of 32 bytes, big-endian.
    pub fn from_bytes(index: u16, bytes: &[u8; 32]) -> Result<Self, NotASecret> {
        Self::new(index, nonzero(bytes)?)
    }

    /// Writes the secret as 32 bytes, big-endian.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.scalar.to_bytes().into())
    }

    /// Gives the index of the holder.
    pub fn index(&self) -> u16 {
        self.index
    }

    /// Gives the secret itself.
    pub fn scalar(&self) -> &Scalar {
        &self.scalar
    }

    /// Gives the verifying point that belongs to it.
    pub fn verifying(&self) -> Option<Point> {
        Point::of_secret(&self.scalar)
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Share({}, ..)", self.index)
    }
}
