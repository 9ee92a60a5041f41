//! Proves deposits by headers, as the custody account checks them.

use crate::node::{COIN, CONFIRMATIONS, Node, keys};
use alloy_primitives::U256;
use fusor_outer::OutPoint;
use fusor_vm::dcrm::Proof;

/// The target of regression test networks, 0x207fffff.
const LIMIT: &str = "7fffff";

/// Mines a block whose header has the work that it claims by double SHA-256, which proofs count; Litecoin's own is
/// scrypt. The hash that names a block is double SHA-256 in both.
fn mine(node: &Node) {
    loop {
        node.mine(1);
        let hash = node.cli(&["getbestblockhash"]);
        if hash.as_str() < LIMIT {
            return;
        }
        node.cli(&["invalidateblock", &hash]);
    }
}

#[test]
fn the_proof_of_a_deposit_is_what_the_account_takes() {
    let Some(node) = Node::start() else { return };
    let (keys, vault) = keys();
    let mut cursor = node.chain.begin(node.tip() + 1);
    let amounts = [3 * COIN, COIN / 2, 7 * COIN, COIN];
    for (key, amount) in keys.iter().zip(amounts) {
        node.pay(key, amount);
    }
    (0..CONFIRMATIONS).for_each(|_| mine(&node));
    let deposits = node.drain(&vault, &mut cursor);
    assert!(deposits.len() > 1, "{deposits:?}");
    let limit: U256 = U256::from(0x7f_ffff_u64) << (8 * 29);
    let confirmations = CONFIRMATIONS as u32;
    for deposit in deposits {
        let outpoint = deposit.outpoint.unwrap();
        let prove = |outpoint, height, count| node.chain.prove(&outpoint, height, count).unwrap();
        let bytes = prove(outpoint, deposit.height, confirmations).unwrap();
        let proof = Proof::read(&bytes).unwrap();
        assert!(!proof.branch.is_empty());
        let paid = proof.verify(confirmations, &limit.to_be_bytes()).unwrap();
        assert_eq!((paid.txid, paid.output), (outpoint.txid, outpoint.vout));
        assert_eq!(U256::from(paid.amount), deposit.amount);
        assert_eq!(paid.script, node.chain.parse_destination(&deposit.address).unwrap().script);
        assert_eq!(prove(outpoint, deposit.height, confirmations + 1), None, "not as deep");
        assert_eq!(prove(outpoint, deposit.height - 1, confirmations), None, "another block");
        let other = OutPoint { txid: [7; 32], ..outpoint };
        assert_eq!(prove(other, deposit.height, confirmations), None, "another transaction");
    }
}
