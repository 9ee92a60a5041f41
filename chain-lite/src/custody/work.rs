//! Works on a vault's outer chain: watches it, carries jobs on, and signs binding plans.

use super::{
    agent::{Custodian, Seat},
    chain::{Chain, Reader},
    error::CustodyError,
    jobs::{self, Working},
    record::{self, RecordError},
    reports::Presence,
    shards::Letter,
    signing::{Item, Signing},
    solvency,
    wire::Wire,
};
use alloy_primitives::B256;
use fusor_custody::store::{self, Files};
use fusor_outer::{OuterChain, Plan, Scheme};
use fusor_vm::dcrm::{self, Group, JobId, State, Vault, bit};
use std::collections::{BTreeMap, BTreeSet};

/// Milliseconds for which a member that was heard counts as present.
const PRESENT_MS: u64 = 5_000;
/// Milliseconds between looks at what a vault holds.
const SOLVENCY_MS: u64 = 5_000;
/// Milliseconds after which signatures are asked for that others should have made.
const WANT_MS: u64 = 3_000;

impl<F: Files> Custodian<F> {
    /// Watches the outer chain, carries jobs on and signs.
    pub(super) fn work(
        &mut self,
        chain: &dyn Chain,
        vault: &Vault,
        group: &Group,
        now: u64,
    ) -> Result<Vec<Letter>, CustodyError> {
        let Self { keys, notes, links, sender, seats, by_hand, .. } = self;
        let (Some(seat), Some(link)) = (seats.get_mut(&vault.number), links.get_mut(&vault.chain)) else {
            return Ok(Vec::new());
        };
        seat.locks.follow(chain, vault)?;
        let coins = &dcrm::vault_coins(&mut Reader::new(chain)?, vault)?[..];
        let (notes, locks, desk) = (notes.as_mut(), &seat.locks, &mut seat.desk);
        let mut working =
            Working { chain, notes, keys, sender, link, locks, vault, coins, desk, group, by_hand, now };
        let alarm = working.watch()?;
        let open = working.open()?;
        working.desk.asks = working.asks(&open)?;
        let may_pay = matches!(vault.state, State::Active | State::Retiring);
        if may_pay {
            working.step(&open)?;
        }
        if alarm || seat.watch.is_due(now, SOLVENCY_MS) {
            solvency::look(&mut seat.watch, &mut working, &open)?;
        }
        let plans = match may_pay {
            true => binding_plans(&mut working, &open, &seat.signings)?,
            false => Vec::new(),
        };
        let mut letters = sign(seat, vault, plans, chain, link.outer.as_ref(), now)?;
        letters.extend(self.gather(vault, group, &open, now)?);
        Ok(letters)
    }

    /// Keeps finished signatures and tells them to all; asks for those that others should have made.
    fn gather(
        &mut self,
        vault: &Vault,
        group: &Group,
        open: &[jobs::Open],
        now: u64,
    ) -> Result<Vec<Letter>, CustodyError> {
        let Self { notes, seats, .. } = self;
        let Some(seat) = seats.get_mut(&vault.number) else { return Ok(Vec::new()) };
        let binding: BTreeSet<B256> = open.iter().flat_map(|job| &job.bindings).map(|b| b.plan).collect();
        seat.signings.retain(|plan, _| binding.contains(plan));
        let mut letters = Vec::new();
        for plan in &binding {
            if jobs::signatures(notes.as_ref(), *plan)?.is_some() {
                seat.signings.remove(plan);
                continue;
            }
            if let Some(signatures) = seat.signings.get(plan).and_then(Signing::signatures) {
                jobs::keep_signatures(notes.as_mut(), *plan, &signatures)?;
                let told = Wire::Signed { plan: *plan, signatures };
                letters.extend(group.indices().map(|member| (member, told.clone())));
            } else if now.saturating_sub(seat.wanted) >= WANT_MS {
                letters.extend(group.indices().map(|member| (member, Wire::Want { plan: *plan })));
            }
        }
        if now.saturating_sub(seat.wanted) >= WANT_MS {
            seat.wanted = now;
        }
        Ok(letters)
    }
}

/// Is a binding plan that this node has checked and that is not signed.
struct Binding {
    hash: B256,
    plan: Plan,
}

/// Lists the last binding plan of each job that is not signed, where this node's own check holds.
fn binding_plans(
    working: &mut Working<'_>,
    open: &[jobs::Open],
    running: &BTreeMap<B256, Signing>,
) -> Result<Vec<Binding>, RecordError> {
    let mut found = Vec::new();
    for job in open {
        let Some(last) = job.bindings.last() else { continue };
        if job.job.plan != last.plan || jobs::signatures(working.notes, last.plan)?.is_some() {
            continue;
        }
        let Some(plan) = record::plan(working.notes, last.plan)?.and_then(|bytes| Plan::decode(&bytes).ok())
        else {
            continue;
        };
        let checked = running.contains_key(&last.plan)
            || working.desk.checked.contains(&last.plan)
            || working.check(&job.id, &plan, open)?;
        if checked {
            working.desk.checked.insert(last.plan);
            let id: JobId = job.id;
            working.desk.waits.insert((id.request, id.upkeep), "the custodians' signature".into());
            found.push(Binding { hash: last.plan, plan });
        }
    }
    Ok(found)
}

/// Begins and goes on with signatures.
fn sign<F: Files>(
    seat: &mut Seat<F>,
    vault: &Vault,
    plans: Vec<Binding>,
    chain: &dyn Chain,
    outer: &dyn OuterChain,
    now: u64,
) -> Result<Vec<Letter>, CustodyError> {
    let Some(me) = seat.shards.holding().map(fusor_custody::Holding::me) else { return Ok(Vec::new()) };
    let lately =
        |(member, (at, _)): (&u16, &(u64, u64))| (now.saturating_sub(*at) < PRESENT_MS).then_some(*member);
    let mut present: Vec<u16> = seat.heard.iter().filter_map(lately).collect();
    present.push(me);
    present.sort_unstable();
    present.dedup();
    let mut paired: BTreeMap<u16, u64> =
        seat.heard.iter().map(|(member, (_, with))| (*member, *with)).collect();
    paired.insert(me, seat.shards.paired());
    for (member, with) in &mut paired {
        *with |= bit(*member);
    }
    let mut letters = Vec::new();
    for Binding { hash, plan } in plans {
        if !seat.signings.contains_key(&hash) {
            let Some(items) = items(seat, vault, &plan, chain, outer)? else { continue };
            seat.signings.insert(hash, Signing::new(hash, items));
        }
        let presence = Presence { present: &present, paired: &paired };
        if let Some(signing) = seat.signings.get_mut(&hash) {
            letters.extend(signing.step(&mut seat.shards, &presence, now)?);
        }
    }
    Ok(letters)
}

/// Computes what a plan asks to be signed, from the plan itself.
fn items<F: Files>(
    seat: &Seat<F>,
    vault: &Vault,
    plan: &Plan,
    chain: &dyn Chain,
    outer: &dyn OuterChain,
) -> Result<Option<Vec<Item>>, CustodyError> {
    let Ok(parent) = fusor_dcrm::Point::from_bytes(&vault.key) else { return Ok(None) };
    let Ok(hashes) = outer.sighashes(plan) else { return Ok(None) };
    let mut items = Vec::with_capacity(hashes.len());
    for sighash in hashes {
        let Some(request) = seat.locks.request(&sighash.path) else { return Ok(None) };
        let context = dcrm::context(chain.id(), vault.number, request);
        let Ok(tweak) = fusor_dcrm::tweak(&parent, &context.0) else { return Ok(None) };
        let scheme = match sighash.scheme {
            Scheme::Ecdsa => store::Scheme::Ecdsa,
            Scheme::Schnorr => store::Scheme::Schnorr,
        };
        items.push(Item { tweak: tweak.to_bytes().into(), hash: sighash.hash, scheme });
    }
    Ok(Some(items))
}
