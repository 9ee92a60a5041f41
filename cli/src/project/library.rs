//! Reads where a library is released, for linking.

use alloy_primitives::Address;

/// Is a library with its address.
#[derive(Debug, Clone)]
pub(crate) struct Library {
    pub(crate) file: String,
    pub(crate) name: String,
    pub(crate) address: Address,
}

/// Reads `FILE:Name=0xADDRESS`.
///
/// # Errors
/// Says how to write it.
pub(crate) fn library(text: &str) -> Result<Library, String> {
    let read = || {
        let (whole, address) = text.split_once('=')?;
        let (file, name) = whole.rsplit_once(':')?;
        let address = address.strip_prefix("0x").filter(|hex| hex.len() == 40)?.parse().ok()?;
        let fine = !file.is_empty() && !name.is_empty();
        fine.then(|| Library { file: file.to_owned(), name: name.to_owned(), address })
    };
    read().ok_or_else(|| "write FILE:Name=0x and 40 hex digits".to_owned())
}
