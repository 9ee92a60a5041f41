//! Asks a node for long while it makes blocks.

use crate::{
    rig::{Folder, configs, transfer},
    running::{height, prepared, runner, until},
};
use alloy_primitives::{Address, U256};
use commonware_runtime::Runner;
use fusor_chain_lite::{
    net::launch,
    rpc::{Backend, Context, NodeBackend, answer},
};
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

/// A call holds its view while it runs: blocks come meanwhile, and it still sees the block that it began with.
#[test]
fn who_looks_at_the_chain_does_not_stop_it() {
    let folder = Folder::new();
    let config = configs(&folder, 1).pop().unwrap();
    runner(&folder).start(|context| async move {
        let running = launch(&context, prepared(config)).await.unwrap();
        let backend = NodeBackend::new(running.node.clone(), running.store.clone(), running.vitals.clone());
        until(&context, 30, "a block", || height(&running) >= 1).await;
        let receiver = Address::repeat_byte(0x77);
        let slow = backend.chain().unwrap();
        let (seen, before) = (slow.height(), slow.account(receiver).unwrap());
        assert_eq!(before, None);
        let hash = running.node.submit_raw(&transfer(0)).unwrap().hash;
        until(&context, 30, "3 blocks below a slow call", || height(&running) >= seen + 3).await;
        assert_eq!((slow.height(), slow.account(receiver).unwrap()), (seen, None));
        assert_eq!(slow.block(seen + 1), None);
        assert_eq!((slow.place_of(hash), slow.block_hash(seen + 1).unwrap()), (None, Default::default()));
        drop(slow);
        let now = backend.chain().unwrap();
        assert_eq!(now.account(receiver).unwrap().unwrap().balance, U256::from(1));
        assert!(now.place_of(hash).is_some_and(|(number, _)| number > seen));
    });
}

/// Clients that burn a block's gas in calls, one after the other, do not stop a node's blocks.
#[test]
fn blocks_come_while_clients_burn_gas() {
    let folder = Folder::new();
    let config = configs(&folder, 1).pop().unwrap();
    runner(&folder).start(|context| async move {
        let running = launch(&context, prepared(config)).await.unwrap();
        let backend = NodeBackend::new(running.node.clone(), running.store.clone(), running.vitals.clone());
        until(&context, 30, "a block", || height(&running) >= 1).await;
        let (methods, over, calls) = (
            Arc::new(Context::new(Arc::new(backend))),
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU32::new(0)),
        );
        let clients: Vec<_> = (0..2)
            .map(|_| {
                let (methods, over, calls) = (methods.clone(), over.clone(), calls.clone());
                std::thread::spawn(move || {
                    // JUMPDEST PUSH0 JUMP: it does not stop before its gas is gone.
                    let asked = json!([{ "input": "0x5b5f56" }, "latest"]).to_string();
                    while !over.load(Ordering::Relaxed) {
                        assert!(answer(&methods, "eth_call", Some(&asked)).is_err());
                        calls.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        let goal = height(&running) + 5;
        until(&context, 30, "5 blocks beside calls", || height(&running) >= goal).await;
        over.store(true, Ordering::Relaxed);
        clients.into_iter().for_each(|client| client.join().unwrap());
        let calls = calls.load(Ordering::Relaxed);
        assert!(calls > 0);
        println!("{calls} calls that burnt a block's gas beside 5 blocks");
        let proof = answer(
            &methods,
            "eth_getProof",
            Some(&json!([Address::repeat_byte(0x77), [], "latest"]).to_string()),
        );
        assert!(proof.is_ok(), "{proof:?}");
    });
}
