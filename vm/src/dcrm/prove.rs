//! Takes proofs of deposits of Bitcoin families, where headers carry the work. A proof adds to the quorum's word.

use super::{
    address,
    coin::{chain, genesis},
    deposit::{Deposit, Kept, PROVED, check, derived_key, settle},
    group::group,
    headers::{OutputPaid, Proof},
    vault::vault,
};
use crate::{fault::Fault, store::Store};
use alloy_primitives::{B256, U256};
use sha2::{Digest as _, Sha256};

/// Names an output for good, whatever block it is in: the chain's first block, the transaction, its place in it.
pub fn deposit_id(genesis: B256, txid: B256, output: u32) -> B256 {
    let hash = Sha256::new()
        .chain_update(b"fusor deposit of an output")
        .chain_update(genesis)
        .chain_update(txid)
        .chain_update(output.to_be_bytes())
        .finalize();
    B256::from_slice(&hash)
}

/// Takes the proof ([`Proof`]) of a deposit on a chain with a proof target: an output that pays the request's address, and
/// as many headers on it as the chain asks confirmations, each with the work that its target claims and no target easier
/// than the chain's. Work is counted by double SHA-256, so the steward sets no target for a chain that works otherwise.
/// Anyone may hand it in; the deposit is credited once a quorum has attested it too.
pub fn prove_deposit(store: &mut dyn Store, deposit: &Deposit, proof: &[u8]) -> Result<(), Fault> {
    let vault = vault(store, deposit.vault)?;
    let outer = chain(store, vault.chain)?;
    let first = genesis(store, vault.chain)?;
    let checks = [
        (vault.keyed(), "the vault has no key"),
        (!outer.proof_target.is_zero(), "deposits of this chain are attested by quorum"),
        (!first.is_zero(), "the chain's first block was not named"),
        (deposit.request != 0, "what the vault pays to itself is attested by quorum"),
    ];
    if let Some((_, rule)) = checks.into_iter().find(|(holds, _)| !holds) {
        return Err(Fault::Misuse(rule));
    }
    check(store, &vault, deposit)?;
    if Kept::load(store, deposit.id)?.is_some() {
        return Err(Fault::Misuse("this deposit is credited already"));
    }
    let proof = Proof::read(proof).map_err(|error| Fault::Misuse(error.text()))?;
    store.charge(proof.gas())?;
    let limit = outer.proof_target.to_be_bytes();
    let paid = proof.verify(outer.confirmations, &limit).map_err(|error| Fault::Misuse(error.text()))?;
    let key = derived_key(store, &vault, deposit.request)?;
    store.charge(super::POINT_GAS)?;
    let script = address::script(vault.scheme, &key).ok_or_else(super::group::broken)?;
    same(deposit, &paid, first, &script)?;
    deposit.mark(store, PROVED)?;
    let group = group(store, vault.group)?;
    settle(store, &vault, &group, deposit)
}

fn same(deposit: &Deposit, paid: &OutputPaid, first: B256, script: &[u8]) -> Result<(), Fault> {
    let checks = [
        (deposit_id(first, paid.txid.into(), paid.output) == deposit.id, "the output has another name"),
        (paid.script == script, "the output pays another address"),
        (U256::from(paid.amount) == deposit.amount, "the output pays another amount"),
    ];
    match checks.into_iter().find(|(holds, _)| !holds) {
        Some((_, rule)) => Err(Fault::Misuse(rule)),
        None => Ok(()),
    }
}
