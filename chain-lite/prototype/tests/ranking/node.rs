//! One validator: its representative's search, its turn as leader, and the rule by which it answers.

use super::model::{Candidate, Setting};
use commonware_actor::Feedback;
use commonware_consensus::{
    Automaton, CertifiableAutomaton, Relay, Reporter, Viewable,
    simplex::{
        Plan,
        scheme::ed25519,
        types::{Activity, Context},
    },
    types::Round,
};
use commonware_cryptography::{ed25519::PublicKey, sha256::Digest};
use commonware_p2p::{Recipients, Sender as _, simulated::Sender};
use commonware_runtime::{Clock, Spawner, Supervisor, deterministic};
use commonware_utils::{channel::oneshot, sync::Mutex};
use rand::RngExt;
use std::{
    collections::BTreeMap,
    future::Future,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// Tries of an honest representative.
const TRIES: u32 = 1_000;
/// Views of a height in which a validator may leave a proposal unanswered.
const PATIENT_VIEWS: u64 = 2;
const POLL: Duration = Duration::from_millis(5);

/// What a node knows.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) blocks: BTreeMap<Digest, Candidate>,
    /// Candidates by parent, with the time of their arrival.
    pub(crate) seen: BTreeMap<Digest, Vec<(SystemTime, Candidate)>>,
    /// When a parent was certified here.
    opened: BTreeMap<Digest, SystemTime>,
    /// Answers that are not given.
    pub(crate) unanswered: Vec<oneshot::Sender<bool>>,
    /// Final blocks and their views by height.
    pub(crate) finalized: BTreeMap<u64, (Digest, u64)>,
}

impl Known {
    fn lowest(&self, parent: Digest, wanted: impl Fn(&SystemTime, &Candidate) -> bool) -> Option<Candidate> {
        let seen = self.seen.get(&parent).into_iter().flatten();
        seen.filter(|(at, candidate)| wanted(at, candidate)).map(|(_, c)| *c).min_by_key(|c| c.work)
    }
}

/// The parts of a validator that the engine calls.
#[derive(Clone)]
pub(crate) struct Node(Arc<Inner>);

struct Inner {
    me: u32,
    setting: Setting,
    context: Mutex<deterministic::Context>,
    known: Mutex<Known>,
    sender: Mutex<Sender<PublicKey, deterministic::Context>>,
}

impl Node {
    pub(crate) fn new(
        me: u32,
        setting: Setting,
        context: deterministic::Context,
        sender: Sender<PublicKey, deterministic::Context>,
    ) -> Self {
        let (context, known, sender) = (Mutex::new(context), Mutex::default(), Mutex::new(sender));
        Self(Arc::new(Inner { me, setting, context, known, sender }))
    }

    pub(crate) fn with<T>(&self, look: impl FnOnce(&Known) -> T) -> T {
        look(&self.0.known.lock())
    }

    /// Takes a candidate that arrived.
    pub(crate) fn learn(&self, candidate: Candidate, now: SystemTime) {
        let mut known = self.0.known.lock();
        if known.blocks.insert(candidate.digest(), candidate).is_none() {
            known.seen.entry(candidate.parent).or_default().push((now, candidate));
        }
    }

    /// Starts the search on a parent, once.
    pub(crate) fn open(&self, parent: Digest, height: u64) {
        self.spawn(move |node, mut clock| async move {
            if node.0.known.lock().opened.insert(parent, clock.current()).is_some() {
                return;
            }
            let Setting { deadline, margin, strength, .. } = node.0.setting;
            let tries = TRIES * if node.is_hostile(node.0.me) { strength } else { 1 };
            let work = (0..tries).map(|_| clock.random::<u64>()).min().unwrap_or(u64::MAX);
            clock.sleep(deadline - margin).await;
            let candidate = Candidate { parent, height: height + 1, work, author: node.0.me };
            node.learn(candidate, clock.current());
            node.0.sender.lock().send(Recipients::All, candidate.encode(), false);
        });
    }

    fn is_hostile(&self, who: u32) -> bool {
        who < self.0.setting.hostile
    }

    fn spawn<F, T>(&self, task: F)
    where
        F: FnOnce(Self, deterministic::Context) -> T + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let node = self.clone();
        let context = self.0.context.lock().child("task");
        context.spawn(move |context| task(node, context));
    }

    async fn block(&self, digest: Digest, clock: &deterministic::Context) -> Candidate {
        loop {
            let found = self.0.known.lock().blocks.get(&digest).copied();
            match found {
                Some(candidate) => return candidate,
                None => clock.sleep(POLL).await,
            }
        }
    }

    /// Chooses what to relay as leader: the lowest work, or a friend's.
    fn choose(&self, parent: Digest) -> Option<Candidate> {
        let known = self.0.known.lock();
        let friend = known.lowest(parent, |_, c| self.is_hostile(c.author));
        let lowest = known.lowest(parent, |_, _| true);
        if self.is_hostile(self.0.me) { friend.or(lowest) } else { lowest }
    }

    /// Says whether a better candidate than `offered` was here in time.
    fn knows_better(&self, offered: &Candidate) -> bool {
        let known = self.0.known.lock();
        let Some(cut) = known.opened.get(&offered.parent).map(|at| *at + self.0.setting.deadline) else {
            return false;
        };
        known.lowest(offered.parent, |at, c| *at <= cut && c.work < offered.work).is_some()
    }
}

impl Automaton for Node {
    type Context = Context<Digest, PublicKey>;
    type Digest = Digest;

    async fn propose(&mut self, context: Self::Context) -> oneshot::Receiver<Digest> {
        let (answer, receiver) = oneshot::channel();
        self.spawn(move |node, clock| async move {
            let parent = context.parent.1;
            let opened = node.0.known.lock().opened.get(&parent).copied();
            let Setting { deadline, margin, .. } = node.0.setting;
            clock.sleep_until(opened.unwrap_or_else(|| clock.current()) + deadline + margin).await;
            if let Some(candidate) = node.choose(parent) {
                let _ = answer.send(candidate.digest());
            }
        });
        receiver
    }

    async fn verify(&mut self, context: Self::Context, payload: Digest) -> oneshot::Receiver<bool> {
        let (answer, receiver) = oneshot::channel();
        self.spawn(move |node, clock| async move {
            let offered = node.block(payload, &clock).await;
            let view = context.round.view().get() - context.parent.0.get();
            let strict = node.0.setting.withhold && !node.is_hostile(node.0.me) && view <= PATIENT_VIEWS;
            if strict && node.knows_better(&offered) {
                node.0.known.lock().unanswered.push(answer);
                return;
            }
            let _ = answer.send(offered.parent == context.parent.1);
        });
        receiver
    }
}

impl CertifiableAutomaton for Node {
    async fn certify(&mut self, _: Round, payload: Digest) -> oneshot::Receiver<bool> {
        let (answer, receiver) = oneshot::channel();
        self.spawn(move |node, clock| async move {
            let block = node.block(payload, &clock).await;
            node.open(payload, block.height);
            let _ = answer.send(true);
        });
        receiver
    }
}

impl Relay for Node {
    type Digest = Digest;
    type Plan = Plan<PublicKey>;
    type PublicKey = PublicKey;

    fn broadcast(&mut self, payload: Digest, _: Plan<PublicKey>) -> Feedback {
        let candidate = self.0.known.lock().blocks.get(&payload).copied();
        if let Some(candidate) = candidate {
            self.0.sender.lock().send(Recipients::All, candidate.encode(), true);
        }
        Feedback::Ok
    }
}

impl Reporter for Node {
    type Activity = Activity<ed25519::Scheme, Digest>;

    fn report(&mut self, activity: Self::Activity) -> Feedback {
        if let Activity::Finalization(certificate) = activity {
            let (payload, view) = (certificate.proposal.payload, certificate.view().get());
            let mut known = self.0.known.lock();
            if let Some(height) = known.blocks.get(&payload).map(|block| block.height) {
                let before = known.finalized.insert(height, (payload, view));
                assert!(before.is_none_or(|(other, _)| other == payload), "two final blocks at {height}");
            }
        }
        Feedback::Ok
    }
}
