//! Is the one secret of a custodian, and what follows from it.

use alloy_primitives::{Address, B256, Signature, keccak256};
use fusor_dcrm::DecryptionKey;
use k256::ecdsa::{SigningKey, signature::hazmat::PrehashSigner as _};
use std::fmt;

/// Holds the secret of a custodian: 32 random bytes in a file of their own, from which its account, the key that shares
/// are sealed to, the key of its shard store, and its part of each session follow.
#[derive(Clone)]
pub struct CustodyKeys {
    seed: [u8; 32],
    operator: SigningKey,
    decryption: DecryptionKey,
}

impl fmt::Debug for CustodyKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustodyKeys({})", self.operator())
    }
}

impl CustodyKeys {
    /// Derives the keys. None only for one seed in 2^127.
    pub fn new(seed: [u8; 32]) -> Option<Self> {
        let operator = SigningKey::from_slice(derive(&seed, b"operator", &[]).as_slice()).ok()?;
        let decryption = DecryptionKey::from_bytes(&derive(&seed, b"encryption", &[])).ok()?;
        Some(Self { seed, operator, decryption })
    }

    /// Returns the account that acts for the custodian.
    pub fn operator(&self) -> Address {
        Address::from_private_key(&self.operator)
    }

    /// Returns the key that signs its transactions.
    pub fn signer(&self) -> &SigningKey {
        &self.operator
    }

    /// Signs a hash for that account.
    pub fn sign(&self, hash: B256) -> Result<Signature, k256::ecdsa::Error> {
        let signed: (k256::ecdsa::Signature, k256::ecdsa::RecoveryId) =
            self.operator.sign_prehash(hash.as_slice())?;
        Ok(signed.into())
    }

    /// Returns the key by which it opens what is sealed to it.
    pub fn decryption(&self) -> &DecryptionKey {
        &self.decryption
    }

    /// Returns the public key that shares are sealed to.
    pub fn encryption(&self) -> Option<[u8; 33]> {
        self.decryption.public().map(|point| point.to_bytes())
    }

    /// Returns the secret of its shard store.
    pub fn shards(&self) -> [u8; 32] {
        derive(&self.seed, b"shards", &[])
    }

    /// Returns the randomness of one session of key generation or re-sharing, the same after every restart.
    pub fn session(&self, session: B256) -> [u8; 32] {
        derive(&self.seed, b"session", session.as_slice())
    }
}

fn derive(seed: &[u8; 32], purpose: &[u8], more: &[u8]) -> [u8; 32] {
    keccak256([b"fusor custodian ".as_slice(), purpose, b"\0", seed, more].concat()).0
}
