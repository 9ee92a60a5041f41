//! Is a header signed by its author. Representatives gossip offers as candidates, and consensus decides on one;
//! its digest is the block's hash. The transactions stay with the packages that the seal names (whitepaper 5.4.3).
//!
//! ```text
//! offer      rlp [header, signature]
//! signature  the author's ed25519 signature over the block's hash in the namespace "fusor offer" + chain id
//! ```

use super::{
    codec::{end, fixed, list},
    dealing::DEALINGS_LEN_MAX,
    seal::{Seal, SealError},
};
use alloy_consensus::Header;
use alloy_primitives::B256;
use alloy_rlp::{Decodable, Encodable};
use bytes::BufMut;
use commonware_codec::{Buf, EncodeSize, Error as CodecError, RangeCfg, Read, Write};
use commonware_consensus::{Block as ConsensusBlock, BoundedBlock, Heightable, types::Height};
use commonware_cryptography::{
    Digestible, Signer, Verifier,
    ed25519::{PrivateKey, PublicKey, Signature},
    keccak256::Digest,
};
use std::fmt;
use thiserror::Error;

/// Largest encoded offer in bytes: a header with the largest seal and a signature.
pub(super) const OFFER_LEN_MAX: usize = 16 * 1024 + DEALINGS_LEN_MAX;

/// Says why an offer is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OfferError {
    /// The seal cannot be read.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The author's key is no key.
    #[error("author is no ed25519 key")]
    Key,
    /// The signature is not the author's.
    #[error("signature is not the author's")]
    Signature,
}

/// Is a header signed by its author.
#[derive(Clone, PartialEq, Eq)]
pub struct Offer {
    /// The header.
    pub header: Header,
    /// The author's signature; zeros for block 0.
    pub signature: [u8; 64],
    hash: B256,
}

impl Offer {
    /// Makes block 0 decidable; nobody signs it.
    pub fn genesis(header: Header) -> Self {
        Self { hash: header.hash_slow(), header, signature: [0; 64] }
    }

    /// Signs a header.
    pub fn sign(chain_id: u64, header: Header, key: &PrivateKey) -> Self {
        let hash = header.hash_slow();
        let signature = key.sign(&namespace(chain_id), hash.as_slice());
        let mut bytes = [0; 64];
        bytes.copy_from_slice(signature.as_ref());
        Self { header, signature: bytes, hash }
    }

    /// Returns the block's hash.
    pub fn hash(&self) -> B256 {
        self.hash
    }

    /// Returns the block's height.
    pub fn number(&self) -> u64 {
        self.header.number
    }

    /// Reads the seal. Errors: the extra data is no seal.
    pub fn seal(&self) -> Result<Seal, OfferError> {
        Ok(Seal::decode(&self.header.extra_data)?)
    }

    /// Checks that the author named in the seal signed the header; returns the seal.
    pub fn verify(&self, chain_id: u64) -> Result<Seal, OfferError> {
        let seal = self.seal()?;
        let key = public_key(seal.author).ok_or(OfferError::Key)?;
        let signature = signature(&self.signature).ok_or(OfferError::Signature)?;
        match key.verify(&namespace(chain_id), self.hash.as_slice(), &signature) {
            true => Ok(seal),
            false => Err(OfferError::Signature),
        }
    }

    /// Encodes the offer.
    pub fn encoded(&self) -> Vec<u8> {
        let payload_length = self.header.length() + self.signature.as_slice().length();
        let mut out = Vec::with_capacity(payload_length + 4);
        alloy_rlp::Header { list: true, payload_length }.encode(&mut out);
        self.header.encode(&mut out);
        self.signature.as_slice().encode(&mut out);
        out
    }

    /// Reads an offer. Errors: anything but what [`Self::encoded`] writes.
    pub fn decoded(mut bytes: &[u8]) -> Result<Self, alloy_rlp::Error> {
        let whole = bytes;
        let mut fields = list(&mut bytes)?;
        end(bytes)?;
        let header = Header::decode(&mut fields)?;
        let signature = fixed(&mut fields)?;
        end(fields)?;
        let offer = Self { hash: header.hash_slow(), header, signature };
        // Headers have optional fields at the end, whose absence must not read as a default.
        match offer.encoded() == whole {
            true => Ok(offer),
            false => Err(alloy_rlp::Error::Custom("header is not in its canonical form")),
        }
    }
}

impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Offer({} {})", self.header.number, self.hash)
    }
}

/// Reads an ed25519 key.
pub(crate) fn public_key(bytes: B256) -> Option<PublicKey> {
    PublicKey::try_from(bytes.as_slice()).ok()
}

/// Reads an ed25519 signature.
pub(crate) fn signature(bytes: &[u8; 64]) -> Option<Signature> {
    Signature::try_from(bytes.as_slice()).ok()
}

fn namespace(chain_id: u64) -> Vec<u8> {
    [b"fusor offer".as_slice(), &chain_id.to_be_bytes()].concat()
}

impl Digestible for Offer {
    type Digest = Digest;

    fn digest(&self) -> Digest {
        Digest(self.hash.0)
    }
}

impl Heightable for Offer {
    fn height(&self) -> Height {
        Height::new(self.header.number)
    }
}

impl ConsensusBlock for Offer {
    fn parent(&self) -> Digest {
        Digest(self.header.parent_hash.0)
    }
}

impl BoundedBlock for Offer {
    fn max_encode_size(_: &()) -> usize {
        OFFER_LEN_MAX + 5
    }
}

impl Write for Offer {
    fn write(&self, buf: &mut impl BufMut) {
        self.encoded().write(buf);
    }
}

impl EncodeSize for Offer {
    fn encode_size(&self) -> usize {
        self.encoded().encode_size()
    }
}

impl Read for Offer {
    type Cfg = ();

    fn read_cfg(buf: &mut impl Buf, _: &()) -> Result<Self, CodecError> {
        let range = RangeCfg::new(0..=OFFER_LEN_MAX);
        let bytes = Vec::<u8>::read_cfg(buf, &(range, ()))?;
        Self::decoded(&bytes).map_err(|_| CodecError::Invalid("Offer", "not a signed header"))
    }
}
