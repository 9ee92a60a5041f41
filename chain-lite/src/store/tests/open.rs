//! Refuses what is not this chain's, and writes nothing then.

use super::model::{Content, GENESIS, Model, Step, plain};
use crate::{
    state::{Changeset, State},
    store::{
        Finalised, Store, StoreError,
        fault::Disk,
        table::{FORMAT_KEY, META},
    },
};
use alloy_primitives::B256;
use std::{fs, path::PathBuf};

/// Is a folder that goes when it is dropped.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("fusor-store-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(super) fn block() -> Content {
    plain(vec![Step::Head(1, 7), Step::Word(1, 2, 1), Step::Code(2, 3)])
}

fn made(folder: &Folder) -> Model {
    let mut model = Model::default();
    let store = Store::open(&folder.0.join("data"), GENESIS).unwrap();
    model.commit(&store, &block()).unwrap();
    model
}

#[test]
fn a_folder_is_made_and_opened_again() {
    let folder = Folder::new("again");
    let mut model = made(&folder);
    let store = Store::open(&folder.0.join("data"), GENESIS).unwrap();
    model.check(&store);
    model.commit(&store, &block()).unwrap();
    model.check(&store.clone());
}

/// Opens with `genesis`, expects an error, and that the file is as before.
fn refused(folder: &Folder, genesis: B256) -> StoreError {
    let data = folder.0.join("data");
    let before = fs::read(Store::file(&data)).unwrap();
    let error = Store::open(&data, genesis).unwrap_err();
    assert!(fs::read(Store::file(&data)).unwrap() == before, "the file was written: {error}");
    error
}

#[test]
fn another_chain_is_refused_unwritten() {
    let folder = Folder::new("genesis");
    let mut model = made(&folder);
    let error = refused(&folder, B256::ZERO);
    assert!(matches!(error, StoreError::Genesis { found: GENESIS, expected: B256::ZERO }), "{error}");
    model.check(&Store::open(&folder.0.join("data"), GENESIS).unwrap());
}

#[test]
fn a_newer_format_is_refused_unwritten() {
    let folder = Folder::new("format");
    made(&folder);
    let db = redb::Database::open(Store::file(&folder.0.join("data"))).unwrap();
    let tx = db.begin_write().unwrap();
    tx.open_table(META).unwrap().insert(FORMAT_KEY, &9u32.to_be_bytes()[..]).unwrap();
    tx.commit().unwrap();
    drop(db);
    let error = refused(&folder, GENESIS);
    assert!(matches!(error, StoreError::Format { found: 9, known: 2 }), "{error}");
}

#[test]
fn other_files_are_refused_unwritten() {
    let folder = Folder::new("other");
    let data = folder.0.join("data");
    fs::create_dir_all(&data).unwrap();
    let zeros = vec![0; 64 << 20];
    for content in [&b"not a database"[..], b"redc", &zeros, &[0xff; 5_000]] {
        fs::write(Store::file(&data), content).unwrap();
        let error = refused(&folder, GENESIS);
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    }
    fs::remove_file(Store::file(&data)).unwrap();
    let db = redb::Database::create(Store::file(&data)).unwrap();
    let tx = db.begin_write().unwrap();
    tx.open_table(redb::TableDefinition::<u8, u8>::new("something")).unwrap();
    tx.commit().unwrap();
    drop(db);
    let error = refused(&folder, GENESIS);
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

#[test]
fn a_store_is_open_once() {
    let folder = Folder::new("locked");
    let data = folder.0.join("data");
    let store = Store::open(&data, GENESIS).unwrap();
    assert!(matches!(Store::open(&data, GENESIS), Err(StoreError::Locked)));
    drop(store);
    Store::open(&data, GENESIS).unwrap();
    let disk = Disk::new();
    let store = Store::open_on(disk.backend(), GENESIS).unwrap();
    assert!(matches!(Store::open_on(disk.backend(), GENESIS), Err(StoreError::Locked)));
    drop(store);
    Store::open_on(disk.backend(), GENESIS).unwrap();
}

#[test]
fn a_path_that_is_no_folder_is_refused() {
    let folder = Folder::new("path");
    let file = folder.0.join("file");
    fs::write(&file, b"").unwrap();
    for path in [file.clone(), file.join("below")] {
        let error = Store::open(&path, GENESIS).unwrap_err();
        assert!(matches!(error, StoreError::Folder { .. }), "{error}");
        assert!(error.to_string().contains("file"), "{error}");
    }
    fs::create_dir_all(Store::file(&folder.0)).unwrap();
    assert!(matches!(Store::open(&folder.0, GENESIS), Err(StoreError::Folder { .. })));
}

#[test]
fn blocks_that_do_not_follow_are_refused() {
    let (store, mut model) = (Store::memory(GENESIS).unwrap(), Model::default());
    let changes = Changeset::default();
    let block = |height, parent| Finalised {
        height,
        hash: B256::repeat_byte(1),
        parent,
        state_root: B256::ZERO,
        block: b"other",
        transactions: &[],
        receipts: &[],
        changes: &changes,
        certificate: None,
        packages: &[],
    };
    assert!(matches!(store.commit(&block(1, B256::ZERO)), Err(StoreError::Order { height: 1, .. })));
    model.check(&store);
    model.commit(&store, &self::block()).unwrap();
    let head = model.hash();
    for (height, parent) in [(0, B256::ZERO), (1, B256::ZERO), (2, head), (0, head), (u64::MAX, head)] {
        let error = store.commit(&block(height, parent)).unwrap_err();
        assert!(matches!(error, StoreError::Order { .. }), "{error}");
        model.check(&store);
    }
}

#[test]
fn transactions_need_receipts() {
    let store = Store::memory(GENESIS).unwrap();
    let changes = State::default().changes_since(Default::default()).unwrap();
    let transactions = [crate::Transaction::Dev(crate::DevTx {
        from: Default::default(),
        to: None,
        value: Default::default(),
        gas: 0,
        input: Default::default(),
        nonce: 0,
        chain_id: 0,
    })];
    let block = Finalised {
        height: 0,
        hash: B256::ZERO,
        parent: B256::ZERO,
        state_root: B256::ZERO,
        block: &[],
        transactions: &transactions,
        receipts: &[],
        changes: &changes,
        certificate: None,
        packages: &[],
    };
    let error = store.commit(&block).unwrap_err();
    assert!(matches!(error, StoreError::Receipts { transactions: 1, receipts: 0 }), "{error}");
    assert_eq!(store.head().unwrap(), None);
}

#[test]
fn certificates_and_packages_may_come_later() {
    let store = Store::memory(GENESIS).unwrap();
    assert_eq!(store.certificate(3).unwrap(), None);
    store.put_certificate(3, b"late").unwrap();
    store.put_package(GENESIS, b"").unwrap();
    assert_eq!(store.certificate(3).unwrap().as_deref(), Some(&b"late"[..]));
    assert_eq!(store.package(GENESIS).unwrap().as_deref(), Some(&b""[..]));
}

#[test]
fn a_state_with_another_root_is_damage() {
    let (store, mut model) = (Store::memory(GENESIS).unwrap(), Model::default());
    model.commit(&store, &block()).unwrap();
    let error = store.load_state(B256::ZERO).unwrap_err();
    assert!(matches!(error, StoreError::Root { .. }));
    assert!(error.to_string().contains("import a snapshot"), "{error}");
}

#[test]
fn three_hundred_blocks_keep_the_hashes_that_blockhash_sees() {
    let (store, mut model) = (Store::memory(GENESIS).unwrap(), Model::default());
    for round in 0..300 {
        model.commit(&store, &plain(vec![Step::Head(1, round)])).unwrap();
    }
    model.check_state(&store);
    let (state, head) = store.load_state(model.root()).unwrap();
    assert_eq!(head.height, 299);
    assert_eq!(state.block_hash_at(43), B256::ZERO);
    assert_eq!(Some(state.block_hash_at(44)), store.hash(44).unwrap());
    assert_eq!(state.block_hash_at(300), B256::ZERO);
}
