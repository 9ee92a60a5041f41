//! Describes a group's package: what a bookkeeping node signs for the transactions of its group (design 10).

use super::{
    block::guerrilla_for, committee::member, group::group_of_member, params::Params, report::SIGNATURE_GAS,
    ring::Remembered, sign,
};
use crate::{fault::Fault, store::Store};
use alloy_primitives::{B256, keccak256};
use alloy_rlp::{Decodable, Encodable, RlpDecodable, RlpEncodable};

/// Is the head of a package: the RLP list of these fields in their order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct PackageHeader {
    /// The height of the block it is for.
    pub height: u64,
    /// The hash of that block's parent.
    pub parent: B256,
    /// Its group.
    pub group: u32,
    /// The number of groups of that block.
    pub x: u32,
    /// The ed25519 key of the node that made it.
    pub author: B256,
    /// Root of its transactions.
    pub transactions_root: B256,
    /// Root of what they touched.
    pub touched_root: B256,
    /// Root of what came of them.
    pub outcome_root: B256,
    /// Gas that they used.
    pub gas: u64,
    /// How many there are.
    pub count: u64,
}

impl PackageHeader {
    /// Separates signatures of packages from all others of a node's key.
    pub const NAMESPACE: &'static [u8] = b"fusor package";

    /// Encodes it as RLP.
    pub fn encode(&self) -> Vec<u8> {
        alloy_rlp::encode(self)
    }

    /// Decodes RLP; none if it is not the one encoding of a header.
    pub fn decode(mut bytes: &[u8]) -> Option<Self> {
        let header = <Self as Decodable>::decode(&mut bytes).ok()?;
        bytes.is_empty().then_some(header)
    }

    /// Returns the package's digest: keccak256 of the encoding.
    pub fn hash(&self) -> B256 {
        let mut bytes = Vec::with_capacity(self.length());
        Encodable::encode(self, &mut bytes);
        keccak256(bytes)
    }

    /// Returns what its author signs: the length of the namespace as a byte, [`Self::NAMESPACE`],
    /// chain id (8 bytes), hash.
    pub fn signing_bytes(&self, chain_id: u64) -> Vec<u8> {
        let length = u8::try_from(Self::NAMESPACE.len()).unwrap_or_default();
        [&[length], Self::NAMESPACE, &self.message(chain_id)].concat()
    }

    /// Returns what its author signs, without the namespace.
    pub fn message(&self, chain_id: u64) -> Vec<u8> {
        [chain_id.to_be_bytes().as_slice(), self.hash().as_slice()].concat()
    }

    /// Says whether `signature` is its author's, for the chain `chain_id`.
    pub fn signed(&self, chain_id: u64, signature: &[u8; 64]) -> bool {
        sign::verify(self.author, &self.signing_bytes(chain_id), signature)
    }
}

/// Says whether a package counts in its block: a member of the committee signed it for its own group, or for the
/// one that it chose as a guerrilla, of a block that is remembered. The committee is that of the current epoch, so
/// only blocks of this epoch can be asked about. What the package holds is not judged.
pub fn package_valid(
    store: &mut dyn Store,
    header: &PackageHeader,
    signature: &[u8; 64],
) -> Result<bool, Fault> {
    store.charge(SIGNATURE_GAS)?;
    let chain_id = Params::load(store)?.chain_id;
    let Some(block) = Remembered::load(store, header.height)? else { return Ok(false) };
    if member(store, header.author)?.is_none() {
        return Ok(false);
    }
    let guerrilla = guerrilla_for(store, header.height)?;
    let group = group_of_member(header.author, block.seed, block.x, guerrilla);
    Ok(header.x == block.x && header.group == group && header.signed(chain_id, signature))
}
