//! Plans a vault's outer transactions, and approves others' plans after checking them in this node's own view.

use super::{
    carry::LOOK_MS,
    chain::Reader,
    jobs::{Open, Working, abi, most},
    link::{asset_of, coin_of},
    record::{self, Proposal, RecordError},
    upkeep::upkeep,
};
use alloy_primitives::{U256, keccak256};
use fusor_outer::{Asset, FeeFrom, Plan, Request as OuterRequest, View};
use fusor_vm::{
    dcrm::{Books, JobId, Request, State},
    precompile::ICustody,
};

/// Blocks for which a proposal keeps others from proposing.
const PROPOSAL_BLOCKS: u64 = 8;

impl Working<'_> {
    /// Returns the outer request that a lock-out is.
    pub(super) fn lock_out(&self, number: u64) -> Result<Option<(OuterRequest, U256)>, RecordError> {
        let mut reader = Reader::new(self.chain)?;
        let Some(request) = Request::load(&mut reader, number)? else { return Ok(None) };
        let Some(coin) = self.coins.iter().find(|coin| coin.id == request.coin) else { return Ok(None) };
        let fee_from = if coin.token.is_zero() { FeeFrom::Amount } else { FeeFrom::Vault };
        let asset = asset_of(coin);
        let out = OuterRequest::LockOut { asset, to: request.destination, amount: request.amount, fee_from };
        Ok(Some((out, request.max_fee)))
    }

    /// Returns the outer request that a plan of a job answers to, and the most that it may cost.
    pub(super) fn request_of(
        &self,
        id: &JobId,
        plan: &Plan,
    ) -> Result<Option<(OuterRequest, U256)>, RecordError> {
        match id.request {
            0 => Ok(self.upkeep_request(id, plan).map(|request| (request, U256::MAX))),
            number => self.lock_out(number),
        }
    }

    /// Plans a lock-out and proposes the plan, if it is this member's turn and nobody has lately.
    pub(super) fn plan(&mut self, job: &Open, open: &[Open]) -> Result<(), RecordError> {
        self.wait(&job.id, "a plan that a quorum of custodians approves");
        if !self.agrees(&job.id)? || self.is_proposed()? || !self.my_turn(job.id.request)? {
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

    /// Lists the plans that were proposed lately as the vault's next, in order.
    fn proposed(&self) -> Result<Vec<Proposal>, RecordError> {
        let height = self.height()?;
        let mut proposals = record::proposals(self.notes, self.vault.number, self.vault.sequence)?;
        proposals.retain(|proposal| height.saturating_sub(proposal.height) < PROPOSAL_BLOCKS);
        Ok(proposals)
    }

    /// Says whether a plan that holds in this node's own view was proposed lately as the vault's next. Others do not
    /// count: they would let one member keep all from proposing.
    pub(super) fn is_proposed(&self) -> Result<bool, RecordError> {
        Ok(self.proposed()?.iter().any(|proposal| self.desk.checked.contains(&proposal.plan)))
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
    pub(super) fn approve(&mut self, open: &[Open]) -> Result<(), RecordError> {
        let now = self.now;
        self.desk.refused.retain(|_, at| now.saturating_sub(*at) < LOOK_MS);
        for proposal in self.proposed()? {
            if self.holds(&proposal, open)? {
                let Proposal { job, plan, sequence, .. } = proposal;
                let call = ICustody::approveCall { id: abi(&job), sequence, plan };
                self.sender.call(self.chain, self.keys, U256::ZERO, &call)?;
                return Ok(());
            }
        }
        Ok(())
    }

    pub(super) fn holds(&mut self, proposal: &Proposal, open: &[Open]) -> Result<bool, RecordError> {
        if self.desk.checked.contains(&proposal.plan) {
            return Ok(true);
        }
        if self.desk.refused.contains_key(&proposal.plan) {
            return Ok(false);
        }
        let Some(plan) = self.plan_of(proposal.plan)? else { return Ok(false) };
        let holds = self.check(&proposal.job, &plan, open)?;
        match holds {
            true => drop(self.desk.checked.insert(proposal.plan)),
            false => drop(self.desk.refused.insert(proposal.plan, self.now)),
        }
        Ok(holds)
    }

    /// Checks a plan by this node's own view of the outer chain and its own policy.
    pub(super) fn check(&mut self, id: &JobId, plan: &Plan, open: &[Open]) -> Result<bool, RecordError> {
        if !self.agrees(id)? {
            return Ok(false);
        }
        let mut earlier = Vec::new();
        for binding in record::bindings(self.notes, id)? {
            earlier.extend(self.plan_of(binding.plan)?);
        }
        earlier.retain(|other| other != plan);
        let Some(view) = self.view(open, id, Some(plan))? else { return Ok(false) };
        let Some((request, max_fee)) = self.request_of(id, plan)? else { return Ok(false) };
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
        let request = Request::load(&mut reader, id.request)?;
        let native = self.coins.iter().find(|coin| coin.token.is_zero()).map(|coin| coin.id);
        if request.is_some_and(|request| Some(request.coin) == native) {
            return Ok(true);
        }
        let Some(native) = native else { return Ok(false) };
        let books = Books::load(&mut reader, self.vault.number, native)?;
        let covered = books.custody.saturating_sub(books.owed()) >= most(plan);
        if !covered {
            tracing::info!(vault = id.vault, "the vault's reserve does not cover what a transaction costs");
        }
        Ok(covered)
    }

    /// Says whether what a sweep moves is booked.
    pub(super) fn moves_booked(&self, request: &OuterRequest, view: &View) -> Result<bool, RecordError> {
        let OuterRequest::Sweep { asset, from } = request else { return Ok(true) };
        match coin_of(self.coins, *asset) {
            Some(coin) => self.is_booked(coin, view.held(from, *asset)),
            None => Ok(false),
        }
    }

    /// Finds out what upkeep a plan does; none if it is none that its name allows.
    pub(super) fn upkeep_request(&self, id: &JobId, plan: &Plan) -> Option<OuterRequest> {
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
}
