//! A group of members in one process, each with a store in memory, and a network that tests can meddle with.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use fusor_custody::ecdsa::{Setup, SetupStep};
use fusor_custody::store::{Loss, Memory, Store};
use fusor_custody::{Fault, Holding, Message, Scheme, Session, Signature, Step, Terms, Transport, measure};

/// The vault of all tests.
pub(crate) const VAULT: [u8; 32] = [3; 32];

type Kind = (u16, u16, Vec<u16>);

static PREPARED: Mutex<BTreeMap<Kind, Vec<Holding>>> = Mutex::new(BTreeMap::new());

/// The node secret of a member.
pub(crate) fn secret(member: u16) -> [u8; 32] {
    [member as u8 + 100; 32]
}

/// All sets of `t` of `m`, in rising order.
pub(crate) fn subsets(t: u16, m: u16) -> Vec<Vec<u16>> {
    let members = 1u32..1 << m;
    let bits = |mask: u32| (1..=m).filter(move |member| mask >> (member - 1) & 1 == 1);
    members.map(|mask| bits(mask).collect::<Vec<_>>()).filter(|set| set.len() == usize::from(t)).collect()
}

/// What came of one attempt.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) signatures: BTreeMap<u16, Signature>,
    /// Who raised it, and what; refusals as well.
    pub(crate) faults: Vec<(u16, Fault)>,
    pub(crate) sent: Vec<Message>,
}

pub(crate) struct Group {
    pub(crate) holdings: BTreeMap<u16, Holding>,
    pub(crate) stores: BTreeMap<u16, Store<Memory>>,
    pub(crate) sent: Vec<Message>,
    requests: u64,
}

impl Group {
    /// Members with all setups done.
    pub(crate) fn new(t: u16, m: u16) -> Self {
        let all: Vec<u16> = (1..=m).collect();
        Self::with(t, m, &all)
    }

    /// Members of which some have done their setups. Groups of one kind share key and setups within a test binary,
    /// since setups take long; their stores are their own.
    pub(crate) fn with(t: u16, m: u16, paired: &[u16]) -> Self {
        let kind = (t, m, paired.to_vec());
        let mut prepared = PREPARED.lock().unwrap();
        if let Some(holdings) = prepared.get(&kind) {
            return Self::of(holdings.clone());
        }
        let mut group = Self::bare(t, m);
        group.set_up(paired);
        let holdings: Vec<Holding> = group.holdings.into_values().collect();
        prepared.insert(kind, holdings.clone());
        Self::of(holdings)
    }

    /// Members without setups.
    pub(crate) fn bare(t: u16, m: u16) -> Self {
        Self::of(measure::deal(VAULT, 1, t, m).unwrap())
    }

    fn of(holdings: Vec<Holding>) -> Self {
        let mut stores = BTreeMap::new();
        let mut loaded = BTreeMap::new();
        for holding in holdings {
            let (me, digest) = (holding.me(), holding.terms().digest());
            let mut store = Store::open(Memory::default(), &secret(me), VAULT).unwrap();
            store.put_pending(&holding).unwrap();
            store.activate(1, digest).unwrap();
            // Loaded, so that groups made of the same holdings share no bans.
            loaded.insert(me, store.load(1, digest).unwrap());
            stores.insert(me, store);
        }
        let holdings = loaded;
        Self { holdings, stores, sent: Vec::new(), requests: 0 }
    }

    pub(crate) fn terms(&self) -> Arc<Terms> {
        Arc::clone(self.holdings[&1].terms())
    }

    /// A request id not used before.
    pub(crate) fn request(&mut self) -> [u8; 32] {
        self.requests += 1;
        let mut request = [9; 32];
        request[..8].copy_from_slice(&self.requests.to_be_bytes());
        request
    }

    /// Sets up all pairs among `members` and stores them.
    pub(crate) fn set_up(&mut self, members: &[u16]) {
        let terms = self.terms();
        let mut setups: BTreeMap<u16, Setup> =
            members.iter().map(|me| (*me, Setup::new(&terms, *me, members).unwrap())).collect();
        let mut queue: VecDeque<Message> = setups.values().flat_map(Setup::start).collect();
        while let Some(message) = queue.pop_front() {
            self.sent.push(message.clone());
            let to = message.to;
            match setups.get_mut(&to).unwrap().receive(message).unwrap() {
                SetupStep::Wait => {}
                SetupStep::Send(more) => queue.extend(more),
                SetupStep::Paired(pair, more) => {
                    queue.extend(more);
                    self.holdings.get_mut(&to).unwrap().add_pair(*pair);
                }
            }
        }
        assert!(setups.values().all(|setup| setup.pending().next().is_none()));
        for member in members {
            self.stores.get_mut(member).unwrap().update(&self.holdings[member]).unwrap();
        }
    }

    /// Stops every member and starts it from what its disk has made durable.
    pub(crate) fn restart(&mut self) {
        let digest = self.terms().digest();
        for (member, store) in &mut self.stores {
            let files = store.files().crash(Loss::Unsynced);
            *store = Store::open(files, &secret(*member), VAULT).unwrap();
            self.holdings.insert(*member, store.load(1, digest).unwrap());
        }
    }

    /// Opens a session at each member; `hash_of` says which hash each is given.
    pub(crate) fn open(
        &mut self,
        set: &[u16],
        scheme: Scheme,
        tweak: [u8; 32],
        hash_of: impl Fn(u16) -> [u8; 32],
    ) -> Result<BTreeMap<u16, Session>, Fault> {
        let request = self.request();
        let mut sessions = BTreeMap::new();
        for me in set {
            let store = self.stores.get_mut(me).unwrap();
            let admission = store.admit(request, 0, scheme, tweak, hash_of(*me)).unwrap();
            let session = Session::open(&self.holdings[me], set, admission, Transport::Authenticated)?;
            sessions.insert(*me, session);
        }
        Ok(sessions)
    }

    /// Signs without disturbance; the signatures of all members.
    pub(crate) fn sign(
        &mut self,
        set: &[u16],
        scheme: Scheme,
        tweak: [u8; 32],
        hash: [u8; 32],
    ) -> Result<Vec<Signature>, Fault> {
        let sessions = self.open(set, scheme, tweak, |_| hash)?;
        let outcome = run(sessions, Some);
        self.sent.extend(outcome.sent);
        match outcome.faults.first() {
            Some((_, fault)) => Err(*fault),
            None => Ok(outcome.signatures.into_values().collect()),
        }
    }
}

/// Delivers messages until none is left. `meddle` sees each one and may change or drop it.
pub(crate) fn run(
    mut sessions: BTreeMap<u16, Session>,
    mut meddle: impl FnMut(Message) -> Option<Message>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut queue: VecDeque<Message> = sessions.values().flat_map(Session::start).collect();
    while let Some(message) = queue.pop_front() {
        outcome.sent.push(message.clone());
        let Some(message) = meddle(message) else { continue };
        let to = message.to;
        let Some(session) = sessions.get_mut(&to) else { continue };
        match session.receive(message) {
            Ok(Step::Wait) => {}
            Ok(Step::Send(more)) => queue.extend(more),
            Ok(Step::Done { signature, send }) => {
                queue.extend(send);
                outcome.signatures.insert(to, signature);
            }
            Err(fault) => outcome.faults.push((to, fault)),
        }
    }
    outcome
}
