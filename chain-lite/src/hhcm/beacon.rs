//! Gives each height its seed, and the signature that gives the next one (whitepaper 5.2, 5.5.1; design 10).
//!
//! The committee signs the height's seed by BLS12-381, with a key that it makes at the beginning of its epoch and that
//! nobody holds (`dealing`). For one key and one seed there is one signature, whoever makes the block, so nobody can
//! choose the seed that follows, nor change it by withholding a block. Until the key is made the block's author signs
//! alone: it cannot choose either, but it can withhold its block and lose the reward. The whitepaper's own seed, the hash
//! of the previous block, can be ground: every other nonce or order of transactions gives another hash.

use alloy_primitives::{B256, keccak256};
use commonware_codec::Encode;
use commonware_cryptography::{
    Signer, Verifier,
    bls12381::{PrivateKey, PublicKey, Signature},
};

/// Says where the seed of a height comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Randomness {
    /// The seed of the height before, and the signature over it of the committee, or of the block's author before the
    /// committee has a key.
    Beacon,
    /// The hash of the previous block, as the whitepaper has it; for comparison.
    PreviousHash,
}

impl Randomness {
    /// Returns the seed of the height after a block: `seed` is the block's own, `reveal` the signature over it,
    /// `hash` the block's hash.
    pub fn next(self, seed: B256, reveal: &[u8], hash: B256) -> B256 {
        match self {
            Self::Beacon => keccak256([seed.as_slice(), reveal].concat()),
            Self::PreviousHash => keccak256(hash),
        }
    }
}

/// Separates proofs that a beacon key is held from signatures over seeds; no chain is named, as a node makes its keys
/// before its chain exists.
const HELD: &[u8] = b"fusor beacon key held";

/// Signs seeds.
#[derive(Debug, Clone)]
pub struct BeaconKey(PrivateKey);

impl BeaconKey {
    /// Wraps a key.
    pub fn new(key: PrivateKey) -> Self {
        Self(key)
    }

    /// Returns the public key, 48 bytes.
    pub fn public(&self) -> [u8; 48] {
        fill(self.0.public_key().as_ref())
    }

    /// Signs the seed of a height.
    pub fn reveal(&self, chain_id: u64, height: u64, seed: B256) -> [u8; 96] {
        fill(self.0.sign(&namespace(chain_id), &seed_message(height, seed)).as_ref())
    }

    /// Signs the name of the node that holds this key, so that nobody registers a beacon key that it does not hold.
    pub fn prove(&self, node: B256) -> [u8; 96] {
        fill(self.0.sign(HELD, node.as_slice()).as_ref())
    }

    /// Returns the key's bytes, for its file.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.encode().to_vec()
    }
}

/// Says whether `reveal` is the signature of the key `public` over the seed of a height.
pub(crate) fn verify_reveal(
    public: &[u8; 48],
    chain_id: u64,
    height: u64,
    seed: B256,
    reveal: &[u8; 96],
) -> bool {
    let (Ok(public), Ok(reveal)) =
        (PublicKey::try_from(public.as_slice()), Signature::try_from(reveal.as_slice()))
    else {
        return false;
    };
    public.verify(&namespace(chain_id), &seed_message(height, seed), &reveal)
}

/// Says whether `proof` shows that the node named `node` holds the private key of the beacon key `public`.
pub(crate) fn verify_held(public: &[u8; 48], node: B256, proof: &[u8; 96]) -> bool {
    let (Ok(public), Ok(proof)) =
        (PublicKey::try_from(public.as_slice()), Signature::try_from(proof.as_slice()))
    else {
        return false;
    };
    public.verify(HELD, node.as_slice(), &proof)
}

/// Separates what is signed for seeds of one chain from everything else.
pub(super) fn namespace(chain_id: u64) -> Vec<u8> {
    [b"fusor beacon".as_slice(), &chain_id.to_be_bytes()].concat()
}

/// Returns what is signed for a height.
pub(super) fn seed_message(height: u64, seed: B256) -> Vec<u8> {
    [height.to_be_bytes().as_slice(), seed.as_slice()].concat()
}

/// Copies bytes of a known length.
pub(super) fn fill<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.iter_mut().zip(bytes).for_each(|(out, byte)| *out = *byte);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_and_one_seed_give_one_signature() {
        let key = BeaconKey::new(PrivateKey::from_seed(1));
        let reveal = key.reveal(7, 3, B256::ZERO);
        assert_eq!(reveal, key.reveal(7, 3, B256::ZERO));
        assert!(verify_reveal(&key.public(), 7, 3, B256::ZERO, &reveal));
        for (chain, height, seed) in [(8, 3, B256::ZERO), (7, 4, B256::ZERO), (7, 3, B256::with_last_byte(1))]
        {
            assert!(!verify_reveal(&key.public(), chain, height, seed, &reveal));
        }
        let other = BeaconKey::new(PrivateKey::from_seed(2));
        assert!(!verify_reveal(&other.public(), 7, 3, B256::ZERO, &reveal));
        assert!(!verify_reveal(&[0; 48], 7, 3, B256::ZERO, &[0xff; 96]));
    }

    #[test]
    fn a_proof_binds_the_beacon_key_to_its_node() {
        let (key, other) =
            (BeaconKey::new(PrivateKey::from_seed(1)), BeaconKey::new(PrivateKey::from_seed(2)));
        let (node, stranger) = (B256::with_last_byte(1), B256::with_last_byte(2));
        let proof = key.prove(node);
        assert!(verify_held(&key.public(), node, &proof));
        assert!(!verify_held(&key.public(), stranger, &proof));
        assert!(!verify_held(&other.public(), node, &proof));
        assert!(!verify_held(&key.public(), node, &[0; 96]));
        assert!(!verify_held(&[0xff; 48], node, &proof));
    }

    #[test]
    fn the_beacon_does_not_follow_the_hash() {
        let next =
            |randomness: Randomness, hash| randomness.next(B256::ZERO, &[1; 96], B256::with_last_byte(hash));
        assert_eq!(next(Randomness::Beacon, 1), next(Randomness::Beacon, 2));
        assert_ne!(next(Randomness::PreviousHash, 1), next(Randomness::PreviousHash, 2));
    }
}
