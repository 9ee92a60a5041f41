//! Is what the tests share: keys that sign in one piece, and peers that are found or skipped.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests; each binary uses a part"
)]

use fusor_outer::{Lock, OuterChain, Plan, Scheme, Signature, Signed};
use k256::{
    NonZeroScalar, ProjectivePoint, PublicKey, Scalar, SecretKey,
    ecdsa::{self, signature::hazmat::PrehashSigner},
    elliptic_curve::{PrimeField, point::AffineCoordinates, sec1::ToEncodedPoint},
    schnorr,
};
use sha2::{Digest, Sha256};
use std::net::TcpListener;
use std::path::PathBuf;

/// Stands for a derived key: custodians hold shards of such ones, here it is whole.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) lock: Lock,
    secret: SecretKey,
}

impl Key {
    pub(crate) fn new(name: &str, scheme: Scheme) -> Self {
        let path: [u8; 32] = Sha256::digest(name.as_bytes()).into();
        let secret = SecretKey::from_slice(&path).unwrap();
        let key = secret.public_key().to_encoded_point(true).as_bytes().try_into().unwrap();
        Self { lock: Lock { path, scheme, key }, secret }
    }

    pub(crate) fn sign(&self, hash: &[u8; 32]) -> Signature {
        match self.lock.scheme {
            Scheme::Ecdsa => {
                let signature: ecdsa::Signature =
                    ecdsa::SigningKey::from(&self.secret).sign_prehash(hash).unwrap();
                signature.to_bytes().into()
            }
            Scheme::Schnorr => {
                schnorr::SigningKey::from(self.tweaked()).sign_prehash(hash).unwrap().to_bytes()
            }
        }
    }

    /// BIP-341, taproot_tweak_seckey without a script tree.
    fn tweaked(&self) -> NonZeroScalar {
        let point = self.secret.public_key();
        let scalar = *self.secret.to_nonzero_scalar().as_ref();
        let even = match point.as_affine().y_is_odd().into() {
            true => -scalar,
            false => scalar,
        };
        let tag = Sha256::digest(b"TapTweak");
        let hash = Sha256::new().chain_update(tag).chain_update(tag).chain_update(point.as_affine().x());
        let tweak = Scalar::from_repr(hash.finalize()).unwrap();
        NonZeroScalar::new(even + tweak).unwrap()
    }
}

/// Returns `-s` for `s`: as good a signature, and not relayed.
pub(crate) fn high_s(signature: &Signature) -> Signature {
    let mut high = *signature;
    let s: [u8; 32] = signature[32..].try_into().unwrap();
    let s = -Scalar::from_repr(s.into()).unwrap();
    high[32..].copy_from_slice(&s.to_bytes());
    high
}

/// Signs a plan with those of the keys that it asks for.
pub(crate) fn sign(chain: &dyn OuterChain, plan: &Plan, keys: &[Key]) -> Signed {
    let signatures: Vec<_> = chain
        .sighashes(plan)
        .unwrap()
        .iter()
        .map(|wanted| {
            let key = keys.iter().find(|key| key.lock.path == wanted.path).expect("a key for each path");
            assert_eq!(key.lock.scheme, wanted.scheme);
            key.sign(&wanted.hash)
        })
        .collect();
    chain.assemble(plan, &signatures).unwrap()
}

/// Says that a peer is missing: skips the test, or fails it if peers are required.
pub(crate) fn missing(what: &str) {
    assert!(std::env::var("FUSOR_REQUIRE").is_err(), "{what} is required and is not there");
    println!("skipped: there is no {what}");
}

/// Finds a binary on the path.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|path| path.exists())
}

/// Finds anvil in the folder of FUSOR_NODE_MODULES, or on the path.
pub(crate) fn anvil() -> Option<PathBuf> {
    let folder = std::env::var_os("FUSOR_NODE_MODULES").map(PathBuf::from);
    let inside = folder.map(|folder| folder.join("@foundry-rs/anvil-linux-amd64/bin/anvil"));
    inside.filter(|path| path.exists()).or_else(|| on_path("anvil"))
}

/// Returns a port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Returns a key that is on the curve, for tests that need points only.
pub(crate) fn point(scalar: u64) -> [u8; 33] {
    let point = ProjectivePoint::GENERATOR * Scalar::from(scalar.max(1));
    let key = PublicKey::from_affine(point.to_affine()).unwrap();
    key.to_encoded_point(true).as_bytes().try_into().unwrap()
}
