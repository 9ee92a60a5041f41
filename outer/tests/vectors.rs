//! Holds addresses and encodings to published vectors, and feeds every parser random input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use alloy_primitives::{Address, U256, hex};
use fusor_outer::{
    AddressError, BitcoinPlan, ChainConfig, Cursor, DestinationKind, EthereumPlan, Input, Lock, OutPoint,
    OuterChain, Output, Plan, Scheme, connect,
};
use proptest::prelude::*;

fn bitcoin(network: &str) -> Box<dyn OuterChain> {
    let text = format!(
        r#"{{"kind":"bitcoin","network":"{network}","node":{{"url":"http://127.0.0.1:1"}},"confirmations":6,
            "fee_rate_min":1000,"fee_rate_max":100000,"fee_max":1000000,"deposit_min":1000}}"#
    );
    connect(ChainConfig::from_json(&text).unwrap()).unwrap()
}

fn ethereum() -> Box<dyn OuterChain> {
    let text = r#"{"kind":"ethereum","chain_id":1,"node":{"url":"http://127.0.0.1:1"},"confirmations":6,
        "max_fee_cap":1000,"priority_fee":1,"coin_gas_max":60000,"token_gas_max":200000,"fund_max":1,"deposit_min":1}"#;
    connect(ChainConfig::from_json(text).unwrap()).unwrap()
}

#[test]
fn a_network_is_known_by_its_first_block() {
    let mut first = bitcoin("bitcoin").identity();
    first.reverse();
    assert_eq!(hex::encode(first), "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f");
}

/// BIP-173, "Examples", and BIP-341, wallet-test-vectors.json, scriptPubKey without a tree.
#[test]
fn writes_addresses_as_the_bips_do() {
    let key = hex!("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
    let address = |network: &str, key: &[u8; 33], scheme| bitcoin(network).address(key, scheme).unwrap();
    let ecdsa = |network: &str| address(network, &key, Scheme::Ecdsa);
    assert_eq!(ecdsa("bitcoin"), "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
    assert_eq!(ecdsa("bitcoin-testnet"), "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx");
    assert_eq!(ecdsa("litecoin"), "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9");
    let internal = hex!("02d6889cb081036e0faefa3a35157ad71086b123b2b144b649798b494c300a961d");
    let taproot = address("bitcoin", &internal, Scheme::Schnorr);
    assert_eq!(taproot, "bc1p2wsldez5mud2yam29q22wgfh9439spgduvct83k3pm50fcxa5dps59h4z5");
    let mut odd = internal;
    odd[0] = 3;
    assert_eq!(address("bitcoin", &odd, Scheme::Schnorr), taproot, "only x counts (BIP-340)");
    assert_eq!(
        ethereum().address(&key, Scheme::Ecdsa).unwrap(),
        "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"
    );
    assert_eq!(ethereum().address(&key, Scheme::Schnorr), Err(AddressError::NoSchnorr));
    assert_eq!(
        bitcoin("bitcoin").address(&[2; 33], Scheme::Ecdsa).is_err(),
        ethereum().address(&[2; 33], Scheme::Ecdsa).is_err()
    );
    let no_point = hex!("020000000000000000000000000000000000000000000000000000000000000000");
    for scheme in [Scheme::Ecdsa, Scheme::Schnorr] {
        assert_eq!(bitcoin("bitcoin").address(&no_point, scheme), Err(AddressError::BadKey));
    }
}

/// BIP-173 and BIP-350, "Test vectors", and well known addresses of the older kinds.
#[test]
fn reads_destinations_and_says_what_is_wrong() {
    let chain = bitcoin("bitcoin");
    let kinds = [
        ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", DestinationKind::P2wpkh),
        ("bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3", DestinationKind::P2wsh),
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", DestinationKind::P2tr),
        ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", DestinationKind::P2pkh),
        ("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", DestinationKind::P2sh),
    ];
    for (text, kind) in kinds {
        assert_eq!(chain.parse_destination(text).unwrap().kind, kind, "{text}");
    }
    let error = |text: &str| chain.parse_destination(text).unwrap_err();
    let wrong_network = [
        "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
        "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9",
        "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn",
        "LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9",
    ];
    for text in wrong_network {
        assert!(matches!(error(text), AddressError::WrongNetwork(_)), "{text}: {}", error(text));
    }
    assert_eq!(error("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"), AddressError::BadChecksum);
    assert_eq!(error("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3"), AddressError::BadChecksum);
    // Version 0 with the checksum of version 1, and the other way round.
    assert_eq!(
        error("bc1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd"),
        AddressError::BadChecksum
    );
    assert_eq!(
        error("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd"),
        AddressError::BadChecksum
    );
    // Later versions could be spent by anyone.
    let later = "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y";
    assert!(matches!(error(later), AddressError::BadLength | AddressError::WrongType(_)), "{}", error(later));
    assert!(matches!(error("BC1SW50QGDZ25J"), AddressError::WrongType(_)));
    assert_eq!(error("bc1pw5dgrnzv"), AddressError::BadLength);
    for text in ["", "bc1", "hello", "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"] {
        assert!(chain.parse_destination(text).is_err(), "{text}");
    }
}

/// EIP-55, "Test Cases".
#[test]
fn reads_accounts_with_their_checksum() {
    let chain = ethereum();
    let good = [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
    ];
    for text in good {
        assert_eq!(chain.parse_destination(text).unwrap().kind, DestinationKind::Account, "{text}");
    }
    let error = |text: &str| chain.parse_destination(text).unwrap_err();
    assert_eq!(error("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"), AddressError::BadChecksum);
    assert_eq!(error("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA"), AddressError::BadLength);
    assert_eq!(error("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), AddressError::NotAnAddress);
    assert!(matches!(error(&format!("0x{}", "0".repeat(40))), AddressError::WrongType(_)));
}

fn lock() -> impl Strategy<Value = Lock> {
    (any::<[u8; 32]>(), any::<bool>(), 1u64..1_000_000).prop_map(|(path, schnorr, scalar)| Lock {
        path,
        scheme: if schnorr { Scheme::Schnorr } else { Scheme::Ecdsa },
        key: common::point(scalar),
    })
}

fn plan() -> impl Strategy<Value = Plan> {
    let input = (any::<[u8; 32]>(), any::<u32>(), any::<u64>(), lock())
        .prop_map(|(txid, vout, amount, lock)| Input { outpoint: OutPoint { txid, vout }, amount, lock });
    let output = (proptest::collection::vec(any::<u8>(), 0..50), any::<u64>())
        .prop_map(|(script, amount)| Output { script, amount });
    let lists = (proptest::collection::vec(input, 0..4), proptest::collection::vec(output, 0..4));
    let bitcoin = (any::<[u8; 32]>(), lists, any::<(u32, u32)>()).prop_map(
        |(chain, (inputs, outputs), (sequence, lock_time))| {
            Plan::Bitcoin(BitcoinPlan { chain, inputs, outputs, sequence, lock_time })
        },
    );
    let numbers = any::<(u64, u64, u64, u128, u128)>();
    let call = (any::<[u8; 20]>(), any::<[u8; 32]>(), proptest::collection::vec(any::<u8>(), 0..100));
    let ethereum = (lock(), numbers, call).prop_map(|(from, numbers, (to, value, data))| {
        let (chain_id, nonce, gas_limit, max_fee, max_priority) = numbers;
        let (to, value) = (Address::from(to), U256::from_be_bytes(value));
        Plan::Ethereum(EthereumPlan {
            chain_id,
            from,
            nonce,
            to,
            value,
            data,
            gas_limit,
            max_fee,
            max_priority,
        })
    });
    prop_oneof![bitcoin, ethereum]
}

proptest! {
    #[test]
    fn plans_have_one_encoding(plan in plan(), place in any::<prop::sample::Index>(), flip in 1u8..) {
        let bytes = plan.encode();
        prop_assert_eq!(Plan::decode(&bytes), Ok(plan.clone()));
        let mut changed = bytes.clone();
        changed[place.index(bytes.len())] ^= flip;
        if let Ok(other) = Plan::decode(&changed) {
            prop_assert_ne!(&other, &plan);
            prop_assert_eq!(other.encode(), changed);
        }
        prop_assert!(Plan::decode(&bytes[..place.index(bytes.len())]).is_err());
        prop_assert!(Plan::decode(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn no_parser_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400), tag in 0u8..4) {
        let tagged = [&[1, tag], &bytes[..]].concat();
        if let Ok(plan) = Plan::decode(&tagged) {
            prop_assert_eq!(plan.encode(), tagged.clone());
            let _ = (bitcoin("bitcoin").sighashes(&plan), ethereum().sighashes(&plan));
        }
        if let Ok(cursor) = Cursor::decode(&tagged) {
            prop_assert_eq!(cursor.encode(), tagged.clone());
        }
    }

    #[test]
    fn no_text_is_an_address_by_chance(text in "\\PC{0,120}", tail in "[a-z0-9]{10,80}") {
        for network in ["bitcoin", "litecoin-regtest"] {
            let chain = bitcoin(network);
            prop_assert!(chain.parse_destination(&text).is_err());
            for start in ["bc1", "bc1q", "bc1p", "rltc1q", "1", "3", "0x"] {
                let made = format!("{start}{tail}");
                prop_assert!(chain.parse_destination(&made).is_err(), "{}", made);
            }
        }
        prop_assert!(ethereum().parse_destination(&text).is_err());
    }

    #[test]
    fn one_mistyped_character_is_found(place in 4usize..42, other in "[qpzry9x8gf2tvdw0s3jn54khce6mua7l]") {
        let mut text = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4".to_string();
        text.replace_range(place..=place, &other);
        let right = text == "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
        prop_assert_eq!(bitcoin("bitcoin").parse_destination(&text).is_ok(), right);
    }

    #[test]
    fn no_configuration_panics(text in "\\PC{0,200}") {
        let _ = ChainConfig::from_json(&text);
    }
}
