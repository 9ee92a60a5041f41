//! Signs by `cggmp21`, with its precomputed tables.

use crate::{MEMBERS, THRESHOLD, timed};
use cggmp21::{
    DataToSign, ExecutionId, KeyShare, PregeneratedPrimes, security_level::SecurityLevel128,
    supported_curves::Secp256k1,
};
use rand::rngs::OsRng;
use sha2::Sha256;
use std::time::Duration;

type Share = KeyShare<Secp256k1, SecurityLevel128>;

/// Deals a key, and returns what the primes of one party cost, the largest part of its setup.
pub fn deal() -> (Duration, Vec<Share>) {
    let prime = || PregeneratedPrimes::<SecurityLevel128>::generate(&mut OsRng).split();
    let (time, primes) = timed(|| (0..MEMBERS).map(|_| prime()).collect());
    let shares = cggmp21::trusted_dealer::builder(MEMBERS.into())
        .set_threshold(Some(THRESHOLD.into()))
        .set_pregenerated_primes(primes)
        .enable_crt(true)
        .enable_multiexp(true)
        .generate_shares(&mut OsRng);
    (time / u32::from(MEMBERS), shares.expect("shares"))
}

/// Makes a signature and verifies it.
pub fn sign(shares: &[Share], message: u32) {
    let signers: Vec<u16> = (0..THRESHOLD.into()).collect();
    let number = message.to_be_bytes();
    let data = DataToSign::digest::<Sha256>(&number);
    let made = round_based::sim::run(THRESHOLD.into(), |place, party| {
        let (share, signers) = (&shares[usize::from(place)], &signers);
        async move {
            let id = ExecutionId::new(&number);
            cggmp21::signing(id, place, signers, share).sign(&mut OsRng, party, data).await
        }
    });
    let signature = made.expect("a simulation").expect_ok().expect_eq();
    signature.verify(&shares[0].core.shared_public_key, &data).expect("a signature of the key");
}
