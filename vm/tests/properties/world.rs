//! Runs steps on the ledger and on the model side by side and compares them.

use crate::{
    fault::Saboteur,
    model::{COIN, LEDGER, Model, Outcome, USUFRUCT},
    operation::{ACTORS, Dice, ISSUES, Operation, Step, assets},
};
use alloy_primitives::{Address, U256};
use fusor_vm::{
    fault::Fault,
    invariants::{self, Scope},
    ledger,
    store::Store,
    testing::MemStore,
    usufruct::{self, Action, GRANT_DEPOSIT, Terms},
};
use std::collections::BTreeMap;

/// Is the model, the ledger, and the snapshots open on both.
pub struct World {
    pub store: MemStore,
    pub model: Model,
    pub saboteur: Saboteur,
    /// How often each kind of operation was done.
    pub done: BTreeMap<&'static str, u32>,
    open: Vec<(usize, Model, u64)>,
    steps: usize,
}

fn outcome<T>(result: Result<T, Fault>, done: impl Fn(&T) -> bool) -> Result<Outcome, String> {
    match result {
        Ok(value) => Ok(done(&value).into()),
        Err(Fault::Misuse(_)) => Ok(Outcome::Misuse),
        Err(Fault::StaticWrite) => Ok(Outcome::Static),
        Err(fault) => Err(format!("the ledger halted: {fault}")),
    }
}

impl World {
    /// Makes a world in which the actors hold some coin and the assets are out.
    pub fn new(saboteur: Saboteur) -> Self {
        let mut world = Self {
            store: MemStore::at(1_000),
            model: Model { now: 1_000, ..Model::default() },
            saboteur,
            done: BTreeMap::new(),
            open: Vec::new(),
            steps: 0,
        };
        for (index, who) in ACTORS.iter().enumerate() {
            let coin = GRANT_DEPOSIT * U256::from(3 + 3 * index) + U256::from(120);
            world.store.set_balance(*who, coin);
            world.model.owned.insert((COIN, *who), coin);
        }
        for ((issuer, sub), to) in
            ISSUES.into_iter().flat_map(|issue| [1, 2, 4].map(|who| (issue, ACTORS[who])))
        {
            let amount = U256::from(100);
            let id = ledger::mint(&mut world.store, issuer, U256::from(sub), to, amount);
            assert!(id.is_ok_and(|id| !id.is_zero()));
            assert_eq!(world.model.mint(issuer, sub, to, amount), Outcome::Done);
        }
        world
    }

    fn gid(&self, grant: Option<usize>) -> U256 {
        grant.map_or(U256::from(12_345), |index| self.model.grants[index].gid)
    }

    /// Runs one step given by random numbers, compares, and says what went wrong.
    pub fn step(&mut self, numbers: &[u16]) -> Result<(), String> {
        let step = Dice::new(numbers).step(&self.model, self.open.len());
        self.steps += 1;
        self.run(&step).and_then(|()| self.compare()).map_err(|error| format!("{error}\nafter {step:?}"))
    }

    fn run(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Run(operation) => self.both(operation),
            Step::RunStatic(operation) => self.on_static(operation),
            Step::RunReverted(operation) => {
                let kept = self.model.clone();
                let snapshot = self.store.snapshot();
                let result = self.both(operation);
                self.store.revert(snapshot);
                self.model = kept;
                result
            }
            Step::Wait(seconds) => {
                self.model.now += seconds;
                self.store.now += seconds;
                Ok(())
            }
            Step::Snapshot => {
                let id = self.store.snapshot();
                self.open.push((id, self.model.clone(), self.store.now));
                Ok(())
            }
            Step::Revert(index) => self.revert(*index),
            Step::Commit(index) => {
                self.store.commit(self.open[*index].0);
                self.open.truncate(*index);
                Ok(())
            }
        }
    }

    fn revert(&mut self, index: usize) -> Result<(), String> {
        let (id, model, now) = self.open[index].clone();
        self.store.revert(id);
        self.store.now = now;
        self.model = model;
        self.open.truncate(index);
        Ok(())
    }

    fn on_static(&mut self, operation: &Operation) -> Result<(), String> {
        let before = self.store.state.clone();
        self.store.is_static = true;
        let found = self.on_ledger(operation).map(|(outcome, _)| outcome);
        self.store.is_static = false;
        match found? == Outcome::Static && self.store.state == before {
            true => Ok(()),
            false => Err("an operation ran where writes are forbidden".into()),
        }
    }

    /// Runs an operation on both sides; the outcomes must be equal, and a refusal must change nothing that
    /// can be seen (comparison follows).
    fn both(&mut self, operation: &Operation) -> Result<(), String> {
        let grants = self.model.grants.len();
        let name = operation.name(&self.model);
        let expected = operation.apply(&mut self.model);
        if expected == Outcome::Done {
            *self.done.entry(name).or_default() += 1;
        }
        let (found, gid) = self.on_ledger(operation)?;
        if expected != found {
            return Err(format!("the model says {expected:?}, the ledger {found:?}"));
        }
        match self.model.grants.get(grants) {
            Some(grant) if grant.gid != gid => Err(format!("{grant:?} got the id {gid}")),
            _ => Ok(()),
        }
    }

    fn on_ledger(&mut self, operation: &Operation) -> Result<(Outcome, U256), String> {
        let gid_of = |world: &Self, grant: &Option<usize>| world.gid(*grant);
        let is_true = |done: &bool| *done;
        let mut new = U256::ZERO;
        let gid = match operation {
            Operation::SubGrant { grant, .. }
            | Operation::Set { grant, .. }
            | Operation::Move { grant, .. }
            | Operation::Clean { grant, .. } => gid_of(self, grant),
            _ => U256::ZERO,
        };
        let store = &mut self.saboteur.wrap(&mut self.store);
        let outcome = match operation.clone() {
            Operation::Mint { issuer, sub, to, amount } => {
                outcome(ledger::mint(store, issuer, U256::from(sub), to, amount), |id| !id.is_zero())
            }
            Operation::Burn { who, id, amount } => outcome(ledger::burn(store, who, id, amount), is_true),
            Operation::Send { from, id, to, amount } => {
                outcome(ledger::send(store, from, id, to, amount), is_true)
            }
            Operation::SendPairs { from, to, pairs } => {
                let merged = ledger::merge_pairs(&pairs).ok_or("small amounts overflow")?;
                outcome(ledger::move_pairs(store, from, to, &merged), is_true)
            }
            Operation::Approve { id, owner, spender, amount } => {
                outcome(ledger::approve(store, id, owner, spender, amount), is_true)
            }
            Operation::TransferFrom { id, spender, from, to, amount } => {
                outcome(ledger::transfer_from(store, id, spender, from, to, amount), is_true)
            }
            Operation::Grant { owner, id, terms } => {
                let result = usufruct::grant(store, owner, id, &convert(&terms));
                new = result.clone().unwrap_or_default();
                outcome(result, |gid| !gid.is_zero())
            }
            Operation::SubGrant { actor, terms, .. } => {
                let result = usufruct::sub_grant(store, actor, gid, &convert(&terms));
                new = result.clone().unwrap_or_default();
                outcome(result, |gid| !gid.is_zero())
            }
            Operation::Set { actor, action, .. } => {
                let action = Action::try_from(U256::from(action)).map_err(|fault| fault.to_string())?;
                outcome(usufruct::set(store, actor, gid, action), is_true)
            }
            Operation::Move { actor, to, .. } => {
                outcome(usufruct::move_ownership(store, actor, gid, to), is_true)
            }
            Operation::Release { who } => outcome(usufruct::release(store, who), |_| true),
            Operation::Clean { actor, .. } => outcome(usufruct::clean(store, actor, gid), is_true),
        };
        Ok((outcome?, new))
    }

    /// Compares everything that can be seen, and the invariants.
    fn compare(&mut self) -> Result<(), String> {
        let thorough = self.steps.is_multiple_of(8);
        self.compare_grants()?;
        for (index, id) in assets().into_iter().enumerate() {
            if thorough || self.steps % 4 == index {
                self.compare_uses(id)?;
            }
            self.compare_holdings(id)?;
        }
        match thorough {
            true => self.check_invariants(),
            false => Ok(()),
        }
    }

    /// Compares holdings and free amounts of `id`.
    fn compare_holdings(&mut self, id: U256) -> Result<(), String> {
        for who in self.accounts() {
            let owned = ledger::owned(&mut self.store, id, who).map_err(|fault| fault.to_string())?;
            let free = ledger::free(&mut self.store, id, who).map_err(|fault| fault.to_string())?;
            equal("owned", who, self.model.owned(id, who), owned)?;
            equal("free", who, self.model.free(id, who), free)?;
            if id == COIN {
                let balance = self.store.balance(who).map_err(|fault| fault.to_string())?;
                let kept: U256 = self.model.locked.values().copied().sum();
                let expected = if who == LEDGER { kept } else { self.model.balance(who) };
                equal("balance", who, expected, balance)?;
            }
        }
        if id != COIN {
            let supply = ledger::supply(&mut self.store, id).map_err(|fault| fault.to_string())?;
            equal("supply", LEDGER, self.model.supply.get(&id).copied().unwrap_or_default(), supply)?;
        }
        Ok(())
    }

    /// Compares usable amounts of `id` at every instant where they change.
    fn compare_uses(&mut self, id: U256) -> Result<(), String> {
        for t in self.model.instants(id) {
            for who in ACTORS {
                let usable = usufruct::usable(&mut self.store, id, who, U256::from(t));
                let usable = usable.map_err(|fault| fault.to_string())?;
                equal("usable", who, self.model.usable(id, who, t), usable)?;
            }
        }
        Ok(())
    }

    fn compare_grants(&mut self) -> Result<(), String> {
        for grant in &self.model.grants {
            let info = usufruct::info(&mut self.store, grant.gid).map_err(|fault| fault.to_string())?;
            let expected = self.model.state(grant);
            if info.state as u8 != expected {
                return Err(format!("state of {grant:?}: model {expected}, ledger {:?}", info.state));
            }
            let same = (info.owner, info.user, info.amount, info.start, info.end)
                == (grant.grantor, grant.user, grant.amount, grant.start, grant.end);
            if expected != 0 && !same {
                return Err(format!("{grant:?} is described as {info:?}"));
            }
        }
        Ok(())
    }

    /// Checks the invariants of the design on the ledger alone.
    pub fn check_invariants(&mut self) -> Result<(), String> {
        let native = self.accounts().iter().map(|who| self.model.owned(COIN, *who)).sum();
        let (assets, accounts) = (assets(), self.accounts());
        let scope = Scope { assets: &assets, accounts: &accounts, native_supply: Some(native) };
        invariants::check(&mut self.store, &scope).map_err(|violation| violation.to_string())
    }

    fn accounts(&self) -> Vec<Address> {
        ACTORS.into_iter().chain([Address::ZERO, LEDGER, USUFRUCT]).collect()
    }
}

fn convert(terms: &crate::model::Terms) -> Terms {
    let crate::model::Terms { user, amount, start, end, flags } = *terms;
    Terms { user, amount, start, end, flags }
}

fn equal(what: &str, who: Address, expected: U256, found: U256) -> Result<(), String> {
    match expected == found {
        true => Ok(()),
        false => Err(format!("{what} of {who}: model {expected}, ledger {found}")),
    }
}
