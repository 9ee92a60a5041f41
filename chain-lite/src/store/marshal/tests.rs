//! Compares the archives with a map of what was put and what was synced, over crashes and restarts.

use super::*;
use crate::store::fault::Disk;
use alloy_primitives::B256;
use commonware_codec::{EncodeSize, Error, FixedSize, ReadExt};
use commonware_consensus::{
    Heightable,
    simplex::{
        scheme::ed25519,
        types::{Finalize, Proposal},
    },
    types::{Epoch, Round, View},
};
use commonware_cryptography::{Hasher, Sha256, Signer, ed25519::PrivateKey, sha256::Digest as Hash};
use commonware_parallel::Sequential;
use commonware_utils::{TryFromIterator, non_empty, ordered::Set};
use futures::{FutureExt, future::BoxFuture};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Mini {
    height: Height,
    salt: u64,
}

impl commonware_codec::Write for Mini {
    fn write(&self, writer: &mut impl alloy_rlp::BufMut) {
        self.height.get().write(writer);
        self.salt.write(writer);
    }
}

impl commonware_codec::Read for Mini {
    type Cfg = ();

    fn read_cfg(reader: &mut impl commonware_codec::Buf, (): &()) -> Result<Self, Error> {
        Ok(Self { height: Height::new(u64::read(reader)?), salt: u64::read(reader)? })
    }
}

impl EncodeSize for Mini {
    fn encode_size(&self) -> usize {
        2 * u64::SIZE
    }
}

impl Digestible for Mini {
    type Digest = Hash;

    fn digest(&self) -> Hash {
        Sha256::hash(&[&self.height.get().to_be_bytes()[..], &self.salt.to_be_bytes()])
    }
}

impl Heightable for Mini {
    fn height(&self) -> Height {
        self.height
    }
}

impl Block for Mini {
    fn parent(&self) -> Hash {
        Hash::EMPTY
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

fn store(disk: &Disk) -> Store {
    Store::open_on(disk.backend(), B256::ZERO).unwrap()
}

#[derive(Debug, Clone)]
enum Step {
    Put(u64, u64),
    Sync,
    Prune(u64),
    Restart(Option<u64>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0u64..24, 0u64..3).prop_map(|(height, salt)| Step::Put(height, salt)),
        2 => Just(Step::Sync),
        1 => (0u64..24).prop_map(Step::Prune),
        1 => prop::option::of(any::<u64>()).prop_map(Step::Restart),
    ]
}

fn check(archive: &BlockArchive<Mini>, model: &BTreeMap<u64, u64>) {
    for height in 0..25 {
        let expected = model.get(&height).map(|salt| Mini { height: Height::new(height), salt: *salt });
        assert_eq!(now(archive.get(Identifier::Index(height))).unwrap(), expected);
        for salt in 0..3 {
            let block = Mini { height: Height::new(height), salt };
            let there = expected.as_ref() == Some(&block);
            let found = now(archive.get(Identifier::Key(&block.digest()))).unwrap();
            assert_eq!(found, there.then_some(block));
        }
        let last = model.keys().last().copied();
        let missing = (height..last.unwrap_or(0)).filter(|height| !model.contains_key(height)).take(4);
        let missing = missing.map(Height::new).collect::<Vec<_>>();
        assert_eq!(archive.missing_items(Height::new(height), 4), missing);
        let run = (height..).take_while(|height| model.contains_key(height)).last();
        let gap = run.map_or(height, |end| end + 1);
        let next = model.range(gap..).next().map(|(height, _)| Height::new(*height));
        assert_eq!(archive.next_gap(Height::new(height)), (run.map(Height::new), next));
        assert_eq!(archive.last_index(), last.map(Height::new));
    }
    assert!(archive.missing_items(Height::new(0), 0).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn blocks_follow_the_model(steps in prop::collection::vec(step(), 1..40)) {
        let disk = Disk::new();
        let mut archive = BlockArchive::<Mini>::open(store(&disk), ()).unwrap();
        let (mut model, mut synced) = (BTreeMap::new(), BTreeMap::new());
        for step in steps {
            match step {
                Step::Put(height, salt) => {
                    let block = Mini { height: Height::new(height), salt };
                    archive = now(archive.put(block.digest(), &block)).unwrap();
                    model.entry(height).or_insert(salt);
                }
                Step::Sync => {
                    archive = now(archive.sync()).unwrap();
                    synced = model.clone();
                }
                Step::Prune(min) => {
                    archive = now(archive.prune(Height::new(min))).unwrap();
                    model = model.split_off(&min);
                    synced = synced.split_off(&min);
                }
                Step::Restart(crash) => {
                    crash.into_iter().for_each(|seed| disk.crash(seed));
                    drop(archive);
                    archive = BlockArchive::open(store(&disk), ()).unwrap();
                    model = synced.clone();
                }
            }
            check(&archive, &model);
        }
    }
}

type Certificate = Finalization<ed25519::Scheme, Hash>;
type Archived = CertificateArchive<ed25519::Scheme, Hash, Hash>;

/// Makes certificates of four validators.
fn certificates() -> Vec<Certificate> {
    let keys = (0..4).map(PrivateKey::from_seed).collect::<Vec<_>>();
    let members = Set::try_from_iter(keys.iter().map(Signer::public_key)).unwrap();
    let schemes = keys.into_iter().map(|key| ed25519::Scheme::signer(b"test", members.clone(), key).unwrap());
    let schemes = schemes.collect::<Vec<_>>();
    let certificate = |height: u64| {
        let round = Round::new(Epoch::new(0), View::new(height + 1));
        let proposal = Proposal::new(round, View::new(height), Sha256::hash(&[&height.to_be_bytes()]));
        let votes = schemes.iter().map(|scheme| Finalize::sign(scheme, proposal.clone()).unwrap());
        let votes = votes.collect::<Vec<_>>();
        Finalization::from_finalizes(&schemes[0], non_empty![@votes.iter()], &Sequential).unwrap()
    };
    (0..6).map(certificate).collect()
}

#[test]
fn certificates_come_back_after_a_crash() {
    let disk = Disk::new();
    let all = certificates();
    let mut archive = Archived::open(store(&disk), 4).unwrap();
    assert_eq!(Certificates::last_index(&archive), None);
    for height in [4, 0, 1] {
        let digest = all[height].proposal.payload;
        archive = now(archive.put(Height::new(height as u64), digest, &all[height])).unwrap();
    }
    // Neither a height nor a digest is overwritten.
    archive = now(archive.put(Height::new(4), Hash::EMPTY, &all[5])).unwrap();
    archive = now(archive.put(Height::new(5), all[4].proposal.payload, &all[5])).unwrap();
    archive = now(archive.sync()).unwrap();
    archive = now(archive.put(Height::new(2), all[2].proposal.payload, &all[2])).unwrap();
    assert!(now(archive.has(Height::new(2))).unwrap());
    disk.crash(7);
    drop(archive);
    let mut archive = Archived::open(store(&disk), 4).unwrap();
    for (height, expected) in [(0, true), (1, true), (2, false), (3, false), (4, true), (5, false)] {
        let expected = expected.then(|| all[height].clone());
        let digest = all[height].proposal.payload;
        assert_eq!(now(archive.has(Height::new(height as u64))).unwrap(), expected.is_some());
        assert_eq!(now(archive.get(Identifier::Index(height as u64))).unwrap(), expected);
        assert_eq!(now(archive.get(Identifier::Key(&digest))).unwrap(), expected);
    }
    let ranges = archive.ranges_from(Height::new(0)).collect::<Vec<_>>();
    let range = |start, end| (Height::new(start), Height::new(end));
    assert_eq!(ranges, [range(0, 1), range(4, 4)]);
    archive = now(archive.prune(Height::new(1))).unwrap();
    assert_eq!(archive.ranges_from(Height::new(0)).next(), Some(range(1, 1)));
    assert_eq!(now(archive.get(Identifier::Key(&all[0].proposal.payload))).unwrap(), None);
    assert_eq!(Certificates::last_index(&archive), Some(Height::new(4)));
}

/// The engine needs its stores to be sent between threads.
#[test]
fn futures_can_be_sent() {
    let disk = Disk::new();
    let archive = BlockArchive::<Mini>::open(store(&disk), ()).unwrap();
    let future: BoxFuture<'_, _> = archive.start_sync().boxed();
    assert!(future.now_or_never().unwrap().is_ok());
}

/// A store of one chain serves both archives and the chain at once.
#[test]
fn archives_share_the_database() {
    let disk = Disk::new();
    let shared = store(&disk);
    let blocks = BlockArchive::<Mini>::open(shared.clone(), ()).unwrap();
    let archive = Archived::open(shared.clone(), 4).unwrap();
    let block = Mini { height: Height::new(3), salt: 1 };
    let blocks = now(now(blocks.put(block.digest(), &block)).unwrap().sync()).unwrap();
    assert_eq!(Certificates::last_index(&archive), None);
    assert_eq!(blocks.last_index(), Some(Height::new(3)));
    shared.put_package(B256::ZERO, b"package").unwrap();
    assert_eq!(now(blocks.get(Identifier::Index(3))).unwrap(), Some(block));
}
