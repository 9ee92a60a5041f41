//! Ranks representatives' proposals by a bounded proof of work (whitepaper 5.5; design 10). Work decides who
//! proposes and earns; it never carries safety.

use super::params::Params;
use alloy_primitives::{B256, keccak256};

const TAG: &[u8] = b"fusor work";

/// Returns the hash of one try of node `key` at a block over `packages_root`:
/// `keccak256("fusor work" ‖ parent ‖ packages root ‖ key ‖ nonce)`, the nonce as 8 bytes, most significant first.
/// The lower hash ranks first.
pub fn work_hash(parent: B256, packages_root: B256, key: B256, nonce: u64) -> B256 {
    let mut input = Vec::with_capacity(TAG.len() + 104);
    input.extend_from_slice(TAG);
    [parent, packages_root, key].iter().for_each(|part| input.extend_from_slice(part.as_slice()));
    input.extend_from_slice(&nonce.to_be_bytes());
    keccak256(input)
}

/// Says whether `nonce` is one of the `tries_max` tries that a representative has. More tries buy nothing, so
/// hash power beyond them is worthless.
pub fn valid(nonce: u64, params: &Params) -> bool {
    nonce < params.tries_max
}
