//! Is who a node is: one key for the network and for votes, one for the beacon.

use crate::hhcm::BeaconKey;
use alloy_primitives::B256;
use commonware_cryptography::{
    Signer, bls12381,
    ed25519::{PrivateKey, PublicKey},
};

/// Holds the keys of a node.
#[derive(Debug, Clone)]
pub struct NodeKeys {
    /// Signs votes, packages and offers, and names the node.
    pub node: PrivateKey,
    /// Signs seeds.
    pub beacon: BeaconKey,
}

impl NodeKeys {
    /// Makes keys from a number; for simulations and tests, as anyone can make the same.
    pub fn from_seed(seed: u64) -> Self {
        let beacon = BeaconKey::new(bls12381::PrivateKey::from_seed(seed));
        Self { node: PrivateKey::from_seed(seed), beacon }
    }

    /// Returns the node's name on the network.
    pub fn public(&self) -> PublicKey {
        self.node.public_key()
    }

    /// Returns the node's name on the chain.
    pub fn id(&self) -> B256 {
        B256::from_slice(self.node.public_key().as_ref())
    }
}
