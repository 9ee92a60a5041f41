//! Founds chains: reads genesis files and says everything that is wrong with one, makes keys, and holds a genesis to
//! the token economics of whitepaper 6.3.2. It never prints.
//!
//! ```text
//! file      what a genesis file says, and its way to a genesis and back
//! fields    every key of the file once, for reading and for writing
//! read      text to file, with the place of every mistake
//! write     file to text, one way only
//! check     the rules: sums, the cap, keys, addresses
//! economics where the coins go
//! amount    `12.5 coins`
//! keys      a node's keys in files
//! dev       a genesis for development, the same each time
//! ```

pub mod amount;
mod check;
pub mod dev;
mod economics;
mod fields;
pub mod file;
pub mod keys;
mod problem;
mod read;
mod write;

pub use dev::{ACCOUNT_KEYS, ACCOUNTS, Dev, custodian, dev};
pub use economics::Drawn;
pub use file::{Allocation, Founding, FromGenesisError, Funded, GenesisFile, Member, Target};
pub use problem::{Broken, Problem};

use crate::{Chain, ChainError, Genesis};
use alloy_primitives::{B256, U256};

/// Is one coin in wei.
pub const COIN: u128 = 1_000_000_000_000_000_000;

/// Is the most wei that a chain may have: 81.92 million coins (whitepaper 6.3.2).
pub const CAP: U256 = U256::from_limbs([CAP_WEI as u64, (CAP_WEI >> 64) as u64, 0, 0]);

const CAP_WEI: u128 = 81_920_000 * COIN;

/// Returns the hash of block 0, which names a chain. Errors: a genesis that no chain can run with.
pub fn block_zero(genesis: &Genesis) -> Result<B256, ChainError> {
    Ok(Chain::new(genesis.clone())?.head().hash)
}
