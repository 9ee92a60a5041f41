//! Lets a validator that registers catch up before the epoch in which it votes.

use crate::{
    rig::{CHAIN_ID, COIN, Folder, configs, signed, user},
    running::{height, prepared, runner, until},
};
use alloy_consensus::TxEip1559;
use alloy_primitives::{Address, FixedBytes, TxKind, U256};
use alloy_sol_types::SolCall;
use commonware_cryptography::Signer;
use commonware_runtime::Runner;
use fusor_chain_lite::{net::launch, node::NodeKeys};
use fusor_vm::{account::HHCM, hhcm, precompile::IConsensus};

/// Registers a validator with a stake of the user's.
fn registration(keys: &NodeKeys) -> Vec<u8> {
    let owner = Address::from_public_key(user().verifying_key());
    let beacon = keys.beacon.public();
    let message = hhcm::registration_message(CHAIN_ID, owner, &beacon);
    let proof = keys.node.sign(hhcm::REGISTRATION_NAMESPACE, &message);
    let call = IConsensus::registerCall {
        key: FixedBytes(keys.id().0),
        beacon: beacon.to_vec().into(),
        payout: owner,
        commissionBps: 0,
        proof: proof.as_ref().to_vec().into(),
    };
    signed(TxEip1559 {
        gas_limit: 5_000_000,
        to: TxKind::Call(HHCM),
        value: U256::from(10_000 * COIN),
        input: call.abi_encode().into(),
        ..TxEip1559::default()
    })
}

#[test]
fn a_validator_that_waits_is_at_the_head_before_its_first_epoch() {
    let folder = Folder::new();
    let mut configs = configs(&folder, 4);
    let late = configs.pop().unwrap();
    let newcomer = late.keys.id();
    for config in configs.iter_mut().chain([&mut late.clone()]) {
        let consensus = config.genesis.consensus.as_mut().unwrap();
        // The last one is not of the founders; its first epoch is far.
        consensus.validators.retain(|founder| founder.key != newcomer);
        consensus.params.epoch_length = 40;
        let owner = Address::from_public_key(user().verifying_key());
        config.genesis.accounts.entry(owner).or_default().balance = U256::from(20_000 * COIN);
    }
    let mut late = late;
    late.genesis = configs[0].genesis.clone();
    runner(&folder).start(|context| async move {
        let mut running = Vec::new();
        for config in configs {
            running.push(launch(&context, prepared(config)).await.unwrap());
        }
        let joined = launch(&context, prepared(late.clone())).await.unwrap();
        until(&context, 30, "4 blocks", || height(&running[0]) >= 4).await;
        assert_eq!((height(&joined), joined.vitals.peers()), (0, 0), "nobody knows it yet");
        running[0].node.submit_raw(&registration(&late.keys)).unwrap();
        until(&context, 30, "the newcomer at the head", || {
            height(&joined) >= 5 && height(&joined) + 2 >= height(&running[0])
        })
        .await;
        let at = height(&joined);
        assert!(at < 39, "only as its epoch began: {at}");
        let member = |node: &fusor_chain_lite::node::Node| {
            node.validators().unwrap().iter().any(|row| row.key == newcomer)
        };
        assert!(!member(&joined.node));
        println!("at height {at}, before its epoch");
        until(&context, 90, "its first epoch", || height(&running[0]) >= 41).await;
        assert!(member(&running[0].node));
    });
}
