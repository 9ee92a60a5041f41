//! Reads RLP from peers without trusting any length in it.

use alloy_primitives::FixedBytes;
use alloy_rlp::{Decodable, Error, Header};

/// Reads a fixed number of bytes.
pub(super) fn fixed<const N: usize>(buf: &mut &[u8]) -> Result<[u8; N], Error> {
    FixedBytes::<N>::decode(buf).map(|bytes| bytes.0)
}

/// Opens a list and returns its payload; `buf` moves behind it.
pub(super) fn list<'a>(buf: &mut &'a [u8]) -> Result<&'a [u8], Error> {
    Header::decode_bytes(buf, true)
}

/// Reads a list of at most `most` items.
pub(super) fn items<T>(
    buf: &mut &[u8],
    most: usize,
    mut item: impl FnMut(&mut &[u8]) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut payload = list(buf)?;
    let mut read = Vec::new();
    while !payload.is_empty() {
        if read.len() == most {
            return Err(Error::Custom("list is too long"));
        }
        read.push(item(&mut payload)?);
    }
    Ok(read)
}

/// Refuses bytes behind a value.
pub(super) fn end(buf: &[u8]) -> Result<(), Error> {
    if buf.is_empty() { Ok(()) } else { Err(Error::Custom("bytes behind the end")) }
}
