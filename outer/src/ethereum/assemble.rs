//! Says what is to be signed, and puts the signature into the transaction (EIP-1559).

use crate::{
    error::SignError,
    keys,
    plan::{EthereumPlan, Plan},
    sign::{Sighash, Signature, Signed},
};
use alloy_consensus::{SignableTransaction, TxEip1559, transaction::RlpEcdsaEncodableTx};
use alloy_primitives::{Signature as Recoverable, TxKind, U256, keccak256};

/// Computes the one hash of a plan.
pub(super) fn sighash(plan: &EthereumPlan) -> Result<Sighash, SignError> {
    super::account(&plan.from)?;
    let hash = transaction(plan).signature_hash().0;
    Ok(Sighash { path: plan.from.path, scheme: plan.from.scheme, key: plan.from.key, hash })
}

/// Verifies the signature and makes the transaction.
pub(super) fn assemble(plan: &EthereumPlan, signatures: &[Signature]) -> Result<Signed, SignError> {
    let [signature] = signatures else {
        return Err(SignError::Count { have: signatures.len(), want: 1 });
    };
    let hash = sighash(plan)?;
    let signature = recoverable(&hash, signature).ok_or(SignError::Invalid(0))?;
    let mut raw = Vec::new();
    transaction(plan).eip2718_encode(&signature, &mut raw);
    let txid = keccak256(&raw).0;
    Ok(Signed { plan: Plan::Ethereum(plan.clone()), raw, txid })
}

fn recoverable(hash: &Sighash, signature: &Signature) -> Option<Recoverable> {
    let low = keys::low_s(signature)?;
    let odd = keys::parity(&hash.key, &hash.hash, &low)?;
    let (r, s) = low.split_bytes();
    Some(Recoverable::new(U256::from_be_slice(&r), U256::from_be_slice(&s), odd))
}

fn transaction(plan: &EthereumPlan) -> TxEip1559 {
    TxEip1559 {
        chain_id: plan.chain_id,
        nonce: plan.nonce,
        gas_limit: plan.gas_limit,
        max_fee_per_gas: plan.max_fee,
        max_priority_fee_per_gas: plan.max_priority,
        to: TxKind::Call(plan.to),
        value: plan.value,
        access_list: Default::default(),
        input: plan.data.clone().into(),
    }
}
