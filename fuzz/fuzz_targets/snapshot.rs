//! Imports any bytes as a snapshot; a store that comes of it loads its state.
#![no_main]

use alloy_primitives::B256;
use fusor_chain_lite::store::{SnapshotHead, Store, fault::Disk};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let Ok(store) = Store::import_on(Disk::new().backend(), raw, B256::ZERO, |_: &SnapshotHead| Ok(())) else { return };
    let Ok(Some(head)) = store.head() else { panic!("an imported store has no head") };
    assert!(store.load_state(head.state_root).is_ok());
});
