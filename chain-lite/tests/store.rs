//! Stores a real chain block by block, restarts it from disk, and goes on from a snapshot.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes, U256};
use common::{OWNER, World, call, policy};
use fusor_chain_lite::{
    Chain,
    state::Mark,
    store::{Finalised, SnapshotHead, Store, fault::Disk},
};

/// Writes the head of `chain`; `mark` is the state before it.
fn commit(store: &Store, chain: &Chain, mark: Mark) {
    let head = chain.head();
    let number = head.header.number;
    let changes = chain.state().changes_since(mark).unwrap();
    let finalised = Finalised {
        height: number,
        hash: head.hash,
        parent: head.header.parent_hash,
        state_root: head.header.state_root,
        block: &alloy_rlp::encode(&head.header),
        transactions: &head.transactions,
        receipts: chain.receipts(number),
        changes: &changes,
        certificate: None,
        packages: &[],
    };
    store.commit(&finalised).unwrap();
}

/// Runs a chain with deployments, calls, logs and triggers that fire, fail and are retried.
fn busy() -> World {
    let mut world = World::new();
    let now = world.chain.time();
    world.at(now + 60, call::TICK, policy::NONE);
    world.at(now + 60, call::FAIL, policy::NONE);
    world.at(now + 90, call::BURN, policy::NONE);
    world.chain.run_to(now + 600).unwrap();
    for round in 1..6u8 {
        let to = Address::repeat_byte(round);
        world.chain.send_from(OWNER, to, U256::from(round), Bytes::new()).unwrap();
    }
    world
}

#[test]
fn a_chain_comes_back_from_disk_and_from_a_snapshot() {
    let world = busy();
    let original = &world.chain;
    let mut chain = Chain::new(original.genesis().clone()).unwrap();
    let id = chain.head().hash;
    let disk = Disk::new();
    let store = Store::open_on(disk.backend(), id).unwrap();
    commit(&store, &chain, Mark::default());
    for number in 1..=original.height() {
        let mark = chain.state().mark();
        chain.import(original.block(number).unwrap()).unwrap();
        commit(&store, &chain, mark);
    }
    assert!(chain.firings(0).count() >= 3);
    disk.crash(3);
    drop(store);
    let store = Store::open_on(disk.backend(), id).unwrap();
    check(&store, &chain);

    let mut file = Vec::new();
    store.export(&mut file).unwrap();
    let copy = Store::import_on(Disk::new().backend(), file.as_slice(), id, |head: &SnapshotHead| {
        let header: Header = alloy_rlp::decode_exact(&head.block).map_err(|error| error.to_string())?;
        let right = header.hash_slow() == head.hash && header.state_root == head.state_root;
        if right { Ok(()) } else { Err("the header differs".into()) }
    });
    let copy = copy.unwrap();
    let mark = chain.state().mark();
    chain.send_from(OWNER, Address::repeat_byte(9), U256::ONE, Bytes::new()).unwrap();
    commit(&copy, &chain, mark);
    let (mut state, _) = copy.load_state(chain.head().header.state_root).unwrap();
    assert_eq!(state.root(), chain.head().header.state_root);
    assert!(
        Store::import_on(Disk::new().backend(), file.as_slice(), B256::ZERO, |_: &SnapshotHead| Ok(()))
            .is_err()
    );
}

/// Compares everything that the store holds with the chain.
fn check(store: &Store, chain: &Chain) {
    for number in 0..=chain.height() {
        let block = chain.block(number).unwrap();
        assert_eq!(store.transactions(number).unwrap(), block.transactions);
        assert_eq!(store.receipts(number).unwrap(), chain.receipts(number));
        assert_eq!(store.hash(number).unwrap(), Some(block.hash));
        assert_eq!(store.block(number).unwrap(), Some(alloy_rlp::encode(&block.header)));
        for receipt in chain.receipts(number) {
            assert_eq!(store.receipt(receipt.tx_hash).unwrap().as_ref(), chain.receipt(receipt.tx_hash));
        }
    }
    let (state, head) = store.load_state(chain.head().header.state_root).unwrap();
    assert_eq!((head.height, head.hash), (chain.height(), chain.head().hash));
    let changes = chain.state().changes_since(Mark::default()).unwrap();
    for (address, head) in changes.accounts {
        assert_eq!(state.head(address), head);
        assert_eq!(state.words(address), chain.state().words(address));
        assert_eq!(state.code(address).original_bytes(), chain.code(address));
    }
}
