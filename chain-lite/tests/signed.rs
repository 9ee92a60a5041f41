//! Sends signed transactions of every type that the chain takes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use alloy_consensus::{
    SignableTransaction, TxEip1559, TxEip2930, TxEip4844, TxEip7702, TxEnvelope, TxLegacy,
    proofs::{calculate_receipt_root, calculate_transaction_root},
};
use alloy_eips::{
    Encodable2718,
    eip2930::{AccessList, AccessListItem},
    eip7702::{Authorization, SignedAuthorization},
};
use alloy_primitives::{Address, B256, Signature, TxKind, U256, hex, keccak256};
use common::{call, input};
use fusor_chain_lite::{BaseFee, Chain, ChainError, Genesis, InvalidTx};
use k256::ecdsa::SigningKey;

const GWEI: u128 = 1_000_000_000;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

fn address(key: &SigningKey) -> Address {
    Address::from_public_key(key.verifying_key())
}

fn sign(key: &SigningKey, hash: B256) -> Signature {
    key.sign_prehash_recoverable(hash.as_slice()).unwrap().into()
}

fn envelope<T: SignableTransaction<Signature>>(tx: T, key: &SigningKey) -> Vec<u8>
where
    TxEnvelope: From<alloy_consensus::Signed<T>>,
{
    let signature = sign(key, tx.signature_hash());
    TxEnvelope::from(tx.into_signed(signature)).encoded_2718()
}

fn chain(sender: Address) -> Chain {
    let genesis = Genesis { base_fee: BaseFee::Market(GWEI as u64), dev: true, ..common::genesis() };
    Chain::new(genesis.with_balance(sender, U256::from(10u64).pow(U256::from(20)))).unwrap()
}

fn legacy(nonce: u64, to: Address) -> TxLegacy {
    let gas_price = 2 * GWEI;
    let input = input(call::TICK, &[]);
    TxLegacy {
        chain_id: Some(1_337),
        nonce,
        gas_price,
        gas_limit: 300_000,
        to: to.into(),
        value: U256::ZERO,
        input,
    }
}

#[test]
fn every_type_runs_and_roots_are_ethereums() {
    let key = key(7);
    let sender = address(&key);
    let mut chain = chain(sender);
    let runtime = common::probe_code();
    let creation = TxLegacy {
        to: TxKind::Create,
        gas_limit: 5_000_000,
        input: common::init_code("", &runtime),
        ..legacy(0, Address::ZERO)
    };
    let probe = chain.transact_raw(&envelope(creation, &key)).unwrap().created.unwrap();
    assert_eq!(probe, sender.create(0));
    let storage = AccessList(vec![AccessListItem { address: probe, storage_keys: vec![B256::ZERO] }]);
    let data = input(call::TICK, &[]);
    let eip2930 = TxEip2930 {
        chain_id: 1_337,
        nonce: 1,
        gas_price: 2 * GWEI,
        gas_limit: 300_000,
        to: probe.into(),
        value: U256::ZERO,
        input: data.clone(),
        access_list: storage,
    };
    let eip1559 = TxEip1559 {
        chain_id: 1_337,
        nonce: 2,
        gas_limit: 300_000,
        max_fee_per_gas: 3 * GWEI,
        max_priority_fee_per_gas: 1,
        to: probe.into(),
        input: data.clone(),
        ..TxEip1559::default()
    };
    // Another account lends its address to the probe's code for this transaction and calls itself.
    let lender = self::key(9);
    let authorization = Authorization { chain_id: U256::from(1_337), address: probe, nonce: 0 };
    let signature = sign(&lender, authorization.signature_hash());
    let signed: SignedAuthorization = authorization.into_signed(signature);
    let eip7702 = TxEip7702 {
        chain_id: 1_337,
        nonce: 3,
        gas_limit: 300_000,
        max_fee_per_gas: 3 * GWEI,
        max_priority_fee_per_gas: 1,
        to: address(&lender),
        input: data,
        authorization_list: vec![signed],
        ..TxEip7702::default()
    };
    for (raw, ty) in
        [(envelope(eip2930, &key), 1), (envelope(eip1559, &key), 2), (envelope(eip7702, &key), 4)]
    {
        let receipt = chain.transact_raw(&raw).unwrap();
        assert!(receipt.success && receipt.from == sender, "{receipt:?}");
        assert_eq!((receipt.tx_type, receipt.tx_hash), (ty, keccak256(&raw)));
    }
    assert_eq!(chain.storage(probe, U256::ZERO), U256::from(2));
    assert_eq!(chain.storage(address(&lender), U256::ZERO), U256::from(1));
    for number in 1..=chain.height() {
        let block = chain.block(number).unwrap();
        assert_eq!(block.header.transactions_root, calculate_transaction_root(&block.transactions));
        assert_eq!(block.header.receipts_root, calculate_receipt_root(chain.receipts(number)));
        assert_eq!(block.hash, block.header.hash_slow());
    }
}

#[test]
fn the_example_of_eip_155_recovers_its_sender() {
    let raw = hex!(
        "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"
    );
    let sender: Address = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F".parse().unwrap();
    let mut genesis = Genesis { chain_id: 1, ..Genesis::default() }.with_balance(sender, U256::MAX >> 1);
    genesis.accounts.get_mut(&sender).unwrap().nonce = 9;
    let mut chain = Chain::new(genesis).unwrap();
    let receipt = chain.transact_raw(&raw).unwrap();
    assert_eq!((receipt.from, receipt.gas_used, receipt.success), (sender, 21_000, true));
    assert_eq!(chain.balance(Address::repeat_byte(0x35)), U256::from(10u64).pow(U256::from(18)));
}

#[test]
fn the_base_fee_follows_eip_1559() {
    let mut chain = chain(Address::ZERO);
    let fee = |chain: &Chain| chain.head().header.base_fee_per_gas.unwrap();
    assert_eq!(fee(&chain), 1_000_000_000);
    chain.seal().unwrap();
    assert_eq!(fee(&chain), 875_000_000, "an empty block lowers it by an eighth");
}

#[test]
fn what_is_refused_says_why_and_changes_nothing() {
    let key = key(7);
    let mut chain = chain(address(&key));
    let head = chain.head().clone();
    let mut refused = |raw: &[u8]| match chain.transact_raw(raw) {
        Err(ChainError::Tx(reason)) => reason,
        other => panic!("{other:?}"),
    };
    let to = Address::repeat_byte(1);
    assert!(matches!(refused(&[]), InvalidTx::Encoding(_)));
    assert!(
        matches!(refused(&[0x46, 0xc0]), InvalidTx::Encoding(_)),
        "users cannot send system transactions"
    );
    let future = envelope(legacy(5, to), &key);
    assert!(matches!(refused(&future), InvalidTx::Rules(_)));
    let foreign = envelope(TxLegacy { chain_id: Some(5), ..legacy(0, to) }, &key);
    assert!(matches!(refused(&foreign), InvalidTx::Rules(_)));
    let poor = envelope(legacy(0, to), &self::key(8));
    assert!(matches!(refused(&poor), InvalidTx::Rules(_)));
    let fat = envelope(TxLegacy { gas_limit: u64::MAX, ..legacy(0, to) }, &key);
    assert!(matches!(refused(&fat), InvalidTx::BlockGas { .. }));
    let cheap = envelope(TxLegacy { gas_price: 1, ..legacy(0, to) }, &key);
    assert!(matches!(refused(&cheap), InvalidTx::Rules(_)));
    let blob = TxEip4844 { chain_id: 1_337, blob_versioned_hashes: vec![B256::ZERO], ..TxEip4844::default() };
    let blob = TxEnvelope::from(blob.clone().into_signed(sign(&key, blob.signature_hash()))).encoded_2718();
    assert!(matches!(refused(&blob), InvalidTx::Unsupported(_)));
    let mut trailing = envelope(legacy(0, to), &key);
    trailing.push(0);
    assert!(matches!(refused(&trailing), InvalidTx::Encoding(_)));
    assert_eq!(chain.head(), &head);
}

#[test]
fn unsigned_transactions_need_the_genesis_leave() {
    let mut chain = Chain::new(Genesis { dev: false, ..common::genesis() }).unwrap();
    let refused = chain.send_from(common::OWNER, Address::ZERO, U256::ZERO, Default::default());
    assert_eq!(refused, Err(ChainError::Tx(InvalidTx::Unsigned)));
}

proptest::proptest! {
    #[test]
    fn no_bytes_from_outside_panic(ty in 0u8..8, mut raw in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), cut in 0usize..400, flip in 0usize..400) {
        use fusor_chain_lite::Transaction;
        raw.insert(0, ty);
        let _ = Transaction::decode_signed(&raw);
        let mut good = envelope(legacy(0, Address::ZERO), &key(7));
        good.truncate(cut);
        if let Some(byte) = good.get_mut(flip) {
            *byte ^= 0x41;
        }
        let _ = Transaction::decode_signed(&good);
    }
}
