//! Is what the custodians are asked to do.

use crate::deposit::Asset;
use alloy_primitives::U256;

/// Says who bears the fee of the outer network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeeFrom {
    /// The vault: the destination gets exactly the amount.
    Vault,
    /// The receiver: the destination gets the amount less the fee.
    Amount,
}

/// Is one task. Everything that is signed answers to exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Pays out of the vault.
    LockOut {
        /// What is paid.
        asset: Asset,
        /// Address on the outer chain.
        to: String,
        /// How much in the smallest unit.
        amount: U256,
        /// Who bears the fee.
        fee_from: FeeFrom,
    },
    /// Moves all that one lock holds of an asset to the main lock.
    Sweep {
        /// What is moved.
        asset: Asset,
        /// Path of the lock.
        from: [u8; 32],
    },
    /// Sends coin from the main lock to a deposit address, so that it can pay for moving its tokens.
    Fund {
        /// Path of the lock.
        to: [u8; 32],
        /// How much in the smallest unit.
        amount: U256,
    },
}

/// Says what kind of address a destination is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DestinationKind {
    /// Pays to the hash of a key.
    P2pkh,
    /// Pays to the hash of a script.
    P2sh,
    /// Pays to the hash of a key, segwit version 0.
    P2wpkh,
    /// Pays to the hash of a script, segwit version 0.
    P2wsh,
    /// Pays to a key, segwit version 1.
    P2tr,
    /// Is an account or contract of Ethereum.
    Account,
}

/// Is an address that can be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Its kind.
    pub kind: DestinationKind,
    /// The output script, or the 20 bytes of the account.
    pub script: Vec<u8>,
}
