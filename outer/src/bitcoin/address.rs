//! Writes and reads addresses of the Bitcoin family (base58check, BIP-173, BIP-350).

use super::{params::Network, script};
use crate::{
    error::AddressError,
    keys,
    request::{Destination, DestinationKind},
    sign::Scheme,
};
use bech32::{Hrp, primitives::decode as bech, segwit};

/// Longest text that is looked at: addresses of BIP-173 have at most 90 characters.
const TEXT_MAX: usize = 200;

/// Returns the address of a derived key.
pub(crate) fn of_key(network: &Network, key: &[u8; 33], scheme: Scheme) -> Result<String, AddressError> {
    let script = script::of_key(key, scheme)?;
    let program = script.get(2..).ok_or(AddressError::BadLength)?;
    let hrp = Hrp::parse(network.hrp).map_err(|_| AddressError::NotAnAddress)?;
    match scheme {
        Scheme::Ecdsa => segwit::encode_v0(hrp, program),
        Scheme::Schnorr => segwit::encode_v1(hrp, program),
    }
    .map_err(|_| AddressError::BadLength)
}

/// Reads an address that is to be paid.
pub(crate) fn parse(network: &Network, text: &str) -> Result<Destination, AddressError> {
    if text.len() > TEXT_MAX || text.is_empty() {
        return Err(AddressError::BadLength);
    }
    let lower = text.to_ascii_lowercase();
    let hrp = lower.rsplit_once('1').map(|(hrp, _)| hrp).unwrap_or_default();
    match super::NETWORKS.iter().find(|known| [known.hrp, known.extension_hrp].contains(&hrp)) {
        _ if hrp.is_empty() => base58(network, text),
        Some(_) if hrp == network.hrp => witness(text),
        Some(_) if hrp == network.extension_hrp => {
            Err(AddressError::WrongType("it lies in an extension block"))
        }
        Some(other) => Err(AddressError::WrongNetwork(other.name.to_string())),
        None => base58(network, text).map_err(|error| match is_bech32(text) {
            true => AddressError::WrongNetwork(hrp.to_string()),
            false => error,
        }),
    }
}

fn is_bech32(text: &str) -> bool {
    bech::CheckedHrpstring::new::<bech32::Bech32m>(text).is_ok()
        || bech::CheckedHrpstring::new::<bech32::Bech32>(text).is_ok()
}

fn witness(text: &str) -> Result<Destination, AddressError> {
    let (_, version, program) = segwit::decode(text).map_err(|error| witness_error(&error.0))?;
    let (kind, opcode) = match (version.to_u8(), program.len()) {
        (0, 20) => (DestinationKind::P2wpkh, 0x00),
        (0, 32) => (DestinationKind::P2wsh, 0x00),
        (1, 32) => (DestinationKind::P2tr, 0x51),
        (0 | 1, _) => return Err(AddressError::BadLength),
        _ => {
            return Err(AddressError::WrongType(
                "its witness version has no rules yet: anyone could spend it",
            ));
        }
    };
    if let (DestinationKind::P2tr, Ok(x)) = (kind, <&[u8; 32]>::try_from(program.as_slice())) {
        keys::lift_x(x).map_err(|_| AddressError::WrongType("its key is no point: nobody could spend it"))?;
    }
    Ok(Destination { kind, script: script::segwit(opcode, &program) })
}

fn witness_error(error: &bech::SegwitHrpstringError) -> AddressError {
    use bech::SegwitHrpstringError as Error;
    match error {
        Error::Checksum(_) => AddressError::BadChecksum,
        Error::InvalidWitnessVersion(_) => AddressError::WrongType("its witness version is unknown"),
        Error::Padding(_) | Error::WitnessLength(_) => AddressError::BadLength,
        _ => AddressError::NotAnAddress,
    }
}

fn base58(network: &Network, text: &str) -> Result<Destination, AddressError> {
    let bytes = bs58::decode(text).with_check(None).into_vec().map_err(|error| match error {
        bs58::decode::Error::InvalidChecksum { .. } => AddressError::BadChecksum,
        bs58::decode::Error::NoChecksum => AddressError::BadLength,
        _ => AddressError::NotAnAddress,
    })?;
    let (version, hash) = bytes.split_first().ok_or(AddressError::BadLength)?;
    if hash.len() != 20 {
        return Err(AddressError::BadLength);
    }
    match *version {
        version if version == network.p2pkh => Ok(Destination {
            kind: DestinationKind::P2pkh,
            script: [&[0x76, 0xa9, 0x14], hash, &[0x88, 0xac]].concat(),
        }),
        version if version == network.p2sh => {
            Ok(Destination { kind: DestinationKind::P2sh, script: [&[0xa9, 0x14], hash, &[0x87]].concat() })
        }
        version => Err(AddressError::WrongNetwork(format!("version byte {version}"))),
    }
}
