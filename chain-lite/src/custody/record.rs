//! Reads the custody account's logs block by block, and keeps what protocols and plans need of them.

use super::{
    chain::{Chain, ChainError},
    notes::{Notes, NotesError},
};
use alloy_primitives::{B256, Log};
use alloy_sol_types::SolEvent;
use fusor_vm::{
    dcrm::{Approved, JobId, Posted, Proposed},
    fault::Fault,
};
use thiserror::Error;

/// Blocks that are read in one go.
const STEP: u64 = 64;
const HEIGHT: &str = "height";

/// Says why the record cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecordError {
    /// The chain cannot be read.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The notes cannot be kept.
    #[error(transparent)]
    Notes(#[from] NotesError),
}

impl From<Fault> for RecordError {
    fn from(fault: Fault) -> Self {
        Self::Chain(fault.into())
    }
}

/// Is a message of key generation or re-sharing as it was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Post {
    /// The block it is in.
    pub(super) height: u64,
    /// Its kind, as [`Posted`] numbers them.
    pub(super) kind: u8,
    /// Its author.
    pub(super) member: u16,
    /// Its bytes.
    pub(super) message: Vec<u8>,
}

/// Is a plan that became binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Binding {
    /// Its hash.
    pub(super) plan: B256,
    /// When, as a height.
    pub(super) height: u64,
}

/// Reads on from where it stopped; returns whether it has reached the head. A block and the note that it was read are
/// written at once, so that nothing is read twice or left out.
pub(super) fn read_on(notes: &mut dyn Notes, chain: &dyn Chain) -> Result<bool, RecordError> {
    let head = chain.height()?;
    let read = height(notes)?;
    for at in (read.saturating_add(1)..=head).take(STEP as usize) {
        let mut changes = vec![(HEIGHT.to_owned(), Some(at.to_be_bytes().to_vec()))];
        for (place, log) in chain.logs(at)?.iter().enumerate() {
            keep(&mut changes, at, place, log);
        }
        notes.put(changes)?;
    }
    Ok(height(notes)? >= head)
}

fn height(notes: &dyn Notes) -> Result<u64, NotesError> {
    let bytes = notes.get(HEIGHT)?.and_then(|bytes| bytes.try_into().ok());
    Ok(bytes.map(u64::from_be_bytes).unwrap_or_default())
}

fn keep(changes: &mut Vec<(String, Option<Vec<u8>>)>, height: u64, place: usize, log: &Log) {
    if let Ok(Posted { group, kind, member, message }) = Posted::decode_log_data(&log.data) {
        let head = [&height.to_be_bytes()[..], &[kind], &member.to_be_bytes()].concat();
        let name = format!("{}{height:020}/{place:06}", posts_of(group));
        changes.push((name, Some([head.as_slice(), &message].concat())));
    } else if let Ok(proposed) = Proposed::decode_log_data(&log.data) {
        let Proposed { vault, request, upkeep, sequence, hash, plan } = proposed;
        let job = JobId { vault, request, upkeep };
        changes.push((plan_name(hash), Some(plan.to_vec())));
        let at = [sequence.to_be_bytes(), height.to_be_bytes()].concat();
        changes.push((
            format!("{}{height:020}/{place:06}", proposals_of(vault)),
            Some([&encode_job(&job)[..], &at, hash.as_slice()].concat()),
        ));
    } else if let Ok(approved) = Approved::decode_log_data(&log.data) {
        let Approved { vault, request, upkeep, hash, version, .. } = approved;
        let name = format!("{}{version:06}", bindings_of(&JobId { vault, request, upkeep }));
        changes.push((name, Some([hash.as_slice(), &height.to_be_bytes()].concat())));
    }
}

fn posts_of(group: u64) -> String {
    format!("post/{group:020}/")
}

fn plan_name(hash: B256) -> String {
    format!("plan/{hash:x}")
}

fn proposals_of(vault: u64) -> String {
    format!("proposed/{vault:020}/")
}

fn bindings_of(job: &JobId) -> String {
    format!("approved/{:020}/{:020}/{:x}/", job.vault, job.request, job.upkeep)
}

fn encode_job(job: &JobId) -> Vec<u8> {
    [&job.vault.to_be_bytes()[..], &job.request.to_be_bytes(), job.upkeep.as_slice()].concat()
}

fn decode_job(bytes: &[u8; 48]) -> JobId {
    let (vault, rest) = bytes.split_at(8);
    let (request, upkeep) = rest.split_at(8);
    let number = |bytes: &[u8]| bytes.try_into().map(u64::from_be_bytes).unwrap_or_default();
    JobId { vault: number(vault), request: number(request), upkeep: B256::from_slice(upkeep) }
}

/// Lists what was posted to a group, in order.
pub(super) fn posts(notes: &dyn Notes, group: u64) -> Result<Vec<Post>, NotesError> {
    let rows = notes.list(&posts_of(group))?;
    Ok(rows.iter().filter_map(|(_, bytes)| read_post(bytes)).collect())
}

fn read_post(bytes: &[u8]) -> Option<Post> {
    let (height, rest) = bytes.split_first_chunk::<8>()?;
    let ([kind], rest) = rest.split_first_chunk::<1>()?;
    let (member, message) = rest.split_first_chunk::<2>()?;
    let (height, member) = (u64::from_be_bytes(*height), u16::from_be_bytes(*member));
    Some(Post { height, kind: *kind, member, message: message.to_vec() })
}

/// Is a plan that was proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Proposal {
    pub(super) job: JobId,
    pub(super) sequence: u64,
    pub(super) height: u64,
    pub(super) plan: B256,
}

/// Lists the plans that were proposed as a vault's plan number `sequence`, in order.
pub(super) fn proposals(notes: &dyn Notes, vault: u64, sequence: u64) -> Result<Vec<Proposal>, NotesError> {
    let rows = notes.list(&proposals_of(vault))?;
    let read = rows.iter().filter_map(|(_, bytes)| read_proposal(bytes));
    Ok(read.filter(|proposal| proposal.sequence == sequence).collect())
}

fn read_proposal(bytes: &[u8]) -> Option<Proposal> {
    let (job, rest) = bytes.split_first_chunk::<48>()?;
    let (sequence, rest) = rest.split_first_chunk::<8>()?;
    let (height, plan) = rest.split_first_chunk::<8>()?;
    let (sequence, height) = (u64::from_be_bytes(*sequence), u64::from_be_bytes(*height));
    Some(Proposal { job: decode_job(job), sequence, height, plan: B256::try_from(plan).ok()? })
}

/// Forgets proposals before a vault's plan number `sequence`; plans that became binding stay.
pub(super) fn forget_proposals(notes: &mut dyn Notes, vault: u64, sequence: u64) -> Result<(), NotesError> {
    let rows = notes.list(&proposals_of(vault))?;
    let old = rows
        .into_iter()
        .filter(|(_, bytes)| read_proposal(bytes).is_none_or(|proposal| proposal.sequence < sequence));
    let changes: Vec<_> = old.map(|(name, _)| (name, None)).collect();
    if changes.is_empty() { Ok(()) } else { notes.put(changes) }
}

/// Lists the plans that became binding for a job, in order.
pub(super) fn bindings(notes: &dyn Notes, job: &JobId) -> Result<Vec<Binding>, NotesError> {
    let rows = notes.list(&bindings_of(job))?;
    let read = |bytes: &[u8]| {
        let (plan, height) = bytes.split_first_chunk::<32>()?;
        Some(Binding { plan: B256::from(*plan), height: u64::from_be_bytes(height.try_into().ok()?) })
    };
    Ok(rows.iter().filter_map(|(_, bytes)| read(bytes)).collect())
}

/// Lists the upkeep jobs of a vault for which a plan became binding and which are not forgotten.
pub(super) fn upkeep_jobs(notes: &dyn Notes, vault: u64) -> Result<Vec<JobId>, NotesError> {
    let prefix = format!("approved/{vault:020}/{:020}/", 0);
    let rows = notes.list(&prefix)?;
    let upkeep =
        rows.iter().filter_map(|(name, _)| name.strip_prefix(&prefix)?.split('/').next()?.parse().ok());
    let mut jobs: Vec<JobId> = upkeep.map(|upkeep| JobId { vault, request: 0, upkeep }).collect();
    jobs.dedup();
    Ok(jobs)
}

/// Forgets the plans of a job that is settled.
pub(super) fn forget_job(notes: &mut dyn Notes, job: &JobId) -> Result<(), NotesError> {
    let rows = notes.list(&bindings_of(job))?;
    notes.put(rows.into_iter().map(|(name, _)| (name, None)).collect())
}

/// Reads a plan by its hash.
pub(super) fn plan(notes: &dyn Notes, hash: B256) -> Result<Option<Vec<u8>>, NotesError> {
    notes.get(&plan_name(hash))
}
