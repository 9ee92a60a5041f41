//! Makes this node's packages and offers, a round at a time (whitepaper 5.5.2).

use super::{
    message::Message,
    shared::{Node, moment, seconds},
    start::Runtime,
};
use crate::{
    hhcm::{Offer, PACKAGE_LEN_MAX, Package, Round, Seal},
    ledger::{Draft, LedgerError, Packages},
    pool::{Choice, Group},
    tx::Transaction,
};
use alloy_eips::Encodable2718;
use alloy_primitives::B256;
use commonware_cryptography::Signer;
use commonware_macros::select;
use commonware_utils::channel::mpsc;
use futures::future::join;
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// How long a task waits for a parent that is certified and not executed here.
const PARENT_WAIT: Duration = Duration::from_secs(60);

/// Blocks without users' transactions before simulated time leaps.
const QUIET_BLOCKS: u64 = 5;

/// Parents remembered as started; each is told of more than once.
const STARTED_MAX: usize = 256;

/// Starts a round for every parent that is handed over, until the node ends.
pub(super) async fn run<E: Runtime>(context: E, node: Node, mut openings: mpsc::UnboundedReceiver<B256>) {
    let mut started = VecDeque::new();
    while let Some(parent) = openings.recv().await {
        if started.contains(&parent) {
            continue;
        }
        started.push_front(parent);
        started.truncate(STARTED_MAX);
        let node = node.clone();
        context.child("round").spawn(move |context| async move { node.produce(&context, parent).await });
    }
}

/// Keeps the first transactions that have at most `most` bytes together; the access list needs room too.
fn first_bytes(transactions: Vec<Transaction>, most: usize) -> Vec<Transaction> {
    let mut left = most;
    let mut fits = |tx: &Transaction| match left.checked_sub(tx.encode_2718_len()) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    transactions.into_iter().take_while(|tx| fits(tx)).collect()
}

impl Node {
    /// Makes this node's part of the round over `parent`: nothing, a package, or a package and an offer.
    async fn produce<E: Runtime>(&self, context: &E, parent: B256) {
        let known = self.wait(|node| node.ledger(|ledger| ledger.round(parent)).ok());
        let round = select! {
            round = known => { round },
            _ = context.sleep(PARENT_WAIT) => { return },
        };
        self.open(context, &round);
        join(self.retell_part(context, &round), self.take_part(context, &round)).await;
    }

    /// Makes a package and an offer if this node represents a group.
    async fn take_part<E: Runtime>(&self, context: &E, round: &Round) {
        let Some(group) = round.represents(self.keys().id()) else { return };
        self.until_slot(context, round, Duration::ZERO).await;
        self.make_package(round, group);
        let packages = self.gather(context, round).await;
        select! {
            _ = self.revealed(round) => { self.make_offer(context, round, group, &packages) },
            _ = context.sleep(PARENT_WAIT) => {},
        }
    }

    /// Notes that a height opened.
    pub(super) fn open<E: Runtime>(&self, context: &E, round: &Round) {
        if self.book(|book| book.open(round.parent, round.height, context.current())) {
            self.sign_part(round);
            self.notify();
        }
    }

    /// Waits until `after` behind the round's start: the later of its opening here and the block's own time.
    pub(super) async fn until_slot<E: Runtime>(&self, context: &E, round: &Round, after: Duration) {
        context.sleep(self.left(context, round, after)).await;
    }

    /// Says how long it is until `after` behind the round's start.
    pub(super) fn left<E: Runtime>(&self, context: &E, round: &Round, after: Duration) -> Duration {
        let now = self.clock(context.current());
        let opened = self.book(|book| book.opened(round.parent)).map_or(now, |at| self.clock(at));
        let due = self.slot(round, opened) + after;
        due.duration_since(now).unwrap_or_default()
    }

    /// Returns when a round starts that opened here at `opened`, by this node's clock.
    pub(super) fn slot(&self, round: &Round, opened: SystemTime) -> SystemTime {
        match self.settings().warp {
            true => opened + self.ledger(|ledger| ledger.block_time()),
            false => opened.max(moment(round.time)),
        }
    }

    /// Returns the time in seconds from which an author counts the next block's; `clock` is its own clock's.
    pub(super) fn author_time(&self, round: &Round, clock: u64) -> u64 {
        if !self.settings().warp {
            return clock;
        }
        // Users who answer to what a block did come before a leap.
        let quiet = self.ledger(|ledger| ledger.quiet(round.parent, QUIET_BLOCKS));
        if !quiet || self.pool(|pool| pool.status().0) > 0 {
            return round.time;
        }
        let (due, block_time) = self.ledger(|ledger| (ledger.next_due(round.parent), ledger.block_time()));
        match due {
            Ok(Some(due)) if due > round.time => due.saturating_sub(block_time.as_secs()),
            _ => round.time,
        }
    }

    fn make_package(&self, round: &Round, group: u32) {
        let before = self.signed_before(round, group);
        match before.and_then(|before| before.map_or_else(|| self.sign_package(round, group), Ok)) {
            Ok(package) => {
                let package = Arc::new(package);
                self.hear_package(package.clone());
                self.tell(Message::Package(package));
            }
            Err(error) => tracing::warn!(height = round.height, %error, "no package"),
        }
    }

    /// Returns the package that this node signed for the round before it was restarted. What cannot be read may have
    /// been sent, so that no other one is signed.
    fn signed_before(&self, round: &Round, group: u32) -> Result<Option<Package>, String> {
        let bytes = self.observer().signed((round.height, round.parent, group));
        let Some(bytes) = bytes.map_err(|reason| reason.to_string())? else { return Ok(None) };
        self.read_package(&bytes).map(Some).map_err(|error| error.to_string())
    }

    fn sign_package(&self, round: &Round, group: u32) -> Result<Package, String> {
        let made = self.ledger(|ledger| {
            let (gas, base_fee) = ledger.room(round)?;
            let choice = Choice { gas, base_fee, count: 4_096 };
            let members = Group { group, groups: round.x };
            let ready = self.pool(|pool| pool.ready_of_group(choice, members));
            let transactions = first_bytes(ready, PACKAGE_LEN_MAX / 2);
            ledger.package(round.parent, group, transactions, &self.keys().node)
        });
        let package = made.map_err(|error| error.to_string())?;
        let place = (round.height, round.parent, group);
        self.observer().signing(place, &package.encoded()).map_err(|reason| reason.to_string())?;
        Ok(package)
    }

    /// Waits for all groups' packages or until they are due, and returns those that are there.
    async fn gather<E: Runtime>(&self, context: &E, round: &Round) -> Packages {
        let all = self.wait(|node| {
            let packages = node.packages_at_hand(round);
            (packages.iter().flatten().count() >= round.expected()).then_some(packages)
        });
        let left = self.left(context, round, self.settings().packages_by);
        select! {
            packages = all => { packages },
            _ = context.sleep(left) => { self.packages_at_hand(round) },
        }
    }

    /// Returns each group's package that was heard and fits the round.
    pub(super) fn packages_at_hand(&self, round: &Round) -> Packages {
        self.book(|book| {
            let package = |group| {
                let author = round.representative(group)?.key;
                let package = book.package_of(round.height, round.parent, group, author)?;
                round.check_package(&package).is_ok().then_some(package)
            };
            (0..round.x).map(package).collect()
        })
    }

    fn make_offer<E: Runtime>(&self, context: &E, round: &Round, group: u32, packages: &Packages) {
        let began = context.current();
        let now = self.clock(began);
        match self.offer(round, packages, Some(group), seconds(now)) {
            Ok(offer) => {
                let took = context.current().duration_since(began).unwrap_or_default();
                self.observer().worked(took);
                self.hear_offer(offer.clone(), context.current());
                self.notify();
                self.tell(Message::Offer(offer));
            }
            Err(error) => tracing::warn!(height = round.height, %error, "no offer"),
        }
    }

    /// Builds a block of this node's own; `now` is its clock in seconds.
    pub(super) fn offer(
        &self,
        round: &Round,
        packages: &Packages,
        group: Option<u32>,
        now: u64,
    ) -> Result<Offer, LedgerError> {
        let keys = self.keys();
        // Any choice will do that others cannot foresee; the seed of the height that it is for is not known yet.
        let choice = keys.node.sign(b"fusor guerrilla", round.seed.as_slice());
        let choice = choice.as_ref().first().copied().map_or(0, u32::from) % round.x.max(1);
        let (evidence, dealings) = (self.evidence(), self.good_dealings(round));
        let (key, beacon, guerrilla) = (&keys.node, &keys.beacon, Some(choice));
        let now = self.author_time(round, now);
        let draft = Draft { key, beacon, group, guerrilla, evidence: &evidence, dealings: &dealings, now };
        self.ledger(|ledger| ledger.offer(round.parent, packages, draft))
    }

    /// Returns the packages that a seal names, asking peers for those that are missing. It waits as long as that
    /// takes; none if the block names what is no package.
    pub(super) async fn packages_of(&self, seal: &Seal) -> Option<Packages> {
        let mut packages = Vec::with_capacity(seal.packages.len());
        for digest in &seal.packages {
            packages.push(match digest {
                None => None,
                Some(digest) => Some(self.package(*digest).await?),
            });
        }
        Some(packages)
    }
}
