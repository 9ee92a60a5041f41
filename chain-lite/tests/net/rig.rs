//! Is a small chain with validators, and folders and ports for them.

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::Encodable2718;
use alloy_primitives::{Address, TxKind, U256};
use fusor_chain_lite::{
    BaseFee, Genesis, genesis::Consensus, hhcm::Randomness, net::NodeConfig, node::NodeKeys,
};
use fusor_vm::hhcm::{Founder, Params};
use k256::ecdsa::SigningKey;
use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

pub const COIN: u128 = 1_000_000_000_000_000_000;
pub const CHAIN_ID: u64 = 1_337;

/// Is a new folder that goes away with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("fusor-net-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Returns a free address.
pub fn free() -> SocketAddr {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap()
}

pub fn user() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).unwrap()
}

pub fn genesis(nodes: u64) -> Genesis {
    let validators = (0..nodes).map(|seed| {
        let keys = NodeKeys::from_seed(seed);
        Founder {
            key: keys.id(),
            beacon: keys.beacon.public(),
            owner: Address::repeat_byte(seed as u8 + 1),
            payout: Address::repeat_byte(seed as u8 + 1),
            stake: U256::from(10_000 * COIN),
        }
    });
    let consensus = Consensus {
        params: Params { chain_id: CHAIN_ID, epoch_length: 10, tries_max: 64, ..Params::default() },
        randomness: Randomness::Beacon,
        validators: validators.collect(),
        pool: U256::from(1_000_000 * COIN),
    };
    let user = Address::from_public_key(user().verifying_key());
    Genesis {
        chain_id: CHAIN_ID,
        block_time: 1,
        base_fee: BaseFee::Market(1_000),
        dev: false,
        consensus: Some(consensus),
        ..Genesis::default()
    }
    .with_balance(user, U256::from(1_000 * COIN))
}

/// Returns configurations of `nodes` validators; all dial the first two.
pub fn configs(folder: &Folder, nodes: u64) -> Vec<NodeConfig> {
    let listens: Vec<SocketAddr> = (0..nodes).map(|_| free()).collect();
    let known: Vec<_> = (0u64..)
        .zip(&listens)
        .take(2)
        .map(|(seed, listen)| (NodeKeys::from_seed(seed).public(), (*listen).into()))
        .collect();
    let config = |(seed, listen): (u64, &SocketAddr)| {
        let name = format!("node-{seed}");
        let datadir = folder.path().join(&name);
        let mut config = NodeConfig::new(name, datadir, NodeKeys::from_seed(seed), genesis(nodes), *listen);
        config.bootstrappers = known.clone();
        config
    };
    (0..nodes).zip(&listens).map(config).collect()
}

/// Signs a transfer of the user.
pub fn transfer(nonce: u64) -> Vec<u8> {
    signed(TxEip1559 {
        nonce,
        gas_limit: 30_000,
        to: TxKind::Call(Address::repeat_byte(0x77)),
        value: U256::from(1),
        ..TxEip1559::default()
    })
}

/// Signs a transaction of the user; fees and chain id are filled in.
pub fn signed(tx: TxEip1559) -> Vec<u8> {
    let tx =
        TxEip1559 { chain_id: CHAIN_ID, max_fee_per_gas: 10_000_000_000, max_priority_fee_per_gas: 1, ..tx };
    let signature = user().sign_prehash_recoverable(tx.signature_hash().as_slice()).unwrap();
    TxEnvelope::from(tx.into_signed(signature.into())).encoded_2718()
}
