//! Reads messages of peers that were changed at random: nothing panics, and what reads is written the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use alloy_primitives::{Address, B256, U256};
use fusor_chain_lite::{
    Genesis,
    genesis::Consensus,
    hhcm::{Evidence, Offer, Package, Randomness, Seal},
    ledger::{Draft, Ledger, LedgerError},
    node::{Message, NodeKeys},
};
use fusor_vm::hhcm::{Founder, Params};
use proptest::prelude::*;
use std::sync::Arc;

const CHAIN: u64 = 1_337;

fn keys() -> NodeKeys {
    NodeKeys::from_seed(1)
}

fn ledger() -> Ledger {
    let stake = U256::from(10u64).pow(U256::from(22));
    let founder = Founder {
        key: keys().id(),
        beacon: keys().beacon.public(),
        owner: Address::repeat_byte(1),
        payout: Address::repeat_byte(2),
        stake,
    };
    let params = Params { chain_id: CHAIN, x_start: 1, tries_max: 8, ..Params::default() };
    let consensus =
        Consensus { params, randomness: Randomness::Beacon, validators: vec![founder], pool: stake };
    Ledger::new(Genesis { dev: false, consensus: Some(consensus), ..Genesis::default() }, 1).unwrap()
}

/// One package, one offer over it, and two packages of one place.
fn messages() -> (Ledger, Arc<Package>, Offer, Evidence) {
    let mut ledger = ledger();
    let parent = ledger.head();
    let package = Arc::new(ledger.package(parent, 0, Vec::new(), &keys().node).unwrap());
    let evidence = Evidence::Packages(Box::new([(package.header, package.signature); 2]));
    let keys = keys();
    let draft = Draft {
        key: &keys.node,
        beacon: &keys.beacon,
        group: Some(0),
        guerrilla: Some(0),
        evidence: &[],
        dealings: &Default::default(),
        now: 100,
    };
    let offer = ledger.offer(parent, &vec![Some(package.clone())], draft).unwrap();
    (ledger, package, offer, evidence)
}

#[test]
fn one_node_makes_a_block_and_another_accepts_it() {
    let (mut maker, package, offer, _) = messages();
    let mut other = ledger();
    other.check(&offer, &vec![Some(package.clone())]).unwrap();
    assert_eq!(other.settle(offer.hash()).unwrap().block, maker.settle(offer.hash()).unwrap().block);
    assert_eq!(other.head(), maker.head());
    assert_eq!(other.settle(offer.hash()).unwrap_err(), LedgerError::Unknown(offer.hash()));
}

#[test]
fn a_block_with_any_other_header_is_refused() {
    let (_, package, offer, _) = messages();
    let packages = vec![Some(package)];
    let refused = |change: &dyn Fn(&mut Offer)| {
        let mut changed = offer.clone();
        change(&mut changed);
        let signed = Offer::sign(CHAIN, changed.header, &keys().node);
        ledger().check(&signed, &packages).unwrap_err().to_string()
    };
    type Change = fn(&mut Offer);
    let cases: [(Change, &str); 7] = [
        (|o| o.header.state_root = B256::ZERO, "header field state root differs from execution"),
        (|o| o.header.gas_used += 1, "header field gas used differs from execution"),
        (|o| o.header.beneficiary = Address::ZERO, "header field beneficiary differs from execution"),
        (|o| o.header.timestamp += 1, "time differs from the round's"),
        (|o| o.header.mix_hash = B256::ZERO, "seed differs from the round's"),
        (|o| o.header.nonce = 9u64.to_be_bytes().into(), "nonce 9 is not among the tries allowed"),
        (|o| o.header.gas_limit += 1, "header field gas limit differs from execution"),
    ];
    for (change, expected) in cases {
        assert_eq!(refused(&change), expected);
    }
    let stranger = NodeKeys::from_seed(2);
    let mut seal = offer.seal().unwrap();
    seal.author = stranger.id();
    let header = alloy_consensus::Header { extra_data: seal.encode(), ..offer.header.clone() };
    let refusal = ledger().check(&Offer::sign(CHAIN, header, &stranger.node), &packages).unwrap_err();
    assert_eq!(refusal.to_string(), format!("author {} is not of the committee", stranger.id()));
    assert_eq!(ledger().check(&offer, &vec![None]).unwrap_err(), LedgerError::Package(0));
}

fn mutate(mut bytes: Vec<u8>, changes: &[(usize, u8)], cut: usize) -> Vec<u8> {
    for (place, byte) in changes {
        let place = place % bytes.len();
        bytes[place] = *byte;
    }
    bytes.truncate(bytes.len() - cut % 4);
    bytes
}

fn read(bytes: &[u8]) {
    if let Ok(message) = Message::decoded(CHAIN, bytes, &|_| None) {
        assert_eq!(message.encoded(), bytes);
    }
    let body = bytes.get(1..).unwrap_or_default();
    if let Ok(offer) = Offer::decoded(body) {
        assert_eq!(offer.encoded(), body);
        let _ = offer.verify(CHAIN);
    }
    if let Ok(seal) = Seal::decode(body) {
        assert_eq!(seal.encode().to_vec(), body);
    }
    if let Ok(proof) = Evidence::decode(body) {
        assert_eq!(proof.encode().to_vec(), body);
    }
}

#[test]
fn messages_read_as_they_were_written() {
    let (_, package, offer, evidence) = messages();
    let bytes = alloy_primitives::Bytes::from(vec![7; 300]);
    for message in [
        Message::Package(package),
        Message::Offer(offer),
        Message::Transactions(Vec::new()),
        Message::Deal { epoch: 3, bytes: bytes.clone() },
        Message::Ack { epoch: 3, signature: [1; 64] },
        Message::Dealing { epoch: 0, bytes },
        Message::Ask { epoch: 3 },
        Message::Part { height: 9, parent: B256::repeat_byte(1), signature: [2; 96] },
    ] {
        assert_eq!(Message::decoded(CHAIN, &message.encoded(), &|_| None).unwrap(), message);
    }
    assert_eq!(Evidence::decode(&evidence.encode()).unwrap(), evidence);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn changed_messages_never_panic(
        kind in 0usize..7,
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 0..6),
        cut in any::<usize>(),
    ) {
        thread_local! {
            static REAL: [Vec<u8>; 7] = {
                let (_, package, offer, evidence) = messages();
                let proof = [vec![0], evidence.encode().to_vec()].concat();
                let bytes = alloy_primitives::Bytes::from(vec![7; 90]);
                [
                    Message::Package(package).encoded(),
                    Message::Offer(offer).encoded(),
                    proof,
                    Message::Deal { epoch: 300, bytes: bytes.clone() }.encoded(),
                    Message::Ack { epoch: 300, signature: [1; 64] }.encoded(),
                    Message::Dealing { epoch: 300, bytes }.encoded(),
                    Message::Part { height: 300, parent: B256::repeat_byte(1), signature: [2; 96] }.encoded(),
                ]
            };
        }
        read(&mutate(REAL.with(|real| real[kind].clone()), &changes, cut));
    }

    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read(&bytes);
    }
}
