//! Forgets packages of old blocks, and nothing else.

use super::model::{GENESIS, Model, Step, plain};
use crate::store::Store;
use alloy_primitives::keccak256;

#[test]
fn packages_of_old_blocks_go_in_batches_and_blocks_stay() {
    let (store, mut model) = (Store::memory(GENESIS).unwrap(), Model::default());
    for round in 0..200 {
        model.commit(&store, &plain(vec![Step::Head(2, round)])).unwrap();
    }
    let named = |raw: &[u8]| vec![keccak256(raw)];
    let kept = |height: u64| {
        let block = store.block(height).unwrap().expect("blocks stay");
        store.package(keccak256(block)).unwrap().is_some()
    };
    let from = |store: &Store| store.packages_from().unwrap();
    store.forget_packages(63, named).unwrap();
    assert_eq!((from(&store), kept(0)), (0, true), "few heights wait for more");
    store.forget_packages(100, named).unwrap();
    assert_eq!((from(&store), kept(0), kept(99), kept(100)), (100, false, false, true));
    store.forget_packages(163, named).unwrap();
    assert_eq!((from(&store), kept(100)), (100, true));
    store.forget_packages(164, named).unwrap();
    assert_eq!((from(&store), kept(163), kept(164)), (164, false, true));
    store.forget_packages(10, named).unwrap();
    assert_eq!(from(&store), 164);
    model.check_state(&store);
}
