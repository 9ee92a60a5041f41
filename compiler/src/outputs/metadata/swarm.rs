//! Computes Swarm's hash of files (`bzzr1`): chunks of 4 KiB hashed as binary Merkle trees.

use alloy_primitives::keccak256;

const CHUNK: usize = 4096;
/// The children of an inner chunk.
const BRANCHES: usize = CHUNK / 32;

/// Returns the Swarm hash of a file.
pub fn swarm_hash(file: &[u8]) -> [u8; 32] {
    let mut level: Vec<(u64, [u8; 32])> = if file.is_empty() {
        vec![(0, chunk(file, 0))]
    } else {
        file.chunks(CHUNK).map(|data| (data.len() as u64, chunk(data, data.len() as u64))).collect()
    };
    while level.len() > 1 {
        level = level.chunks(BRANCHES).map(inner).collect();
    }
    level.first().map_or([0; 32], |node| node.1)
}

/// Makes the chunk above others; a single one rises as it is unless it is full.
fn inner(children: &[(u64, [u8; 32])]) -> (u64, [u8; 32]) {
    if let [only] = children
        && only.0 != CHUNK as u64
    {
        return *only;
    }
    let span = children.iter().map(|c| c.0).sum();
    let data: Vec<u8> = children.iter().flat_map(|c| c.1).collect();
    (span, chunk(&data, span))
}

/// Hashes a chunk's tree behind the number of bytes that it stands for.
fn chunk(data: &[u8], span: u64) -> [u8; 32] {
    let mut level = data.to_vec();
    level.resize(CHUNK, 0);
    while level.len() > 32 {
        level = level.chunks(64).flat_map(|pair| keccak256(pair).0).collect();
    }
    keccak256([span.to_le_bytes().as_slice(), &level].concat()).0
}
