//! Lays out the storage of system accounts.
//!
//! ```text
//! byte 0        byte 1..=30                          byte 31
//! table tag     keccak256(key parts)[0..30]          word of the record
//! ```
//!
//! A table can be listed from raw storage keys by its tag, and a record's words stand side by side.

use alloy_primitives::{U256, keccak256};

/// Names a table within a system account's storage; the tag is the first byte of its slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Table {
    // LEDGER
    Asset = 0x01,
    Holding = 0x02,
    Erc20Claim = 0x03,
    Erc20Allowance = 0x04,
    // USUFRUCT
    Grant = 0x10,
    OwnerIndex = 0x11,
    UserIndex = 0x12,
    GrantNonce = 0x13,
    GrantChildren = 0x14,
    SubletIndex = 0x15,
    // TRIGGERS
    Trigger = 0x20,
    TriggerNonce = 0x21,
    TriggerPot = 0x22,
    TriggerLoad = 0x23,
    TriggerArgs = 0x24,
    TriggerFilter = 0x25,
    TriggerGlobal = 0x26,
    TriggerPending = 0x27,
    // HHCM
    HhcmGlobal = 0x30,
    HhcmList = 0x31,
    HhcmMember = 0x32,
    HhcmValidator = 0x33,
    HhcmPosition = 0x34,
    HhcmRing = 0x35,
    HhcmOffence = 0x36,
    HhcmTicket = 0x37,
    HhcmDealing = 0x38,
    // DCRM
    DcrmGlobal = 0x40,
    DcrmCustodian = 0x41,
    DcrmList = 0x42,
    DcrmChain = 0x43,
    DcrmCoin = 0x44,
    DcrmVault = 0x45,
    DcrmBooks = 0x46,
    DcrmGroup = 0x47,
    DcrmDealing = 0x48,
    DcrmRequest = 0x49,
    DcrmDeposit = 0x4a,
    DcrmBallot = 0x4b,
    DcrmSaid = 0x4c,
    DcrmJob = 0x4d,
    DcrmObserved = 0x4e,
}

/// Names one record: a table and the hash of its key parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Record([u8; 31]);

impl Record {
    /// Names the record of `table` under `parts`.
    pub fn new(table: Table, parts: &[U256]) -> Self {
        let mut bytes = Vec::with_capacity(parts.len() * 32);
        for part in parts {
            bytes.extend_from_slice(&part.to_be_bytes::<32>());
        }
        let hash = keccak256(&bytes);
        let mut key = [0u8; 31];
        key[0] = table as u8;
        for (byte, hashed) in key.iter_mut().skip(1).zip(hash) {
            *byte = hashed;
        }
        Self(key)
    }

    /// Recovers the record's name from any of its storage keys.
    pub fn of_slot(slot: U256) -> Self {
        let bytes = slot.to_be_bytes::<32>();
        let mut key = [0u8; 31];
        key.copy_from_slice(&bytes[..31]);
        Self(key)
    }

    /// Returns the table tag, the first byte of every slot of the record.
    pub fn tag(self) -> u8 {
        self.0[0]
    }

    /// Returns the storage key of the record's word `word`.
    pub fn word(self, word: u8) -> U256 {
        let mut bytes = [0u8; 32];
        bytes[..31].copy_from_slice(&self.0);
        bytes[31] = word;
        U256::from_be_bytes(bytes)
    }
}
