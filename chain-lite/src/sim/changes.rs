//! Has a validator join and another leave, by transactions of users.

use super::traffic::{Traffic, address_of};
use crate::node::{Node, NodeKeys};
use alloy_primitives::{B256, FixedBytes, TxKind, U256};
use alloy_sol_types::SolCall;
use commonware_cryptography::Signer;
use fusor_vm::{account::HHCM, hhcm, precompile::IConsensus};

/// The user who registers the new validator.
const REGISTRAR: u8 = 3;
/// The user who owns the first committee's last validator.
pub(super) const LEAVER: u8 = 4;
/// The stake of every validator.
pub(super) const STAKE: u128 = 10_000 * 1_000_000_000_000_000_000;

/// Registers a validator.
pub(super) fn join(traffic: &mut Traffic, node: &Node, keys: &NodeKeys) -> Option<()> {
    let (owner, beacon) = (address_of(REGISTRAR)?, keys.beacon.public());
    let message = hhcm::registration_message(node.chain_id(), owner, &beacon);
    let proof = keys.node.sign(hhcm::REGISTRATION_NAMESPACE, &message);
    let call = IConsensus::registerCall {
        key: FixedBytes(keys.id().0),
        beacon: beacon.to_vec().into(),
        payout: owner,
        commissionBps: 0,
        proof: proof.as_ref().to_vec().into(),
    };
    traffic.call(node, REGISTRAR, TxKind::Call(HHCM), STAKE, call.abi_encode().into())
}

/// Takes a validator's whole stake out.
pub(super) fn leave(traffic: &mut Traffic, node: &Node, key: B256) -> Option<()> {
    let call = IConsensus::unbondCall { key: FixedBytes(key.0), amount: U256::from(STAKE) };
    traffic.call(node, LEAVER, TxKind::Call(HHCM), 0, call.abi_encode().into())
}
