//! Encodes and decodes the records of the tables; decoding takes any bytes and accepts one form only.

use super::{ChainHead, StoreError};
use crate::{receipt::Receipt, state::Head, tx::Transaction};
use alloy_eips::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, U256};
use revm::bytecode::Bytecode;

/// Is where a transaction stands: height and position.
pub(super) type Place = (u64, u32);

const CODE: u8 = 0;
const DELEGATION: u8 = 1;

fn bad(what: &str) -> StoreError {
    StoreError::damaged(format!("a record of {what} has no known form"))
}

/// Takes `N` bytes off the front.
fn take<'a, const N: usize>(raw: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (front, rest) = raw.split_first_chunk::<N>()?;
    *raw = rest;
    Some(front)
}

/// Runs a decoder that has to consume everything.
fn whole<T>(
    mut raw: &[u8],
    what: &str,
    decode: impl FnOnce(&mut &[u8]) -> Option<T>,
) -> Result<T, StoreError> {
    decode(&mut raw).filter(|_| raw.is_empty()).ok_or_else(|| bad(what))
}

pub(super) fn height(raw: &[u8]) -> Result<u64, StoreError> {
    whole(raw, "a height", |raw| take(raw).copied().map(u64::from_be_bytes))
}

pub(super) fn format(raw: &[u8]) -> Result<u32, StoreError> {
    whole(raw, "the format", |raw| take(raw).copied().map(u32::from_be_bytes))
}

pub(super) fn hash(raw: &[u8]) -> Result<B256, StoreError> {
    whole(raw, "a hash", |raw| take(raw).map(B256::from))
}

pub(super) fn address(raw: &[u8]) -> Result<Address, StoreError> {
    whole(raw, "an address", |raw| take(raw).map(Address::from))
}

pub(super) fn place_bytes((height, index): Place) -> [u8; 12] {
    let mut out = [0; 12];
    let (front, back) = out.split_at_mut(8);
    front.copy_from_slice(&height.to_be_bytes());
    back.copy_from_slice(&index.to_be_bytes());
    out
}

pub(super) fn place(raw: &[u8]) -> Result<Place, StoreError> {
    whole(raw, "a place", |raw| {
        let height = take(raw).copied().map(u64::from_be_bytes)?;
        Some((height, take(raw).copied().map(u32::from_be_bytes)?))
    })
}

pub(super) fn head_bytes(head: &ChainHead) -> Vec<u8> {
    [&head.height.to_be_bytes()[..], head.hash.as_slice(), head.state_root.as_slice()].concat()
}

pub(super) fn head(raw: &[u8]) -> Result<ChainHead, StoreError> {
    whole(raw, "the head", |raw| {
        let height = take(raw).copied().map(u64::from_be_bytes)?;
        let hash = take(raw).map(B256::from)?;
        Some(ChainHead { height, hash, state_root: take(raw).map(B256::from)? })
    })
}

pub(super) fn account_bytes(head: &Head) -> Vec<u8> {
    let balance = head.balance.to_be_bytes::<32>();
    [&balance[..], &head.nonce.to_be_bytes(), head.code_hash.as_slice()].concat()
}

pub(super) fn account(raw: &[u8]) -> Result<Head, StoreError> {
    whole(raw, "an account", |raw| {
        let balance = take(raw).copied().map(U256::from_be_bytes::<32>)?;
        let nonce = take(raw).copied().map(u64::from_be_bytes)?;
        Some(Head { balance, nonce, code_hash: take(raw).map(B256::from)? })
    })
}

pub(super) fn word_key_bytes(address: Address, key: U256) -> Vec<u8> {
    [address.as_slice(), &key.to_be_bytes::<32>()].concat()
}

pub(super) fn word_key(raw: &[u8]) -> Result<(Address, U256), StoreError> {
    whole(raw, "a word's key", |raw| {
        let address = take(raw).map(Address::from)?;
        Some((address, take(raw).copied().map(U256::from_be_bytes::<32>)?))
    })
}

pub(super) fn word_bytes(value: U256) -> Vec<u8> {
    value.to_be_bytes_trimmed_vec()
}

pub(super) fn word(raw: &[u8]) -> Result<U256, StoreError> {
    match raw {
        [1..=u8::MAX, ..] => U256::try_from_be_slice(raw).ok_or_else(|| bad("a word")),
        _ => Err(bad("a word")),
    }
}

pub(super) fn code_bytes(code: &Bytecode) -> Vec<u8> {
    let kind = if code.is_eip7702() { DELEGATION } else { CODE };
    [&[kind], code.original_byte_slice()].concat()
}

/// Decodes code and checks its hash.
pub(super) fn code(hash: B256, raw: &[u8]) -> Result<Bytecode, StoreError> {
    let code = match raw.split_first() {
        Some((&CODE, code)) => Some(Bytecode::new_legacy(Bytes::copy_from_slice(code))),
        Some((&DELEGATION, code)) => Bytecode::new_eip7702_raw(Bytes::copy_from_slice(code)).ok(),
        _ => None,
    };
    let code = code.ok_or_else(|| bad("code"))?;
    match code.hash_slow() == hash {
        true => Ok(code),
        false => Err(StoreError::damaged(format!("code {hash} has hash {}", code.hash_slow()))),
    }
}

pub(super) fn transaction_bytes(tx: &Transaction) -> Vec<u8> {
    let mut out = tx.sender().to_vec();
    tx.encode_2718(&mut out);
    out
}

pub(super) fn transaction(raw: &[u8]) -> Result<Transaction, StoreError> {
    let (sender, raw) = raw.split_first_chunk::<20>().ok_or_else(|| bad("a transaction"))?;
    Transaction::decode_of(Address::from(sender), raw)
        .map_err(|error| StoreError::damaged(format!("a transaction: {error}")))
}

pub(super) fn receipt(raw: &[u8]) -> Result<Receipt, StoreError> {
    Receipt::decode_stored(raw).map_err(|error| StoreError::damaged(format!("a receipt: {error}")))
}

/// Joins a digest and an encoding. A digest has at most 255 bytes.
pub(super) fn digested_bytes(digest: &[u8], encoding: &[u8]) -> Vec<u8> {
    let len = u8::try_from(digest.len()).unwrap_or(u8::MAX);
    [&[len], digest, encoding].concat()
}

/// Splits what [`digested_bytes`] joined.
pub(super) fn digested(raw: &[u8]) -> Result<(&[u8], &[u8]), StoreError> {
    let split = raw.split_first().and_then(|(len, rest)| rest.split_at_checked(usize::from(*len)));
    split.ok_or_else(|| bad("the engine"))
}

/// Decodes `raw` as a record of every kind, for fuzzing: no bytes make a decoder panic, and what one accepts it
/// encodes to the same bytes again.
pub fn decode_any(raw: &[u8]) {
    let same = |again: Vec<u8>| assert_eq!(again, raw, "two encodings of one record");
    let _ = height(raw).map(|height| same(height.to_be_bytes().to_vec()));
    let _ = format(raw).map(|format| same(format.to_be_bytes().to_vec()));
    let _ = hash(raw).map(|hash| same(hash.to_vec()));
    let _ = address(raw).map(|address| same(address.to_vec()));
    let _ = place(raw).map(|place| same(place_bytes(place).to_vec()));
    let _ = head(raw).map(|head| same(head_bytes(&head)));
    let _ = account(raw).map(|head| same(account_bytes(&head)));
    let _ = word_key(raw).map(|(address, key)| same(word_key_bytes(address, key)));
    let _ = word(raw).map(|value| same(word_bytes(value)));
    let code_hash = alloy_primitives::keccak256(raw.get(1..).unwrap_or_default());
    let _ = code(code_hash, raw).map(|code| same(code_bytes(&code)));
    let _ = transaction(raw).map(|tx| same(transaction_bytes(&tx)));
    let _ = receipt(raw).map(|receipt| same(receipt.encode_stored()));
    let _ = digested(raw).map(|(digest, encoding)| same(digested_bytes(digest, encoding)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{receipt::stored_tests, tx::decode_tests};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_048))]
        #[test]
        fn any_bytes_are_refused_or_canonical(raw in prop::collection::vec(any::<u8>(), 0..160)) {
            decode_any(&raw);
        }

        /// Lengths that fixed records have are met often.
        #[test]
        fn records_of_known_lengths_are_canonical(
            mut raw in prop::collection::vec(any::<u8>(), 80), len in prop::sample::select(vec![4usize, 8, 12, 20, 23, 24, 32, 52, 72]), first in 0u8..3,
        ) {
            raw.truncate(len);
            raw[0] = [0, 1, raw[0]][usize::from(first)];
            decode_any(&raw);
        }
    }

    proptest! {
        #[test]
        fn good_records_and_broken_ones(tx in decode_tests::transaction(), receipt in stored_tests::receipt(), at in any::<usize>(), with in any::<u8>()) {
            for good in [transaction_bytes(&tx), receipt.encode_stored()] {
                decode_any(&good);
                let mut broken = good.clone();
                let at = at % broken.len();
                broken[at] ^= with;
                decode_any(&broken);
                decode_any(&broken[..at]);
            }
            prop_assert_eq!(transaction(&transaction_bytes(&tx)).unwrap(), tx);
        }

        #[test]
        fn accounts_words_and_heads_come_back(
            balance in decode_tests::word(), value in decode_tests::word(), nonce in any::<u64>(), hash in any::<[u8; 32]>(),
        ) {
            let entry = Head { balance, nonce, code_hash: B256::from(hash) };
            prop_assert_eq!(account(&account_bytes(&entry)).unwrap(), entry);
            prop_assert_eq!(word(&word_bytes(value)).ok(), Some(value).filter(|value| !value.is_zero()));
            let key = word_key_bytes(Address::from_word(hash.into()), balance);
            prop_assert_eq!(word_key(&key).unwrap(), (Address::from_word(hash.into()), balance));
            let at = ChainHead { height: nonce, hash: hash.into(), state_root: balance.into() };
            prop_assert_eq!(head(&head_bytes(&at)).unwrap(), at);
        }
    }

    #[test]
    fn code_keeps_its_kind() {
        let plain = Bytecode::new_legacy(Bytes::from_static(&[0x60, 0x01]));
        let delegation = Bytecode::new_eip7702(Address::with_last_byte(9));
        // A genesis can hold plain code that looks like a delegation.
        let alike = Bytecode::new_legacy(delegation.original_bytes());
        for one in [plain, delegation, alike] {
            let back = code(one.hash_slow(), &code_bytes(&one)).unwrap();
            assert_eq!((back.is_eip7702(), back.original_bytes()), (one.is_eip7702(), one.original_bytes()));
            assert!(code(B256::ZERO, &code_bytes(&one)).is_err());
        }
    }
}
