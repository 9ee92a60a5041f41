//! Makes a node's keys and keeps them in files that only their owner can read.
//!
//! ```text
//! DIR/node.key        32 bytes of ed25519 in hexadecimal: votes, packages, the node's name
//! DIR/beacon.key      32 bytes of BLS12-381 in hexadecimal: seeds
//! DIR/node.pub.json   what others need for the genesis file
//! ```

mod disk;
mod public;

pub(crate) use disk::only_owner;
pub use public::{PublicKeyError, PublicKeys};

use crate::{custody::CustodyKeys, hhcm::BeaconKey, node::NodeKeys};
use alloy_primitives::{Address, hex};
use commonware_codec::{Copying, DecodeExt, Encode};
use commonware_cryptography::{bls12381, ed25519};
use commonware_math::algebra::Random;
use k256::ecdsa::SigningKey;
use rand::CryptoRng;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Is the file of the key that names a node.
pub const NODE_FILE: &str = "node.key";
/// Is the file of the key that signs seeds.
pub const BEACON_FILE: &str = "beacon.key";
/// Is the file of what others may know.
pub const PUBLIC_FILE: &str = "node.pub.json";

/// Says why keys cannot be read or written. No message holds a part of a key.
#[derive(Debug, Error)]
pub enum KeyError {
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file or folder cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is there already.
    #[error("{} exists already; a key that is lost cannot be made again, so move it away first", .0.display())]
    Exists(PathBuf),
    /// Others than the owner can read the file.
    #[error(
        "{} can be read or written by others (mode {mode:03o}); run `chmod 600 {}`, and make new keys if others may have \
         read it", path.display(), path.display()
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file holds no key.
    #[error("{}: expected 64 hexadecimal digits that are {what}", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
}

/// Says what happens to files that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Nothing is written.
    Refuse,
    /// They are replaced.
    Replace,
}

/// Makes new keys of a source of chance.
pub fn generate(rng: &mut impl CryptoRng) -> NodeKeys {
    let node = ed25519::PrivateKey::random(&mut *rng);
    NodeKeys { node, beacon: BeaconKey::new(bls12381::PrivateKey::random(rng)) }
}

/// Makes new keys of the system's chance.
pub fn fresh() -> NodeKeys {
    generate(&mut rand::rng())
}

/// Writes a node's keys and their public part into a folder that only its owner can enter. Errors: a file that is
/// there already, unless it is to be replaced; a disk that refuses. Either all three files are written or, of those
/// that were not there, none.
pub fn write(folder: &Path, keys: &NodeKeys, existing: Existing) -> Result<(), KeyError> {
    let public = PublicKeys::of(keys).to_json();
    let secret = |bytes: &[u8]| format!("{}\n", hex::encode(bytes)).into_bytes();
    let files = [
        disk::Entry::secret(folder.join(NODE_FILE), secret(&keys.node.encode())),
        disk::Entry::secret(folder.join(BEACON_FILE), secret(&keys.beacon.to_bytes())),
        disk::Entry::public(folder.join(PUBLIC_FILE), public.into_bytes()),
    ];
    disk::write_all(folder, &files, existing)
}

/// Reads a node's keys. Errors: a file that is missing, that others can read, or that holds no key.
pub fn read(folder: &Path) -> Result<NodeKeys, KeyError> {
    let path = folder.join(NODE_FILE);
    let bytes = secret(&path, "an ed25519 key")?;
    let node = ed25519::PrivateKey::decode(Copying(&bytes))
        .map_err(|_| KeyError::NoKey { path, what: "an ed25519 key" })?;
    let path = folder.join(BEACON_FILE);
    let bytes = secret(&path, "a BLS12-381 key")?;
    let beacon = bls12381::PrivateKey::decode(Copying(&bytes))
        .map_err(|_| KeyError::NoKey { path, what: "a BLS12-381 key" })?;
    Ok(NodeKeys { node, beacon: BeaconKey::new(beacon) })
}

fn secret(path: &Path, what: &'static str) -> Result<[u8; 32], KeyError> {
    let text = disk::read_secret(path)?;
    let mut bytes = [0; 32];
    match hex::decode_to_slice(text.trim(), &mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => Err(KeyError::NoKey { path: path.to_path_buf(), what }),
    }
}

/// Makes the key of an account, writes it to a file that only its owner can read, and returns the account's address.
/// Errors: as [`write`].
pub fn write_account(path: &Path, existing: Existing) -> Result<Address, KeyError> {
    let key = account_key(&mut rand::rng());
    let text = format!("{}\n", hex::encode_prefixed(key.to_bytes()));
    let folder = path.parent().unwrap_or(Path::new(""));
    disk::write_all(folder, &[disk::Entry::secret(path.to_path_buf(), text.into_bytes())], existing)?;
    Ok(Address::from_private_key(&key))
}

/// Makes the secret of a custodian, writes it to a file that only its owner can read, and returns the keys. Errors: as
/// [`write`].
pub fn write_custodian(path: &Path, existing: Existing) -> Result<CustodyKeys, KeyError> {
    let (seed, keys) = custodian_key(&mut rand::rng());
    let text = format!("{}\n", hex::encode_prefixed(seed));
    let folder = path.parent().unwrap_or(Path::new(""));
    disk::write_all(folder, &[disk::Entry::secret(path.to_path_buf(), text.into_bytes())], existing)?;
    Ok(keys)
}

/// Reads the secret of a custodian. Errors: a file that is missing, that others can read, or that holds no secret.
pub fn read_custodian(path: &Path) -> Result<CustodyKeys, KeyError> {
    const WHAT: &str = "a custodian's secret";
    let seed = secret(path, WHAT)?;
    CustodyKeys::new(seed).ok_or_else(|| KeyError::NoKey { path: path.to_path_buf(), what: WHAT })
}

fn custodian_key(rng: &mut impl CryptoRng) -> ([u8; 32], CustodyKeys) {
    loop {
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        // All but a few of 2^256 seeds make keys.
        if let Some(keys) = CustodyKeys::new(seed) {
            return (seed, keys);
        }
    }
}

fn account_key(rng: &mut impl CryptoRng) -> SigningKey {
    loop {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        // All but a few of 2^256 numbers are keys.
        if let Ok(key) = SigningKey::from_slice(&bytes) {
            return key;
        }
    }
}

#[cfg(test)]
mod tests;
