//! Writes and reads addresses of Ethereum (EIP-55).

use crate::{
    error::AddressError,
    keys,
    request::{Destination, DestinationKind},
    sign::Scheme,
};
use alloy_primitives::{Address, hex, keccak256};
use k256::elliptic_curve::sec1::ToEncodedPoint;

/// Returns the account of a key: the last 20 bytes of the hash of its point (yellow paper, appendix F).
pub(crate) fn account(key: &[u8; 33], scheme: Scheme) -> Result<Address, AddressError> {
    if scheme == Scheme::Schnorr {
        return Err(AddressError::NoSchnorr);
    }
    let point = keys::parse(key)?.to_encoded_point(false);
    let (_, coordinates) = point.as_bytes().split_first().ok_or(AddressError::BadKey)?;
    Ok(Address::from_word(keccak256(coordinates)))
}

/// Reads an account. Mixed case must carry the right checksum.
pub(crate) fn parse_account(text: &str) -> Result<Address, AddressError> {
    let digits = text.strip_prefix("0x").ok_or(AddressError::NotAnAddress)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(AddressError::NotAnAddress);
    }
    let bytes: [u8; 20] = hex::decode_to_array(digits).map_err(|_| AddressError::BadLength)?;
    let account = Address::from(bytes);
    let mixed = digits.bytes().any(|byte| byte.is_ascii_lowercase())
        && digits.bytes().any(|byte| byte.is_ascii_uppercase());
    match mixed && account.to_checksum(None) != text {
        true => Err(AddressError::BadChecksum),
        false => Ok(account),
    }
}

/// Reads an account that is to be paid.
pub(crate) fn parse(text: &str) -> Result<Destination, AddressError> {
    let account = parse_account(text)?;
    match account == Address::ZERO {
        true => Err(AddressError::WrongType("nobody holds the zero address")),
        false => Ok(Destination { kind: DestinationKind::Account, script: account.to_vec() }),
    }
}
