//! Verifies headers, Merkle branches and transactions of the Bitcoin family as pure functions over bytes.
//!
//! Hashes are in the order of their bytes; explorers show them reversed. Whether targets are the right ones for their
//! heights is not checked: the work that the limit demands is what a proof weighs.

use sha2::{Digest, Sha256};

/// Longest Merkle branch: 2^25 transactions do not fit into any block.
const BRANCH_MAX: usize = 25;

/// Says why a proof is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub enum ProofError {
    /// The bytes end too early or do not end.
    Length,
    /// Not as many headers as confirmations.
    Confirmations,
    /// A header does not name the one before it as its parent.
    Unlinked,
    /// The compact target is negative, zero or too large, or easier than the limit.
    Target,
    /// The hash exceeds the target.
    Work,
    /// The branch is too long, leads to another root, or the place does not exist in a tree of its height.
    Branch,
    /// The transaction is 64 bytes long and could pass for a node of the tree (CVE-2017-12842).
    Ambiguous,
    /// The transaction has no inputs (a witness must be cut off), or makes new coin, which may not be spent yet.
    Inputs,
    /// The transaction has no such output.
    Output,
}

impl ProofError {
    /// Returns the error's text.
    pub fn text(self) -> &'static str {
        match self {
            Self::Length => "the proof ends too early, or too late",
            Self::Confirmations => "the proof has not as many headers as the chain asks confirmations",
            Self::Unlinked => "a header does not follow the one before it",
            Self::Target => "a target is malformed or easier than the chain's proof target",
            Self::Work => "a header's hash exceeds its target",
            Self::Branch => "the branch does not lead to the header's root",
            Self::Ambiguous => "a transaction of 64 bytes proves nothing",
            Self::Inputs => "the transaction makes new coin, or carries its witness",
            Self::Output => "the transaction has no such output",
        }
    }
}

/// Is an output that a proof shows to be in a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputPaid {
    /// The transaction's id.
    pub txid: [u8; 32],
    /// The output's place in it, from 0.
    pub output: u32,
    /// What it pays, in the smallest unit.
    pub amount: u64,
    /// The script that it pays.
    pub script: Vec<u8>,
}

/// Is a proof that an output is in a block under some headers. Its bytes, numbers big endian:
///
/// ```text
/// 4 length of the transaction | transaction without witness | 4 output, from 0 | 4 place in the block, from 0
/// 1 siblings | 32 each, lowest first | 80 each header, the block's own first
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof<'a> {
    /// The transaction without its witness.
    pub transaction: &'a [u8],
    /// Which of its outputs.
    pub output: u32,
    /// Its place in the block.
    pub place: u32,
    /// The siblings on the way to the root.
    pub branch: &'a [[u8; 32]],
    /// The block's header and those that follow it.
    pub headers: &'a [[u8; 80]],
}

impl<'a> Proof<'a> {
    /// Reads a proof; nothing is hashed yet.
    pub fn read(bytes: &'a [u8]) -> Result<Self, ProofError> {
        let mut from = Bytes(bytes);
        let length = usize::try_from(u32::from_be_bytes(from.array()?)).map_err(|_| ProofError::Length)?;
        let transaction = from.take(length)?;
        let output = u32::from_be_bytes(from.array()?);
        let place = u32::from_be_bytes(from.array()?);
        let siblings = usize::from(u8::from_be_bytes(from.array()?));
        let (branch, _) = from.take(siblings.saturating_mul(32))?.as_chunks();
        match from.0.as_chunks() {
            (headers, []) => Ok(Self { transaction, output, place, branch, headers }),
            _ => Err(ProofError::Length),
        }
    }

    /// Returns the gas for its hashes, each twice as the SHA-256 precompile charges.
    pub fn gas(&self) -> u64 {
        let hash = |bytes: usize| (bytes as u64).div_ceil(32).saturating_mul(12).saturating_add(60 + 72);
        let nodes = (self.branch.len() as u64).saturating_mul(hash(64));
        let headers = (self.headers.len() as u64).saturating_mul(hash(80));
        hash(self.transaction.len()).saturating_add(nodes).saturating_add(headers)
    }

    /// Verifies it: `confirmations` headers, each at least as hard as `limit` (big endian) and as it claims, and the
    /// transaction in the first one's block. Returns the output.
    pub fn verify(&self, confirmations: u32, limit: &[u8; 32]) -> Result<OutputPaid, ProofError> {
        if u32::try_from(self.headers.len()) != Ok(confirmations) {
            return Err(ProofError::Confirmations);
        }
        let txid = double_sha256(self.transaction);
        let root = merkle_root(&txid, self.place, self.branch)?;
        let first = self.headers.first().ok_or(ProofError::Confirmations)?;
        if field::<32>(first, 36)? != root {
            return Err(ProofError::Branch);
        }
        verify_chain(self.headers, limit)?;
        let (amount, script) = output(self.transaction, self.output)?;
        Ok(OutputPaid { txid, output: self.output, amount, script })
    }
}

/// Returns `sha256(sha256(bytes))`.
fn double_sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}

fn field<const N: usize>(header: &[u8; 80], at: usize) -> Result<[u8; N], ProofError> {
    header.get(at..).and_then(|rest| rest.first_chunk()).copied().ok_or(ProofError::Length)
}

/// Verifies that headers follow one another and have the work that they claim and `limit` demands.
fn verify_chain(headers: &[[u8; 80]], limit: &[u8; 32]) -> Result<(), ProofError> {
    let mut parent = None;
    for header in headers {
        if parent.is_some_and(|parent| field::<32>(header, 4) != Ok(parent)) {
            return Err(ProofError::Unlinked);
        }
        let bits = u32::from_le_bytes(field(header, 72)?);
        let target = target(bits).filter(|target| target <= limit).ok_or(ProofError::Target)?;
        let hash = double_sha256(header);
        if !hash.iter().rev().le(target.iter()) {
            return Err(ProofError::Work);
        }
        parent = Some(hash);
    }
    Ok(())
}

/// Expands a compact target to 32 bytes, big endian (arith_uint256::SetCompact); none if it is negative, zero or too
/// large.
pub fn target(bits: u32) -> Option<[u8; 32]> {
    let [size, mantissa @ ..] = bits.to_be_bytes();
    let negative = mantissa.first().is_some_and(|byte| byte & 0x80 != 0);
    let mut out = [0u8; 32];
    for (place, byte) in mantissa.into_iter().enumerate() {
        let from_right = usize::from(size).checked_sub(place.saturating_add(1));
        match (from_right, byte) {
            (_, 0) | (None, _) => {}
            (Some(right), byte) => *out.get_mut(31usize.checked_sub(right)?)? = byte,
        }
    }
    (!negative && out != [0; 32]).then_some(out)
}

/// Returns the root that a branch leads to from the txid at a place, lowest sibling first.
fn merkle_root(txid: &[u8; 32], place: u32, branch: &[[u8; 32]]) -> Result<[u8; 32], ProofError> {
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

/// Reads an output of a transaction without witness; all of the transaction must be well formed.
fn output(transaction: &[u8], wanted: u32) -> Result<(u64, Vec<u8>), ProofError> {
    if transaction.len() == 64 {
        return Err(ProofError::Ambiguous);
    }
    let mut from = Bytes(transaction);
    from.take(4)?;
    let inputs = from.count(41)?;
    let mut new = inputs == 0;
    for _ in 0..inputs {
        let (txid, place) = (from.array::<32>()?, u32::from_le_bytes(from.array()?));
        new |= txid == [0; 32] && place == u32::MAX;
        from.counted()?;
        from.take(4)?;
    }
    if new {
        return Err(ProofError::Inputs);
    }
    let mut found = None;
    for (number, _) in (0u32..).zip(0..from.count(9)?) {
        let (amount, script) = (u64::from_le_bytes(from.array()?), from.counted()?);
        if number == wanted {
            found = Some((amount, script.to_vec()));
        }
    }
    from.take(4)?;
    match from.0 {
        [] => found.ok_or(ProofError::Output),
        _ => Err(ProofError::Length),
    }
}

/// Takes fields off the front.
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

    /// Reads a compact size; only the shortest form is one.
    fn size(&mut self) -> Result<u64, ProofError> {
        let (value, least) = match u8::from_le_bytes(self.array()?) {
            0xfd => (u16::from_le_bytes(self.array()?).into(), 0xfd),
            0xfe => (u32::from_le_bytes(self.array()?).into(), 0x1_0000),
            0xff => (u64::from_le_bytes(self.array()?), 0x1_0000_0000),
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

#[cfg(test)]
#[path = "headers_tests.rs"]
mod tests;
