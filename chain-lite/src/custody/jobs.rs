//! Carries a vault's outer transactions through: plans them, approves others' plans after checking them, signs what is
//! binding, sends it, and settles what is confirmed.

use super::{
    chain::{Chain, ChainError, Reader},
    keys::CustodyKeys,
    link::{Link, Locks, asset_of, coin_of},
    notes::Notes,
    record::{self, Binding, Proposal, RecordError},
    sender::Sender,
};
use alloy_primitives::{B256, U256, keccak256};
use fusor_outer::{
    Asset, FeeFrom, Plan, PlanError, Request as OuterRequest, Signed, Status as OuterStatus, View,
};
use fusor_vm::{
    dcrm::{self, Books, Coin, Job, JobId, Request, State, Status, Vault},
    fault::Fault,
    precompile::ICustody,
};
use std::collections::{BTreeMap, BTreeSet};

/// Blocks for which a proposal keeps others from proposing.
const PROPOSAL_BLOCKS: u64 = 8;
/// Blocks after which a transaction that is not mined is replaced by one that pays more.
const STUCK_BLOCKS: u64 = 60;
/// Milliseconds between looks at a transaction.
const LOOK_MS: u64 = 1_000;

/// Remembers what one vault's jobs need between steps; all of it can be made anew.
#[derive(Default)]
pub(super) struct Desk {
    /// Lock-outs that are over.
    over: BTreeSet<u64>,
    /// When each job's transactions were looked at last, in milliseconds.
    looked: BTreeMap<B256, u64>,
    /// Plans that this node has checked by its own view and policy.
    pub(super) checked: BTreeSet<B256>,
    /// What each job waits for.
    pub(super) waits: BTreeMap<(u64, B256), String>,
    /// When sweeps were looked for last, in milliseconds.
    swept: u64,
}

/// Is what a step needs.
pub(super) struct Working<'a> {
    pub(super) chain: &'a dyn Chain,
    pub(super) notes: &'a mut dyn Notes,
    pub(super) keys: &'a CustodyKeys,
    pub(super) sender: &'a mut Sender,
    pub(super) link: &'a mut Link,
    pub(super) locks: &'a Locks,
    pub(super) vault: &'a Vault,
    pub(super) coins: &'a [Coin],
    pub(super) desk: &'a mut Desk,
    /// This node's number in the vault's group, and the group's size.
    pub(super) me: (u16, u16),
    pub(super) now: u64,
}

/// Is a job with what is known of it.
pub(super) struct Open {
    pub(super) id: JobId,
    pub(super) job: Job,
    pub(super) bindings: Vec<Binding>,
}

pub(super) fn fault(fault: Fault) -> RecordError {
    RecordError::Chain(ChainError::from(fault))
}

fn job_name(id: &JobId) -> B256 {
    keccak256([&id.vault.to_be_bytes()[..], &id.request.to_be_bytes(), id.upkeep.as_slice()].concat())
}

fn signed_name(plan: B256) -> String {
    format!("signed/{plan:x}")
}

/// Reads the finished signatures of a plan.
pub(super) fn signatures(notes: &dyn Notes, plan: B256) -> Result<Option<Vec<[u8; 64]>>, RecordError> {
    let bytes = notes.get(&signed_name(plan))?;
    Ok(bytes.map(|bytes| bytes.as_chunks::<64>().0.to_vec()))
}

/// Keeps the finished signatures of a plan.
pub(super) fn keep_signatures(
    notes: &mut dyn Notes,
    plan: B256,
    signatures: &[[u8; 64]],
) -> Result<(), RecordError> {
    Ok(notes.put(vec![(signed_name(plan), Some(signatures.as_flattened().to_vec()))])?)
}

/// Returns what tells a sweep, or the gas for it, apart: the lock, the asset, and the nonce of its next transaction.
fn upkeep(kind: &[u8], path: &[u8; 32], asset: Asset, nonce: u64) -> B256 {
    let token = match asset {
        Asset::Native => [0; 20],
        Asset::Token(token) => token.0.0,
    };
    keccak256([b"fusor upkeep ", kind, path.as_slice(), &token, &nonce.to_be_bytes()].concat())
}

impl Working<'_> {
    /// Takes one step with every job.
    pub(super) fn step(&mut self) -> Result<(), RecordError> {
        record::forget_proposals(self.notes, self.vault.number, self.vault.sequence)?;
        self.approve()?;
        let open = self.open()?;
        for job in &open {
            match job.bindings.is_empty() {
                true => self.plan(job, &open)?,
                false => self.carry(job, &open)?,
            }
        }
        self.tidy(&open)
    }

    /// Lists the jobs that are not settled: lock-outs, and upkeep with a binding plan.
    pub(super) fn open(&mut self) -> Result<Vec<Open>, RecordError> {
        let mut reader = Reader::new(self.chain)?;
        let last = dcrm::Counts::load(&mut reader).map_err(fault)?.requests;
        let mut ids = Vec::new();
        for number in 1..=last {
            if self.desk.over.contains(&number) {
                continue;
            }
            let Some(request) = Request::load(&mut reader, number).map_err(fault)? else { continue };
            let waits = matches!(request.status, Status::Asked | Status::Planned);
            match waits && request.vault == self.vault.number {
                true => ids.push(JobId { vault: self.vault.number, request: number, upkeep: B256::ZERO }),
                false => drop(self.desk.over.insert(number)),
            }
        }
        for id in record::upkeep_jobs(self.notes, self.vault.number)? {
            ids.push(id);
        }
        let mut open = Vec::new();
        for id in ids {
            let job = Job::load(&mut reader, &id).map_err(fault)?;
            let bindings = record::bindings(self.notes, &id)?;
            if job.settled {
                if id.request == 0 {
                    record::forget_job(self.notes, &id)?;
                }
                continue;
            }
            open.push(Open { id, job, bindings });
        }
        Ok(open)
    }

    fn height(&self) -> Result<u64, RecordError> {
        Ok(self.chain.height()?)
    }

    /// Says whether it is this member's turn to propose for a job.
    pub(super) fn my_turn(&self, salt: u64) -> Result<bool, RecordError> {
        let (me, members) = self.me;
        let turn = (self.height()? / 3).wrapping_add(salt).checked_rem(members.into()).unwrap_or_default();
        Ok(u64::from(me) == turn.saturating_add(1))
    }

    fn wait(&mut self, id: &JobId, what: impl Into<String>) {
        self.desk.waits.insert((id.request, id.upkeep), what.into());
    }

    fn plan_of(&self, hash: B256) -> Result<Option<Plan>, RecordError> {
        Ok(record::plan(self.notes, hash)?.and_then(|bytes| Plan::decode(&bytes).ok()))
    }

    /// Lists the plans that are binding for jobs that are not settled; their inputs and nonces are taken.
    fn taken(&self, open: &[Open], but: &JobId) -> Result<Vec<Plan>, RecordError> {
        let mut plans = Vec::new();
        for binding in open.iter().filter(|job| job.id != *but).flat_map(|job| &job.bindings) {
            plans.extend(self.plan_of(binding.plan)?);
        }
        Ok(plans)
    }

    /// Returns the outer request that a lock-out is.
    fn lock_out(&self, number: u64) -> Result<Option<(OuterRequest, U256)>, RecordError> {
        let mut reader = Reader::new(self.chain)?;
        let Some(request) = Request::load(&mut reader, number).map_err(fault)? else { return Ok(None) };
        let Some(coin) = self.coins.iter().find(|coin| coin.id == request.coin) else { return Ok(None) };
        let fee_from = if coin.token.is_zero() { FeeFrom::Amount } else { FeeFrom::Vault };
        let asset = asset_of(coin);
        let out = OuterRequest::LockOut { asset, to: request.destination, amount: request.amount, fee_from };
        Ok(Some((out, request.max_fee)))
    }

    pub(super) fn view(
        &mut self,
        open: &[Open],
        but: &JobId,
        plan: Option<&Plan>,
    ) -> Result<Option<View>, RecordError> {
        let Some(vault) = self.locks.outer() else { return Ok(None) };
        let view = self.link.ask(self.now, |outer| match plan {
            Some(plan) => outer.view_for(&vault, plan),
            None => outer.view(&vault),
        });
        let Some(mut view) = view else { return Ok(None) };
        for plan in self.taken(open, but)? {
            view = view.without(&plan);
        }
        Ok(Some(view))
    }

    /// Plans a lock-out and proposes the plan, if it is this member's turn and nobody has lately.
    fn plan(&mut self, job: &Open, open: &[Open]) -> Result<(), RecordError> {
        self.wait(&job.id, "a plan that a quorum of custodians approves");
        if self.is_proposed()? || !self.my_turn(job.id.request)? {
            return Ok(());
        }
        let Some((request, max_fee)) = self.lock_out(job.id.request)? else { return Ok(()) };
        let Some(view) = self.view(open, &job.id, None)? else { return Ok(()) };
        match self.link.outer.plan(&request, &view) {
            Ok(plan) if most(&plan) <= max_fee && self.is_covered(&job.id, &plan)? => {
                self.propose(&job.id, &plan)
            }
            Ok(plan) if most(&plan) <= max_fee => {
                self.wait(&job.id, "the vault's reserve to cover the outer fee");
                Ok(())
            }
            Ok(_) => {
                self.wait(&job.id, "the outer network to charge less than the largest fee");
                Ok(())
            }
            Err(error) => {
                self.wait(&job.id, format!("the vault: {error}"));
                Ok(())
            }
        }
    }

    /// Says whether a plan was proposed lately as the vault's next.
    pub(super) fn is_proposed(&self) -> Result<bool, RecordError> {
        let (sequence, height) = (self.vault.sequence, self.height()?);
        let proposals = record::proposals(self.notes, self.vault.number, sequence)?;
        let lately = |proposal: &Proposal| height.saturating_sub(proposal.height) < PROPOSAL_BLOCKS;
        Ok(proposals.iter().any(lately))
    }

    pub(super) fn propose(&mut self, id: &JobId, plan: &Plan) -> Result<(), RecordError> {
        let (sequence, plan) = (self.vault.sequence, plan.encode());
        self.desk.checked.insert(keccak256(&plan));
        let call = ICustody::proposeCall { id: abi(id), sequence, plan: plan.into() };
        self.sender.call(self.chain, self.keys, U256::ZERO, &call)?;
        Ok(())
    }

    /// Approves the first plan proposed as the vault's next that holds in this node's own view. After a while without
    /// a quorum it may approve another one: the sequence number lets one become binding at most.
    fn approve(&mut self) -> Result<(), RecordError> {
        let (sequence, height) = (self.vault.sequence, self.height()?);
        let open = self.open()?;
        for proposal in record::proposals(self.notes, self.vault.number, sequence)? {
            if height.saturating_sub(proposal.height) >= PROPOSAL_BLOCKS {
                continue;
            }
            if self.holds(&proposal, &open)? {
                let Proposal { job, plan, .. } = proposal;
                let call = ICustody::approveCall { id: abi(&job), sequence, plan };
                self.sender.call(self.chain, self.keys, U256::ZERO, &call)?;
                return Ok(());
            }
        }
        Ok(())
    }

    fn holds(&mut self, proposal: &Proposal, open: &[Open]) -> Result<bool, RecordError> {
        if self.desk.checked.contains(&proposal.plan) {
            return Ok(true);
        }
        let Some(plan) = self.plan_of(proposal.plan)? else { return Ok(false) };
        let holds = self.check(&proposal.job, &plan, open)?;
        if holds {
            self.desk.checked.insert(proposal.plan);
        }
        Ok(holds)
    }

    /// Checks a plan by this node's own view of the outer chain and its own policy.
    pub(super) fn check(&mut self, id: &JobId, plan: &Plan, open: &[Open]) -> Result<bool, RecordError> {
        let mut earlier = Vec::new();
        for binding in record::bindings(self.notes, id)? {
            earlier.extend(self.plan_of(binding.plan)?);
        }
        earlier.retain(|other| other != plan);
        let Some(view) = self.view(open, id, Some(plan))? else { return Ok(false) };
        let request = match id.request {
            0 => self.upkeep_request(id, plan).map(|request| (request, U256::MAX)),
            number => self.lock_out(number)?,
        };
        let Some((request, max_fee)) = request else { return Ok(false) };
        if most(plan) > max_fee || !self.moves_booked(&request, &view)? || !self.is_covered(id, plan)? {
            return Ok(false);
        }
        match self.link.outer.check(plan, &request, &view, &earlier) {
            Ok(()) => Ok(true),
            Err(reason) => {
                tracing::info!(%reason, vault = id.vault, request = id.request, "a plan was not approved");
                Ok(false)
            }
        }
    }

    /// Says whether the vault's reserve, what it holds beyond what it owes, covers what a plan costs. A lock-out of the
    /// chain's own coin bears its cost itself.
    pub(super) fn is_covered(&self, id: &JobId, plan: &Plan) -> Result<bool, RecordError> {
        let mut reader = Reader::new(self.chain)?;
        let request = Request::load(&mut reader, id.request).map_err(fault)?;
        let native = self.coins.iter().find(|coin| coin.token.is_zero()).map(|coin| coin.id);
        if request.is_some_and(|request| Some(request.coin) == native) {
            return Ok(true);
        }
        let Some(native) = native else { return Ok(false) };
        let books = Books::load(&mut reader, self.vault.number, native).map_err(fault)?;
        let covered = books.custody.saturating_sub(books.owed()) >= most(plan);
        if !covered {
            tracing::info!(vault = id.vault, "the vault's reserve does not cover what a transaction costs");
        }
        Ok(covered)
    }

    /// Says whether what a sweep moves is booked.
    fn moves_booked(&self, request: &OuterRequest, view: &View) -> Result<bool, RecordError> {
        let OuterRequest::Sweep { asset, from } = request else { return Ok(true) };
        match coin_of(self.coins, *asset) {
            Some(coin) => self.is_booked(coin, view.held(from, *asset)),
            None => Ok(false),
        }
    }

    /// Finds out what upkeep a plan does; none if it is none that its name allows.
    fn upkeep_request(&self, id: &JobId, plan: &Plan) -> Option<OuterRequest> {
        if self.vault.state == State::Retiring
            && let Some(request) = self.move_request(id, plan)
        {
            return Some(request);
        }
        let Plan::Ethereum(tx) = plan else { return None };
        let vault = self.locks.outer()?;
        let main = vault.main.path;
        let assets = self.coins.iter().map(asset_of);
        for asset in assets {
            for lock in &vault.deposits {
                if tx.from.path == lock.path && upkeep(b"sweep", &lock.path, asset, tx.nonce) == id.upkeep {
                    return Some(OuterRequest::Sweep { asset, from: lock.path });
                }
                let funds = tx.from.path == main && asset != Asset::Native;
                if funds && upkeep(b"fund", &lock.path, asset, tx.nonce) == id.upkeep {
                    return Some(OuterRequest::Fund { to: lock.path, amount: tx.value });
                }
            }
        }
        None
    }

    /// Carries a job with a binding plan on: sends what is signed, looks what became of it, settles or replaces it.
    fn carry(&mut self, job: &Open, open: &[Open]) -> Result<(), RecordError> {
        let name = job_name(&job.id);
        let looked = self.desk.looked.get(&name).copied().unwrap_or_default();
        if self.now.saturating_sub(looked) < LOOK_MS {
            return Ok(());
        }
        self.desk.looked.insert(name, self.now);
        let mut waiting = false;
        for binding in &job.bindings {
            let Some(signed) = self.signed(binding.plan)? else { continue };
            match self.look(&job.id, binding, &signed)? {
                Look::Settled => return Ok(()),
                Look::Waiting => waiting = true,
                Look::Gone => {}
            }
        }
        match waiting {
            false => Ok(()),
            true => self.replace(job, open),
        }
    }

    /// Assembles a plan's transaction from the signatures that are kept.
    pub(super) fn signed(&self, plan: B256) -> Result<Option<Signed>, RecordError> {
        let (Some(signatures), Some(plan)) = (signatures(self.notes, plan)?, self.plan_of(plan)?) else {
            return Ok(None);
        };
        Ok(self.link.outer.assemble(&plan, &signatures).ok())
    }

    fn look(&mut self, id: &JobId, binding: &Binding, signed: &Signed) -> Result<Look, RecordError> {
        let status = self.link.ask(self.now, |outer| outer.status(&signed.txid, &signed.plan));
        match status {
            None => {
                let trouble = self.link.trouble.clone().unwrap_or_default();
                self.wait(id, format!("the node of the outer chain: {trouble}"));
                Ok(Look::Waiting)
            }
            Some(OuterStatus::Unknown) => {
                let sent = self.link.ask(self.now, |outer| outer.broadcast(signed));
                tracing::info!(?sent, request = id.request, "outer transaction sent");
                self.wait(id, "the outer network to mine it");
                Ok(Look::Waiting)
            }
            Some(OuterStatus::Mempool) => {
                self.wait(id, "the outer network to mine it");
                Ok(Look::Waiting)
            }
            Some(OuterStatus::Included { confirmations, .. }) => {
                self.settle(id, binding, signed, confirmations, true)
            }
            Some(OuterStatus::Failed { confirmations, .. }) => {
                self.settle(id, binding, signed, confirmations, false)
            }
            Some(OuterStatus::Replaced { .. }) => Ok(Look::Gone),
        }
    }

    fn settle(
        &mut self,
        id: &JobId,
        binding: &Binding,
        signed: &Signed,
        confirmations: u64,
        success: bool,
    ) -> Result<Look, RecordError> {
        let mut reader = Reader::new(self.chain)?;
        let listed = dcrm::Chain::load(&mut reader, self.vault.chain).map_err(fault)?;
        let needed = listed.map_or(u64::MAX, |chain| chain.confirmations.into());
        if confirmations < needed {
            self.wait(id, format!("confirmation {confirmations} of {needed}"));
            return Ok(Look::Settled);
        }
        let Some(vault) = self.locks.outer() else { return Ok(Look::Waiting) };
        let flows = self.link.ask(self.now, |outer| outer.outflow(&signed.txid, &signed.plan, &vault));
        let Some(Some(flows)) = flows else { return Ok(Look::Waiting) };
        let mut outflows = Vec::new();
        for (asset, amount) in flows.into_iter().filter(|(_, amount)| !amount.is_zero()) {
            match coin_of(self.coins, asset) {
                Some(coin) => outflows.push(ICustody::Outflow { coin, amount }),
                None => tracing::warn!(?asset, "outflow of a coin that is not listed"),
            }
        }
        self.wait(id, "a quorum of custodians to see it confirmed");
        if success && self.settle_move(id, binding, signed, &outflows)? {
            return Ok(Look::Settled);
        }
        let (plan, transaction) = (binding.plan, B256::from(signed.txid));
        let call = ICustody::settleCall { id: abi(id), plan, transaction, success, outflows };
        self.sender.call(self.chain, self.keys, U256::ZERO, &call)?;
        Ok(Look::Settled)
    }

    /// Proposes a plan that outbids a transaction which is not mined.
    fn replace(&mut self, job: &Open, open: &[Open]) -> Result<(), RecordError> {
        let Some(last) = job.bindings.last() else { return Ok(()) };
        let stuck = self.height()?.saturating_sub(last.height) >= STUCK_BLOCKS;
        if !stuck || self.is_proposed()? || !self.my_turn(job.id.request)? {
            return Ok(());
        }
        let Some(earlier) = self.plan_of(last.plan)? else { return Ok(()) };
        let Some(view) = self.view(open, &job.id, Some(&earlier))? else { return Ok(()) };
        let request = match job.id.request {
            0 => self.upkeep_request(&job.id, &earlier).map(|request| (request, U256::MAX)),
            number => self.lock_out(number)?,
        };
        let Some((request, max_fee)) = request else { return Ok(()) };
        match self.link.outer.replace(&earlier, &request, &view, None) {
            Ok(plan) if most(&plan) <= max_fee => self.propose(&job.id, &plan),
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::info!(%error, "a stuck transaction is not replaced");
                Ok(())
            }
        }
    }

    /// Moves what deposit addresses hold to the vault's own address, where an account pays (Ethereum), one at a time.
    fn tidy(&mut self, open: &[Open]) -> Result<(), RecordError> {
        let mut reader = Reader::new(self.chain)?;
        let listed = dcrm::Chain::load(&mut reader, self.vault.chain).map_err(fault)?;
        if self.vault.state == State::Retiring && !open.iter().any(|job| job.id.request == 0) {
            self.evacuate(open)?;
        }
        let account = listed.is_some_and(|chain| chain.family == dcrm::Family::Ethereum);
        let busy = open.iter().any(|job| job.id.request == 0);
        if !account || busy || self.now.saturating_sub(self.desk.swept) < 2 * LOOK_MS || self.is_proposed()? {
            return Ok(());
        }
        self.desk.swept = self.now;
        if !self.my_turn(0)? {
            return Ok(());
        }
        let nobody = JobId { vault: self.vault.number, request: 0, upkeep: B256::ZERO };
        let Some(view) = self.view(open, &nobody, None)? else { return Ok(()) };
        let main = view.vault.main.path;
        for held in view.holdings.clone().iter().filter(|held| held.path != main) {
            let Some(coin) = self.coins.iter().find(|coin| asset_of(coin) == held.asset) else { continue };
            if held.amount < coin.min_deposit || !self.is_booked(coin.id, held.amount)? {
                continue;
            }
            if self.sweep(&view, held.path, held.asset)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Says whether the chain knows of so much of a coin. What is not credited yet is not moved: its fee would be booked
    /// before it.
    fn is_booked(&self, coin: B256, amount: U256) -> Result<bool, RecordError> {
        let books = Books::load(&mut Reader::new(self.chain)?, self.vault.number, coin).map_err(fault)?;
        Ok(books.custody >= amount)
    }

    fn sweep(&mut self, view: &View, path: [u8; 32], asset: Asset) -> Result<bool, RecordError> {
        let Some(nonce) = view.nonce(&path) else { return Ok(false) };
        let name = upkeep(b"sweep", &path, asset, nonce);
        let id = JobId { vault: self.vault.number, request: 0, upkeep: name };
        match self.link.outer.plan(&OuterRequest::Sweep { asset, from: path }, view) {
            Ok(plan) => {
                let covered = self.is_covered(&id, &plan)?;
                if covered {
                    self.propose(&id, &plan)?;
                }
                Ok(covered)
            }
            Err(PlanError::NeedsGas { path, missing }) => self.fund(view, path, asset, missing),
            Err(reason) => {
                tracing::debug!(%reason, "nothing to sweep");
                Ok(false)
            }
        }
    }

    fn fund(&mut self, view: &View, to: [u8; 32], asset: Asset, amount: U256) -> Result<bool, RecordError> {
        let Some(nonce) = view.nonce(&view.vault.main.path) else { return Ok(false) };
        let id = JobId { vault: self.vault.number, request: 0, upkeep: upkeep(b"fund", &to, asset, nonce) };
        match self.link.outer.plan(&OuterRequest::Fund { to, amount }, view) {
            Ok(plan) => {
                let covered = self.is_covered(&id, &plan)?;
                if covered {
                    self.propose(&id, &plan)?;
                }
                Ok(covered)
            }
            Err(reason) => {
                tracing::info!(%reason, "no coin to pay for moving a token");
                Ok(false)
            }
        }
    }
}

/// Says what a look at a transaction showed.
enum Look {
    /// It is in a block: settled, or waiting for confirmations.
    Settled,
    /// It is not in a block.
    Waiting,
    /// Another one took its place.
    Gone,
}

/// Returns the most that a plan may cost, in the chain's own coin.
fn most(plan: &Plan) -> U256 {
    match plan {
        Plan::Bitcoin(plan) => plan.fee().map_or(U256::MAX, U256::from),
        Plan::Ethereum(plan) => U256::from(plan.gas_limit).saturating_mul(U256::from(plan.max_fee)),
    }
}

pub(super) fn abi(id: &JobId) -> ICustody::Job {
    ICustody::Job { vault: id.vault, request: id.request, upkeep: id.upkeep }
}
