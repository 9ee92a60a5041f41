//! Builds the scripts of locks and says what spending them weighs.

use crate::{custody::Lock, error::AddressError, keys, sign::Scheme};
use ripemd::Ripemd160;
use sha2::{Digest, Sha256};

/// Returns `ripemd160(sha256(bytes))`.
pub(crate) fn hash160(bytes: &[u8]) -> [u8; 20] {
    <Ripemd160 as ripemd::Digest>::digest(Sha256::digest(bytes)).into()
}

/// Returns the output script of a key: P2WPKH (BIP-141) for ECDSA, P2TR (BIP-341) for Schnorr.
pub(crate) fn of_key(key: &[u8; 33], scheme: Scheme) -> Result<Vec<u8>, AddressError> {
    keys::parse(key)?;
    Ok(match scheme {
        Scheme::Ecdsa => segwit(0x00, &hash160(key)),
        Scheme::Schnorr => segwit(0x51, &keys::taproot_output(key)?),
    })
}

/// Returns the output script of a lock.
pub(crate) fn of_lock(lock: &Lock) -> Result<Vec<u8>, AddressError> {
    of_key(&lock.key, lock.scheme)
}

/// Returns a witness program as a script: the version's opcode, the length, the program.
pub(crate) fn segwit(version: u8, program: &[u8]) -> Vec<u8> {
    let length = u8::try_from(program.len()).unwrap_or(u8::MAX);
    [&[version, length], program].concat()
}

/// Returns the weight of spending a lock, with the longest signature: 41 bytes of input and its witness.
pub(crate) fn input_weight(scheme: Scheme) -> u64 {
    41 * 4
        + match scheme {
            Scheme::Ecdsa => 1 + 1 + 72 + 1 + 33,
            Scheme::Schnorr => 1 + 1 + 64,
        }
}
