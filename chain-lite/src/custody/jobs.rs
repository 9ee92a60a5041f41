//! Knows a vault's outer transactions that are not settled, and takes a step with each.

use super::{
    chain::{Chain, Reader},
    decide::ByHand,
    keys::CustodyKeys,
    link::{Link, Locks},
    notes::Notes,
    record::{self, Binding, RecordError},
    sender::{Sender, is_turn},
};
use alloy_primitives::{B256, U256};
use fusor_outer::{Plan, View};
use fusor_vm::{
    dcrm::{self, Coin, Group, Job, JobId, Request, Status, Vault},
    precompile::ICustody,
};
use std::collections::{BTreeMap, BTreeSet};

/// Remembers what one vault's jobs need between steps; all of it can be made anew.
#[derive(Default)]
pub(super) struct Desk {
    /// Lock-outs that are over.
    pub(super) over: BTreeSet<u64>,
    /// When the outer node was asked last about each job's transactions and each deposit's proof, in milliseconds.
    pub(super) looked: BTreeMap<B256, u64>,
    /// Plans that this node has checked by its own view and policy.
    pub(super) checked: BTreeSet<B256>,
    /// When plans did not hold in this node's own view, in milliseconds; they are checked again a little later.
    pub(super) refused: BTreeMap<B256, u64>,
    /// Lock-outs that the operator decides about, and what was decided.
    pub(super) asks: BTreeMap<u64, Option<bool>>,
    /// What each job waits for.
    pub(super) waits: BTreeMap<(u64, B256), String>,
    /// When sweeps were looked for last, in milliseconds.
    pub(super) swept: u64,
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
    pub(super) group: &'a Group,
    pub(super) by_hand: &'a ByHand,
    pub(super) now: u64,
}

/// Is a job with what is known of it.
pub(super) struct Open {
    pub(super) id: JobId,
    pub(super) job: Job,
    pub(super) bindings: Vec<Binding>,
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

impl Working<'_> {
    /// Takes one step with every job.
    pub(super) fn step(&mut self, open: &[Open]) -> Result<(), RecordError> {
        record::forget_proposals(self.notes, self.vault.number, self.vault.sequence)?;
        self.approve(open)?;
        for job in open {
            match job.bindings.is_empty() {
                true => self.plan(job, open)?,
                false => self.carry(job, open)?,
            }
        }
        self.tidy(open)
    }

    /// Lists the jobs that are not settled: lock-outs, and upkeep with a binding plan.
    pub(super) fn open(&mut self) -> Result<Vec<Open>, RecordError> {
        let mut reader = Reader::new(self.chain)?;
        let last = dcrm::Counts::load(&mut reader)?.requests;
        let mut ids = Vec::new();
        for number in 1..=last {
            if self.desk.over.contains(&number) {
                continue;
            }
            let Some(request) = Request::load(&mut reader, number)? else { continue };
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
            let job = Job::load(&mut reader, &id)?;
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

    pub(super) fn height(&self) -> Result<u64, RecordError> {
        Ok(self.chain.height()?)
    }

    /// Says whether it is this member's turn to propose for a job.
    pub(super) fn my_turn(&self, salt: u64) -> Result<bool, RecordError> {
        let tick = (self.height()? / 3).wrapping_add(salt);
        Ok(is_turn(&self.group.members, self.keys.operator(), tick))
    }

    pub(super) fn wait(&mut self, id: &JobId, what: impl Into<String>) {
        self.desk.waits.insert((id.request, id.upkeep), what.into());
    }

    pub(super) fn plan_of(&self, hash: B256) -> Result<Option<Plan>, RecordError> {
        Ok(record::plan(self.notes, hash)?.and_then(|bytes| Plan::decode(&bytes).ok()))
    }

    /// Lists the plans that are binding for jobs that are not settled; their inputs and nonces are taken.
    pub(super) fn taken(&self, open: &[Open], but: &JobId) -> Result<Vec<Plan>, RecordError> {
        let mut plans = Vec::new();
        for binding in open.iter().filter(|job| job.id != *but).flat_map(|job| &job.bindings) {
            plans.extend(self.plan_of(binding.plan)?);
        }
        Ok(plans)
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
}

/// Returns the most that a plan may cost, in the chain's own coin.
pub(super) fn most(plan: &Plan) -> U256 {
    match plan {
        Plan::Bitcoin(plan) => plan.fee().map_or(U256::MAX, U256::from),
        Plan::Ethereum(plan) => U256::from(plan.gas_limit).saturating_mul(U256::from(plan.max_fee)),
    }
}

pub(super) fn abi(id: &JobId) -> ICustody::Job {
    ICustody::Job { vault: id.vault, request: id.request, upkeep: id.upkeep }
}
