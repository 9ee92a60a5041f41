//! Holds what must hold: after every block of either chain, and at the end.

use super::{
    net::Net,
    outer::{CONFIRMATIONS, deposit_id},
    traffic::{IN_FEE, MAX_FEE, MIN_DEPOSIT},
    world::Run,
};
use alloy_primitives::{Address, B256, U256};
use fusor_outer::{OutPoint, OuterChain, Scheme};
use fusor_vm::{
    dcrm::{self, Books, Counts, Custodian, Request, Standing, State, Status, Vault},
    ledger,
};
use std::collections::BTreeMap;

/// Remembers what was seen.
#[derive(Default)]
pub(super) struct Witness {
    pub(super) violations: Vec<String>,
    /// All requests as they stood after the last block.
    pub(super) requests: BTreeMap<u64, Request>,
    /// Scripts of the vault, with the requests that they were given for; 0 for its own.
    own: BTreeMap<Vec<u8>, u64>,
    /// Scripts that lock-outs pay, with their requests.
    paid: BTreeMap<Vec<u8>, u64>,
    key: Option<dcrm::Point>,
    group: u64,
}

/// Is what one look at the chain shows.
struct Look {
    vault: Vault,
    books: Books,
    supply: U256,
    new: Vec<Request>,
    struck: Vec<Address>,
}

impl Witness {
    pub(super) fn fail(&mut self, what: String) {
        self.violations.push(what);
    }

    fn must(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.violations.push(what());
        }
    }

    /// Lists the requests that gave addresses.
    pub(super) fn addresses(&self) -> impl Iterator<Item = u64> + '_ {
        self.own.values().copied().filter(|request| *request != 0)
    }

    /// Lists the scripts of given addresses.
    pub(super) fn scripts(&self) -> Vec<Vec<u8>> {
        let given = self.own.iter().filter(|(_, request)| **request != 0);
        given.map(|(script, _)| script.clone()).collect()
    }

    /// Lists outputs of the main chain that pay given addresses, with request and amount.
    pub(super) fn outputs(&self, net: &Net) -> Vec<(OutPoint, u64, u64)> {
        let mut found = Vec::new();
        for (_, tx) in net.txs() {
            for ((script, amount), vout) in tx.outputs.iter().zip(0u32..) {
                let request = self.own.get(script).filter(|request| **request != 0);
                found.extend(request.map(|request| (OutPoint { txid: tx.txid, vout }, *request, *amount)));
            }
        }
        found
    }

    /// Lists the names of deposits on the main chain.
    pub(super) fn arrivals(&self, net: &Net) -> Vec<B256> {
        let first = net.block(0).map(|block| block.hash).unwrap_or_default();
        self.outputs(net).iter().map(|(outpoint, _, _)| B256::from(deposit_id(first, outpoint))).collect()
    }

    /// Sums up by request what deposits on the main chain are worth here.
    pub(super) fn worth(&self, net: &Net) -> BTreeMap<u64, U256> {
        let mut worth = BTreeMap::new();
        for (_, request, amount) in self.outputs(net) {
            let sum: &mut U256 = worth.entry(request).or_default();
            if amount >= MIN_DEPOSIT {
                *sum = sum.saturating_add(U256::from(amount.saturating_sub(IN_FEE)));
            }
        }
        worth
    }

    /// Sums up what the vault holds outside.
    fn holds(&self, net: &Net) -> U256 {
        let own = net.unspent.values().filter(|unspent| self.own.contains_key(&unspent.script));
        own.map(|unspent| U256::from(unspent.amount)).sum()
    }

    fn judge_books(&mut self, look: &Look, held: U256) {
        let Look { vault, books, supply, .. } = look;
        self.must(*supply == books.circulating, || {
            format!("{} circulate by the books, {supply} exist", books.circulating)
        });
        self.must(books.shortfall().is_zero() || vault.state == State::Halted, || {
            format!("an active vault owes more than its books hold: {books:?}")
        });
        self.must(books.owed() <= held, || format!("{} are owed and {held} are held outside", books.owed()));
        self.must(vault.state != State::Halted, || "the vault was halted, and nothing was lost".into());
        if vault.keyed() {
            let key = *self.key.get_or_insert(vault.key);
            self.must(key == vault.key, || "a re-sharing changed the vault's key".into());
        }
    }

    fn judge_request(&mut self, request: &Request, net: &Net, worth: &BTreeMap<u64, U256>) {
        let number = request.number;
        match request.status {
            Status::Address => {
                let worth = worth.get(&number).copied().unwrap_or_default();
                self.must(request.amount <= worth, || {
                    format!("request {number}: {} credited, {worth} arrived", request.amount)
                });
            }
            Status::Paid => {
                let depth = net.confirmations(&request.transaction.0);
                self.must(depth >= CONFIRMATIONS, || {
                    format!("lock-out {number} is settled with {depth} confirmations")
                });
            }
            Status::Asked | Status::Planned | Status::Returned => {}
        }
    }

    /// Judges what lock-outs paid: each once, its destination, at most its amount, and nothing else.
    fn judge_payments(&mut self, net: &Net) {
        let mut payments: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        let mut foreign = Vec::new();
        let mut made: BTreeMap<OutPoint, bool> = BTreeMap::new();
        for (_, tx) in net.txs() {
            let spends = tx.inputs.iter().any(|input| made.get(input).copied().unwrap_or_default());
            for ((script, amount), vout) in tx.outputs.iter().zip(0u32..) {
                let own = self.own.contains_key(script);
                made.insert(OutPoint { txid: tx.txid, vout }, own);
                match self.paid.get(script) {
                    Some(request) => payments.entry(*request).or_default().push(*amount),
                    None if spends && !own => foreign.push(*amount),
                    None => {}
                }
            }
        }
        self.must(foreign.is_empty(), || format!("the vault paid {foreign:?} to nobody who asked"));
        for (number, amounts) in payments {
            let Some(request) = self.requests.get(&number).cloned() else { continue };
            let most: u64 = request.amount.saturating_to();
            let right =
                matches!(amounts.as_slice(), [one] if *one <= most && *one >= most - MAX_FEE.min(most));
            self.must(right, || format!("lock-out {number} of {most} was paid {amounts:?}"));
            self.must(request.status != Status::Returned, || {
                format!("lock-out {number} was paid and given back")
            });
        }
    }
}

impl Run {
    /// Looks at the chain after a block.
    pub(super) fn look(&mut self) {
        let asset = ledger::asset_id(fusor_vm::account::DCRM, self.coin.into());
        let (coin, known) = (self.coin, &self.witness.requests);
        let look = self.ground.ask(|store| {
            let Some(vault) = Vault::load(store, 1)? else { return Ok(None) };
            let books = Books::load(store, 1, coin)?;
            let supply = ledger::supply(store, asset)?;
            let mut new = Vec::new();
            for number in 1..=Counts::load(store)?.requests {
                let over = |request: &Request| matches!(request.status, Status::Returned);
                if !known.get(&number).is_some_and(over) {
                    new.extend(Request::load(store, number)?);
                }
            }
            let mut struck = Vec::new();
            for operator in dcrm::operators(store)? {
                let one = Custodian::load(store, operator)?;
                let is_struck = |one: &Custodian| one.standing == Standing::Struck;
                struck.extend(one.filter(is_struck).map(|one| one.operator));
            }
            Ok(Some(Look { vault, books, supply, new, struck }))
        });
        match look {
            Ok(Some(look)) => self.judge_look(look),
            Ok(None) => {}
            Err(error) => self.witness.fail(format!("the chain cannot be read: {error}")),
        }
    }

    fn judge_look(&mut self, look: Look) {
        for life in self.lives.iter().filter(|life| life.is_honest()) {
            let honest = !look.struck.contains(&life.operator());
            self.witness.must(honest, || "an honest custodian was struck".into());
        }
        self.outcome.struck = look.struck.len();
        self.learn(&look);
        if look.vault.group != self.witness.group {
            if self.witness.group != 0 {
                self.outcome.reshared = self.outcome.reshared.saturating_add(1);
            }
            self.witness.group = look.vault.group;
        }
        let net = self.outer.net();
        let held = self.witness.holds(&net);
        self.witness.judge_books(&look, held);
        let worth = self.witness.worth(&net);
        for request in &look.new {
            self.witness.judge_request(request, &net, &worth);
        }
    }

    /// Notes new requests, and where they are on the outer chain.
    fn learn(&mut self, look: &Look) {
        let vault = &look.vault;
        if vault.keyed() && self.witness.own.is_empty() {
            self.learn_address(vault, 0);
        }
        for request in &look.new {
            let known = self.witness.requests.insert(request.number, request.clone()).is_some();
            match request.status {
                _ if known => {}
                Status::Address => self.learn_address(vault, request.number),
                _ => match self.outer.pure.parse_destination(&request.destination) {
                    Ok(to) => drop(self.witness.paid.insert(to.script, request.number)),
                    Err(error) => {
                        self.witness.fail(format!("a destination nobody can pay was taken: {error}"))
                    }
                },
            }
        }
    }

    fn learn_address(&mut self, vault: &Vault, request: u64) {
        let given = self.ground.ask(|store| dcrm::address_of(store, vault, request));
        let scheme = match vault.scheme {
            dcrm::Scheme::Ecdsa => Scheme::Ecdsa,
            dcrm::Scheme::Schnorr => Scheme::Schnorr,
        };
        let Ok(given) = given else { return self.witness.fail(format!("request {request} has no address")) };
        match self.outer.place(&given.key, scheme) {
            Ok((address, script)) => {
                self.witness.must(address == given.address, || format!("{} is no {address}", given.address));
                self.witness.own.insert(script, request);
            }
            Err(error) => self.witness.fail(format!("a key without an address: {error}")),
        }
    }

    /// Looks at the outer chain after a block.
    pub(super) fn look_outside(&mut self) {
        let net = self.outer.net();
        self.witness.judge_payments(&net);
    }
}
