//! Keeps holdings of any number of assets as storage of [`account::LEDGER`](crate::account::LEDGER).
//!
//! An asset is named by its issuer and a sub id of the issuer's choice ([`asset_id`]); only the issuer mints.
//! Holding is authority: sending needs no approval and runs no code. Id 0 is the native coin, whose free part
//! is the account's balance.
//!
//! Storage of the ledger account, word by word (`slot::Table`, key parts, then words; bits low first):
//!
//! ```text
//! Asset [id]
//!   0   issuer 160 | decimals 8 | flags 32 | name length 8 | symbol length 8 | status 8
//!       (status bit 0: metadata set, bit 1: minted at least once)
//!   1   supply
//!   2   sub id
//!   3-4 name, at most 64 bytes, left-aligned
//!   5   symbol, at most 32 bytes, left-aligned
//! Holding [id, who]
//!   0   amount 255 | encumbered 1
//!       amount: units owned, those under grants included; for id 0 the native coin that the ledger account
//!       keeps for `who` under grants. encumbered: the owner's list of grants (usufruct) is not empty, so
//!       a send must look at it; an account that grants nothing pays for one word only.
//! Erc20Claim [view address]
//!   0   id of the asset that answers there
//! Erc20Allowance [id, owner, spender]
//!   0   allowance
//! ```
//!
//! Amounts stay below 2^255, because the top bit of a holding carries the flag.

mod asset;
mod erc20;
pub(crate) mod holding;
mod transfer;

pub use asset::{
    AssetInfo, DECIMALS_MAX, DEFAULT_DECIMALS, Metadata, NAME_BYTES_MAX, SYMBOL_BYTES_MAX, asset_id, exists,
    info, name, set_metadata, sub_id, supply, symbol,
};
pub use erc20::{Approval, Transfer, VIEW_CODE, allowance, approve, asset_at, transfer_from};
pub(crate) use holding::log_transfer;
pub use holding::{AMOUNT_MAX, free, locked, owned};
pub use transfer::{burn, merge_pairs, mint, move_pairs, send};

use crate::{fault::Fault, store::Store};
use alloy_primitives::U256;

/// Is the id of the native coin.
pub const NATIVE: U256 = U256::ZERO;

/// Halts under STATICCALL, also where nothing would change.
pub(crate) fn guard_write(store: &dyn Store) -> Result<(), Fault> {
    if store.is_static() { Err(Fault::StaticWrite) } else { Ok(()) }
}
