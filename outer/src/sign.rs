//! Is what signers are asked for and what comes of it.

use crate::plan::Plan;

/// Says how a lock's key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// ECDSA on secp256k1: Ethereum, and P2WPKH of the Bitcoin family.
    Ecdsa,
    /// Schnorr of BIP-340 under the output key of BIP-341 (the lock's key tweaked with no script tree).
    Schnorr,
}

/// Is one hash that must be signed for a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighash {
    /// Path of the derived key.
    pub path: [u8; 32],
    /// How to sign.
    pub scheme: Scheme,
    /// The key that the signature must verify under: compressed; for Schnorr the tweaked output key with even y.
    pub key: [u8; 33],
    /// What to sign.
    pub hash: [u8; 32],
}

/// Is a signature: `r || s` for ECDSA, `R.x || s` for Schnorr.
pub type Signature = [u8; 64];

/// Is a transaction ready to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What it was made of.
    pub plan: Plan,
    /// The bytes that the network takes.
    pub raw: Vec<u8>,
    /// Its id in the order of its bytes: explorers show the Bitcoin family's reversed.
    pub txid: [u8; 32],
}
