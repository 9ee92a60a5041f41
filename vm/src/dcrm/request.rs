//! Keeps requests of users and contracts: addresses to lock in by, and lock-outs.

use super::{
    row::{Row, short},
    rules::{Counts, Purse, Rules, plus},
};
use crate::{
    fault::Fault,
    slot::Table,
    store::Store,
    word::{at, field, from_address, small, to_address},
};
use alloy_primitives::{Address, B256, U256};

/// Bytes of the longest outer address.
pub const DESTINATION_MAX: usize = 128;
/// The first word of a destination.
const DESTINATION: u8 = 8;

/// Says what a request is for and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// A lock-in: its address takes deposits.
    Address = 1,
    /// A lock-out that waits for a plan.
    Asked = 2,
    /// A lock-out whose outer transaction is fixed by a quorum, and is signed, sent and waited for.
    Planned = 3,
    /// A lock-out that is paid outside and destroyed here.
    Paid = 4,
    /// A lock-out whose units went back to the owner.
    Returned = 5,
}

/// Is a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its number, from 1.
    pub number: u64,
    /// What it is for and how far it is.
    pub status: Status,
    /// Its vault.
    pub vault: u64,
    /// When it was made, as a height.
    pub height: u64,
    /// Who made it.
    pub owner: Address,
    /// Who gets the mapping (lock-in).
    pub beneficiary: Address,
    /// Its coin; of a lock-in the one it was asked for, though its address takes every coin of the chain.
    pub coin: B256,
    /// Units: credited so far (lock-in), given up (lock-out).
    pub amount: U256,
    /// The most that the outer transaction may cost, in the chain's own coin (lock-out).
    pub max_fee: U256,
    /// Wei in escrow for those who carry it out.
    pub fee: u128,
    /// Where a lock-out goes, as the outer chain writes it.
    pub destination: String,
    /// The outer transaction that paid it.
    pub transaction: B256,
}

impl Request {
    fn row(number: u64) -> Row {
        Row::new(Table::DcrmRequest, &[U256::from(number)])
    }

    /// Reads the request `number`; none if it was never made.
    pub fn load(store: &mut dyn Store, number: u64) -> Result<Option<Self>, Fault> {
        let row = Self::row(number);
        let [head, owner, beneficiary, coin, amount, max_fee, money, transaction] = row.words(store)?;
        let status = match small(head, 0, 8) {
            1 => Status::Address,
            2 => Status::Asked,
            3 => Status::Planned,
            4 => Status::Paid,
            5 => Status::Returned,
            _ => return Ok(None),
        };
        let length = short(head, 136, 16) as usize;
        Ok(Some(Self {
            number,
            status,
            vault: small(head, 8, 64),
            height: small(head, 72, 64),
            owner: to_address(owner),
            beneficiary: to_address(beneficiary),
            coin: coin.into(),
            amount,
            max_fee,
            fee: field(money, 0, 128).saturating_to(),
            destination: read_text(store, row, length)?,
            transaction: transaction.into(),
        }))
    }

    /// Writes all but the destination, which [`Self::create`] writes once.
    pub(super) fn save(&self, store: &mut dyn Store) -> Result<(), Fault> {
        let head = at(self.status as u64, 0)
            | at(self.vault, 8)
            | at(self.height, 72)
            | at(self.destination.len() as u64, 136);
        let words = [
            head,
            from_address(self.owner),
            from_address(self.beneficiary),
            self.coin.into(),
            self.amount,
            self.max_fee,
            U256::from(self.fee),
            self.transaction.into(),
        ];
        Self::row(self.number).set_words(store, &words)
    }

    /// Numbers and writes a new request, and takes its fee, wei that have arrived, into escrow. Misuse if that is less
    /// than the rules ask.
    pub(super) fn create(mut self, store: &mut dyn Store) -> Result<Self, Fault> {
        if self.fee < Rules::load(store)?.request_fee {
            return Err(Fault::Misuse("a request carries the fee for those who carry it out"));
        }
        if self.destination.len() > DESTINATION_MAX {
            return Err(Fault::Misuse("destination longer than 128 bytes"));
        }
        let mut counts = Counts::load(store)?;
        counts.requests = counts.requests.saturating_add(1);
        counts.save(store)?;
        self.number = counts.requests;
        self.height = store.height();
        let mut purse = Purse::load(store)?;
        purse.escrow = plus(purse.escrow, self.fee)?;
        purse.save(store)?;
        for (chunk, word) in self.destination.as_bytes().chunks(32).zip(DESTINATION..) {
            let mut bytes = [0u8; 32];
            for (place, byte) in bytes.iter_mut().zip(chunk) {
                *place = *byte;
            }
            Self::row(self.number).set(store, word, U256::from_be_bytes(bytes))?;
        }
        self.save(store)?;
        Ok(self)
    }
}

fn read_text(store: &mut dyn Store, row: Row, length: usize) -> Result<String, Fault> {
    let mut bytes = Vec::with_capacity(length);
    for word in (DESTINATION..).take(length.min(DESTINATION_MAX).div_ceil(32)) {
        bytes.extend_from_slice(&row.get(store, word)?.to_be_bytes::<32>());
    }
    bytes.truncate(length);
    String::from_utf8(bytes).map_err(|_| super::group::broken())
}

/// Reads the request `number`; misuse if there is none.
pub(super) fn request(store: &mut dyn Store, number: u64) -> Result<Request, Fault> {
    Request::load(store, number)?.ok_or(Fault::Misuse("no such request"))
}
