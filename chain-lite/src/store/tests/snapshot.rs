//! Carries a state by snapshot, and breaks the file in every way.

use super::{
    model::{GENESIS, Model, Step, content, plain},
    open::Folder,
};
use crate::store::{SnapshotError, SnapshotHead, Store, StoreError, fault::Disk};
use alloy_primitives::B256;
use proptest::prelude::*;
use std::fs;

fn exported(model: &mut Model, blocks: u64) -> Vec<u8> {
    let store = Store::memory(GENESIS).unwrap();
    for round in 0..blocks {
        let steps = vec![Step::Word(1, round as u8, 1), Step::Head(2, round), Step::Code(3, round as u8)];
        model.commit(&store, &plain(steps)).unwrap();
    }
    let mut file = Vec::new();
    let head = store.export(&mut file).unwrap();
    assert_eq!((head.hash, head.state_root, head.height), (model.hash(), model.root(), blocks - 1));
    file
}

fn import(file: &[u8]) -> Result<Store, StoreError> {
    Store::import_on(Disk::new().backend(), file, GENESIS, |_: &SnapshotHead| Ok(()))
}

fn snapshot_error(result: Result<Store, StoreError>) -> SnapshotError {
    match result {
        Err(StoreError::Snapshot(error)) => error,
        other => panic!("no snapshot error: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_snapshot_carries_the_state(contents in prop::collection::vec(content(), 1..6), next in content()) {
        let (store, mut model) = (Store::memory(GENESIS).unwrap(), Model::default());
        contents.iter().for_each(|content| model.commit(&store, content).unwrap());
        let mut file = Vec::new();
        let head = store.export(&mut file).unwrap();
        let mut seen = None;
        let copy = Store::import_on(Disk::new().backend(), file.as_slice(), GENESIS, |head: &SnapshotHead| {
            seen = Some(head.clone());
            Ok(())
        }).unwrap();
        prop_assert_eq!(seen, Some(head.clone()));
        model.check_state(&copy);
        prop_assert_eq!(copy.head().unwrap(), store.head().unwrap());
        prop_assert_eq!(copy.block(head.height).unwrap(), Some(head.block));
        prop_assert_eq!(copy.certificate(head.height).unwrap(), Some(head.certificate));
        // One state has one file, and the chain goes on from it.
        let mut again = Vec::new();
        copy.export(&mut again).unwrap();
        prop_assert_eq!(&file, &again);
        model.commit(&copy, &next).unwrap();
        model.check_state(&copy);
    }
}

#[test]
fn a_folder_is_made_from_a_snapshot() {
    let folder = Folder::new("snapshot");
    let mut model = Model::default();
    let file = exported(&mut model, 300);
    let data = folder.0.join("data");
    let refused = snapshot_error(Store::import(&data, file.as_slice(), GENESIS, |_: &SnapshotHead| {
        Err("no quorum".into())
    }));
    assert!(matches!(refused, SnapshotError::Refused(ref why) if why == "no quorum"));
    let cut =
        snapshot_error(Store::import(&data, &file[..file.len() - 1], GENESIS, |_: &SnapshotHead| Ok(())));
    assert!(matches!(cut, SnapshotError::Truncated { section: "words", .. }), "{cut}");
    assert_eq!(fs::read_dir(&data).unwrap().count(), 0, "a failed import leaves files");
    // An import that was killed leaves a draft, which the next one replaces.
    fs::write(data.join("chain.importing"), b"half").unwrap();
    let store = Store::import(&data, file.as_slice(), GENESIS, |_: &SnapshotHead| Ok(())).unwrap();
    model.check_state(&store);
    drop(store);
    assert_eq!(fs::read_dir(&data).unwrap().count(), 1);
    let there = snapshot_error(Store::import(&data, file.as_slice(), GENESIS, |_: &SnapshotHead| Ok(())));
    assert!(matches!(there, SnapshotError::Exists(_)));
    model.check_state(&Store::open(&data, GENESIS).unwrap());
}

#[test]
fn every_cut_is_refused_with_its_place() {
    let file = exported(&mut Model::default(), 3);
    for len in 0..file.len() {
        match snapshot_error(import(&file[..len])) {
            SnapshotError::NotASnapshot => assert!(len < 8),
            SnapshotError::Truncated { offset, .. } => assert!(offset <= len as u64 && len >= 8),
            other => panic!("cut at {len}: {other}"),
        }
    }
    let longer = [file.as_slice(), &[0]].concat();
    let error = snapshot_error(import(&longer));
    assert!(matches!(error, SnapshotError::Broken { offset, .. } if offset == file.len() as u64), "{error}");
}

#[test]
fn every_changed_byte_is_refused() {
    let file = exported(&mut Model::default(), 3);
    for place in 0..file.len() {
        let mut broken = file.clone();
        broken[place] ^= 1 << (place % 8);
        snapshot_error(import(&broken));
    }
    import(&file).unwrap();
}

#[test]
fn foreign_newer_and_lying_snapshots_are_refused() {
    let mut file = exported(&mut Model::default(), 3);
    let foreign =
        Store::import_on(Disk::new().backend(), file.as_slice(), B256::ZERO, |_: &SnapshotHead| Ok(()));
    let foreign = snapshot_error(foreign);
    assert!(matches!(foreign, SnapshotError::Genesis { found: GENESIS, expected: B256::ZERO }));
    let used = Store::memory(GENESIS).unwrap();
    Model::default().commit(&used, &plain(Vec::new())).unwrap();
    file[11] = 2;
    let newer = snapshot_error(import(&file));
    assert!(matches!(newer, SnapshotError::Version { found: 2, known: 1 }));
    assert!(matches!(Store::memory(GENESIS).unwrap().export(Vec::new()), Err(StoreError::Empty)));
}

/// A head with right checksums and a root that the state has not.
#[test]
fn a_wrong_root_is_refused_and_leaves_no_head() {
    let store = Store::memory(GENESIS).unwrap();
    let changes = Default::default();
    let block = crate::store::Finalised {
        height: 0,
        hash: B256::ZERO,
        parent: B256::ZERO,
        state_root: B256::repeat_byte(9),
        block: b"block",
        transactions: &[],
        receipts: &[],
        changes: &changes,
        certificate: None,
        packages: &[],
    };
    store.commit(&block).unwrap();
    let mut file = Vec::new();
    store.export(&mut file).unwrap();
    let disk = Disk::new();
    let result = Store::import_on(disk.backend(), file.as_slice(), GENESIS, |_: &SnapshotHead| Ok(()));
    let error = snapshot_error(result);
    assert!(matches!(error, SnapshotError::Root { expected, .. } if expected == B256::repeat_byte(9)));
    let store = Store::open_on(disk.backend(), GENESIS).unwrap();
    assert_eq!(store.head().unwrap(), None);
}

#[test]
fn a_writer_that_fails_is_an_error() {
    let (store, mut model) = (Store::memory(GENESIS).unwrap(), Model::default());
    model.commit(&store, &plain(vec![Step::Code(1, 1)])).unwrap();
    let mut small = [0; 100];
    let error = store.export(&mut small[..]).unwrap_err();
    assert!(matches!(error, StoreError::Snapshot(SnapshotError::Io(_))), "{error}");
}
