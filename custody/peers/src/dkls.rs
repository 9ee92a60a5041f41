//! Signs by `dkls23-core` as it is: one party after another, messages handed over in memory.

use crate::{MEMBERS, THRESHOLD};
use dkls23_core::protocols::{Parameters, Party, PartyIndex, re_key::re_key, signing::SignData};
use k256::{Scalar, Secp256k1};
use sha2::{Digest, Sha256};

/// Deals a key with all setups done.
pub fn deal() -> Vec<Party<Secp256k1>> {
    let parameters = Parameters::new(THRESHOLD, MEMBERS).expect("3 of 5");
    re_key(&parameters, &[7; 32], &Scalar::from(0x0123_4567_89ab_cdefu64), None, |_| String::new()).0
}

/// Makes a signature; the last phase verifies it.
pub fn sign(parties: &[Party<Secp256k1>], message: u32) {
    let hash: [u8; 32] = Sha256::digest(message.to_be_bytes()).into();
    let indices: Vec<PartyIndex> =
        (1..=THRESHOLD).map(|index| PartyIndex::new(index).expect("from 1")).collect();
    let data: Vec<SignData> = indices
        .iter()
        .map(|me| SignData {
            sign_id: hash.to_vec(),
            counterparties: indices.iter().copied().filter(|other| other != me).collect(),
            message_hash: hash,
        })
        .collect();
    let signers = || parties.iter().zip(&data).zip(&indices);
    let first: Vec<_> =
        signers().map(|((party, data), _)| party.sign_phase1(data).expect("phase 1")).collect();
    let sent: Vec<_> = first.iter().flat_map(|(_, _, sent)| sent.iter().cloned()).collect();
    let second: Vec<_> = signers()
        .zip(first)
        .map(|(((party, data), me), (own, kept, _))| {
            let received: Vec<_> = sent.iter().filter(|sent| sent.parties.receiver == *me).cloned().collect();
            party.sign_phase2(data, own, kept, &received).expect("phase 2")
        })
        .collect();
    let sent: Vec<_> = second.iter().flat_map(|(_, _, sent)| sent.iter().cloned()).collect();
    let third: Vec<_> = signers()
        .zip(second)
        .map(|(((party, data), me), (own, kept, _))| {
            let received: Vec<_> = sent.iter().filter(|sent| sent.parties.receiver == *me).cloned().collect();
            party.sign_phase3(data, own, kept, &received).expect("phase 3")
        })
        .collect();
    let told: Vec<_> = third.iter().map(|(_, told)| told.clone()).collect();
    for (((party, data), _), (x, _)) in signers().zip(&third) {
        party.sign_phase4(data, x, &told, true).expect("phase 4");
    }
}
