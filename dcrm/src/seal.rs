//! Carries commitments and one sealed secret for each receiver: the body of a dealing and of a handover.
//!
//! A dealer draws one ephemeral key r for all receivers: the shared points r E_j are independent of each other (under
//! the decisional Diffie-Hellman assumption), so opening one opens no other. The cipher commits to no key by itself;
//! here the key follows from a proved point, so decryption is a function of public data. Each key seals one text, so
//! the nonce is zero.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use k256::Scalar;
use zeroize::Zeroizing;

use crate::hash::tagged;
use crate::point::Point;
use crate::proof::Possession;
use crate::secret::DecryptionKey;
use crate::terms::Terms;
use crate::wire::{DecodeError, Header, Kind, Reader};

/// Counts the bytes that sealing adds: the tag of Poly1305 (RFC 8439).
pub(crate) const TAG_SIZE: usize = 16;

/// Holds commitments, an ephemeral key, and N sealed bytes for each receiver, bound together by a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bundle<const N: usize> {
    pub(crate) header: Header,
    pub(crate) commitments: Vec<Point>,
    pub(crate) ephemeral: Point,
    sealed: Vec<[u8; N]>,
    proof: Possession,
}

impl<const N: usize> Bundle<N> {
    /// Seals the texts, one of N - 16 bytes for each member of `terms`, under the ephemeral key.
    ///
    /// None if the ephemeral key is zero or a text is missing or of another length.
    pub(crate) fn assemble(
        header: Header,
        commitments: Vec<Point>,
        ephemeral_secret: &Scalar,
        terms: &Terms,
        texts: &[Zeroizing<Vec<u8>>],
    ) -> Option<Self> {
        let ephemeral = Point::of_secret(ephemeral_secret)?;
        if texts.len() != terms.members().len() {
            return None;
        }
        let lanes = terms.indices().zip(terms.members()).zip(texts);
        let sealed = lanes.map(|((receiver, key), text)| {
            let shared = Point::new(key.projective() * ephemeral_secret)?;
            let sealed = Lane { header: &header, receiver, ephemeral: &ephemeral }.seal(&shared, text)?;
            sealed.try_into().ok()
        });
        let sealed = sealed.collect::<Option<Vec<[u8; N]>>>()?;
        let said = said(&header, &commitments, &ephemeral, &sealed);
        let proof = Possession::prove(ephemeral_secret, &ephemeral, &said);
        Some(Self { header, commitments, ephemeral, sealed, proof })
    }

    /// Puts other bytes in the place of what is sealed to a receiver, and proves the whole anew, as a cheat could.
    #[cfg(test)]
    pub(crate) fn spoil(&mut self, ephemeral_secret: &Scalar, receiver: u16, sealed: [u8; N]) {
        self.sealed[usize::from(receiver) - 1] = sealed;
        let said = said(&self.header, &self.commitments, &self.ephemeral, &self.sealed);
        self.proof = Possession::prove(ephemeral_secret, &self.ephemeral, &said);
    }

    /// Writes the header, the commitments, the ephemeral key, the sealed texts and the proof.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = said(&self.header, &self.commitments, &self.ephemeral, &self.sealed);
        self.proof.write(&mut bytes);
        bytes
    }

    /// Counts the bytes of a body under these terms.
    pub(crate) fn body_size(terms: &Terms) -> usize {
        let points = usize::from(terms.threshold()) + 1;
        points * Point::SIZE + terms.members().len() * N + Possession::SIZE
    }

    /// Reads a bundle to the members of `terms`, said under `digest` by one of `authors`, and checks its proof.
    pub(crate) fn decode(
        bytes: &[u8],
        kind: Kind,
        digest: &[u8; 32],
        authors: u16,
        terms: &Terms,
    ) -> Result<Self, DecodeError> {
        let (header, mut reader) = Header::read(bytes, kind, digest, authors, Self::body_size(terms))?;
        let commitments = reader.points(terms.threshold())?;
        let ephemeral = reader.point()?;
        let sealed = read_sealed(&mut reader, terms.size())?;
        let proof = Possession::read(&mut reader)?;
        if !proof.holds(&ephemeral, &said(&header, &commitments, &ephemeral, &sealed)) {
            return Err(DecodeError::Possession);
        }
        Ok(Self { header, commitments, ephemeral, sealed, proof })
    }

    /// Computes the point that the receiver's key shares with the ephemeral key.
    pub(crate) fn shared(&self, key: &DecryptionKey) -> Option<Point> {
        Point::new(self.ephemeral.projective() * key.scalar())
    }

    /// Opens what is sealed to a receiver. None if it does not open: that is the dealer's fault if the point is right.
    pub(crate) fn open(&self, receiver: u16, shared: &Point) -> Option<Zeroizing<Vec<u8>>> {
        let sealed = self.sealed.get(usize::from(receiver.checked_sub(1)?))?;
        Lane { header: &self.header, receiver, ephemeral: &self.ephemeral }.open(shared, sealed)
    }
}

fn read_sealed<const N: usize>(reader: &mut Reader<'_>, count: u16) -> Result<Vec<[u8; N]>, DecodeError> {
    (0..count).map(|_| reader.array()).collect()
}

/// Writes everything that the proof speaks of.
fn said<const N: usize>(
    header: &Header,
    commitments: &[Point],
    ephemeral: &Point,
    sealed: &[[u8; N]],
) -> Vec<u8> {
    let mut bytes = header.write();
    for point in commitments.iter().chain([ephemeral]) {
        bytes.extend(point.to_bytes());
    }
    bytes.extend(sealed.as_flattened());
    bytes
}

/// Names the way of one sealed text: session, dealer, receiver.
struct Lane<'a> {
    header: &'a Header,
    receiver: u16,
    ephemeral: &'a Point,
}

impl Lane<'_> {
    fn cipher(&self, shared: &Point) -> ChaCha20Poly1305 {
        let parts: [&[u8]; 3] = [&self.label(), &self.ephemeral.to_bytes(), &shared.to_bytes()];
        let key = Zeroizing::new(tagged("fusor/dcrm/seal", &parts));
        ChaCha20Poly1305::new((&*key).into())
    }

    fn label(&self) -> Vec<u8> {
        let mut label = self.header.write();
        label.extend(self.receiver.to_be_bytes());
        label
    }

    fn seal(&self, shared: &Point, text: &[u8]) -> Option<Vec<u8>> {
        let payload = Payload { msg: text, aad: &self.label() };
        self.cipher(shared).encrypt(&Nonce::default(), payload).ok()
    }

    fn open(&self, shared: &Point, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let payload = Payload { msg: sealed, aad: &self.label() };
        self.cipher(shared).decrypt(&Nonce::default(), payload).ok().map(Zeroizing::new)
    }
}
