//! Locks out: takes the mapping back and has the vault pay outside (whitepaper 3.4.3).

use super::{
    address,
    coin::{chain, coin},
    event::{self, OutAsked, OutReturned},
    rails::halt,
    request::{Request, Status, request},
    rules::{Purse, Rules, minus, pay},
    vault::{Books, active, find, vault},
};
use crate::{account::DCRM, fault::Fault, ledger, store::Store};
use alloy_primitives::{Address, B256, U256};

/// Is a wish to lock out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The coin.
    pub coin: B256,
    /// Units to give up; the outer transaction's cost is taken from the chain's own coin, of a token from the vault's
    /// reserve.
    pub amount: U256,
    /// Where it goes, as the outer chain writes it.
    pub destination: String,
    /// The most that the outer transaction may cost, in the chain's own coin; at most what the coin allows.
    pub max_fee: U256,
    /// The vault that pays; 0 leaves it to the chain.
    pub vault: u64,
}

/// Takes `owner`'s units and asks a vault to pay them out; returns the request's number. `fee` wei have arrived.
pub fn lock_out(store: &mut dyn Store, owner: Address, wish: &Wish, fee: u128) -> Result<u64, Fault> {
    let coin = coin(store, wish.coin)?;
    let outer = chain(store, coin.chain)?;
    let checks = [
        (wish.amount >= coin.min_out, "less than the least lock-out of this coin"),
        (wish.max_fee <= coin.max_fee, "max_fee above what this coin allows"),
        (!wish.max_fee.is_zero(), "an outer transaction costs something"),
        (address::is_payable(&outer, &wish.destination), "destination is not an address of the outer chain"),
    ];
    if let Some((_, rule)) = checks.into_iter().find(|(holds, _)| !holds) {
        return Err(Fault::Misuse(rule));
    }
    let covers = |books: &Books| books.owed() >= wish.amount;
    let number = match wish.vault {
        0 => find(store, &coin, covers)?.ok_or(Fault::Misuse("no active vault owes as much of this coin"))?,
        number => number,
    };
    let vault = active(store, number)?;
    let mut books = Books::load(store, number, wish.coin)?;
    if vault.chain != coin.chain || !covers(&books) {
        return Err(Fault::Misuse("the vault does not owe as much of this coin"));
    }
    if !ledger::send(store, owner, coin.asset(), DCRM, wish.amount)? {
        return Err(Fault::Misuse("less than that is held and free"));
    }
    books.in_flight = books.in_flight.saturating_add(wish.amount);
    books.save(store, number, wish.coin)?;
    let request = Request {
        number: 0,
        status: Status::Asked,
        vault: number,
        height: 0,
        owner,
        beneficiary: Address::ZERO,
        coin: wish.coin,
        amount: wish.amount,
        max_fee: wish.max_fee,
        fee,
        destination: wish.destination.clone(),
        transaction: B256::ZERO,
    }
    .create(store)?;
    let (coin, amount, destination) = (wish.coin, wish.amount, wish.destination.clone());
    event::emit(
        store,
        &OutAsked { request: request.number, owner, vault: number, coin, amount, destination },
    )?;
    Ok(request.number)
}

/// Takes a lock-out back that nobody has planned for the set number of blocks; its units and its fee return.
pub fn cancel(store: &mut dyn Store, owner: Address, number: u64) -> Result<(), Fault> {
    let rules = Rules::load(store)?;
    let mut request = request(store, number)?;
    let waited = store.height().saturating_sub(request.height) >= rules.cancel_wait.into();
    let checks = [
        (request.owner == owner, "only its owner takes a lock-out back"),
        (request.status == Status::Asked, "only a lock-out that nobody has planned can be taken back"),
        (waited, "not before the wait of a lock-out is over"),
    ];
    if let Some((_, rule)) = checks.into_iter().find(|(holds, _)| !holds) {
        return Err(Fault::Misuse(rule));
    }
    let fee = std::mem::take(&mut request.fee);
    give_back(store, &mut request)?;
    let mut purse = Purse::load(store)?;
    purse.escrow = minus(purse.escrow, fee)?;
    purse.save(store)?;
    pay(store, owner, fee)
}

/// Gives the units of a lock-out back to its owner. A vault that does not hold as much any more is halted.
pub(super) fn give_back(store: &mut dyn Store, request: &mut Request) -> Result<(), Fault> {
    let asset = coin(store, request.coin)?.asset();
    request.status = Status::Returned;
    request.save(store)?;
    let mut books = Books::load(store, request.vault, request.coin)?;
    books.in_flight = books.in_flight.saturating_sub(request.amount);
    books.save(store, request.vault, request.coin)?;
    let shortfall = books.shortfall();
    if !shortfall.is_zero() {
        let mut payer = vault(store, request.vault)?;
        halt(store, &mut payer, request.coin, shortfall)?;
    }
    if !ledger::send(store, DCRM, asset, request.owner, request.amount)? {
        return Err(super::group::broken());
    }
    event::emit(store, &OutReturned { request: request.number, owner: request.owner, amount: request.amount })
}

/// Destroys the units of a lock-out that was paid outside.
pub(super) fn destroy(store: &mut dyn Store, request: &mut Request, transaction: B256) -> Result<(), Fault> {
    let asset = coin(store, request.coin)?.asset();
    request.status = Status::Paid;
    request.transaction = transaction;
    request.save(store)?;
    let mut books = Books::load(store, request.vault, request.coin)?;
    books.in_flight = books.in_flight.saturating_sub(request.amount);
    books.circulating = books.circulating.saturating_sub(request.amount);
    books.save(store, request.vault, request.coin)?;
    match ledger::burn(store, DCRM, asset, request.amount)? {
        true => Ok(()),
        false => Err(super::group::broken()),
    }
}
