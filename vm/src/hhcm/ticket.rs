//! Sells staking tickets: stake of a fixed size, delegated to a validator of the holder's choice and held for a
//! least time. A product on top of delegation: each ticket holds its stake under an address of its own, for which
//! no key exists.

use super::committee::ADDRESS_MASK;
use super::{
    params::Params,
    position::position,
    stake::{bond, claim, unbond, withdraw},
    state::{Global, global},
};
use crate::{
    account::HHCM,
    fault::Fault,
    slot::{Record, Table},
    store::Store,
    word::{at, from_address, small, to_address},
};
use alloy_primitives::{Address, B256, U256, keccak256};

/// Is a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// Its number, from 1.
    pub id: u64,
    /// Whose it is.
    pub owner: Address,
    /// The validator that it is delegated to.
    pub key: B256,
    /// When it was bought, in seconds.
    pub bought: u64,
}

impl Ticket {
    fn record(id: u64) -> Record {
        Record::new(Table::HhcmTicket, &[U256::from(id)])
    }

    /// Reads the ticket `id`; none if it was never sold.
    pub fn load(store: &mut dyn Store, id: u64) -> Result<Option<Self>, Fault> {
        let record = Self::record(id);
        let head = store.get(HHCM, record.word(0))?;
        if head.is_zero() {
            return Ok(None);
        }
        let key = store.get(HHCM, record.word(1))?.into();
        Ok(Some(Self { id, owner: to_address(head & ADDRESS_MASK), key, bought: small(head, 160, 64) }))
    }

    /// Returns the address under which the ticket's stake is held.
    pub fn holder(&self) -> Address {
        let mut input = b"fusor ticket".to_vec();
        input.extend_from_slice(&self.id.to_be_bytes());
        Address::from_word(keccak256(input))
    }

    /// Returns what the ticket is worth now and the rewards that it has earned, in wei.
    pub fn value(&self, store: &mut dyn Store) -> Result<(u128, u128), Fault> {
        let (validator, held) = position(store, self.key, self.holder())?;
        Ok((held.value(&validator), held.earned(&validator)?))
    }
}

/// Sells `owner` a ticket for `amount` wei that have arrived, delegated to the validator `key`; returns its number.
/// The amount must be the price of a ticket.
pub fn buy_ticket(store: &mut dyn Store, owner: Address, key: B256, amount: u128) -> Result<u64, Fault> {
    if amount != Params::load(store)?.ticket_size {
        return Err(Fault::Misuse("not the price of a ticket"));
    }
    let counter = global(Global::Tickets).word(0);
    let id = store.get(HHCM, counter)?.saturating_to::<u64>().saturating_add(1);
    store.set(HHCM, counter, U256::from(id))?;
    let ticket = Ticket { id, owner, key, bought: store.now() };
    let record = Ticket::record(id);
    store.set(HHCM, record.word(0), from_address(owner) | at(ticket.bought, 160))?;
    store.set(HHCM, record.word(1), key.into())?;
    bond(store, ticket.holder(), key, amount)?;
    Ok(id)
}

/// Starts the withdrawal of a ticket's stake; refused before it was held for the least time.
pub fn return_ticket(store: &mut dyn Store, owner: Address, id: u64) -> Result<(), Fault> {
    let ticket = owned(store, owner, id)?;
    let free = ticket.bought.saturating_add(Params::load(store)?.ticket_time_min);
    if store.now() < free {
        return Err(Fault::Misuse("the ticket was not held long enough"));
    }
    let (value, _) = ticket.value(store)?;
    unbond(store, ticket.holder(), ticket.key, value)
}

/// Pays the owner of a ticket its rewards, and its stake if that was returned and has waited; returns the wei.
pub fn collect_ticket(store: &mut dyn Store, owner: Address, id: u64) -> Result<u128, Fault> {
    let ticket = owned(store, owner, id)?;
    let rewards = claim(store, ticket.holder(), ticket.key, owner)?;
    let stake = withdraw(store, ticket.holder(), ticket.key, owner)?;
    Ok(rewards.saturating_add(stake))
}

fn owned(store: &mut dyn Store, owner: Address, id: u64) -> Result<Ticket, Fault> {
    match Ticket::load(store, id)? {
        Some(ticket) if ticket.owner == owner => Ok(ticket),
        _ => Err(Fault::Misuse("not a ticket of the caller")),
    }
}
