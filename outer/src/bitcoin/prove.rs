//! Makes the proof that an output is in a block, as contracts check it: transaction, Merkle branch and headers.

use super::{Bitcoin, hash_to_hex, node::Hash, transaction::double_sha256};
use crate::{deposit::OutPoint, error::OuterError};
use alloy_primitives::hex;
use serde::Deserialize;
use serde_json::{Value, json};

/// Longest transaction that is read, in bytes: the weight limit of a block (BIP-141).
const TRANSACTION_BYTES_MAX: usize = 4_000_000;

/// Is a block's transactions by their ids.
#[derive(Debug, Deserialize)]
struct TxidsJson {
    tx: Vec<Hash>,
}

impl Bitcoin {
    /// Makes the proof of an output in the main chain's block at a height, with `confirmations` headers; none if the
    /// block does not hold it, or has not as many on it.
    pub(super) fn proof(
        &self,
        outpoint: &OutPoint,
        height: u64,
        confirmations: u32,
    ) -> Result<Option<Vec<u8>>, OuterError> {
        let heights = height..height.saturating_add(confirmations.into());
        if heights.end > self.best()?.0.saturating_add(1) {
            return Ok(None);
        }
        let hashes = heights.map(|height| self.block_hash(height)).collect::<Result<Vec<_>, _>>()?;
        let Some(block) = hashes.first().map(hash_to_hex) else { return Ok(None) };
        let TxidsJson { tx } = self.rpc.call("getblock", json!([block, 1]))?;
        let txids: Vec<[u8; 32]> = tx.into_iter().map(|hash| hash.0).collect();
        if !txids.contains(&outpoint.txid) {
            return Ok(None);
        }
        let txid = hash_to_hex(&outpoint.txid);
        let raw = self.bytes("getrawtransaction", json!([txid, false, block]))?;
        let transaction = strip(&raw)
            .filter(|bytes| double_sha256(bytes) == outpoint.txid)
            .ok_or_else(|| self.rpc.nonsense("getrawtransaction", "it is not the transaction asked for"))?;
        let params: Vec<Value> = hashes.iter().map(|hash| json!([hash_to_hex(hash), false])).collect();
        let headers: Vec<String> = self.rpc.batch("getblockheader", &params)?;
        let read = |(header, hash): (&String, &[u8; 32])| {
            let bytes = hex::decode(header).ok()?.try_into().ok()?;
            Some(bytes).filter(|bytes: &[u8; 80]| double_sha256(bytes) == *hash)
        };
        let headers: Option<Vec<[u8; 80]>> = headers.iter().zip(&hashes).map(read).collect();
        let headers =
            headers.ok_or_else(|| self.rpc.nonsense("getblockheader", "it is not the header asked for"))?;
        Ok(proof(&transaction, outpoint.vout, txids, &headers))
    }

    fn bytes(&self, method: &str, params: Value) -> Result<Vec<u8>, OuterError> {
        let text: String = self.rpc.call(method, params)?;
        hex::decode(text).map_err(|error| self.rpc.nonsense(method, error))
    }
}

/// Writes the proof that a transaction without witness, of which `output` is the one meant, is among `txids` under
/// headers; none if it is not. The layout is that of the custody account's `proveDeposit`, numbers big endian.
pub fn proof(transaction: &[u8], output: u32, txids: Vec<[u8; 32]>, headers: &[[u8; 80]]) -> Option<Vec<u8>> {
    let txid = double_sha256(transaction);
    let place = txids.iter().position(|other| *other == txid)?;
    let branch = branch(txids, place);
    let mut out = u32::try_from(transaction.len()).ok()?.to_be_bytes().to_vec();
    out.extend_from_slice(transaction);
    out.extend_from_slice(&output.to_be_bytes());
    out.extend_from_slice(&u32::try_from(place).ok()?.to_be_bytes());
    out.push(u8::try_from(branch.len()).ok()?);
    out.extend_from_slice(branch.as_flattened());
    out.extend_from_slice(headers.as_flattened());
    Some(out)
}

/// Returns the root of the tree of a block's transactions; zero for none.
pub fn merkle_root(mut row: Vec<[u8; 32]>) -> [u8; 32] {
    while row.len() > 1 {
        row = parents(&row);
    }
    row.first().copied().unwrap_or_default()
}

/// Pairs a row of nodes. One without a sibling is its own.
fn parents(row: &[[u8; 32]]) -> Vec<[u8; 32]> {
    let parent = |pair: &[[u8; 32]]| match pair {
        [one] => double_sha256(&[*one, *one].concat()),
        pair => double_sha256(pair.as_flattened()),
    };
    row.chunks(2).map(parent).collect()
}

/// Lists the siblings from a transaction up to the root, lowest first.
fn branch(mut row: Vec<[u8; 32]>, mut place: usize) -> Vec<[u8; 32]> {
    let mut siblings = Vec::new();
    while row.len() > 1 {
        siblings.extend(row.get(place ^ 1).or(row.last()));
        row = parents(&row);
        place /= 2;
    }
    siblings
}

/// Cuts the witness off a transaction (BIP-144); none if the bytes are no transaction.
fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() > TRANSACTION_BYTES_MAX {
        return None;
    }
    let mut from = Bytes(bytes);
    let version = from.take(4)?;
    let segwit = from.0.first() == Some(&0);
    if segwit && from.take(2)? != [0, 1] {
        return None;
    }
    let body = from.0;
    let inputs = from.count(41)?;
    for _ in 0..inputs {
        from.take(36)?;
        from.counted()?;
        from.take(4)?;
    }
    for _ in 0..from.count(9)? {
        from.take(8)?;
        from.counted()?;
    }
    let body = body.get(..body.len() - from.0.len())?;
    for _ in 0..inputs * usize::from(segwit) {
        for _ in 0..from.count(1)? {
            from.counted()?;
        }
    }
    let lock_time = from.take(4)?;
    from.0.is_empty().then(|| [version, body, lock_time].concat())
}

/// Takes fields off the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    /// Reads a compact size; only the shortest form is one.
    fn size(&mut self) -> Option<u64> {
        let (width, least) = match self.take(1)? {
            [0xfd] => (2, 0xfd),
            [0xfe] => (4, 0x1_0000),
            [0xff] => (8, 0x1_0000_0000),
            [value] => return Some((*value).into()),
            _ => return None,
        };
        let mut value = [0; 8];
        value.get_mut(..width)?.copy_from_slice(self.take(width)?);
        Some(u64::from_le_bytes(value)).filter(|value| *value >= least)
    }

    /// Reads a count of things of at least `bytes` each.
    fn count(&mut self, bytes: usize) -> Option<usize> {
        let count = usize::try_from(self.size()?).ok()?;
        (count.checked_mul(bytes)? <= self.0.len()).then_some(count)
    }

    fn counted(&mut self) -> Option<&'a [u8]> {
        let count = self.count(1)?;
        self.take(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::hex;

    /// BIP-143, "Native P2WPKH", signed: one input without and one with a witness.
    const VERSION: &str = "01000000";
    const BODY: &str = "02fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f000000004948304502210\
        08b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f9281a99f2b1c0a19c0489bc2\
        2ede944ccf4ecbab4cc618ef3ed01eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a01000\
        00000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a91\
        43bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac";
    const WITNESS: &str = "000247304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c\
        4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7acafcdb3566bb0ad2\
        53f62fc70f07aeee6357";
    const LOCK_TIME: &str = "11000000";

    #[test]
    fn a_witness_is_cut_off() {
        let bytes = hex::decode([VERSION, "0001", BODY, WITNESS, LOCK_TIME].concat()).unwrap();
        let plain = hex::decode([VERSION, BODY, LOCK_TIME].concat()).unwrap();
        assert_eq!(strip(&bytes), Some(plain.clone()));
        assert_eq!(strip(&plain), Some(plain));
        for end in 0..bytes.len() {
            assert_eq!(strip(&bytes[..end]), None, "{end}");
        }
        assert_eq!(strip(&[&bytes[..], &[0]].concat()), None);
    }

    #[test]
    fn branches_of_odd_rows_repeat_their_last() {
        let leaves: Vec<[u8; 32]> = (1..=5).map(|leaf| [leaf; 32]).collect();
        let up = |left: [u8; 32], right: [u8; 32]| double_sha256(&[left, right].concat());
        let (one, two, three) = (up([1; 32], [2; 32]), up([3; 32], [4; 32]), up([5; 32], [5; 32]));
        let (left, right) = (up(one, two), up(three, three));
        assert_eq!(branch(leaves.clone(), 2), [[4; 32], one, right]);
        assert_eq!(branch(leaves, 4), [[5; 32], three, left]);
        assert!(branch(vec![[9; 32]], 0).is_empty());
        assert_eq!(merkle_root((1..=5).map(|leaf| [leaf; 32]).collect()), up(left, right));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
            if let Some(stripped) = strip(&bytes) {
                proptest::prop_assert_eq!(strip(&stripped), Some(stripped.clone()));
            }
        }
    }
}
