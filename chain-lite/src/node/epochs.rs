//! Runs one consensus engine an epoch, each with the committee that the chain's state names.

use super::{
    application::Application,
    journal,
    report::Told,
    shared::Node,
    start::{Finality, Runtime},
};
use crate::{hhcm::Offer, ledger::Ledger};
use alloy_primitives::B256;
use commonware_consensus::{
    Reporters,
    marshal::{
        core::Mailbox,
        standard::{Inline, Standard},
    },
    simplex::{
        Engine,
        config::{Config, Floor, ForwardPolicy, SkipBudget, SkipPolicy},
        elector::RoundRobin,
        scheme::ed25519::Scheme,
    },
    types::{Epoch, FixedEpocher, Height, ViewDelta},
};
use commonware_cryptography::{
    Sha256,
    certificate::{Provider, Scoped},
    ed25519::PublicKey,
    keccak256::Digest,
};
use commonware_macros::select;
use commonware_p2p::{Blocker, Manager, Message, Sender, TrackedPeers, utils::mux::MuxHandle};
use commonware_parallel::Sequential;
use commonware_runtime::{Handle, buffer::paged::CacheRef};
use commonware_utils::{NZDuration, NZU16, NZUsize, channel::mpsc, non_empty_vec, ordered::Set, sync::Mutex};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Blocks ask [`super::application::Application`] through this.
pub(super) type Automaton<E> = Inline<E, Scheme, Application, Offer, FixedEpocher>;

/// Keeps the signing scheme of each epoch that is known.
#[derive(Clone, Default)]
pub(super) struct Committees(Arc<Mutex<BTreeMap<u64, Arc<Scheme>>>>);

impl Committees {
    /// Makes the committee of an epoch known; before anything that verifies its certificates starts.
    fn learn(&self, node: &Node, current: &Current) {
        let keys = Set::from_iter_dedup(current.committee.iter().cloned());
        let namespace = namespace(node.chain_id());
        let scheme = Scheme::signer(&namespace, keys.clone(), node.keys().node.clone())
            .unwrap_or_else(|| Scheme::verifier(&namespace, keys));
        self.0.lock().insert(current.epoch, Arc::new(scheme));
    }

    /// Makes the committees known of the node's epoch.
    pub(super) fn begin(&self, node: &Node) {
        self.learn(node, &node.current_epoch());
    }
}

impl Provider for Committees {
    type Scope = Epoch;
    type Scheme = Scheme;

    fn scoped(&self, scope: Epoch) -> Option<Scoped<Scheme>> {
        self.0.lock().get(&scope.get()).cloned().map(Scoped::scheme)
    }
}

/// Is what engines of all epochs share.
pub(super) struct Epochs<E: Runtime, S: Sender<PublicKey = PublicKey>, B, M> {
    pub(super) context: E,
    pub(super) node: Node,
    pub(super) automaton: Automaton<E>,
    pub(super) marshal: Mailbox<Scheme, Standard<Offer>>,
    pub(super) votes: MuxHandle<S>,
    pub(super) strays: mpsc::Receiver<(u64, Message<PublicKey>)>,
    pub(super) certificates: MuxHandle<S>,
    pub(super) resolver: MuxHandle<S>,
    pub(super) blocker: B,
    pub(super) manager: M,
    pub(super) committees: Committees,
    pub(super) openings: mpsc::UnboundedSender<B256>,
    pub(super) partition: String,
    /// Peers that follow without being of the committee.
    pub(super) followers: Vec<PublicKey>,
    /// Certificate of the block that the node's chain begins with, if that is not block 0.
    pub(super) floor: Option<Finality>,
}

/// Most validators of the next committee that are peers before it begins.
pub(crate) const WAITING_MAX: usize = 16;

impl<E, S, B, M> Epochs<E, S, B, M>
where
    E: Runtime,
    S: Sender<PublicKey = PublicKey>,
    B: Blocker<PublicKey = PublicKey>,
    M: Manager<PublicKey = PublicKey>,
{
    /// Makes the committee of the current epoch known, and its members peers. Peer sets are numbered by the height
    /// from which on they hold.
    fn prepare(&mut self) -> Current {
        let current = self.node.current_epoch();
        self.committees.learn(&self.node, &current);
        self.track(current.first, &current, &current.waiting);
        current
    }

    fn track(&mut self, number: u64, current: &Current, waiting: &[PublicKey]) {
        let committee = Set::from_iter_dedup(current.committee.iter().cloned());
        let followers = Set::from_iter_dedup(self.followers.iter().chain(waiting).cloned());
        self.manager.track(number, TrackedPeers::new(committee, followers));
    }

    /// Runs engines, epoch after epoch, until the node ends.
    pub(super) async fn run(mut self) {
        journal::forget(&self.context, &self.partition, self.node.current_epoch().epoch).await;
        loop {
            let current = self.prepare();
            let Some(engine) = self.engine(&current).await else { return };
            let last = current.last;
            let node = self.node.clone();
            let mut over = Box::pin(
                node.wait(move |node| node.ledger(|ledger| (ledger.height() >= last).then_some(()))),
            );
            let mut waiting = current.waiting.clone();
            let mut others = Box::pin(self.node.clone().others_wait(waiting.clone()));
            loop {
                select! {
                    _ = &mut over => { break },
                    // Who is of the next committee catches up before it begins.
                    found = &mut others => {
                        let (height, found) = found;
                        self.track(height.saturating_add(1), &current, &found);
                        waiting = found;
                        others = Box::pin(self.node.clone().others_wait(waiting.clone()));
                    },
                    stray = self.strays.recv() => {
                        let Some((epoch, (peer, _))) = stray else { return };
                        // A peer votes in a later epoch: it has the end of this one.
                        if epoch > current.epoch {
                            self.marshal.hint_finalized(Height::new(last), non_empty_vec![peer]);
                        }
                    },
                }
            }
            drop((over, others));
            engine.abort();
            // The engine's files are its own until it has ended; an aborted task has nothing to say.
            let _ = engine.await;
            journal::remove(&self.context, &self.partition, current.epoch).await;
        }
    }

    /// Returns where an epoch's engine begins: at the last block before it, or where the chain here begins.
    fn floor_of(&self, current: &Current) -> Floor<Scheme, Digest> {
        // Who starts from a snapshot proposes above its block, also where no peer tells of a later one.
        match &self.floor {
            Some(floor) if floor.proposal.round.epoch().get() == current.epoch => {
                Floor::Finalized(floor.clone())
            }
            _ => Floor::Genesis(Digest(current.before.0)),
        }
    }

    /// Starts the engine of an epoch; none if the network has ended.
    async fn engine(&mut self, current: &Current) -> Option<Handle<()>> {
        let epoch = Epoch::new(current.epoch);
        let scheme = self.committees.scoped(epoch)?.into_scheme()?;
        let committee = Set::from_iter_dedup(current.committee.iter().cloned());
        let told = Told { node: self.node.clone(), openings: self.openings.clone(), committee };
        let settings = self.node.settings();
        let ahead = self.node.ledger(|ledger| ledger.block_time());
        let view_timeout = settings.view_timeout(ahead);
        let config = Config {
            scheme: (*scheme).clone(),
            elector: RoundRobin::<Sha256>::default(),
            blocker: self.blocker.clone(),
            automaton: self.automaton.clone(),
            relay: self.automaton.clone(),
            reporter: Reporters::<Automaton<E>, Told>::from((Some(self.automaton.clone()), Some(told))),
            strategy: Sequential,
            partition: journal::name(&self.partition, current.epoch),
            mailbox_size: NZUsize!(1024),
            epoch,
            floor: self.floor_of(current),
            leader_timeout: settings.leader_timeout(ahead),
            certification_timeout: view_timeout,
            timeout_retry: Duration::from_secs(2),
            fetch_timeout: NZDuration!(Duration::from_secs(1)),
            fetch_retry_delay: Duration::from_millis(100),
            view_retention: ViewDelta::new(16),
            skip: SkipPolicy::Enabled {
                timeout: view_timeout * 3 + Duration::from_secs(2),
                budget: SkipBudget::Participants,
            },
            replay_buffer: NZUsize!(1 << 20),
            write_buffer: NZUsize!(1 << 20),
            page_cache: CacheRef::new(NZU16!(4096), NZUsize!(16)),
            forward: ForwardPolicy::SilentVoters,
            track_historical_votes: false,
        };
        let votes = self.votes.register(current.epoch).await.ok()?;
        let certificates = self.certificates.register(current.epoch).await.ok()?;
        let resolver = self.resolver.register(current.epoch).await.ok()?;
        let context = self.context.child("engine").with_attribute("epoch", current.epoch);
        tracing::info!(epoch = current.epoch, committee = current.committee.len(), "epoch begins");
        // The first height of the epoch opens without a certificate of its own.
        let _ = self.openings.send(self.node.ledger(|ledger| ledger.head()));
        Some(Engine::new(context, config).start(votes, certificates, resolver))
    }
}

/// Is the epoch that the next block belongs to.
pub(super) struct Current {
    pub(super) epoch: u64,
    /// Its first height.
    pub(super) first: u64,
    /// Its last height.
    pub(super) last: u64,
    /// The last block before it; zero if the chain here begins later.
    pub(super) before: B256,
    pub(super) committee: Vec<PublicKey>,
    /// Validators that are registered and not of the committee.
    pub(super) waiting: Vec<PublicKey>,
}

/// Separates votes of chains from each other.
pub(crate) fn namespace(chain_id: u64) -> Vec<u8> {
    [b"fusor".as_slice(), &chain_id.to_be_bytes()].concat()
}

impl Node {
    /// Names the epoch of the next block and its committee.
    fn current_epoch(&self) -> Current {
        self.ledger(|ledger| {
            let length = ledger.consensus().params.epoch_length.max(2);
            let epoch = ledger.height().saturating_add(1) / length;
            let first = epoch * length;
            let key = |key| crate::hhcm::public_key(key);
            Current {
                epoch,
                first,
                last: first + length - 1,
                before: ledger.hash_at(first.saturating_sub(1)).unwrap_or_default(),
                committee: ledger.members().iter().filter_map(|member| key(member.key)).collect(),
                waiting: waiting(ledger),
            }
        })
    }

    /// Waits until others than `known` wait for the next epoch; returns the height and who does.
    async fn others_wait(self, known: Vec<PublicKey>) -> (u64, Vec<PublicKey>) {
        let mut looked = None;
        self.wait(move |node| {
            node.ledger(|ledger| {
                let height = ledger.height();
                if looked.replace(height) == Some(height) {
                    return None;
                }
                let found = waiting(ledger);
                (found != known).then_some((height, found))
            })
        })
        .await
    }
}

fn waiting(ledger: &mut Ledger) -> Vec<PublicKey> {
    let keys = ledger.ask(|store| fusor_vm::hhcm::waiting(store)).unwrap_or_default();
    keys.into_iter().filter_map(crate::hhcm::public_key).take(WAITING_MAX).collect()
}
