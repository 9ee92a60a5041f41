//! Proves knowledge of an ephemeral key, and that a shared point belongs to a receiver's key.
//!
//! Both are Schnorr proofs made non-interactive by hashing everything they speak of (Fiat-Shamir). Nonces follow from
//! the secret and the statement, as in RFC 6979, so that no random source can fail.

use k256::elliptic_curve::ops::LinearCombination;
use k256::{ProjectivePoint, Scalar};

use crate::hash::{challenge, expand};
use crate::point::Point;
use crate::secret::DecryptionKey;
use crate::wire::{DecodeError, Reader};

/// Shows that the dealer knows its ephemeral key (Schnorr 1991), over everything it deals.
///
/// Without it a cheat could repeat another dealer's ephemeral key beside rubbish, and each complaint against the cheat
/// would open what that dealer sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Possession {
    challenge: Scalar,
    response: Scalar,
}

impl Possession {
    /// Counts the bytes of a written proof.
    pub const SIZE: usize = 64;

    /// Proves that `secret` belongs to `key`, about `said`.
    pub(crate) fn prove(secret: &Scalar, key: &Point, said: &[u8]) -> Self {
        let nonce = expand("fusor/dcrm/possession/nonce", &secret.to_bytes().into(), &[said]);
        let challenge = Self::challenge(&(ProjectivePoint::GENERATOR * *nonce), key, said);
        Self { challenge, response: *nonce + challenge * secret }
    }

    /// Checks that who said this knows the secret of `key`.
    pub(crate) fn holds(&self, key: &Point, said: &[u8]) -> bool {
        let nonce = combine(&ProjectivePoint::GENERATOR, &self.response, &key.projective(), &self.challenge);
        Self::challenge(&nonce, key, said) == self.challenge
    }

    fn challenge(nonce: &ProjectivePoint, key: &Point, said: &[u8]) -> Scalar {
        challenge("fusor/dcrm/possession", &[&written(nonce), &key.to_bytes(), said])
    }

    pub(crate) fn write(&self, into: &mut Vec<u8>) {
        into.extend(self.challenge.to_bytes());
        into.extend(self.response.to_bytes());
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { challenge: reader.scalar()?, response: reader.scalar()? })
    }
}

/// States that `shared` is `ephemeral` times the secret of `receiver_key`, in one session between two roles.
pub(crate) struct Statement<'a> {
    pub(crate) digest: &'a [u8; 32],
    pub(crate) dealer: u16,
    pub(crate) receiver: u16,
    pub(crate) receiver_key: &'a Point,
    pub(crate) ephemeral: &'a Point,
    pub(crate) shared: &'a Point,
}

impl Statement<'_> {
    fn hashed(&self, tag: &str, secret: Option<&Scalar>, nonces: &[[u8; Point::SIZE]]) -> Scalar {
        let (dealer, receiver) = (self.dealer.to_be_bytes(), self.receiver.to_be_bytes());
        let key = self.receiver_key.to_bytes();
        let (ephemeral, shared) = (self.ephemeral.to_bytes(), self.shared.to_bytes());
        let parts: [&[u8]; 7] =
            [self.digest, &dealer, &receiver, &key, &ephemeral, &shared, nonces.as_flattened()];
        match secret {
            Some(secret) => *expand(tag, &secret.to_bytes().into(), &parts),
            None => challenge(tag, &parts),
        }
    }

    fn challenge(&self, first: &ProjectivePoint, second: &ProjectivePoint) -> Scalar {
        self.hashed("fusor/dcrm/shared-point", None, &[written(first), written(second)])
    }
}

/// Shows that a shared point belongs to the receiver's key and the dealer's ephemeral key (Chaum and Pedersen 1992).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedPointProof {
    challenge: Scalar,
    response: Scalar,
}

impl SharedPointProof {
    /// Counts the bytes of a written proof.
    pub const SIZE: usize = 64;

    /// Proves a statement by the receiver's key.
    pub(crate) fn prove(statement: &Statement<'_>, key: &DecryptionKey) -> Self {
        let nonce = statement.hashed("fusor/dcrm/shared-point/nonce", Some(key.scalar()), &[]);
        let first = ProjectivePoint::GENERATOR * nonce;
        let second = statement.ephemeral.projective() * nonce;
        let challenge = statement.challenge(&first, &second);
        Self { challenge, response: nonce + challenge * key.scalar() }
    }

    /// Checks the statement.
    pub(crate) fn holds(&self, statement: &Statement<'_>) -> bool {
        let (c, z) = (&self.challenge, &self.response);
        let first = combine(&ProjectivePoint::GENERATOR, z, &statement.receiver_key.projective(), c);
        let second = combine(&statement.ephemeral.projective(), z, &statement.shared.projective(), c);
        statement.challenge(&first, &second) == self.challenge
    }

    pub(crate) fn write(&self, into: &mut Vec<u8>) {
        into.extend(self.challenge.to_bytes());
        into.extend(self.response.to_bytes());
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { challenge: reader.scalar()?, response: reader.scalar()? })
    }
}

/// Gives `response * base - challenge * image`, the commitment that a valid proof began with.
fn combine(
    base: &ProjectivePoint,
    response: &Scalar,
    image: &ProjectivePoint,
    challenge: &Scalar,
) -> ProjectivePoint {
    ProjectivePoint::lincomb(base, response, image, &-challenge)
}

/// Writes a point of the group in 33 bytes, all zero for the point at infinity.
fn written(point: &ProjectivePoint) -> [u8; Point::SIZE] {
    Point::new(*point).map_or([0; Point::SIZE], |point| point.to_bytes())
}
