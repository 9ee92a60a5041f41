//! The file of one shard: a header in clear, everything else encrypted.
//!
//! ```text
//! 0    8  "FUSORSHD"
//! 8    2  version, big-endian, 1
//! 10  32  vault
//! 42   8  epoch, big-endian
//! 50   2  member, big-endian
//! 52  32  digest of the terms
//! 84   8  check of the key: says "wrong key" apart from "damaged"
//! 92  24  nonce, random in every write
//! 116  4  length of what follows, big-endian
//! 120     XChaCha20-Poly1305 of the body, with bytes 0 to 120 as associated data
//! ```

use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::Rng;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::StoreError;
use crate::ecdsa::Pair;
use crate::hash::tagged;
use crate::holding::Holding;
use crate::keys::{Point, Terms};

const MAGIC: &[u8; 8] = b"FUSORSHD";
const VERSION: u16 = 1;
const HEADER: usize = 120;

/// The keys made from a node's secret for one vault.
pub(crate) struct Keys {
    shard: Zeroizing<[u8; 32]>,
    pub(crate) journal: Zeroizing<[u8; 32]>,
    /// Tells whether a file was written under these keys; public.
    pub(crate) check: [u8; 8],
}

impl Keys {
    pub(crate) fn derive(secret: &[u8; 32], vault: &[u8; 32]) -> Self {
        let check = tagged("fusor/custody/store/check", &[secret, vault]);
        let [c0, c1, c2, c3, c4, c5, c6, c7, ..] = check;
        Self {
            shard: Zeroizing::new(tagged("fusor/custody/store/shard", &[secret, vault])),
            journal: Zeroizing::new(tagged("fusor/custody/store/journal", &[secret, vault])),
            check: [c0, c1, c2, c3, c4, c5, c6, c7],
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Body {
    threshold: u16,
    key: Vec<u8>,
    points: Vec<Vec<u8>>,
    share: [u8; 32],
    pairs: Vec<Pair>,
}

impl Drop for Body {
    fn drop(&mut self) {
        self.share.zeroize();
    }
}

/// Encrypts a shard with its setups.
pub(crate) fn seal(keys: &Keys, holding: &Holding) -> Result<Vec<u8>, StoreError> {
    let terms = holding.terms();
    let body = Body {
        threshold: terms.threshold(),
        key: terms.key().to_vec(),
        points: terms.points().iter().map(|point| point.to_vec()).collect(),
        share: **holding.share(),
        pairs: holding.pairs().cloned().collect(),
    };
    let plain = Zeroizing::new(postcard::to_allocvec(&body).map_err(|_| StoreError::Damaged)?);
    let mut nonce = [0; 24];
    rand::rng().fill_bytes(&mut nonce);
    // The tag adds 16 bytes.
    let length = u32::try_from(plain.len() + 16).map_err(|_| StoreError::Damaged)?;
    let mut file = Vec::with_capacity(HEADER + plain.len() + 16);
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&VERSION.to_be_bytes());
    file.extend_from_slice(&terms.vault());
    file.extend_from_slice(&terms.epoch().to_be_bytes());
    file.extend_from_slice(&holding.me().to_be_bytes());
    file.extend_from_slice(&terms.digest());
    file.extend_from_slice(&keys.check);
    file.extend_from_slice(&nonce);
    file.extend_from_slice(&length.to_be_bytes());
    let payload = Payload { msg: &plain, aad: &file };
    let sealed = cipher(keys).encrypt(&XNonce::from(nonce), payload).map_err(|_| StoreError::Damaged)?;
    file.extend_from_slice(&sealed);
    Ok(file)
}

/// What a file claims to be; believed only once it has been opened.
struct Header {
    vault: [u8; 32],
    epoch: u64,
    member: u16,
    terms: [u8; 32],
    check: [u8; 8],
    nonce: [u8; 24],
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk::<8>()?;
        let (_version, rest) = rest.split_first_chunk::<2>()?;
        let (vault, rest) = rest.split_first_chunk()?;
        let (epoch, rest) = rest.split_first_chunk()?;
        let (member, rest) = rest.split_first_chunk()?;
        let (terms, rest) = rest.split_first_chunk()?;
        let (check, rest) = rest.split_first_chunk()?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (length, body) = rest.split_first_chunk()?;
        let whole = u32::from_be_bytes(*length) as usize == body.len();
        (magic == MAGIC && whole).then_some(Self {
            vault: *vault,
            epoch: u64::from_be_bytes(*epoch),
            member: u16::from_be_bytes(*member),
            terms: *terms,
            check: *check,
            nonce: *nonce,
        })
    }
}

/// Decrypts the shard of an epoch and checks that it is the one asked for.
pub(crate) fn open(keys: &Keys, file: &[u8], vault: [u8; 32], epoch: u64) -> Result<Holding, StoreError> {
    let version = file.get(8..10).and_then(|bytes| <[u8; 2]>::try_from(bytes).ok());
    match version.map(u16::from_be_bytes) {
        Some(version) if file.starts_with(MAGIC) && version > VERSION => {
            return Err(StoreError::FutureVersion(version));
        }
        Some(VERSION) => {}
        _ => return Err(StoreError::Damaged),
    }
    let header = Header::read(file).ok_or(StoreError::Damaged)?;
    if header.vault != vault {
        return Err(StoreError::OtherVault);
    }
    if header.epoch != epoch {
        return Err(StoreError::OtherEpoch { found: header.epoch });
    }
    if header.check != keys.check {
        return Err(StoreError::WrongKey);
    }
    let (aad, msg) = file.split_at_checked(HEADER).ok_or(StoreError::Damaged)?;
    let plain = cipher(keys)
        .decrypt(&XNonce::from(header.nonce), Payload { msg, aad })
        .map_err(|_| StoreError::Damaged)?;
    let plain = Zeroizing::new(plain);
    let body: Body = postcard::from_bytes(&plain).map_err(|_| StoreError::Damaged)?;
    rebuild(&header, &body)
}

fn rebuild(header: &Header, body: &Body) -> Result<Holding, StoreError> {
    let point = |bytes: &Vec<u8>| Point::try_from(bytes.as_slice()).map_err(|_| StoreError::Damaged);
    let points = body.points.iter().map(point).collect::<Result<Vec<_>, _>>()?;
    let terms = Terms::new(header.vault, header.epoch, body.threshold, point(&body.key)?, points)
        .map_err(|_| StoreError::Damaged)?;
    if terms.digest() != header.terms {
        return Err(StoreError::Damaged);
    }
    let mut holding =
        Holding::new(Arc::new(terms), header.member, body.share).map_err(|_| StoreError::Damaged)?;
    for pair in &body.pairs {
        holding.add_pair(pair.clone());
    }
    Ok(holding)
}

fn cipher(keys: &Keys) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&(*keys.shard).into())
}
