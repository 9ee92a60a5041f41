//! Verifies headers, Merkle branches and transactions of the Bitcoin family as pure functions over bytes.
//!
//! Hashes are in the order of their bytes; explorers show them reversed. Nothing here asks a node, and nothing but
//! SHA-256 is used, so that a virtual machine can hold contracts to the same rules.

use sha2::{Digest, Sha256};

/// Longest Merkle branch: 2^25 transactions do not fit into any block.
pub const BRANCH_MAX: usize = 25;
/// Longest transaction that is read, in bytes: the weight limit of a block (BIP-141).
pub const TRANSACTION_BYTES_MAX: usize = 4_000_000;

/// Says why a proof is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofError {
    /// The bytes end too early or do not end.
    Length,
    /// A header does not name the one before it as its parent.
    Unlinked,
    /// The compact target is negative, zero or too large, or easier than the network's limit.
    Target,
    /// The hash exceeds the target.
    Work,
    /// The branch is too long, or the place does not exist in a tree of its height.
    Branch,
    /// The transaction is 64 bytes long and could pass for a node of the tree (CVE-2017-12842).
    Ambiguous,
    /// The transaction's marker or flag is unknown.
    Flag,
}

impl std::fmt::Display for ProofError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Length => "the bytes end too early, or too late",
            Self::Unlinked => "a header does not follow the one before it",
            Self::Target => "a target is malformed or easier than the network allows",
            Self::Work => "a header's hash exceeds its target",
            Self::Branch => "the branch is too long, or has no such place",
            Self::Ambiguous => "a transaction of 64 bytes proves nothing",
            Self::Flag => "the transaction has an unknown flag",
        })
    }
}

impl std::error::Error for ProofError {}

/// Returns `sha256(sha256(bytes))`.
pub fn double_sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}

/// Is a block's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Version bits.
    pub version: u32,
    /// Hash of the parent.
    pub parent: [u8; 32],
    /// Root of the tree of txids.
    pub merkle_root: [u8; 32],
    /// Seconds since 1970.
    pub time: u32,
    /// Compact target.
    pub bits: u32,
    /// What was searched.
    pub nonce: u32,
}

impl Header {
    /// Reads the 80 bytes of a header.
    pub fn parse(bytes: &[u8; 80]) -> Result<Self, ProofError> {
        let mut from = Bytes(bytes);
        Ok(Self {
            version: from.u32()?,
            parent: from.array()?,
            merkle_root: from.array()?,
            time: from.u32()?,
            bits: from.u32()?,
            nonce: from.u32()?,
        })
    }
}

/// Returns the hash of a header.
pub fn header_hash(bytes: &[u8; 80]) -> [u8; 32] {
    double_sha256(bytes)
}

/// Expands a compact target to 32 bytes, big endian (arith_uint256::SetCompact); none if it is negative, zero or
/// too large.
pub fn target(bits: u32) -> Option<[u8; 32]> {
    let [size, mantissa @ ..] = bits.to_be_bytes();
    let negative = mantissa.first().is_some_and(|byte| byte & 0x80 != 0);
    let mut out = [0u8; 32];
    for (place, byte) in mantissa.into_iter().enumerate() {
        let from_right = usize::from(size).checked_sub(place + 1);
        match (from_right, byte) {
            (_, 0) | (None, _) => {}
            (Some(right), byte) => *out.get_mut(31usize.checked_sub(right)?)? = byte,
        }
    }
    (!negative && out != [0; 32]).then_some(out)
}

/// Says whether a header's hash, read as a little-endian number, is at most its target.
pub fn meets_target(hash: &[u8; 32], target: &[u8; 32]) -> bool {
    hash.iter().rev().le(target.iter())
}

/// Verifies that headers follow `anchor` one after another, that each has the work it claims by double SHA-256,
/// and that no target is easier than `limit_bits`. Returns their hashes.
///
/// Whether the targets are the right ones for their heights is not checked here: the work they sum to is what a
/// verifier weighs. Litecoin's work is scrypt, so its headers cannot be verified by this.
pub fn verify_chain(
    anchor: &[u8; 32],
    headers: &[[u8; 80]],
    limit_bits: u32,
) -> Result<Vec<[u8; 32]>, ProofError> {
    let limit = target(limit_bits).ok_or(ProofError::Target)?;
    let mut parent = *anchor;
    headers
        .iter()
        .map(|bytes| {
            parent = verify_header(&parent, bytes, &limit)?;
            Ok(parent)
        })
        .collect()
}

fn verify_header(parent: &[u8; 32], bytes: &[u8; 80], limit: &[u8; 32]) -> Result<[u8; 32], ProofError> {
    let (header, hash) = (Header::parse(bytes)?, header_hash(bytes));
    if header.parent != *parent {
        return Err(ProofError::Unlinked);
    }
    let target = target(header.bits).filter(|target| target <= limit).ok_or(ProofError::Target)?;
    match meets_target(&hash, &target) {
        true => Ok(hash),
        false => Err(ProofError::Work),
    }
}

/// Returns the root that a branch leads to from the txid at a place, lowest sibling first.
pub fn merkle_root(txid: &[u8; 32], place: u32, branch: &[[u8; 32]]) -> Result<[u8; 32], ProofError> {
    let depth = u32::try_from(branch.len()).unwrap_or(u32::MAX);
    if branch.len() > BRANCH_MAX || place.checked_shr(depth) != Some(0) {
        return Err(ProofError::Branch);
    }
    let mut place = place;
    Ok(branch.iter().fold(*txid, |node, sibling| {
        let pair = match place & 1 {
            0 => [node, *sibling],
            _ => [*sibling, node],
        };
        place >>= 1;
        double_sha256(&pair.concat())
    }))
}

/// Is a transaction as far as proofs need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Its id: the hash of its bytes without witness.
    pub txid: [u8; 32],
    /// What it spends: txid and place.
    pub inputs: Vec<([u8; 32], u32)>,
    /// What it pays: amount in the smallest unit and script.
    pub outputs: Vec<(u64, Vec<u8>)>,
}

/// Reads a transaction with or without witness (BIP-144); nothing may follow it.
pub fn parse_transaction(bytes: &[u8]) -> Result<Transaction, ProofError> {
    if bytes.len() > TRANSACTION_BYTES_MAX {
        return Err(ProofError::Length);
    }
    let mut from = Bytes(bytes);
    let mut stripped = from.take(4)?.to_vec();
    let segwit = from.0.first() == Some(&0);
    if segwit && from.array::<2>()? != [0, 1] {
        return Err(ProofError::Flag);
    }
    let start = from.0;
    let inputs = (0..from.count(41)?).map(|_| input(&mut from)).collect::<Result<Vec<_>, _>>()?;
    let outputs = (0..from.count(9)?)
        .map(|_| Ok((from.u64()?, from.counted()?.to_vec())))
        .collect::<Result<Vec<_>, ProofError>>()?;
    stripped.extend_from_slice(start.get(..start.len() - from.0.len()).ok_or(ProofError::Length)?);
    if segwit {
        inputs.iter().try_for_each(|_| witness(&mut from))?;
    }
    stripped.extend_from_slice(from.take(4)?);
    match (from.0, stripped.len()) {
        ([], 64) => Err(ProofError::Ambiguous),
        ([], _) => Ok(Transaction { txid: double_sha256(&stripped), inputs, outputs }),
        _ => Err(ProofError::Length),
    }
}

fn input(from: &mut Bytes<'_>) -> Result<([u8; 32], u32), ProofError> {
    let spent = (from.array()?, from.u32()?);
    from.counted()?;
    from.u32()?;
    Ok(spent)
}

fn witness(from: &mut Bytes<'_>) -> Result<(), ProofError> {
    for _ in 0..from.count(1)? {
        from.counted()?;
    }
    Ok(())
}

/// Takes little-endian fields off the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], ProofError> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(ProofError::Length)?;
        self.0 = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ProofError> {
        let (head, tail) = self.0.split_first_chunk().ok_or(ProofError::Length)?;
        self.0 = tail;
        Ok(*head)
    }

    fn u32(&mut self) -> Result<u32, ProofError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, ProofError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// Reads a compact size; only the shortest form is one.
    fn size(&mut self) -> Result<u64, ProofError> {
        let (value, least) = match u8::from_le_bytes(self.array()?) {
            0xfd => (u16::from_le_bytes(self.array()?).into(), 0xfd),
            0xfe => (self.u32()?.into(), 0x1_0000),
            0xff => (self.u64()?, 0x1_0000_0000),
            value => (value.into(), 0),
        };
        match value >= least {
            true => Ok(value),
            false => Err(ProofError::Length),
        }
    }

    /// Reads a count of things of at least `bytes` each.
    fn count(&mut self, bytes: usize) -> Result<usize, ProofError> {
        let count = usize::try_from(self.size()?).map_err(|_| ProofError::Length)?;
        match count.checked_mul(bytes).is_some_and(|bytes| bytes <= self.0.len()) {
            true => Ok(count),
            false => Err(ProofError::Length),
        }
    }

    fn counted(&mut self) -> Result<&'a [u8], ProofError> {
        let count = self.count(1)?;
        self.take(count)
    }
}
