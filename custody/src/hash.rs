//! Hashes with a domain tag, as BIP-340 does: `sha256(sha256(tag) || sha256(tag) || data)`.

use sha2::{Digest, Sha256};

/// Hashes `parts` under `tag`. Parts of variable length must come last or carry their length.
pub(crate) fn tagged(tag: &str, parts: &[&[u8]]) -> [u8; 32] {
    let tag = Sha256::digest(tag.as_bytes());
    let mut hasher = Sha256::new();
    hasher.update(tag);
    hasher.update(tag);
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}
