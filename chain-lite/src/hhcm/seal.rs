//! Is what a header says of groups, work and the beacon; it stands in the header's extra data.
//!
//! ```text
//! seal      rlp [2, x, author, group, kind, reveal, guerrilla, next time, packages, evidence,
//!                dealings]
//! author    ed25519 key of the representative, or of the leader for a relayed block; 32 bytes
//! kind      1 if nobody worked in time and a leader relayed the packages it had (else the header's nonce is the
//!           work), plus 2 if the groups' runs were merged (else the packages ran one after another)
//! reveal    the BLS signature over the height's seed, 96 bytes: the committee's, or the author's before the committee
//!           has a key; zeros where seeds are hashes
//! guerrilla 0, or 1 + the group that the author will join two heights later (whitepaper 5.5.3)
//! packages  a digest for each group in order; empty where a group's package is missing
//! evidence  proofs that nodes cheated, each a string
//! dealings  what members add to the committee's key, each a string
//! ```
//!
//! Block 0 has no seal.

use super::{
    codec::{end, fixed, items, list},
    dealing::{DEALINGS_LEN_MAX, DEALINGS_MAX},
    evidence::{EVIDENCE_LEN_MAX, EVIDENCE_MAX},
};
use alloy_primitives::{B256, Bytes, keccak256};
use alloy_rlp::{Decodable, Encodable, Error as RlpError};
use thiserror::Error;

/// Most groups that a chain can have.
pub(super) const GROUPS_MAX: u32 = 256;
/// Length of a beacon signature in bytes.
pub const REVEAL_LEN: usize = 96;
const VERSION: u8 = 2;

/// Says why bytes are no seal.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SealError {
    /// The bytes do not decode.
    #[error("seal does not decode: {0}")]
    Encoding(#[from] RlpError),
    /// A field is out of range.
    #[error("seal has a bad {0}")]
    Field(&'static str),
}

/// Is what a header says of groups, work and the beacon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Groups at this height.
    pub x: u32,
    /// The author's node key.
    pub author: B256,
    /// The group that the author represents; 0 for a relayed block.
    pub group: u32,
    /// Whether the author worked for the block; if not, a leader relayed the packages it had.
    pub worked: bool,
    /// Whether the block's order comes of merging the groups' runs; if not, the packages ran one after another.
    pub merged: bool,
    /// The signature over the height's seed, by the committee or the author; zeros where seeds are hashes.
    pub reveal: [u8; REVEAL_LEN],
    /// The group that the author will join two heights later, if it so chose.
    pub guerrilla: Option<u32>,
    /// Time of the next block in seconds.
    pub next_time: u64,
    /// Digest of each group's package.
    pub packages: Vec<Option<B256>>,
    /// Proofs that nodes cheated; see [`super::Evidence`].
    pub evidence: Vec<Bytes>,
    /// What members add to the committee's key; see [`super::Ceremony`].
    pub dealings: Vec<Bytes>,
}

impl Seal {
    /// Encodes the seal for a header's extra data.
    pub fn encode(&self) -> Bytes {
        let mut fields = Vec::new();
        VERSION.encode(&mut fields);
        self.x.encode(&mut fields);
        self.author.encode(&mut fields);
        self.group.encode(&mut fields);
        (u8::from(!self.worked) + 2 * u8::from(self.merged)).encode(&mut fields);
        self.reveal.as_slice().encode(&mut fields);
        self.guerrilla.map_or(0, |group| group.saturating_add(1)).encode(&mut fields);
        self.next_time.encode(&mut fields);
        encode_packages(&self.packages, &mut fields);
        self.evidence.encode(&mut fields);
        self.dealings.encode(&mut fields);
        let mut out = Vec::new();
        alloy_rlp::Header { list: true, payload_length: fields.len() }.encode(&mut out);
        out.extend(fields);
        out.into()
    }

    /// Reads a header's extra data. Errors: anything but what [`Self::encode`] writes.
    pub fn decode(mut buf: &[u8]) -> Result<Self, SealError> {
        let mut fields = list(&mut buf)?;
        end(buf)?;
        let buf = &mut fields;
        if u8::decode(buf)? != VERSION {
            return Err(SealError::Field("version"));
        }
        let (x, author, group) = (u32::decode(buf)?, B256::decode(buf)?, u32::decode(buf)?);
        let kind = u8::decode(buf)?;
        if kind > 3 {
            return Err(SealError::Field("kind"));
        }
        let seal = Self {
            x,
            author,
            group,
            worked: kind & 1 == 0,
            merged: kind & 2 != 0,
            reveal: fixed(buf)?,
            guerrilla: u32::decode(buf)?.checked_sub(1),
            next_time: u64::decode(buf)?,
            packages: items(buf, GROUPS_MAX as usize, decode_package)?,
            evidence: items(buf, EVIDENCE_MAX, Bytes::decode)?,
            dealings: items(buf, DEALINGS_MAX, Bytes::decode)?,
        };
        end(buf)?;
        seal.check()
    }

    /// Commits to the packages, so that work for one choice of them counts for no other.
    pub fn packages_root(&self) -> B256 {
        packages_root(&self.packages)
    }

    fn check(self) -> Result<Self, SealError> {
        let refuse = |broken, field| if broken { Err(SealError::Field(field)) } else { Ok(()) };
        refuse(self.x == 0 || self.x > GROUPS_MAX, "number of groups")?;
        refuse(self.packages.len() != self.x as usize, "number of packages")?;
        refuse(self.evidence.iter().any(|proof| proof.len() > EVIDENCE_LEN_MAX), "proof")?;
        refuse(self.dealings.iter().map(|bytes| bytes.len()).sum::<usize>() > DEALINGS_LEN_MAX, "dealing")?;
        refuse(self.group >= self.x, "group")?;
        refuse(self.guerrilla.is_some_and(|group| group >= GROUPS_MAX), "guerrilla group")?;
        Ok(self)
    }
}

/// Commits to a choice of packages.
pub fn packages_root(packages: &[Option<B256>]) -> B256 {
    let mut out = Vec::new();
    encode_packages(packages, &mut out);
    keccak256(out)
}

fn encode_packages(packages: &[Option<B256>], out: &mut Vec<u8>) {
    let digests = packages.iter().map(|digest| digest.as_ref().map(B256::as_slice).unwrap_or_default());
    let payload_length = digests.clone().map(Encodable::length).sum();
    alloy_rlp::Header { list: true, payload_length }.encode(out);
    digests.for_each(|digest| digest.encode(out));
}

fn decode_package(buf: &mut &[u8]) -> Result<Option<B256>, RlpError> {
    match alloy_rlp::Header::decode_bytes(buf, false)? {
        [] => Ok(None),
        digest => B256::try_from(digest).map(Some).map_err(|_| RlpError::UnexpectedLength),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seal() -> impl Strategy<Value = Seal> {
        let packages = prop::collection::vec(prop::option::of(any::<[u8; 32]>().prop_map(B256::from)), 1..9);
        let guerrilla = prop::option::of(0..GROUPS_MAX);
        (packages, any::<[u8; 32]>(), any::<bool>(), guerrilla, any::<u64>()).prop_map(
            |(packages, author, worked, guerrilla, next_time)| Seal {
                x: u32::try_from(packages.len()).unwrap_or_default(),
                author: author.into(),
                group: 0,
                worked,
                merged: !worked,
                reveal: [7; REVEAL_LEN],
                guerrilla,
                next_time,
                packages,
                evidence: vec![Bytes::from(vec![7; 40])],
                dealings: vec![Bytes::from(vec![8; 90])],
            },
        )
    }

    proptest! {
        #[test]
        fn a_seal_reads_as_it_was_written(seal in seal()) {
            prop_assert_eq!(Seal::decode(&seal.encode()), Ok(seal));
        }

        #[test]
        fn what_reads_as_a_seal_is_written_the_same(seal in seal(), place in any::<usize>(), byte in any::<u8>()) {
            let mut bytes = seal.encode().to_vec();
            let place = place % bytes.len();
            bytes[place] = byte;
            if let Ok(read) = Seal::decode(&bytes) {
                prop_assert_eq!(read.encode().to_vec(), bytes);
            }
        }
    }

    #[test]
    fn counts_and_groups_are_held_to_x() {
        let seal = Seal {
            x: 2,
            author: B256::ZERO,
            group: 1,
            worked: true,
            merged: true,
            reveal: [0; REVEAL_LEN],
            guerrilla: None,
            next_time: 1,
            packages: vec![None, None],
            evidence: Vec::new(),
            dealings: Vec::new(),
        };
        assert_eq!(Seal::decode(&seal.encode()), Ok(seal.clone()));
        let refused = |seal: Seal| Seal::decode(&seal.encode()).unwrap_err().to_string();
        assert_eq!(refused(Seal { group: 2, ..seal.clone() }), "seal has a bad group");
        assert_eq!(refused(Seal { x: 3, ..seal.clone() }), "seal has a bad number of packages");
        assert_eq!(refused(Seal { x: 0, packages: vec![], ..seal }), "seal has a bad number of groups");
    }
}
