//! Writes and reads addresses of outer chains: segwit (BIP-141, BIP-173, BIP-350), taproot (BIP-341), Ethereum (EIP-55).

use super::{
    coin::{Chain, Family},
    row::{Point, text},
    vault::Scheme,
};
use alloy_primitives::{Address, keccak256};
use bech32::{Fe32, Hrp, segwit};
use k256::{
    AffinePoint, ProjectivePoint, Scalar, U256 as Uint,
    elliptic_curve::{
        ops::Reduce,
        sec1::{FromEncodedPoint, ToEncodedPoint},
    },
};
use ripemd::{Digest as _, Ripemd160};
use sha2::{Digest as _, Sha256};

/// Returns the address that `key` spends from; none if the chain's prefix or the key is none.
pub(super) fn write(chain: &Chain, scheme: Scheme, key: &Point) -> Option<String> {
    match (chain.family, scheme) {
        (Family::Ethereum, _) => ethereum(key),
        (Family::Bitcoin, Scheme::Ecdsa) => {
            let program: [u8; 20] = Ripemd160::digest(Sha256::digest(key)).into();
            encode(chain, segwit::VERSION_0, &program)
        }
        (Family::Bitcoin, Scheme::Schnorr) => encode(chain, segwit::VERSION_1, &output_key(key)?),
    }
}

/// Returns the output script that pays `key` on a Bitcoin family's chain (BIP-141, BIP-341); none if the key is none.
pub(super) fn script(scheme: Scheme, key: &Point) -> Option<Vec<u8>> {
    match scheme {
        Scheme::Ecdsa => Some([&[0x00, 0x14][..], &Ripemd160::digest(Sha256::digest(key))].concat()),
        Scheme::Schnorr => Some([&[0x51, 0x20][..], &output_key(key)?].concat()),
    }
}

fn encode(chain: &Chain, version: Fe32, program: &[u8]) -> Option<String> {
    segwit::encode(Hrp::parse(&text(chain.hrp)).ok()?, version, program).ok()
}

fn affine(key: &Point) -> Option<AffinePoint> {
    let encoded = k256::EncodedPoint::from_bytes(key).ok()?;
    AffinePoint::from_encoded_point(&encoded).into()
}

fn ethereum(key: &Point) -> Option<String> {
    let encoded = affine(key)?.to_encoded_point(false);
    let hash = keccak256(encoded.as_bytes().get(1..)?);
    Some(Address::from_word(hash).to_checksum(None))
}

/// Returns the x coordinate of the taproot output key of an internal key without scripts (BIP-341).
fn output_key(key: &Point) -> Option<[u8; 32]> {
    let [_, x @ ..] = *key;
    let mut even = [2u8; 33];
    even.get_mut(1..)?.copy_from_slice(&x);
    let tag = Sha256::digest(b"TapTweak");
    let hash = Sha256::new().chain_update(tag).chain_update(tag).chain_update(x).finalize();
    let tweak = <Scalar as Reduce<Uint>>::reduce_bytes(&hash);
    let point = ProjectivePoint::from(affine(&even)?) + ProjectivePoint::GENERATOR * tweak;
    let encoded = point.to_affine().to_encoded_point(true);
    encoded.as_bytes().get(1..)?.try_into().ok()
}

/// Says whether `destination` is written as an address of the chain. Version bytes of old Bitcoin addresses are left to
/// the custodians, who know the network.
pub(super) fn is_payable(chain: &Chain, destination: &str) -> bool {
    match chain.family {
        Family::Ethereum => ethereum_payable(destination),
        Family::Bitcoin => segwit_payable(chain, destination) || base58_payable(destination),
    }
}

fn ethereum_payable(destination: &str) -> bool {
    let Ok(address) = destination.parse::<Address>() else { return false };
    let digits = destination.strip_prefix("0x").unwrap_or_default();
    let plain = digits.bytes().all(|byte| !byte.is_ascii_uppercase());
    destination.starts_with("0x") && !address.is_zero() && (plain || address.to_checksum(None) == destination)
}

fn segwit_payable(chain: &Chain, destination: &str) -> bool {
    match segwit::decode(destination) {
        Ok((hrp, version, program)) => {
            let known = match version {
                segwit::VERSION_0 => matches!(program.len(), 20 | 32),
                segwit::VERSION_1 => program.len() == 32,
                _ => false,
            };
            known && hrp.to_lowercase() == text(chain.hrp)
        }
        Err(_) => false,
    }
}

fn base58_payable(destination: &str) -> bool {
    destination.len() <= 40
        && bs58::decode(destination).with_check(None).into_vec().is_ok_and(|bytes| bytes.len() == 21)
}

#[cfg(test)]
mod tests {
    use super::super::row::name;
    use super::*;
    use alloy_primitives::{U256, hex};

    fn chain(family: Family, hrp: &str) -> Chain {
        let (name, hrp) = (name("outer"), name(hrp));
        Chain { name, family, chain_id: 1, hrp, confirmations: 1, proof_target: U256::ZERO }
    }

    /// The key of BIP-173's example, which is the generator; its Ethereum address is that of secret 1.
    const ONE: Point = hex!("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");

    #[test]
    fn addresses_are_those_of_the_outer_chains() {
        let bitcoin = chain(Family::Bitcoin, "bc");
        let ethereum = chain(Family::Ethereum, "");
        assert_eq!(
            write(&bitcoin, Scheme::Ecdsa, &ONE).unwrap(),
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
        );
        assert_eq!(
            write(&ethereum, Scheme::Ecdsa, &ONE).unwrap(),
            "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"
        );
        // BIP-86's first test vector: internal key and address.
        let internal = hex!("02cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115");
        assert_eq!(
            write(&bitcoin, Scheme::Schnorr, &internal).unwrap(),
            "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"
        );
    }

    #[test]
    fn destinations_of_other_networks_and_kinds_are_refused() {
        let bitcoin = chain(Family::Bitcoin, "bc");
        let ethereum = chain(Family::Ethereum, "");
        let good = [
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
            "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        ];
        assert!(good.iter().all(|destination| is_payable(&bitcoin, destination)));
        let bad = [
            "",
            "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
            "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3",
            "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
            "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
        ];
        assert!(bad.iter().all(|destination| !is_payable(&bitcoin, destination)));
        assert!(is_payable(&ethereum, "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"));
        assert!(is_payable(&ethereum, "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"));
        let bad = [
            "0x7e5F4552091A69125d5DfCb7b8C2659029395Bdf",
            "7e5f4552091a69125d5dfcb7b8c2659029395bdf",
            "0x0000000000000000000000000000000000000000",
            "0x7e5f",
        ];
        assert!(bad.iter().all(|destination| !is_payable(&ethereum, destination)));
    }
}
