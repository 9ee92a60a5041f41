//! Signs votes with the consensus engine's own code, and packages, and shows that conflicting ones are slashed for
//! and nothing else is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use commonware_codec::{DecodeExt, Encode};
use commonware_consensus::{
    simplex::{
        scheme::{Namespace, ed25519::Scheme},
        types::{Finalize, Notarize, Nullify, Proposal, Subject},
    },
    types::{Epoch, Round, View},
};
use commonware_cryptography::{
    Signer, Verifier as _, certificate::Subject as _, ed25519::PrivateKey, sha256::Digest,
};
use commonware_utils::{ordered::Set, union_unique};
use fusor_vm::{
    account::HHCM,
    fault::Fault,
    hhcm::{
        self, Choice, Founder, PackageHeader, Params, Penalty, Signed, Totals, Validator, Vote, audit, found,
        founding_balance, report_packages, report_votes, vote_namespace,
    },
    store::Store,
    testing::MemStore,
};
use proptest::prelude::*;

const CHAIN: u64 = 32_659;
const COIN: u128 = 1_000_000_000_000_000_000;
const REPORTER: Address = Address::repeat_byte(0xee);

fn node(seed: u64) -> PrivateKey {
    PrivateKey::from_seed(seed)
}

fn key(seed: u64) -> B256 {
    B256::from_slice(node(seed).public_key().as_ref())
}

fn world() -> MemStore {
    let params = Params { chain_id: CHAIN, ..Params::default() };
    let mut store = MemStore::at(1_000);
    let founders: Vec<Founder> = (1..5u8)
        .map(|n| Founder {
            key: key(n.into()),
            beacon: [n; 48],
            owner: Address::repeat_byte(n),
            payout: Address::repeat_byte(n),
            stake: U256::from(2_000 * COIN),
        })
        .collect();
    let pool = U256::from(50 * COIN);
    store.set_balance(HHCM, founding_balance(&founders, pool));
    found(&mut store, &params, &founders, pool).unwrap();
    store
}

fn keys() -> Vec<B256> {
    (1..5).map(key).collect()
}

/// Is a vote of the engine: the bytes that were signed, and the signature.
type Cast = (Vec<u8>, [u8; 64]);

fn scheme(chain: u64, seed: u64) -> Scheme {
    let set: Set<_> = (1..5).map(|n| node(n).public_key()).collect::<Vec<_>>().try_into().unwrap();
    Scheme::signer(&vote_namespace(chain), set, node(seed)).unwrap()
}

fn round(view: u64) -> Round {
    Round::new(Epoch::new(300), View::new(view))
}

fn proposal(view: u64, parent: u64, payload: u8) -> Proposal<Digest> {
    Proposal::new(round(view), View::new(parent), Digest::from([payload; 32]))
}

/// Puts together the bytes that the engine signs for a subject, as its signing does.
fn signed_bytes(chain: u64, subject: Subject<'_, Digest>) -> Vec<u8> {
    let namespace = Namespace::new(&vote_namespace(chain));
    union_unique(subject.namespace(&namespace), &subject.message())
}

fn signature(encoded: impl Encode) -> [u8; 64] {
    encoded.encode().as_ref().try_into().unwrap()
}

fn notarize(chain: u64, seed: u64, proposal: Proposal<Digest>) -> Cast {
    let bytes = signed_bytes(chain, Subject::Notarize { proposal: &proposal });
    let vote = Notarize::sign(&scheme(chain, seed), proposal).unwrap();
    (bytes, signature(vote.attestation.signature.get().unwrap().clone()))
}

fn finalize(chain: u64, seed: u64, proposal: Proposal<Digest>) -> Cast {
    let bytes = signed_bytes(chain, Subject::Finalize { proposal: &proposal });
    let vote = Finalize::sign(&scheme(chain, seed), proposal).unwrap();
    (bytes, signature(vote.attestation.signature.get().unwrap().clone()))
}

fn nullify(chain: u64, seed: u64, view: u64) -> Cast {
    let bytes = signed_bytes(chain, Subject::Nullify { round: round(view) });
    let vote = Nullify::sign::<Digest>(&scheme(chain, seed), round(view)).unwrap();
    (bytes, signature(vote.attestation.signature.get().unwrap().clone()))
}

fn report(store: &mut MemStore, seed: u64, a: &Cast, b: &Cast) -> Result<Penalty, Fault> {
    let signed = |cast: &'_ Cast| (cast.0.clone(), cast.1);
    let (a, b) = (signed(a), signed(b));
    let votes = [Signed { message: &a.0, signature: a.1 }, Signed { message: &b.0, signature: b.1 }];
    store.frame(|store| report_votes(store, REPORTER, key(seed), votes))
}

fn refused(store: &mut MemStore, seed: u64, a: &Cast, b: &Cast) -> String {
    let before = store.state.clone();
    let fault = report(store, seed, a, b).unwrap_err().to_string();
    assert_eq!(store.state, before);
    fault
}

#[test]
fn the_engine_s_votes_are_read_as_they_are_signed() {
    let read = |cast: &Cast| Vote::decode(&cast.0, CHAIN).unwrap();
    let payload = B256::repeat_byte(7);
    let vote = |choice| Vote { epoch: 300, view: 129, choice };
    assert_eq!(read(&notarize(CHAIN, 1, proposal(129, 128, 7))), vote(Choice::Notarize(128, payload)));
    assert_eq!(read(&finalize(CHAIN, 1, proposal(129, 128, 7))), vote(Choice::Finalize(128, payload)));
    assert_eq!(read(&nullify(CHAIN, 1, 129)), vote(Choice::Nullify));
    for cast in
        [notarize(CHAIN, 1, proposal(1, 0, 7)), finalize(CHAIN, 2, proposal(1, 0, 7)), nullify(CHAIN, 2, 1)]
    {
        assert!(hhcm::verify(key(1), &cast.0, &cast.1) != hhcm::verify(key(2), &cast.0, &cast.1));
    }
}

#[test]
fn conflicting_votes_cost_stake_once_a_view() {
    let mut store = world();
    let pairs = [
        (1, notarize(CHAIN, 1, proposal(5, 4, 1)), notarize(CHAIN, 1, proposal(5, 4, 2))),
        (2, finalize(CHAIN, 2, proposal(5, 4, 1)), finalize(CHAIN, 2, proposal(5, 3, 1))),
        (3, nullify(CHAIN, 3, 5), finalize(CHAIN, 3, proposal(5, 4, 1))),
        (4, finalize(CHAIN, 4, proposal(9, 4, 1)), nullify(CHAIN, 4, 9)),
    ];
    for (n, a, b) in &pairs {
        let penalty = report(&mut store, *n, a, b).unwrap();
        assert_eq!(penalty, Penalty { slashed: 200 * COIN, reward: 10 * COIN });
        assert!(refused(&mut store, *n, a, b).contains("already"));
        assert!(refused(&mut store, *n, b, a).contains("already"));
        let validator = Validator::load(&mut store, key(*n)).unwrap().unwrap();
        assert_eq!((validator.stake, validator.jailed, validator.place), (1_800 * COIN, true, 0));
        audit(&mut store, &keys()).unwrap();
    }
    assert_eq!(store.balance(REPORTER).unwrap(), U256::from(40 * COIN));
    assert_eq!(Totals::load(&mut store).unwrap().pool, (50 + 4 * 190) * COIN);
}

#[test]
fn what_an_honest_node_signs_is_never_slashed_for() {
    let mut store = world();
    let own = |p| notarize(CHAIN, 1, p);
    let honest = [
        own(proposal(5, 4, 1)),
        finalize(CHAIN, 1, proposal(5, 4, 1)),
        own(proposal(6, 5, 2)),
        nullify(CHAIN, 1, 6),
        nullify(CHAIN, 1, 7),
        own(proposal(8, 5, 3)),
        // A node may finalize what others notarized in a view in which it notarized something else.
        finalize(CHAIN, 1, proposal(8, 5, 4)),
    ];
    for a in &honest {
        for b in &honest {
            assert!(refused(&mut store, 1, a, b).contains("do not conflict"));
        }
    }
}

#[test]
fn foreign_forged_and_malformed_votes_prove_nothing() {
    let mut store = world();
    let (a, b) = (notarize(CHAIN, 1, proposal(5, 4, 1)), notarize(CHAIN, 1, proposal(5, 4, 2)));
    let other = CHAIN + 1;
    let foreign = (notarize(other, 1, proposal(5, 4, 1)), notarize(other, 1, proposal(5, 4, 2)));
    assert!(refused(&mut store, 1, &foreign.0, &foreign.1).contains("on this chain"));
    assert!(refused(&mut store, 1, &a, &foreign.1).contains("on this chain"));
    assert!(refused(&mut store, 2, &a, &b).contains("not the node's"));
    assert!(refused(&mut store, 1, &a, &notarize(CHAIN, 2, proposal(5, 4, 2))).contains("not the node's"));
    assert!(refused(&mut store, 1, &a, &(b.0.clone(), a.1)).contains("not the node's"));
    assert!(refused(&mut store, 1, &a, &(b.0.clone(), [0; 64])).contains("not the node's"));
    let longer = ([b.0.as_slice(), &[0]].concat(), b.1);
    let shorter = (b.0[..b.0.len() - 1].to_vec(), b.1);
    for bad in [longer, shorter, (Vec::new(), b.1), (vec![0xff; 64], b.1)] {
        assert!(refused(&mut store, 1, &a, &bad).contains("on this chain"));
    }
    let stranger = PrivateKey::from_seed(77);
    let namespace = Namespace::new(&vote_namespace(CHAIN));
    let sign = |cast: &Cast, p: Proposal<Digest>| {
        (cast.0.clone(), signature(stranger.sign(&namespace.notarize, &p.encode())))
    };
    let (a, b) = (sign(&a, proposal(5, 4, 1)), sign(&b, proposal(5, 4, 2)));
    assert!(refused(&mut store, 77, &a, &b).contains("no such validator"));
}

fn package(seed: u64, group: u32, gas: u64) -> (PackageHeader, [u8; 64]) {
    let root = keccak256([1]);
    let header = PackageHeader {
        height: 9,
        parent: keccak256([9]),
        group,
        x: 4,
        author: key(seed),
        transactions_root: root,
        touched_root: root,
        outcome_root: root,
        gas,
        count: 3,
    };
    (header, sign_package(seed, &header, CHAIN))
}

fn sign_package(seed: u64, header: &PackageHeader, chain: u64) -> [u8; 64] {
    // The engine's signatures frame a namespace; a package's bytes are signed as they are.
    use ed25519_zebra::SigningKey;
    let secret: [u8; 32] = node(seed).encode().as_ref().try_into().unwrap();
    SigningKey::from(secret).sign(&header.signing_bytes(chain)).into()
}

#[test]
fn two_packages_for_one_group_cost_stake_once() {
    let mut store = world();
    let (a, b) = (package(2, 1, 10), package(2, 1, 11));
    let mut report = |a: &(PackageHeader, [u8; 64]), b: &(PackageHeader, [u8; 64])| {
        store.frame(|store| report_packages(store, REPORTER, [(&a.0, a.1), (&b.0, b.1)]))
    };
    let text = |result: Result<Penalty, Fault>| result.unwrap_err().to_string();
    assert!(text(report(&a, &a)).contains("do not conflict"));
    assert!(text(report(&a, &package(2, 2, 10))).contains("do not conflict"));
    assert!(text(report(&a, &package(3, 1, 11))).contains("do not conflict"));
    assert!(text(report(&a, &(b.0, a.1))).contains("not the node's"));
    assert!(text(report(&a, &(b.0, sign_package(2, &b.0, CHAIN + 1)))).contains("not the node's"));
    assert!(text(report(&a, &(b.0, sign_package(3, &b.0, CHAIN)))).contains("not the node's"));
    assert_eq!(report(&a, &b), Ok(Penalty { slashed: 200 * COIN, reward: 10 * COIN }));
    assert!(text(report(&b, &a)).contains("already"));
    audit(&mut store, &keys()).unwrap();
}

#[test]
fn a_header_has_one_encoding() {
    let (header, _) = package(1, 3, 200);
    let bytes = header.encode();
    assert_eq!(PackageHeader::decode(&bytes), Some(header));
    assert_eq!(header.hash(), keccak256(&bytes));
    assert_eq!(PackageHeader::decode(&[bytes.as_slice(), &[0]].concat()), None);
    assert_eq!(PackageHeader::decode(&bytes[..bytes.len() - 1]), None);
    assert_eq!(PackageHeader::decode(&[]), None);
}

proptest! {
    #[test]
    fn no_bytes_break_the_readers(bytes in prop::collection::vec(any::<u8>(), 0..120), chain: u64) {
        prop_assert_eq!(Vote::decode(&bytes, chain), None);
        let _ = PackageHeader::decode(&bytes);
    }

    /// A vote has one encoding: any other byte string that starts alike is another vote or none.
    #[test]
    fn every_vote_reads_back(epoch: u64, view: u64, parent: u64, payload: [u8; 32], at in 0usize..64, flip in 1u8..) {
        let proposal = Proposal::new(Round::new(Epoch::new(epoch), View::new(view)), View::new(parent), Digest::from(payload));
        let bytes = signed_bytes(CHAIN, Subject::Notarize { proposal: &proposal });
        let vote = Vote { epoch, view, choice: Choice::Notarize(parent, payload.into()) };
        prop_assert_eq!(Vote::decode(&bytes, CHAIN), Some(vote));
        let mut other = bytes.clone();
        let at = at % other.len();
        other[at] ^= flip;
        prop_assert_ne!(Vote::decode(&other, CHAIN), Some(vote));
    }

    #[test]
    fn signatures_are_judged_as_the_engine_judges_them(seed in 0u64..50, message: [u8; 40], at in 0usize..64, flip: u8) {
        let signer = node(seed);
        let mut bytes = signature(signer.sign(b"ns", &message));
        bytes[at] ^= flip;
        let framed = union_unique(b"ns", &message);
        let theirs = <PrivateKey as Signer>::Signature::decode(Bytes::copy_from_slice(&bytes).0)
            .is_ok_and(|signature| signer.public_key().verify(b"ns", &message, &signature));
        prop_assert_eq!(hhcm::verify(key(seed), &framed, &bytes), theirs);
        prop_assert_eq!(theirs, flip == 0);
    }
}
