//! Builds what a representative hands over: its group's package, and an offer over all groups' packages.

use super::{Ledger, LedgerError, Packages, Pending, Sabotage, round_after};
use crate::{
    chain::{Chain, frame},
    error::ChainError,
    executor::{Executed, Session},
    group::{self, Attempts, Grouping},
    hhcm::{
        BeaconKey, Claims, EVIDENCE_MAX, Evidence, Offer, Package, REVEAL_LEN, Round, Seal, overlap, search,
    },
    schedule::Index,
    state::State,
    tx::Transaction,
};
use alloy_consensus::Header;
use alloy_primitives::{Address, B64, B256, Bytes};
use commonware_cryptography::{Signer, ed25519::PrivateKey};
use fusor_vm::hhcm::PackageHeader;
use std::{collections::BTreeMap, sync::Arc};

/// Is what an author decides of its block.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// The author's node key.
    pub key: &'a PrivateKey,
    /// The author's beacon key, which signs where the committee has no key.
    pub beacon: &'a BeaconKey,
    /// The group that the author represents and worked for; none relays the packages without work.
    pub group: Option<u32>,
    /// The group that the author will join two heights later.
    pub guerrilla: Option<u32>,
    /// Proofs that nodes cheated; those that prove nothing by now are left out.
    pub evidence: &'a [Evidence],
    /// Good dealings for the committee's key by the dealer's place; those that the chain has or cannot take are left
    /// out.
    pub dealings: &'a BTreeMap<u32, Bytes>,
    /// The author's clock in seconds; the next block's time follows from it.
    pub now: u64,
}

/// Is what a block carries beside its packages.
#[derive(Debug, Clone, Copy)]
struct Extras<'a> {
    reveal: [u8; REVEAL_LEN],
    evidence: &'a [Bytes],
    dealings: &'a [Bytes],
}

impl Ledger {
    /// Runs a group's transactions after `parent` and signs what they did as the group's package.
    pub fn package(
        &mut self,
        parent: B256,
        group: u32,
        transactions: Vec<Transaction>,
        key: &PrivateKey,
    ) -> Result<Package, LedgerError> {
        let round = self.round(parent)?;
        let header = self.frame(&round)?;
        let threads = self.threads;
        let attempts = self.at(parent, |state, index, chain| {
            let mut session = open(state, index, chain, header, None);
            session.begin()?;
            session.run_due()?;
            let mut groups: Vec<_> = (0..round.x).map(|_| Vec::new()).collect();
            if let Some(place) = groups.get_mut(group as usize) {
                *place = transactions;
            }
            Ok::<_, LedgerError>(session.attempt(groups, threads))
        })??;
        let attempts = attempts.into_iter().nth(group as usize).unwrap_or_default();
        let claims = Claims::of(&attempts);
        let transactions = attempts.transactions;
        let header = PackageHeader {
            height: round.height,
            parent,
            group,
            x: round.x,
            author: B256::from_slice(key.public_key().as_ref()),
            ..PackageHeader::default()
        };
        Ok(Package::sign(self.chain.genesis().chain_id, header, claims, transactions, key))
    }

    /// Builds, executes and signs a block over packages after `parent`. A package whose claims do not hold is left
    /// out. The block is then known, as one of another author is after its check.
    pub fn offer(
        &mut self,
        parent: B256,
        packages: &Packages,
        draft: Draft<'_>,
    ) -> Result<Offer, LedgerError> {
        let round = self.round(parent)?;
        let mut packages = packages.clone();
        packages.resize(round.x as usize, None);
        let mut evidence = self.provable(&round, draft.evidence)?;
        let reveal = self.reveal_by(&round, draft.beacon)?;
        let dealings = self.takeable(&round, draft.dealings)?;
        loop {
            let extras = Extras { reveal, evidence: &evidence, dealings: &dealings };
            match self.try_offer(&round, &packages, extras, draft) {
                Err(LedgerError::Claims(group)) => {
                    let Some(place) = packages.get_mut(group as usize) else {
                        return Err(LedgerError::Claims(group));
                    };
                    *place = None;
                }
                // A transaction of the block reported the same.
                Err(LedgerError::Chain(ChainError::Evidence(_))) if !evidence.is_empty() => evidence.clear(),
                done => return done,
            }
        }
    }

    /// Lists the proofs that prove something after `parent`, one for each cheat, as a block may hold them.
    fn provable(&mut self, round: &Round, evidence: &[Evidence]) -> Result<Vec<Bytes>, LedgerError> {
        if evidence.is_empty() {
            return Ok(Vec::new());
        }
        self.after_parent(round, |store| {
            let proves = |proof: &&Evidence| proof.punish(store, Address::ZERO).is_ok();
            Ok(evidence.iter().filter(proves).take(EVIDENCE_MAX).map(Evidence::encode).collect())
        })
    }

    fn try_offer(
        &mut self,
        round: &Round,
        packages: &Packages,
        extras: Extras<'_>,
        draft: Draft<'_>,
    ) -> Result<Offer, LedgerError> {
        let genesis = self.chain.genesis();
        let chain_id = genesis.chain_id;
        let key = B256::from_slice(draft.key.public_key().as_ref());
        let digests: Vec<Option<B256>> = packages.iter().map(|p| p.as_ref().map(|p| p.digest())).collect();
        let root = crate::hhcm::packages_root(&digests);
        let nonce = draft.group.map_or(0, |_| search(round, root, key));
        let (earliest, latest) =
            (round.time.saturating_add(1), round.time.saturating_add(round.time_step_max));
        let seal = Seal {
            x: round.x,
            author: key,
            group: draft.group.unwrap_or_default(),
            worked: draft.group.is_some(),
            merged: self.merge_pays(packages),
            reveal: extras.reveal,
            guerrilla: draft.guerrilla,
            next_time: draft.now.saturating_add(genesis.block_time).clamp(earliest, latest),
            packages: digests,
            evidence: extras.evidence.to_vec(),
            dealings: extras.dealings.to_vec(),
        };
        let payout = round.member(key).map(|member| member.payout).unwrap_or_default();
        let header = Header {
            nonce: B64::from(nonce),
            extra_data: seal.encode(),
            beneficiary: payout,
            ..self.frame(round)?
        };
        let (executed, changes, next) = self.execute(round, header, &seal, packages)?;
        let offer = Offer::sign(chain_id, executed.block.header.clone(), draft.key);
        let packages = packages.clone();
        let pending = Pending { offer: offer.clone(), executed, changes, packages, round: next.into() };
        self.pending.insert(offer.hash(), pending);
        Ok(offer)
    }

    /// Executes the packages of a block after its parent; nothing is kept.
    pub(super) fn execute(
        &mut self,
        round: &Round,
        header: Header,
        seal: &Seal,
        packages: &Packages,
    ) -> Result<(Executed, crate::state::Changeset, Round), LedgerError> {
        let (threads, merged) = (self.threads, seal.merged);
        let (idle, blind) = (self.breaks(Sabotage::SkipDue), self.breaks(Sabotage::IgnoreConflicts));
        self.at(round.parent, |state, index, chain| {
            let mark = state.mark();
            let mut session = open(state, index, chain, header, Some(seal.clone()));
            session.begin()?;
            if !idle {
                session.run_due()?;
            }
            let groups = packages.iter().map(|package| {
                package.as_ref().map(|package| package.transactions.clone()).unwrap_or_default()
            });
            match merged {
                false => drop(session.run_all(groups.flatten().collect())),
                true => {
                    let attempts = session.attempt(groups.collect(), threads);
                    check_claims(packages, &attempts, threads)?;
                    let flags = match blind {
                        true => group::merge_blindly(&attempts),
                        false => group::merge(&attempts, session.gas_left(), threads),
                    };
                    session.keep(attempts, &flags, threads);
                }
            }
            let executed = session.close()?;
            let next = round_after(state, chain, &executed.block.header)?;
            let changes = state.changes_since(mark).unwrap_or_default();
            Ok((executed, changes, next))
        })?
    }

    /// Returns the header's fields that the round fixes.
    pub(super) fn frame(&self, round: &Round) -> Result<Header, LedgerError> {
        let parent = self.header(round.parent)?;
        Ok(Header {
            mix_hash: round.seed,
            ..frame(self.chain.genesis(), Some((round.parent, parent)), round.time)
        })
    }

    /// Says whether merging the groups' runs pays, by what the packages claim to have written. It changes order and
    /// speed, never validity.
    fn merge_pays(&self, packages: &Packages) -> bool {
        if let Some(merging) = self.merging {
            return merging;
        }
        let busy = || packages.iter().flatten().filter(|package| !package.transactions.is_empty());
        let transactions = busy().map(|package| package.transactions.len()).sum();
        let groups = u32::try_from(busy().count()).unwrap_or(u32::MAX);
        let grouping = Grouping { groups, threads: self.threads };
        // Reading the lists is for those that could pay at all.
        grouping.pays(transactions, 0)
            && grouping.pays(transactions, overlap(busy().map(|package| &**package)))
    }
}

fn open<'a>(
    state: &'a mut State,
    index: &'a mut Index,
    chain: &Chain,
    header: Header,
    seal: Option<Seal>,
) -> Session<'a> {
    Session::open(state, index, chain.rules(), header, chain.genesis().dev).with_seal(seal)
}

fn check_claims(packages: &Packages, attempts: &[Attempts], threads: usize) -> Result<(), LedgerError> {
    let wrong = |((package, attempts), group): ((&Option<Arc<Package>>, _), _)| {
        let package = package.as_ref()?;
        (!package.holds(&Claims::of(attempts))).then_some(group)
    };
    let found = group::each(threads, packages.iter().zip(attempts).zip(0..).collect(), wrong);
    found.into_iter().flatten().next().map_or(Ok(()), |group| Err(LedgerError::Claims(group)))
}
