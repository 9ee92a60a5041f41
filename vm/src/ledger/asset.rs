//! Describes assets: who issues them, how many exist, and their metadata.

use super::{NATIVE, guard_write, holding::AMOUNT_MAX};
use crate::{
    account::LEDGER,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
    word,
};
use alloy_primitives::{Address, U256, keccak256};

/// Is the largest number of decimals an asset may declare.
pub const DECIMALS_MAX: u8 = 18;
/// Is the number of decimals of the native coin and of assets without metadata.
pub const DEFAULT_DECIMALS: u8 = 18;
/// Is the longest name in bytes of UTF-8.
pub const NAME_BYTES_MAX: usize = 64;
/// Is the longest symbol in bytes of UTF-8.
pub const SYMBOL_BYTES_MAX: usize = 32;

const HAS_METADATA: u64 = 1;
const MINTED: u64 = 2;

/// Returns the id of `issuer`'s asset `sub`: keccak256 of both as words.
pub fn asset_id(issuer: Address, sub: U256) -> U256 {
    let mut bytes = [0u8; 64];
    bytes[..32].copy_from_slice(issuer.into_word().as_slice());
    bytes[32..].copy_from_slice(&sub.to_be_bytes::<32>());
    keccak256(bytes).into()
}

/// Is what the issuer says of an asset before its first mint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata<'a> {
    /// The name, at most [`NAME_BYTES_MAX`] bytes.
    pub name: &'a str,
    /// The symbol, at most [`SYMBOL_BYTES_MAX`] bytes.
    pub symbol: &'a str,
    /// The decimals that wallets show, at most [`DECIMALS_MAX`].
    pub decimals: u8,
    /// Bits for the issuer's own use; the ledger gives them no meaning.
    pub flags: u32,
}

/// Is what [`info`] tells of an asset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AssetInfo {
    /// The only account that mints it; zero for the native coin and for unknown ids.
    pub issuer: Address,
    /// The issuer's flags.
    pub flags: u32,
    /// The decimals that wallets show.
    pub decimals: u8,
}

/// Is the first word of an asset's record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Asset {
    issuer: Address,
    decimals: u8,
    flags: u32,
    name_len: usize,
    symbol_len: usize,
    status: u64,
}

impl Asset {
    /// Describes an asset that nobody has touched yet.
    pub(super) fn new(issuer: Address) -> Self {
        Self { issuer, decimals: DEFAULT_DECIMALS, ..Self::default() }
    }

    /// Reads the record of `id`; an issuer of zero means that there is none.
    pub(super) fn read(store: &mut dyn Store, id: U256) -> Result<Option<Self>, Fault> {
        let word = store.get(LEDGER, record(id).word(0))?;
        if word.is_zero() {
            return Ok(None);
        }
        Ok(Some(Self {
            issuer: word::to_address(word),
            decimals: word::small(word, 160, 8) as u8,
            flags: word::small(word, 168, 32) as u32,
            name_len: word::small(word, 200, 8) as usize,
            symbol_len: word::small(word, 208, 8) as usize,
            status: word::small(word, 216, 8),
        }))
    }

    fn write(self, store: &mut dyn Store, id: U256) -> Result<(), Fault> {
        let word = word::from_address(self.issuer)
            | word::at(self.decimals.into(), 160)
            | word::at(self.flags.into(), 168)
            | word::at(self.name_len as u64, 200)
            | word::at(self.symbol_len as u64, 208)
            | word::at(self.status, 216);
        store.set(LEDGER, record(id).word(0), word)
    }

    /// Is true from the first mint on, also when all units have been burnt since.
    pub(super) fn is_minted(self) -> bool {
        self.status & MINTED != 0
    }

    /// Fixes the metadata and registers the sub id.
    pub(super) fn open(mut self, store: &mut dyn Store, id: U256, sub: U256) -> Result<(), Fault> {
        self.status |= MINTED;
        self.write(store, id)?;
        store.set(LEDGER, record(id).word(2), sub)
    }
}

fn record(id: U256) -> Record {
    Record::new(Table::Asset, &[id])
}

/// Sets name, symbol, decimals and flags of `issuer`'s asset `sub`; false from its first mint on. May be
/// called again before that.
///
/// # Errors
/// [`Fault::Misuse`] when a text is too long or the decimals exceed [`DECIMALS_MAX`].
pub fn set_metadata(
    store: &mut dyn Store,
    issuer: Address,
    sub: U256,
    metadata: &Metadata<'_>,
) -> Result<bool, Fault> {
    guard_write(store)?;
    check_metadata(metadata)?;
    let id = asset_id(issuer, sub);
    let asset = Asset::read(store, id)?.unwrap_or(Asset::new(issuer));
    if asset.is_minted() {
        return Ok(false);
    }
    let asset = Asset {
        decimals: metadata.decimals,
        flags: metadata.flags,
        name_len: metadata.name.len(),
        symbol_len: metadata.symbol.len(),
        status: HAS_METADATA,
        ..asset
    };
    asset.write(store, id)?;
    store.set(LEDGER, record(id).word(2), sub)?;
    write_text(store, id, 3, 2, metadata.name)?;
    write_text(store, id, 5, 1, metadata.symbol)?;
    Ok(true)
}

fn check_metadata(metadata: &Metadata<'_>) -> Result<(), Fault> {
    if metadata.name.len() > NAME_BYTES_MAX {
        return Err(Fault::Misuse("asset name longer than 64 bytes"));
    }
    if metadata.symbol.len() > SYMBOL_BYTES_MAX {
        return Err(Fault::Misuse("asset symbol longer than 32 bytes"));
    }
    if metadata.decimals > DECIMALS_MAX {
        return Err(Fault::Misuse("more than 18 decimals"));
    }
    Ok(())
}

fn write_text(store: &mut dyn Store, id: U256, first: u8, words: usize, text: &str) -> Result<(), Fault> {
    let mut chunks = text.as_bytes().chunks(32);
    for offset in 0..words {
        let chunk = chunks.next().unwrap_or_default();
        let mut word = [0u8; 32];
        for (place, byte) in word.iter_mut().zip(chunk) {
            *place = *byte;
        }
        store.set(LEDGER, record(id).word(first + offset as u8), U256::from_be_bytes(word))?;
    }
    Ok(())
}

fn read_text(store: &mut dyn Store, id: U256, first: u8, len: usize) -> Result<String, Fault> {
    let mut bytes = Vec::with_capacity(64);
    for offset in 0..len.div_ceil(32).min(2) {
        let word = store.get(LEDGER, record(id).word(first + offset as u8))?;
        bytes.extend_from_slice(&word.to_be_bytes::<32>());
    }
    bytes.truncate(len);
    String::from_utf8(bytes).map_err(|_| Fault::Database("asset text is not UTF-8".into()))
}

/// Returns issuer, flags and decimals of `id`; the default, an issuer of zero, for unknown ids. The native
/// coin has no issuer and 18 decimals.
pub fn info(store: &mut dyn Store, id: U256) -> Result<AssetInfo, Fault> {
    if id == NATIVE {
        return Ok(AssetInfo { decimals: DEFAULT_DECIMALS, ..AssetInfo::default() });
    }
    let asset = Asset::read(store, id)?;
    Ok(asset
        .map(|a| AssetInfo { issuer: a.issuer, flags: a.flags, decimals: a.decimals })
        .unwrap_or_default())
}

/// Returns the name of `id`, empty without metadata.
pub fn name(store: &mut dyn Store, id: U256) -> Result<String, Fault> {
    let asset = Asset::read(store, id)?.unwrap_or_default();
    read_text(store, id, 3, asset.name_len)
}

/// Returns the symbol of `id`, empty without metadata.
pub fn symbol(store: &mut dyn Store, id: U256) -> Result<String, Fault> {
    let asset = Asset::read(store, id)?.unwrap_or_default();
    read_text(store, id, 5, asset.symbol_len)
}

/// Returns the sub id under which the issuer knows `id`; 0 for unknown ids.
pub fn sub_id(store: &mut dyn Store, id: U256) -> Result<U256, Fault> {
    store.get(LEDGER, record(id).word(2))
}

/// Is true for the native coin and for assets that were minted at least once.
pub fn exists(store: &mut dyn Store, id: U256) -> Result<bool, Fault> {
    Ok(id == NATIVE || Asset::read(store, id)?.is_some_and(Asset::is_minted))
}

/// Returns the units of `id` in existence; 0 for the native coin, whose supply the chain accounts for.
pub fn supply(store: &mut dyn Store, id: U256) -> Result<U256, Fault> {
    store.get(LEDGER, record(id).word(1))
}

/// Adds to the supply; `None` where it would reach 2^255.
pub(super) fn grown_supply(store: &mut dyn Store, id: U256, amount: U256) -> Result<Option<U256>, Fault> {
    let grown = supply(store, id)?.checked_add(amount);
    Ok(grown.filter(|sum| *sum <= AMOUNT_MAX))
}

/// Writes the supply.
pub(super) fn set_supply(store: &mut dyn Store, id: U256, amount: U256) -> Result<(), Fault> {
    store.set(LEDGER, record(id).word(1), amount)
}
