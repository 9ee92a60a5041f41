//! Is a plain model of ledger and usufruct, written from the prose of the design and not from the code: a
//! list of grants, and brute force over instants.

use alloy_primitives::{Address, U256, keccak256};
use std::collections::BTreeMap;

/// Is the ledger's account; it owns no native coin.
pub const LEDGER: Address = fusor_vm::account::LEDGER;
/// Is the account that keeps deposits.
pub const USUFRUCT: Address = fusor_vm::account::USUFRUCT;
/// Is the deposit for a record: a thousandth of a coin.
pub const DEPOSIT: U256 = U256::from_limbs([1_000_000_000_000_000, 0, 0, 0]);
/// Is the native coin.
pub const COIN: U256 = U256::ZERO;
const REVOCABLE: u64 = 1;
const SUBLETTABLE: u64 = 2;

/// Is how an operation came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The operation was done.
    Done,
    /// It pushed 0.
    Refused,
    /// It halted because of its operands.
    Misuse,
    /// It halted because it may not write.
    Static,
}

impl From<bool> for Outcome {
    fn from(done: bool) -> Self {
        if done { Self::Done } else { Self::Refused }
    }
}

/// Is what the model knows of a grant's life; expiry is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    Offered,
    Accepted,
    Declined,
    Ended,
    Gone,
}

/// Is a grant or sub-grant.
#[derive(Debug, Clone)]
pub struct Grant {
    pub gid: U256,
    pub id: U256,
    pub grantor: Address,
    pub user: Address,
    pub payer: Address,
    pub amount: U256,
    pub start: u64,
    pub end: u64,
    pub flags: u64,
    pub parent: Option<usize>,
    pub depth: u32,
    pub life: Life,
    pub buyer: Option<Address>,
}

/// Is an offer's terms.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    pub user: Address,
    pub amount: U256,
    pub start: U256,
    pub end: U256,
    pub flags: U256,
}

impl Terms {
    fn is_misuse(&self) -> bool {
        let last = U256::from(u64::MAX);
        let in_time = self.start <= last && self.end <= last && self.start < self.end;
        !in_time || self.amount.is_zero() || self.flags > U256::from(3)
    }
}

/// Is the whole world.
#[derive(Debug, Clone, Default)]
pub struct Model {
    pub now: u64,
    /// Units owned, by asset and account; the native coin's include what the ledger keeps.
    pub owned: BTreeMap<(U256, Address), U256>,
    pub supply: BTreeMap<U256, U256>,
    pub allowed: BTreeMap<(U256, Address, Address), U256>,
    pub grants: Vec<Grant>,
    /// The native coin that the ledger keeps, by owner. It grows at acceptance and shrinks at a touch.
    pub locked: BTreeMap<Address, U256>,
    /// Offers made, by grantor.
    pub offers: BTreeMap<Address, u64>,
}

/// Is the id of an asset: keccak256 over issuer and sub id as words. The id of a grant is made alike from the
/// grantor and the number of offers that it made before.
pub fn asset(issuer: Address, sub: u64) -> U256 {
    let mut bytes = issuer.into_word().to_vec();
    bytes.extend(U256::from(sub).to_be_bytes::<32>());
    keccak256(bytes).into()
}

impl Model {
    /// What `who` owns.
    pub fn owned(&self, id: U256, who: Address) -> U256 {
        self.owned.get(&(id, who)).copied().unwrap_or_default()
    }

    fn credit(&mut self, id: U256, who: Address, amount: U256) {
        *self.owned.entry((id, who)).or_default() += amount;
    }

    fn debit(&mut self, id: U256, who: Address, amount: U256) {
        *self.owned.entry((id, who)).or_default() -= amount;
    }

    fn exists(&self, id: U256) -> bool {
        id == COIN || self.supply.contains_key(&id)
    }

    /// The native coin that the ledger keeps for `who`.
    pub fn locked(&self, who: Address) -> U256 {
        self.locked.get(&who).copied().unwrap_or_default()
    }

    /// What `BALANCE` shows.
    pub fn balance(&self, who: Address) -> U256 {
        self.owned(COIN, who) - self.locked(who)
    }

    /// Gives back native coin that no grant needs any more, and says how much.
    pub fn touch(&mut self, who: Address) -> U256 {
        let needed = self.encumbrance(COIN, who);
        let surplus = self.locked(who) - needed;
        self.locked.insert(who, needed);
        surplus
    }

    /// Moves native coin by plain Ethereum means; false when the balance falls short.
    pub fn pay(&mut self, from: Address, to: Address, amount: U256) -> bool {
        if amount > self.balance(from) {
            return false;
        }
        self.debit(COIN, from, amount);
        self.credit(COIN, to, amount);
        true
    }

    /// Accepted, and every ancestor accepted, and not past its window.
    pub fn is_live(&self, grant: &Grant) -> bool {
        let above = grant.parent.is_none_or(|parent| self.is_live(&self.grants[parent]));
        grant.life == Life::Accepted && self.now < grant.end && above
    }

    /// The code that `UINFO` reports: 0 none, 1 offered, 2 accepted, 3 declined, 4 ended, 5 being sold.
    pub fn state(&self, grant: &Grant) -> u8 {
        let orphan = grant.parent.is_some_and(|parent| !self.is_live(&self.grants[parent]));
        match grant.life {
            Life::Gone => 0,
            Life::Declined => 3,
            Life::Ended => 4,
            _ if self.now >= grant.end || orphan => 4,
            Life::Offered => 1,
            Life::Accepted if grant.buyer.is_some() => 5,
            Life::Accepted => 2,
        }
    }

    /// The live grants of an asset that run at instant `t`.
    fn running(&self, id: U256, t: u64) -> impl Iterator<Item = &Grant> {
        self.grants.iter().filter(move |g| g.id == id && self.is_live(g) && g.start <= t && t < g.end)
    }

    fn granted_at(&self, id: U256, who: Address, t: u64) -> U256 {
        self.running(id, t).filter(|g| g.parent.is_none() && g.grantor == who).map(|g| g.amount).sum()
    }

    /// Every instant from now on at which something about `id` changes, and now.
    pub fn instants(&self, id: U256) -> Vec<u64> {
        let live = self.grants.iter().filter(|g| g.id == id && self.is_live(g));
        let mut instants: Vec<u64> = live.flat_map(|g| [g.start, g.end]).filter(|t| *t > self.now).collect();
        instants.push(self.now);
        instants.sort_unstable();
        instants.dedup();
        instants
    }

    /// The largest amount that `who` has granted away from now on.
    pub fn encumbrance(&self, id: U256, who: Address) -> U256 {
        let levels = self.instants(id).into_iter().map(|t| self.granted_at(id, who, t));
        levels.max().unwrap_or_default()
    }

    /// What `who` may send.
    pub fn free(&self, id: U256, who: Address) -> U256 {
        self.owned(id, who) - self.encumbrance(id, who)
    }

    /// What `who` may use at `t`, now for the past.
    pub fn usable(&self, id: U256, who: Address, t: u64) -> U256 {
        let t = t.max(self.now);
        let used: U256 = self.running(id, t).filter(|g| g.user == who).map(|g| g.amount).sum();
        let subs = self.running(id, t).filter(|g| g.parent.is_some() && g.grantor == who);
        let sublet: U256 = subs.map(|g| g.amount).sum();
        self.owned(id, who) - self.granted_at(id, who, t) + used - sublet
    }

    pub fn mint(&mut self, issuer: Address, sub: u64, to: Address, amount: U256) -> Outcome {
        let id = asset(issuer, sub);
        let limit = U256::ONE << 255;
        let supply = self.supply.get(&id).copied().unwrap_or_default();
        if to.is_zero() || supply.checked_add(amount).is_none_or(|sum| sum >= limit) {
            return Outcome::Refused;
        }
        self.supply.insert(id, supply + amount);
        self.credit(id, to, amount);
        Outcome::Done
    }

    pub fn burn(&mut self, who: Address, id: U256, amount: U256) -> Outcome {
        if id == COIN || !self.exists(id) || amount > self.free(id, who) {
            return Outcome::Refused;
        }
        self.debit(id, who, amount);
        *self.supply.entry(id).or_default() -= amount;
        Outcome::Done
    }

    pub fn send(&mut self, from: Address, id: U256, to: Address, amount: U256) -> Outcome {
        let can_own = if id == COIN { to != LEDGER } else { !to.is_zero() };
        if id == COIN && can_own {
            self.touch(from);
        }
        if !can_own || !self.exists(id) || amount > self.free(id, from) {
            return Outcome::Refused;
        }
        self.debit(id, from, amount);
        self.credit(id, to, amount);
        Outcome::Done
    }

    /// All pairs or none; the native coin travels with the call itself.
    pub fn send_pairs(&mut self, from: Address, to: Address, pairs: &[(U256, U256)]) -> Outcome {
        let before = self.clone();
        let mut totals: BTreeMap<U256, U256> = BTreeMap::new();
        for (id, amount) in pairs.iter().filter(|(id, _)| *id != COIN) {
            *totals.entry(*id).or_default() += amount;
        }
        for (id, amount) in totals {
            if self.send(from, id, to, amount) != Outcome::Done {
                *self = before;
                return Outcome::Refused;
            }
        }
        Outcome::Done
    }

    pub fn approve(&mut self, id: U256, owner: Address, spender: Address, amount: U256) -> Outcome {
        if id == COIN || !self.exists(id) || spender.is_zero() {
            return Outcome::Refused;
        }
        self.allowed.insert((id, owner, spender), amount);
        Outcome::Done
    }

    pub fn transfer_from(
        &mut self,
        id: U256,
        spender: Address,
        from: Address,
        to: Address,
        amount: U256,
    ) -> Outcome {
        let allowed = self.allowed.get(&(id, from, spender)).copied().unwrap_or_default();
        if id == COIN || amount > allowed || self.send(from, id, to, amount) != Outcome::Done {
            return Outcome::Refused;
        }
        if allowed != U256::MAX {
            self.allowed.insert((id, from, spender), allowed - amount);
        }
        Outcome::Done
    }

    fn offer(&mut self, grantor: Address, id: U256, terms: &Terms, parent: Option<usize>) -> Outcome {
        let end: u64 = terms.end.to();
        let stranger = !terms.user.is_zero() && terms.user != grantor;
        if !stranger || self.now >= end || self.balance(grantor) < DEPOSIT {
            return Outcome::Refused;
        }
        self.debit(COIN, grantor, DEPOSIT);
        self.credit(COIN, USUFRUCT, DEPOSIT);
        let nonce = self.offers.entry(grantor).or_default();
        let gid = asset(grantor, *nonce);
        *nonce += 1;
        self.grants.push(Grant {
            gid,
            id,
            grantor,
            user: terms.user,
            payer: grantor,
            amount: terms.amount,
            start: terms.start.to(),
            end,
            flags: terms.flags.to(),
            parent,
            depth: parent.map_or(0, |p| self.grants[p].depth + 1),
            life: Life::Offered,
            buyer: None,
        });
        Outcome::Done
    }

    /// On success the new grant is the last one.
    pub fn grant(&mut self, owner: Address, id: U256, terms: &Terms) -> Outcome {
        match terms.is_misuse() {
            true => Outcome::Misuse,
            false if !self.exists(id) => Outcome::Refused,
            false => self.offer(owner, id, terms, None),
        }
    }

    /// As `grant`, out of the right of use under grant number `parent`.
    pub fn sub_grant(&mut self, actor: Address, parent: Option<usize>, terms: &Terms) -> Outcome {
        if terms.is_misuse() {
            return Outcome::Misuse;
        }
        let Some(index) = parent else { return Outcome::Refused };
        let above = &self.grants[index];
        let may =
            self.is_live(above) && above.user == actor && above.flags & SUBLETTABLE != 0 && above.depth < 4;
        let within = terms.start >= U256::from(above.start)
            && terms.end <= U256::from(above.end)
            && terms.amount <= above.amount;
        match may && within {
            true => self.offer(actor, above.id, terms, Some(index)),
            false => Outcome::Refused,
        }
    }

    /// Whether `bound` covers what `taken` says and the grant, at every instant of its window.
    fn covers(&self, grant: &Grant, bound: U256, taken: impl Fn(u64) -> U256) -> bool {
        let mut instants = self.instants(grant.id);
        instants.push(grant.start.max(self.now));
        instants.retain(|t| grant.start <= *t && *t < grant.end);
        instants.into_iter().all(|t| taken(t).checked_add(grant.amount).is_some_and(|sum| sum <= bound))
    }

    fn sublet_at(&self, parent: usize, t: u64) -> U256 {
        let id = self.grants[parent].id;
        self.running(id, t).filter(|g| g.parent == Some(parent)).map(|g| g.amount).sum()
    }

    pub fn accept(&mut self, actor: Address, index: usize) -> Outcome {
        let grant = &self.grants[index];
        if grant.user != actor || self.state(grant) != 1 {
            return Outcome::Refused;
        }
        let backed = match grant.parent {
            None => {
                let owned = self.owned(grant.id, grant.grantor);
                self.covers(grant, owned, |t| self.granted_at(grant.id, grant.grantor, t))
            }
            Some(parent) => self.covers(grant, self.grants[parent].amount, |t| self.sublet_at(parent, t)),
        };
        if backed {
            let (id, owner, root) = (grant.id, grant.grantor, grant.parent.is_none());
            self.grants[index].life = Life::Accepted;
            if id == COIN && root {
                let kept = self.locked(owner).max(self.encumbrance(COIN, owner));
                self.locked.insert(owner, kept);
            }
        }
        backed.into()
    }

    pub fn decline(&mut self, actor: Address, index: usize) -> Outcome {
        let stands = self.grants[index].user == actor && self.state(&self.grants[index]) == 1;
        if stands {
            self.grants[index].life = Life::Declined;
        }
        stands.into()
    }

    /// The live sub-grants right below a grant.
    pub fn children(&self, index: usize) -> Vec<usize> {
        let live = |i: &usize| self.grants[*i].parent == Some(index) && self.is_live(&self.grants[*i]);
        (0..self.grants.len()).filter(live).collect()
    }

    pub fn give_back(&mut self, actor: Address, index: usize) -> Outcome {
        let grant = &self.grants[index];
        let may = grant.user == actor && self.is_live(grant) && self.children(index).is_empty();
        if may {
            self.grants[index].life = Life::Ended;
            self.touch_owner(index);
        }
        may.into()
    }

    fn touch_owner(&mut self, index: usize) {
        let grant = &self.grants[index];
        if grant.id == COIN && grant.parent.is_none() {
            self.touch(grant.grantor);
        }
    }

    fn end(&mut self, index: usize) {
        for child in self.children(index) {
            self.end(child);
        }
        self.grants[index].life = Life::Ended;
    }

    pub fn revoke(&mut self, actor: Address, index: usize) -> Outcome {
        let grant = &self.grants[index];
        let may = grant.grantor == actor
            && match self.state(grant) {
                1 => true,
                2 | 5 => grant.flags & REVOCABLE != 0,
                _ => false,
            };
        let accepted = grant.life == Life::Accepted;
        if may {
            self.end(index);
        }
        if may && accepted {
            self.touch_owner(index);
        }
        may.into()
    }

    pub fn move_ownership(&mut self, actor: Address, index: usize, to: Address) -> Outcome {
        let grant = &self.grants[index];
        let may = grant.grantor == actor && grant.parent.is_none() && self.is_live(grant) && to != actor;
        if !may || (to.is_zero() && grant.buyer.is_none()) {
            return Outcome::Refused;
        }
        self.grants[index].buyer = (!to.is_zero()).then_some(to);
        Outcome::Done
    }

    pub fn accept_ownership(&mut self, actor: Address, index: usize) -> Outcome {
        let grant = self.grants[index].clone();
        if !self.is_live(&grant) || grant.buyer != Some(actor) {
            return Outcome::Refused;
        }
        let seller = grant.grantor;
        let mut after = self.clone();
        after.debit(grant.id, seller, grant.amount);
        after.credit(grant.id, actor, grant.amount);
        after.grants[index].grantor = actor;
        after.grants[index].buyer = None;
        if after.encumbrance(grant.id, seller) > after.owned(grant.id, seller) {
            return Outcome::Refused;
        }
        if grant.id == COIN {
            let needed = after.encumbrance(COIN, seller);
            let kept = self.locked(seller).max(needed + grant.amount) - grant.amount;
            after.locked.insert(seller, kept);
            after.locked.insert(actor, self.locked(actor) + grant.amount);
            after.touch(seller);
            after.touch(actor);
        }
        *self = after;
        Outcome::Done
    }

    pub fn decline_ownership(&mut self, actor: Address, index: usize) -> Outcome {
        let may = self.is_live(&self.grants[index]) && self.grants[index].buyer == Some(actor);
        if may {
            self.grants[index].buyer = None;
        }
        may.into()
    }

    pub fn clean(&mut self, actor: Address, index: usize) -> Outcome {
        let grant = self.grants[index].clone();
        let party = [grant.grantor, grant.user, grant.payer].contains(&actor);
        if !matches!(self.state(&grant), 3 | 4) || !(party || self.now >= grant.end) {
            return Outcome::Refused;
        }
        self.touch_owner(index);
        self.grants[index].life = Life::Gone;
        self.debit(COIN, USUFRUCT, DEPOSIT);
        self.credit(COIN, grant.payer, DEPOSIT);
        Outcome::Done
    }
}
