//! Serialises transactions and computes what is signed (BIP-143, BIP-144, BIP-341).

use super::{headers::double_sha256, script};
use crate::{
    error::AddressError,
    keys,
    plan::{BitcoinPlan, Input, Output},
    sign::Scheme,
};
use sha2::{Digest, Sha256};

const VERSION: u32 = 2;
/// SIGHASH_ALL.
pub(crate) const ALL: u8 = 1;

/// Returns the bytes that the txid is the hash of.
pub(crate) fn stripped(plan: &BitcoinPlan) -> Vec<u8> {
    [&VERSION.to_le_bytes()[..], &body(plan), &plan.lock_time.to_le_bytes()].concat()
}

/// Returns the bytes that the network takes; one witness for each input.
pub(crate) fn with_witness(plan: &BitcoinPlan, witnesses: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let mut out = [&VERSION.to_le_bytes()[..], &[0, 1], &body(plan)].concat();
    for witness in witnesses {
        out.extend(compact(witness.len()));
        witness.iter().for_each(|item| out.extend(counted(item)));
    }
    out.extend(plan.lock_time.to_le_bytes());
    out
}

/// Returns the transaction's id in the order of its bytes.
pub(crate) fn txid(plan: &BitcoinPlan) -> [u8; 32] {
    double_sha256(&stripped(plan))
}

/// Returns the weight with the longest signatures (BIP-141).
pub(crate) fn weight(inputs: &[Scheme], outputs: &[&[u8]]) -> u64 {
    let size = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
    let counts = size(compact(inputs.len()).len() + compact(outputs.len()).len());
    let paid: u64 = outputs.iter().map(|script| size(8 + compact(script.len()).len() + script.len())).sum();
    let spent: u64 = inputs.iter().map(|scheme| script::input_weight(*scheme)).sum();
    4 * (8 + counts + paid) + 2 + spent
}

/// Returns the hash that an input's key signs.
pub(crate) fn sighash(plan: &BitcoinPlan, place: usize, input: &Input) -> Result<[u8; 32], AddressError> {
    match input.lock.scheme {
        Scheme::Ecdsa => Ok(segwit_v0(plan, input)),
        Scheme::Schnorr => taproot(plan, place),
    }
}

/// BIP-143, "Specification", with SIGHASH_ALL and the script code of P2WPKH.
fn segwit_v0(plan: &BitcoinPlan, input: &Input) -> [u8; 32] {
    let key_hash = script::hash160(&input.lock.key);
    let code = [&[0x76, 0xa9, 0x14][..], &key_hash, &[0x88, 0xac]].concat();
    double_sha256(
        &[
            &VERSION.to_le_bytes()[..],
            &double_sha256(&outpoints(plan)),
            &double_sha256(&sequences(plan)),
            &outpoint(input),
            &counted(&code),
            &input.amount.to_le_bytes(),
            &plan.sequence.to_le_bytes(),
            &double_sha256(&outputs(plan)),
            &plan.lock_time.to_le_bytes(),
            &u32::from(ALL).to_le_bytes(),
        ]
        .concat(),
    )
}

/// BIP-341, "Common signature message", with SIGHASH_DEFAULT, the key path and no annex.
fn taproot(plan: &BitcoinPlan, place: usize) -> Result<[u8; 32], AddressError> {
    let sha = |bytes: &[u8]| Sha256::digest(bytes);
    let amounts: Vec<u8> = plan.inputs.iter().flat_map(|input| input.amount.to_le_bytes()).collect();
    let mut scripts = Vec::new();
    for input in &plan.inputs {
        scripts.extend(counted(&script::of_lock(&input.lock)?));
    }
    let place = u32::try_from(place).unwrap_or(u32::MAX);
    let message = [
        &[0x00, 0x00][..],
        &VERSION.to_le_bytes(),
        &plan.lock_time.to_le_bytes(),
        &sha(&outpoints(plan)),
        &sha(&amounts),
        &sha(&scripts),
        &sha(&sequences(plan)),
        &sha(&outputs(plan)),
        &[0x00],
        &place.to_le_bytes(),
    ]
    .concat();
    Ok(keys::tagged_hash("TapSighash", &[&message]))
}

fn body(plan: &BitcoinPlan) -> Vec<u8> {
    let mut out = compact(plan.inputs.len());
    for input in &plan.inputs {
        out.extend(outpoint(input));
        out.push(0);
        out.extend(plan.sequence.to_le_bytes());
    }
    out.extend(compact(plan.outputs.len()));
    out.extend(outputs(plan));
    out
}

fn outpoint(input: &Input) -> Vec<u8> {
    [&input.outpoint.txid[..], &input.outpoint.vout.to_le_bytes()].concat()
}

fn outpoints(plan: &BitcoinPlan) -> Vec<u8> {
    plan.inputs.iter().flat_map(outpoint).collect()
}

fn sequences(plan: &BitcoinPlan) -> Vec<u8> {
    plan.inputs.iter().flat_map(|_| plan.sequence.to_le_bytes()).collect()
}

fn outputs(plan: &BitcoinPlan) -> Vec<u8> {
    plan.outputs.iter().flat_map(output).collect()
}

fn output(output: &Output) -> Vec<u8> {
    [&output.amount.to_le_bytes()[..], &counted(&output.script)].concat()
}

fn counted(bytes: &[u8]) -> Vec<u8> {
    [&compact(bytes.len()), bytes].concat()
}

/// Writes a compact size.
fn compact(count: usize) -> Vec<u8> {
    let value = u64::try_from(count).unwrap_or(u64::MAX);
    match value {
        0..=0xfc => vec![value.to_le_bytes()[0]],
        0xfd..=0xffff => [&[0xfd], &value.to_le_bytes()[..2]].concat(),
        0x1_0000..=0xffff_ffff => [&[0xfe], &value.to_le_bytes()[..4]].concat(),
        _ => [&[0xff], &value.to_le_bytes()[..]].concat(),
    }
}
