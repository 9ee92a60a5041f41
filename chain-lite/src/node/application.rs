//! Answers what consensus asks. A leader relays the best offer that it holds and authors nothing; a validator leaves
//! a worse one unanswered for a few views, and never answers false to a valid block (design 10; measured in
//! `chain-lite/prototype`).

use super::{
    shared::{Node, moment, seconds},
    start::Runtime,
};
use crate::{
    hhcm::{Offer, Round, Seal, rank},
    ledger::LedgerError,
};
use alloy_primitives::B256;
use commonware_consensus::{
    Application as ConsensusApplication,
    marshal::ancestry::Ancestry,
    simplex::{scheme::ed25519::Scheme, types::Context},
};
use commonware_cryptography::{Digested, ed25519::PublicKey, keccak256::Digest};
use commonware_macros::select;
use futures::StreamExt;
use std::{future::pending, sync::Arc};

/// Answers what consensus asks.
#[derive(Clone)]
pub(super) struct Application(pub(super) Node);

type Asked<E> = (E, Context<Digest, PublicKey>);

impl<E: Runtime> ConsensusApplication<E> for Application {
    type SigningScheme = Scheme;
    type Context = Context<Digest, PublicKey>;
    type Block = Offer;
    type Input = ();

    async fn propose(
        &mut self,
        (runtime, context): Asked<E>,
        ancestry: impl Ancestry<Offer>,
        (): (),
    ) -> Option<Digested<Offer>> {
        let round = self.0.reach(B256::from(context.parent.1.0), ancestry).await?;
        self.0.open(&runtime, &round);
        let offer = self.0.choose(&runtime, &round).await;
        let offer = self.0.spoken(&round, offer)?;
        let digest = Digest(offer.hash().0);
        Some(Digested::precomputed(offer, digest))
    }

    async fn verify(&mut self, (runtime, context): Asked<E>, mut ancestry: impl Ancestry<Offer>) -> bool {
        let Some(offer) = ancestry.next().await else { return pending().await };
        let offer = offer.inner().clone();
        // Without the parent nothing can be said of the block, and no honest node says false of a valid one.
        let Some(round) = self.0.reach(B256::from(context.parent.1.0), ancestry).await else {
            return pending().await;
        };
        self.0.open(&runtime, &round);
        let patient = context.round.view().get().saturating_sub(context.parent.0.get())
            <= self.0.settings().patient_views;
        self.0.judge(&runtime, &round, &offer, patient).await
    }
}

impl Node {
    /// Executes what is missing up to `parent`, whose ancestry is given newest first, and returns what follows it.
    /// None if a block on the way is invalid.
    async fn reach(&self, parent: B256, mut ancestry: impl Ancestry<Offer>) -> Option<Arc<Round>> {
        let mut missing = Vec::new();
        loop {
            let target = missing.last().map_or(parent, |offer: &Offer| offer.header.parent_hash);
            if self.ledger(|ledger| ledger.knows(target)) {
                break;
            }
            let block = ancestry.next().await?;
            // A leader hands over the ancestry from the parent on, a validator may hand over the block before it.
            if block.inner().hash() == target {
                missing.push(block.inner().clone());
            }
        }
        while let Some(offer) = missing.pop() {
            self.execute(&offer).await.ok()?;
        }
        self.ledger(|ledger| ledger.round(parent)).ok()
    }

    /// Fetches an offer's packages and executes it on its parent, which is known. Errors: it is invalid for good.
    pub(super) async fn execute(&self, offer: &Offer) -> Result<(), LedgerError> {
        if self.ledger(|ledger| ledger.knows(offer.hash())) {
            return Ok(());
        }
        let seal = offer.seal()?;
        let packages = self.packages_of(&seal).await.ok_or(LedgerError::Package(0))?;
        self.check(offer, &packages)
    }

    /// Waits for the offers of all representatives or until they are due, and returns the best valid one; relays
    /// the packages at hand if there is none.
    async fn choose<E: Runtime>(&self, runtime: &E, round: &Round) -> Option<Offer> {
        let settings = self.settings();
        let all = self.wait(|node| {
            let offers = node.book(|book| book.offers(round.height, round.parent));
            let mut authors: Vec<B256> = offers.iter().map(|heard| heard.seal.author).collect();
            authors.sort_unstable();
            authors.dedup();
            (round.expected() > 0 && authors.len() >= round.expected()).then_some(())
        });
        let left = self.left(runtime, round, settings.offers_by + settings.margin);
        select! {
            _ = all => {},
            _ = runtime.sleep(left) => {},
        }
        // A height never starts before its time, whoever offers what.
        self.until_slot(runtime, round, std::time::Duration::ZERO).await;
        for offer in self.ranked(round) {
            let executed = self.execute(&offer);
            select! {
                done = executed => { if done.is_ok() { return Some(offer) } },
                _ = runtime.sleep(settings.margin) => {},
            }
        }
        self.revealed(round).await;
        self.relay(round, seconds(self.clock(runtime.current())))
    }

    /// Makes a block of the packages at hand, without work; `now` is the node's clock in seconds.
    pub(crate) fn relay(&self, round: &Round, now: u64) -> Option<Offer> {
        let packages = self.packages_at_hand(round);
        self.offer(round, &packages, None, now)
            .inspect_err(|error| tracing::warn!(height = round.height, %error, "nothing to relay"))
            .ok()
    }

    /// Lists the offers that fit the round, the lowest work first.
    fn ranked(&self, round: &Round) -> Vec<Offer> {
        let heard = self.book(|book| book.offers(round.height, round.parent));
        let mut fit: Vec<_> = heard
            .into_iter()
            .filter_map(|heard| {
                let seal = self.ledger(|ledger| ledger.fits(round, &heard.offer)).ok()?;
                Some((round.work(&heard.offer, &seal), heard.offer))
            })
            .collect();
        fit.sort_by(|(a, first), (b, second)| rank(*a, *b).then_with(|| first.hash().cmp(&second.hash())));
        fit.into_iter().map(|(_, offer)| offer).collect()
    }

    /// Says whether an offer is valid. While `patient`, an offer that is worse than one held in time gets no answer.
    async fn judge<E: Runtime>(&self, runtime: &E, round: &Round, offer: &Offer, patient: bool) -> bool {
        let Ok(seal) = self.ledger(|ledger| ledger.fits(round, offer)) else {
            self.book(|book| book.condemn(offer.hash()));
            return false;
        };
        match self.execute(offer).await {
            Ok(()) => {}
            Err(LedgerError::Unknown(_)) => return pending().await,
            Err(error) => {
                tracing::warn!(hash = %offer.hash(), %error, "proposed block is invalid");
                return false;
            }
        }
        self.hear_offer(offer.clone(), runtime.current());
        self.until_near(runtime, &seal).await;
        if patient && self.holds_better(runtime, round, offer, &seal).await {
            tracing::debug!(height = round.height, "a better offer is held; no answer");
            return pending().await;
        }
        true
    }

    /// Waits until the time that a block gives the next one is near by this node's clock.
    async fn until_near<E: Runtime>(&self, runtime: &E, seal: &Seal) {
        if self.settings().warp {
            return;
        }
        let now = self.clock(runtime.current());
        let near = now + self.settings().drift + self.ledger(|ledger| ledger.block_time());
        let early = moment(seal.next_time).duration_since(near).unwrap_or_default();
        runtime.sleep(early).await;
    }

    /// Says whether a better valid offer was held before offers were due here.
    async fn holds_better<E: Runtime>(&self, runtime: &E, round: &Round, offer: &Offer, seal: &Seal) -> bool {
        let work = round.work(offer, seal);
        let now = self.clock(runtime.current());
        let Some(opened) = self.book(|book| book.opened(round.parent)).map(|at| self.clock(at)) else {
            return false;
        };
        let due = self.slot(round, opened) + self.settings().offers_by;
        let heard = self.book(|book| book.offers(round.height, round.parent));
        let timely = heard.into_iter().filter(|heard| self.clock(heard.at) <= due.min(now));
        for better in timely {
            let Ok(its) = self.ledger(|ledger| ledger.fits(round, &better.offer)) else { continue };
            if !rank(round.work(&better.offer, &its), work).is_lt() {
                continue;
            }
            let executed = self.execute(&better.offer);
            let valid = select! {
                done = executed => { done.is_ok() },
                _ = runtime.sleep(self.settings().margin) => { false },
            };
            if valid {
                return true;
            }
        }
        false
    }
}
