//! Talks with the other members: greets them, and takes what they say.

use super::{
    agent::{Custodian, Post},
    chain::{Chain, ChainError, Reader},
    error::CustodyError,
    jobs, record,
    shards::Letter,
    wire::Wire,
};
use alloy_primitives::{Address, B256};
use fusor_custody::{Holding, Message, store::Files};
use fusor_outer::Plan;
use fusor_vm::dcrm::{Group, Vault};
use std::collections::BTreeSet;

/// Milliseconds between greetings.
const HELLO_MS: u64 = 1_000;
/// Milliseconds for which messages wait for their plan to become binding here; their attempt is over then.
const EARLY_MS: u64 = 10_000;

/// Reads a vault and the group that holds its key.
fn held(chain: &dyn Chain, vault: u64) -> Result<Option<(Vault, Group)>, ChainError> {
    let mut reader = Reader::new(chain)?;
    let Some(vault) = Vault::load(&mut reader, vault)? else { return Ok(None) };
    let group = Group::load(&mut reader, vault.group)?;
    Ok(group.map(|group| (vault, group)))
}

impl<F: Files> Custodian<F> {
    fn member_at(&self, group: &Group, node: B256) -> Option<u16> {
        let at = |operator: &Address| self.nodes.get(operator) == Some(&node);
        let place = group.members.iter().position(at)?;
        u16::try_from(place.saturating_add(1)).ok()
    }

    pub(super) fn address(&self, group: &Group, letters: Vec<Letter>) -> Vec<Post> {
        let me = group.index_of(self.keys.operator());
        let others = letters.into_iter().filter(|(member, _)| Some(*member) != me);
        let post = |(member, wire): Letter| Some((*self.nodes.get(&group.operator(member)?)?, wire.encode()));
        others.filter_map(post).collect()
    }

    /// Takes a message of a node of the network; returns what is to be sent. What does not decode, or comes from a node
    /// that is no fellow member, is dropped; what belongs to a plan that is not binding here yet waits.
    pub fn hear(
        &mut self,
        chain: &dyn Chain,
        from: B256,
        bytes: &[u8],
        now: u64,
    ) -> Result<Vec<Post>, CustodyError> {
        let Ok(wire) = Wire::decode(bytes) else {
            tracing::debug!(%from, "not a message of a custodian");
            return Ok(Vec::new());
        };
        let (mut posts, mut fellow) = (Vec::new(), false);
        for number in self.seats.keys().copied().collect::<Vec<_>>() {
            let Some((vault, group)) = held(chain, number)? else { continue };
            let Some(member) = self.member_at(&group, from) else { continue };
            fellow = true;
            let letters = self.hear_member(&vault, &group, (member, &wire), now)?;
            posts.extend(self.address(&group, letters));
        }
        if let Some(plan) = wire.signs().filter(|plan| fellow && !self.is_signing(*plan)) {
            self.early.push(from, bytes.len(), (now, plan, bytes.to_vec()));
        }
        Ok(posts)
    }

    fn is_signing(&self, plan: B256) -> bool {
        self.seats.values().any(|seat| seat.signings.contains_key(&plan))
    }

    /// Takes what came too early, once more; called after each step.
    pub fn hear_early(&mut self, chain: &dyn Chain, now: u64) -> Result<Vec<Post>, CustodyError> {
        let mut posts = Vec::new();
        for (from, (at, plan, bytes)) in self.early.take() {
            if self.is_signing(plan) {
                posts.extend(self.hear(chain, from, &bytes, now)?);
            } else if now.saturating_sub(at) < EARLY_MS {
                self.early.push(from, bytes.len(), (at, plan, bytes));
            }
        }
        Ok(posts)
    }

    /// Takes what a member of a vault's group says.
    fn hear_member(
        &mut self,
        vault: &Vault,
        group: &Group,
        (member, wire): (u16, &Wire),
        now: u64,
    ) -> Result<Vec<Letter>, CustodyError> {
        let boot = self.boot;
        let Some(seat) = self.seats.get_mut(&vault.number) else { return Ok(Vec::new()) };
        match wire {
            Wire::Hello { paired } => {
                let with = paired.iter().find(|(number, _)| *number == group.number).map(|(_, with)| *with);
                seat.heard.insert(member, (now, with.unwrap_or_default()));
                Ok(Vec::new())
            }
            Wire::Setup { group: number, boot: theirs, round, bytes } if *number == group.number => {
                let said = (*theirs, *round, bytes.clone());
                let with = seat.heard.get(&member).map_or(0, |(_, with)| *with);
                Ok(seat.shards.hear_setup(vault, boot, (member, with), said, now)?)
            }
            Wire::Invite { plan, attempt, set } => match seat.signings.get_mut(plan) {
                Some(signing) => Ok(signing.hear_invite(&mut seat.shards, member, (*attempt, *set), now)?),
                None => Ok(Vec::new()),
            },
            Wire::Sign { plan, attempt, input, round, bytes } => match seat.signings.get_mut(plan) {
                Some(signing) => {
                    let to = seat.shards.holding().map_or(0, Holding::me);
                    let message = Message { from: member, to, round: *round, bytes: bytes.clone() };
                    Ok(signing.hear(&mut seat.shards, member, (*attempt, *input), message)?)
                }
                None => Ok(Vec::new()),
            },
            Wire::Report { plan, attempt, set, kind, named } => {
                if let Some(signing) = seat.signings.get_mut(plan) {
                    signing.reports.hear(member, (*attempt, *set), (*kind, *named));
                }
                Ok(Vec::new())
            }
            Wire::Signed { plan, signatures } => {
                self.hear_signed(vault, *plan, signatures)?;
                Ok(Vec::new())
            }
            Wire::Want { plan } => {
                let found = jobs::signatures(self.notes.as_ref(), *plan)?;
                let told = found.map(|signatures| (member, Wire::Signed { plan: *plan, signatures }));
                Ok(told.into_iter().collect())
            }
            Wire::Setup { .. } => Ok(Vec::new()),
        }
    }

    /// Keeps signatures that others made, if they are right.
    fn hear_signed(
        &mut self,
        vault: &Vault,
        plan: B256,
        signatures: &[[u8; 64]],
    ) -> Result<(), CustodyError> {
        let (Some(link), false) =
            (self.links.get(&vault.chain), jobs::signatures(self.notes.as_ref(), plan)?.is_some())
        else {
            return Ok(());
        };
        let Some(bytes) = record::plan(self.notes.as_ref(), plan)? else { return Ok(()) };
        let read = Plan::decode(&bytes).ok().filter(|plan| link.outer.sighashes(plan).is_ok());
        // Members share several vaults; the plan may be another one's.
        let Some(read) = read else { return Ok(()) };
        match link.outer.assemble(&read, signatures) {
            Ok(_) => Ok(jobs::keep_signatures(self.notes.as_mut(), plan, signatures)?),
            Err(reason) => {
                tracing::warn!(%reason, "signatures of a plan are wrong");
                Ok(())
            }
        }
    }

    /// Greets all fellow members.
    pub(super) fn greet(&mut self, chain: &dyn Chain, now: u64) -> Result<Vec<Post>, CustodyError> {
        if now.saturating_sub(self.greeted) < HELLO_MS {
            return Ok(Vec::new());
        }
        self.greeted = now;
        let mut groups = Vec::new();
        for (number, seat) in &self.seats {
            let Some((_, group)) = held(chain, *number)? else { continue };
            groups.push((group, seat.shards.paired()));
        }
        let paired: Vec<_> = groups.iter().map(|(group, with)| (group.number, *with)).collect();
        let hello = Wire::Hello { paired }.encode();
        let fellows = groups.iter().flat_map(|(group, _)| &group.members);
        let mut nodes: BTreeSet<B256> =
            fellows.filter_map(|operator| self.nodes.get(operator)).copied().collect();
        nodes.remove(&self.node);
        Ok(nodes.into_iter().map(|node| (node, hello.clone())).collect())
    }
}
