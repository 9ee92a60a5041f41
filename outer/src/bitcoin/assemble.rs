//! Says what is to be signed, and puts signatures into the transaction.

use super::transaction::{self, Transaction};
use crate::{
    error::SignError,
    keys,
    plan::{BitcoinPlan, Input, Plan},
    sign::{Scheme, Sighash, Signature, Signed},
};

/// Computes one hash for each input.
pub(super) fn sighashes(plan: &BitcoinPlan) -> Result<Vec<Sighash>, SignError> {
    plan.inputs.iter().enumerate().map(|(place, input)| sighash(plan, place, input)).collect()
}

fn sighash(plan: &BitcoinPlan, place: usize, input: &Input) -> Result<Sighash, SignError> {
    let lock = &input.lock;
    keys::parse(&lock.key)?;
    let key = match lock.scheme {
        Scheme::Ecdsa => lock.key,
        Scheme::Schnorr => keys::even(&keys::taproot_output(&lock.key)?),
    };
    let hash = transaction::sighash(plan, place, input)?;
    Ok(Sighash { path: lock.path, scheme: lock.scheme, key, hash })
}

/// Verifies the signatures and makes the transaction.
pub(super) fn assemble(plan: &BitcoinPlan, signatures: &[Signature]) -> Result<Signed, SignError> {
    let hashes = sighashes(plan)?;
    if hashes.len() != signatures.len() {
        return Err(SignError::Count { have: signatures.len(), want: hashes.len() });
    }
    let witnesses = hashes
        .iter()
        .zip(signatures)
        .enumerate()
        .map(|(place, (hash, signature))| witness(hash, signature).ok_or(SignError::Invalid(place)))
        .collect::<Result<Vec<_>, _>>()?;
    let transaction = Transaction::from(plan);
    let (raw, txid) = (transaction.with_witness(&witnesses), transaction.txid());
    Ok(Signed { plan: Plan::Bitcoin(plan.clone()), raw, txid })
}

/// Returns an input's witness: signature and key for P2WPKH (BIP-141), the signature alone for P2TR (BIP-341).
fn witness(hash: &Sighash, signature: &Signature) -> Option<Vec<Vec<u8>>> {
    if !keys::verifies(hash.scheme, &hash.key, &hash.hash, signature) {
        return None;
    }
    match hash.scheme {
        Scheme::Schnorr => Some(vec![signature.to_vec()]),
        Scheme::Ecdsa => {
            let der = keys::low_s(signature)?.to_der();
            Some(vec![[der.as_bytes(), &[transaction::ALL]].concat(), hash.key.to_vec()])
        }
    }
}
