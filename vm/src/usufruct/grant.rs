//! Is the record of one grant.

use super::window::Window;
use crate::{
    account::USUFRUCT,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
    word,
};
use alloy_primitives::{Address, U256, keccak256};

/// Is the depth of the deepest sub-grant; a root has depth 0.
pub const DEPTH_MAX: u8 = 4;
/// Is the number of live sub-grants that one root may have at all levels together.
pub const DESCENDANTS_MAX: u16 = 64;

/// Is the option bits of a grant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    /// The grantor may end the grant before its window does.
    pub const REVOCABLE: Self = Self(1);
    /// The user may sublet within the window.
    pub const SUBLETTABLE: Self = Self(2);

    /// Returns the bits.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// Is true when all of `other`'s bits are set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl TryFrom<U256> for Flags {
    type Error = Fault;

    fn try_from(bits: U256) -> Result<Self, Fault> {
        match bits <= U256::from(3) {
            true => Ok(Self(bits.saturating_to())),
            false => Err(Fault::Misuse("unknown grant flag")),
        }
    }
}

/// Is where a grant stands, as `UINFO` reports it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// There is no such record.
    #[default]
    None = 0,
    /// It waits for the user.
    Offered = 1,
    /// It is in force, or waits for its window.
    Accepted = 2,
    /// The user refused it.
    Declined = 3,
    /// It was given back, revoked, or is past its window; an offer that can no longer be accepted.
    Ended = 4,
    /// It is in force and its bare ownership is offered to a buyer. Never stored.
    Moving = 5,
}

impl State {
    fn stored(code: u64) -> Self {
        match code {
            1 => Self::Offered,
            2 => Self::Accepted,
            3 => Self::Declined,
            4 => Self::Ended,
            _ => Self::None,
        }
    }
}

/// Is a grant's first word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) state: State,
    pub(super) flags: Flags,
    pub(super) depth: u8,
    pub(super) descendants: u16,
}

impl Head {
    pub(super) fn read(store: &mut dyn Store, gid: U256) -> Result<Self, Fault> {
        let word = store.get(USUFRUCT, record(gid).word(0))?;
        Ok(Self {
            start: word::small(word, 0, 64),
            end: word::small(word, 64, 64),
            state: State::stored(word::small(word, 128, 8)),
            flags: Flags(word::small(word, 136, 8) as u8),
            depth: word::small(word, 144, 8) as u8,
            descendants: word::small(word, 152, 16) as u16,
        })
    }

    pub(super) fn write(self, store: &mut dyn Store, gid: U256) -> Result<(), Fault> {
        let word = word::at(self.start, 0)
            | word::at(self.end, 64)
            | word::at(self.state as u64, 128)
            | word::at(self.flags.0.into(), 136)
            | word::at(self.depth.into(), 144)
            | word::at(self.descendants.into(), 152);
        store.set(USUFRUCT, record(gid).word(0), word)
    }

    /// Is true while the grant is accepted and not past its window.
    pub(super) fn is_live(&self, now: u64) -> bool {
        self.state == State::Accepted && now < self.end
    }

    /// Is true for a root grant.
    pub(super) fn is_root(&self) -> bool {
        self.depth == 0
    }
}

/// Is a grant without its rarely used last words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) head: Head,
    pub(super) grantor: Address,
    pub(super) user: Address,
    pub(super) amount: U256,
    pub(super) id: U256,
    pub(super) parent: U256,
}

impl Grant {
    /// Reads a grant; its state is [`State::None`] where there is none.
    pub(super) fn read(store: &mut dyn Store, gid: U256) -> Result<Self, Fault> {
        let head = Head::read(store, gid)?;
        if head.state == State::None {
            return Ok(Self::default());
        }
        let record = record(gid);
        Ok(Self {
            head,
            grantor: word::to_address(store.get(USUFRUCT, record.word(1))?),
            user: word::to_address(store.get(USUFRUCT, record.word(2))?),
            amount: amount(store, gid)?,
            id: store.get(USUFRUCT, record.word(4))?,
            parent: store.get(USUFRUCT, record.word(5))?,
        })
    }

    /// Writes a new record, and who left how much for it.
    pub(super) fn create(&self, store: &mut dyn Store, gid: U256, deposit: U256) -> Result<(), Fault> {
        let record = record(gid);
        self.head.write(store, gid)?;
        store.set(USUFRUCT, record.word(1), word::from_address(self.grantor) | (deposit << 160))?;
        store.set(USUFRUCT, record.word(2), word::from_address(self.user))?;
        store.set(USUFRUCT, record.word(3), self.amount)?;
        store.set(USUFRUCT, record.word(4), self.id)?;
        store.set(USUFRUCT, record.word(5), self.parent)
    }

    /// Returns the part of the window from `now` on.
    pub(super) fn window_from(&self, now: u64) -> Window {
        Window { start: self.head.start.max(now), end: self.head.end, amount: self.amount }
    }
}

fn record(gid: U256) -> Record {
    Record::new(Table::Grant, &[gid])
}

/// Reads the amount of a grant.
pub(super) fn amount(store: &mut dyn Store, gid: U256) -> Result<U256, Fault> {
    store.get(USUFRUCT, record(gid).word(3))
}

/// Writes the new owner of a root grant and keeps who paid the deposit.
pub(super) fn set_grantor(store: &mut dyn Store, gid: U256, who: Address) -> Result<(), Fault> {
    let record = record(gid);
    let (payer, deposit) = self::deposit(store, gid)?;
    store.set(USUFRUCT, record.word(7), word::from_address(payer))?;
    store.set(USUFRUCT, record.word(1), word::from_address(who) | (deposit << 160))
}

/// Reads to whom the bare ownership is offered.
pub(super) fn buyer(store: &mut dyn Store, gid: U256) -> Result<Address, Fault> {
    Ok(word::to_address(store.get(USUFRUCT, record(gid).word(6))?))
}

/// Writes to whom the bare ownership is offered; the zero address for nobody.
pub(super) fn set_buyer(store: &mut dyn Store, gid: U256, who: Address) -> Result<(), Fault> {
    store.set(USUFRUCT, record(gid).word(6), word::from_address(who))
}

/// Reads who left which deposit for the record.
pub(super) fn deposit(store: &mut dyn Store, gid: U256) -> Result<(Address, U256), Fault> {
    let record = record(gid);
    let word = store.get(USUFRUCT, record.word(1))?;
    let payer = word::to_address(store.get(USUFRUCT, record.word(7))?);
    let payer = if payer.is_zero() { word::to_address(word) } else { payer };
    Ok((payer, word::field(word, 160, 96)))
}

/// Removes the record.
pub(super) fn erase(store: &mut dyn Store, gid: U256) -> Result<(), Fault> {
    (0..8).try_for_each(|word| store.set(USUFRUCT, record(gid).word(word), U256::ZERO))
}

/// Takes the next grant id of `grantor`.
pub(super) fn next_gid(store: &mut dyn Store, grantor: Address) -> Result<U256, Fault> {
    let key = Record::new(Table::GrantNonce, &[word::from_address(grantor)]).word(0);
    let nonce = store.get(USUFRUCT, key)?;
    store.set(USUFRUCT, key, nonce.saturating_add(U256::ONE))?;
    let mut bytes = [0u8; 64];
    bytes[..32].copy_from_slice(grantor.into_word().as_slice());
    bytes[32..].copy_from_slice(&nonce.to_be_bytes::<32>());
    Ok(keccak256(bytes).into())
}
