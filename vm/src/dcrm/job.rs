//! Fixes the outer transactions of a vault by quorum before anyone signs, and settles them when they are confirmed.
//!
//! A plan is everything that determines an outer transaction. Members propose plans and approve what they have checked
//! in their own view of the outer chain; with a quorum a plan is binding and may be signed. Each approval is against
//! the vault's sequence number, so a plan is never checked without knowing all that were approved before it. A job may
//! have several plans, one after the other, as fees rise; members approve a later one only if it conflicts with those
//! before, so that one of them confirms at most.

use super::{
    coin::coin,
    event::{self, Approved, Proposed, Settled},
    group::{Group, member_of},
    justice::reward,
    out::{destroy, give_back},
    rails::{halt, shift},
    request::{Status, request},
    row::{Row, short},
    vault::{Books, State, Vault, active, vault},
    vote::{voices, vote},
};
use crate::{fault::Fault, slot::Table, store::Store, word::at};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use std::collections::BTreeSet;

/// Bytes of the longest plan.
pub const PLAN_MAX: usize = 16_384;
/// Plans of one job.
pub(super) const VERSIONS_MAX: u32 = 32;

/// Names an outer transaction to be: a lock-out, or upkeep such as a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobId {
    /// The vault that pays.
    pub vault: u64,
    /// The request that it pays; 0 for upkeep.
    pub request: u64,
    /// What tells apart upkeep of one vault; zero for a lock-out.
    pub upkeep: B256,
}

/// Is how far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Job {
    /// Plans approved so far.
    pub version: u32,
    /// Whether one of them was settled.
    pub settled: bool,
    /// The hash of the plan approved last.
    pub plan: B256,
}

impl JobId {
    fn row(&self) -> Row {
        Row::new(Table::DcrmJob, &[U256::from(self.vault), U256::from(self.request), self.upkeep.into()])
    }

    fn plan_row(&self, plan: B256) -> Row {
        let job = [U256::from(self.vault), U256::from(self.request), self.upkeep.into(), plan.into()];
        Row::new(Table::DcrmJob, &job)
    }

    fn topic(&self, what: &[u8], parts: &[&[u8]]) -> B256 {
        let numbers = [self.vault, self.request].map(u64::to_be_bytes).concat();
        keccak256([&[what, &numbers, self.upkeep.as_slice()], parts].concat().concat())
    }

    fn approval(&self, sequence: u64, plan: B256) -> B256 {
        self.topic(b"approve", &[&sequence.to_be_bytes(), plan.as_slice()])
    }
}

impl Job {
    /// Reads how far a job is.
    pub fn load(store: &mut dyn Store, id: &JobId) -> Result<Self, Fault> {
        let [head, plan] = id.row().words(store)?;
        Ok(Self { version: short(head, 0, 32), settled: head.bit(32), plan: plan.into() })
    }

    fn save(&self, store: &mut dyn Store, id: &JobId) -> Result<(), Fault> {
        let head = at(self.version.into(), 0) | at(self.settled.into(), 32);
        id.row().set_words(store, &[head, self.plan.into()])
    }
}

/// Says whether `plan` was approved for a job.
pub fn is_approved(store: &mut dyn Store, id: &JobId, plan: B256) -> Result<bool, Fault> {
    Ok(!id.plan_row(plan).get(store, 0)?.is_zero())
}

/// Proposes a plan, which approves it too. It is logged for the others to check.
pub fn propose(
    store: &mut dyn Store,
    operator: Address,
    id: &JobId,
    sequence: u64,
    plan: &Bytes,
) -> Result<(), Fault> {
    if plan.is_empty() || plan.len() > PLAN_MAX {
        return Err(Fault::Misuse("a plan has 1 to 16384 bytes"));
    }
    let hash = keccak256(plan);
    let (vault, request, upkeep) = (id.vault, id.request, id.upkeep);
    event::emit(store, &Proposed { vault, request, upkeep, sequence, hash, plan: plan.clone() })?;
    approve(store, operator, id, sequence, hash)
}

/// Approves the plan with hash `plan` as the vault's plan number `sequence`; with the quorum it is binding.
pub fn approve(
    store: &mut dyn Store,
    operator: Address,
    id: &JobId,
    sequence: u64,
    plan: B256,
) -> Result<(), Fault> {
    let mut vault = vault(store, id.vault)?;
    let (group, index) = member_of(store, &vault, operator)?;
    let mut job = open(store, &vault, id)?;
    if sequence != vault.sequence {
        return Err(Fault::Misuse("another plan of the vault was approved meanwhile"));
    }
    if is_approved(store, id, plan)? {
        return Err(Fault::Misuse("this plan is approved"));
    }
    if !vote(store, &group, id.approval(sequence, plan), index)?.1 {
        return Ok(());
    }
    job.version = job.version.saturating_add(1);
    job.plan = plan;
    job.save(store, id)?;
    id.plan_row(plan).set(store, 0, at(sequence, 32) | at(job.version.into(), 0))?;
    vault.sequence = vault.sequence.saturating_add(1);
    vault.save(store)?;
    if id.request != 0 {
        let mut request = request(store, id.request)?;
        request.status = Status::Planned;
        request.save(store)?;
    }
    let version = job.version;
    event::emit(
        store,
        &Approved { vault: id.vault, request: id.request, upkeep: id.upkeep, hash: plan, version, sequence },
    )
}

/// Holds a job to be one that may be planned now.
fn open(store: &mut dyn Store, vault: &Vault, id: &JobId) -> Result<Job, Fault> {
    let stands = match id.request {
        0 => matches!(vault.state, State::Active | State::Retiring) && !id.upkeep.is_zero(),
        _ => vault.state == State::Active && id.upkeep.is_zero(),
    };
    if !stands {
        return Err(Fault::Misuse("the vault plans nothing like that now"));
    }
    if id.request != 0 {
        let request = request(store, id.request)?;
        let waits = matches!(request.status, Status::Asked | Status::Planned);
        if !waits || request.vault != id.vault {
            return Err(Fault::Misuse("not a lock-out of this vault that waits"));
        }
    }
    let job = Job::load(store, id)?;
    match job.settled || job.version >= VERSIONS_MAX {
        true => Err(Fault::Misuse("this job is settled, or has had too many plans")),
        false => Ok(job),
    }
}

/// Is what became of an outer transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The hash of its plan.
    pub plan: B256,
    /// The transaction's id.
    pub transaction: B256,
    /// Whether it did what it was for; an Ethereum transaction may be confirmed and have failed.
    pub success: bool,
    /// What it took out of the vault: coins, each once, and units, fees included.
    pub outflows: Vec<(B256, U256)>,
}

impl Outcome {
    fn topic(&self, id: &JobId) -> B256 {
        let flows: Vec<u8> =
            self.outflows.iter().flat_map(|(coin, amount)| [coin.0, amount.to_be_bytes()].concat()).collect();
        id.topic(
            b"settle",
            &[self.plan.as_slice(), self.transaction.as_slice(), &[self.success.into()], &flows],
        )
    }
}

/// Attests what became of an outer transaction; with the quorum it is booked, and a lock-out is destroyed or returned.
pub fn settle(store: &mut dyn Store, operator: Address, id: &JobId, outcome: &Outcome) -> Result<(), Fault> {
    let vault = vault(store, id.vault)?;
    let (group, index) = member_of(store, &vault, operator)?;
    let mut job = Job::load(store, id)?;
    if job.settled || !is_approved(store, id, outcome.plan)? {
        return Err(Fault::Misuse("not a plan that waits to be settled"));
    }
    check_flows(&outcome.outflows)?;
    if !vote(store, &group, outcome.topic(id), index)?.1 {
        return Ok(());
    }
    job.settled = true;
    job.save(store, id)?;
    let (plan, transaction, success) = (outcome.plan, outcome.transaction, outcome.success);
    event::emit(
        store,
        &Settled {
            vault: id.vault,
            request: id.request,
            upkeep: id.upkeep,
            hash: plan,
            transaction,
            success,
        },
    )?;
    if id.request != 0 {
        finish_out(store, id, &group, outcome)?;
    }
    book(store, id.vault, &outcome.outflows)
}

/// Is what a retiring vault's transaction moved to another vault of its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The vault that it went to.
    pub to: u64,
    /// Coins, each once, and units that arrived.
    pub moved: Vec<(B256, U256)>,
}

impl Move {
    fn topic(&self, id: &JobId, outcome: &Outcome) -> B256 {
        let flows: Vec<u8> =
            self.moved.iter().flat_map(|(coin, amount)| [coin.0, amount.to_be_bytes()].concat()).collect();
        let fees = outcome.topic(id);
        id.topic(b"move", &[fees.as_slice(), &self.to.to_be_bytes(), &flows])
    }
}

/// Attests that a retiring vault's transaction moved coin to another vault; the outcome's outflows are its fees. With the
/// quorum both books follow, and what circulates goes with the coin.
pub fn settle_move(
    store: &mut dyn Store,
    operator: Address,
    id: &JobId,
    outcome: &Outcome,
    moving: &Move,
) -> Result<(), Fault> {
    let source = vault(store, id.vault)?;
    let (group, index) = member_of(store, &source, operator)?;
    let target = active(store, moving.to)?;
    if source.state != State::Retiring || source.chain != target.chain || id.request != 0 {
        return Err(Fault::Misuse("only a retiring vault's coin moves, and to a vault of its chain"));
    }
    let mut job = Job::load(store, id)?;
    if job.settled || !is_approved(store, id, outcome.plan)? {
        return Err(Fault::Misuse("not a plan that waits to be settled"));
    }
    check_flows(&outcome.outflows)?;
    check_flows(&moving.moved)?;
    if !vote(store, &group, moving.topic(id, outcome), index)?.1 {
        return Ok(());
    }
    job.settled = true;
    job.save(store, id)?;
    let JobId { vault, request, upkeep } = *id;
    let (hash, transaction, success) = (outcome.plan, outcome.transaction, true);
    event::emit(store, &Settled { vault, request, upkeep, hash, transaction, success })?;
    book(store, vault, &outcome.outflows)?;
    book(store, vault, &moving.moved)?;
    for (coin, amount) in &moving.moved {
        let mut books = Books::load(store, moving.to, *coin)?;
        books.custody = books.custody.checked_add(*amount).ok_or(Fault::Misuse("more than can be"))?;
        books.save(store, moving.to, *coin)?;
        shift(store, vault, moving.to, *coin)?;
    }
    Ok(())
}

fn check_flows(flows: &[(B256, U256)]) -> Result<(), Fault> {
    let coins: BTreeSet<B256> = flows.iter().map(|(coin, _)| *coin).collect();
    match coins.len() == flows.len() && coins.len() <= 4 {
        true => Ok(()),
        false => Err(Fault::Misuse("outflows name each coin once, four at most")),
    }
}

/// Ends a lock-out and pays those who planned, signed and watched it.
fn finish_out(store: &mut dyn Store, id: &JobId, group: &Group, outcome: &Outcome) -> Result<(), Fault> {
    let mut request = request(store, id.request)?;
    let fee = std::mem::take(&mut request.fee);
    match outcome.success {
        true => destroy(store, &mut request, outcome.transaction)?,
        false => give_back(store, &mut request)?,
    }
    let word = id.plan_row(outcome.plan).get(store, 0)?;
    let sequence = crate::word::small(word, 32, 64);
    let mut workers: BTreeSet<Address> = voices(store, group, outcome.topic(id))?.into_iter().collect();
    workers.extend(voices(store, group, id.approval(sequence, outcome.plan))?);
    reward(store, &workers.into_iter().collect::<Vec<_>>(), fee)
}

/// Books what left a vault; what it then lacks halts it.
fn book(store: &mut dyn Store, number: u64, outflows: &[(B256, U256)]) -> Result<(), Fault> {
    let mut vault = vault(store, number)?;
    for (id, amount) in outflows {
        if coin(store, *id)?.chain != vault.chain {
            return Err(Fault::Misuse("outflow of a coin of another chain"));
        }
        let mut books = Books::load(store, vault.number, *id)?;
        let missing = amount.saturating_sub(books.custody);
        books.custody = books.custody.saturating_sub(*amount);
        books.save(store, vault.number, *id)?;
        let shortfall = books.shortfall().max(missing);
        if !shortfall.is_zero() {
            halt(store, &mut vault, *id, shortfall)?;
        }
    }
    Ok(())
}
