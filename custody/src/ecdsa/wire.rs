//! Encodes and decodes what members send each other, with bounds.

use dkls23_core::protocols::PartyIndex;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::{Fault, FaultKind};

/// Encodes a message or state.
pub(crate) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, FaultKind> {
    postcard::to_allocvec(value).map_err(|_| FaultKind::Undecodable)
}

/// Decodes exactly one value of at most `bytes_max` bytes. Lengths inside it cannot claim more than is there.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8], bytes_max: usize) -> Result<T, FaultKind> {
    if bytes.len() > bytes_max {
        return Err(FaultKind::Oversized);
    }
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        _ => Err(FaultKind::Undecodable),
    }
}

/// The library's number of a member.
pub(crate) fn party(member: u16) -> Result<PartyIndex, FaultKind> {
    let small = u8::try_from(member).map_err(|_| FaultKind::BadSet)?;
    PartyIndex::new(small).map_err(|_| FaultKind::BadSet)
}

/// As [`party`], for where nobody is to blame.
pub(crate) fn index(member: u16) -> Result<PartyIndex, Fault> {
    party(member).map_err(FaultKind::alone)
}
