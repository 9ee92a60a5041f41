//! Computes IPFS content identifiers (version 0) of files: UnixFS in DAG-PB over SHA-256, balanced as by `ipfs add`.

use sha2::{Digest, Sha256};

/// The bytes of a leaf.
const CHUNK: usize = 256 << 10;
/// The most links of a node.
const LINKS_MAX: usize = 174;

/// Is a node that others link to.
struct Node {
    /// The multihash.
    hash: [u8; 34],
    /// Bytes of the file below it.
    file_bytes: u64,
    /// Bytes of all encoded nodes below it and of itself.
    total_bytes: u64,
}

/// Returns the multihash of a file, which base 58 makes its content identifier.
pub fn ipfs_hash(file: &[u8]) -> [u8; 34] {
    let mut level: Vec<Node> =
        if file.is_empty() { vec![leaf(file)] } else { file.chunks(CHUNK).map(leaf).collect() };
    while level.len() > 1 {
        level = level.chunks(LINKS_MAX).map(parent).collect();
    }
    level.first().map_or([0; 34], |node| node.hash)
}

fn leaf(bytes: &[u8]) -> Node {
    let mut data = vec![0x08, 0x02];
    if !bytes.is_empty() {
        data.push(0x12);
        field(&mut data, bytes);
    }
    data.push(0x18);
    varint(&mut data, bytes.len() as u64);
    let mut node = vec![0x0a];
    field(&mut node, &data);
    finish(&node, bytes.len() as u64, 0)
}

fn parent(children: &[Node]) -> Node {
    let file_bytes = children.iter().map(|c| c.file_bytes).sum();
    let mut node = Vec::new();
    for child in children {
        let mut link = vec![0x0a];
        field(&mut link, &child.hash);
        link.extend_from_slice(&[0x12, 0x00, 0x18]);
        varint(&mut link, child.total_bytes);
        node.push(0x12);
        field(&mut node, &link);
    }
    let mut data = vec![0x08, 0x02, 0x18];
    varint(&mut data, file_bytes);
    for child in children {
        data.push(0x20);
        varint(&mut data, child.file_bytes);
    }
    node.push(0x0a);
    field(&mut node, &data);
    finish(&node, file_bytes, children.iter().map(|c| c.total_bytes).sum())
}

fn finish(encoded: &[u8], file_bytes: u64, below: u64) -> Node {
    let mut hash = [0; 34];
    let digest = Sha256::digest(encoded);
    let bytes = [0x12, 0x20].into_iter().chain(digest);
    hash.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    Node { hash, file_bytes, total_bytes: below + encoded.len() as u64 }
}

fn field(out: &mut Vec<u8>, bytes: &[u8]) {
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// Spells a multihash in base 58.
pub(super) fn base58(hash: &[u8; 34]) -> String {
    const DIGITS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut digits: Vec<usize> = Vec::new();
    let mut bytes = *hash;
    while bytes.iter().any(|b| *b != 0) {
        let mut rest = 0_u32;
        for byte in &mut bytes {
            let now = rest << 8 | u32::from(*byte);
            *byte = (now / 58) as u8;
            rest = now % 58;
        }
        digits.push(rest as usize);
    }
    digits.iter().rev().filter_map(|d| DIGITS.get(*d)).map(|b| *b as char).collect()
}
