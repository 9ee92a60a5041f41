//! Is a custodian through all its restarts: its process ends, its notes and files stay.

use super::{
    cheat::Mischief,
    outer::{Fuse, Health, Node, World},
    setting::Sabotage,
};
use crate::custody::{
    Custodian, CustodyConfig, CustodyKeys, MemoryNotes, Notes, NotesError, Parts, shards::vault_name,
};
use alloy_primitives::{Address, B256, U256, keccak256};
use fusor_custody::store::{Files, Loss, Memory, Store};
use fusor_outer::OuterChain;
use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps notes that outlive the process.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<MemoryNotes>>);

impl Notes for Kept {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, NotesError> {
        lock(&self.0).get(name)
    }

    fn put(&mut self, changes: Vec<(String, Option<Vec<u8>>)>) -> Result<(), NotesError> {
        lock(&self.0).put(changes)
    }

    fn list(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, NotesError> {
        lock(&self.0).list(prefix)
    }
}

type Disk = Arc<Mutex<BTreeMap<u64, Memory>>>;

/// Is the folder of a vault's shards on a disk that outlives the process.
pub(super) struct Folder {
    disk: Disk,
    vault: u64,
}

impl Folder {
    fn on<T>(&self, act: impl FnOnce(&mut Memory) -> T) -> T {
        act(lock(&self.disk).entry(self.vault).or_default())
    }
}

impl Files for Folder {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.on(|memory| memory.read(name))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.on(|memory| memory.list())
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.on(|memory| memory.write(name, bytes))
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.on(|memory| memory.append(name, bytes))
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.on(|memory| memory.sync(name))
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.on(|memory| memory.rename(from, to))
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.on(|memory| memory.remove(name))
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        self.on(Memory::sync_folder)
    }
}

/// Is a custodian.
pub(super) struct Life {
    pub(super) keys: CustodyKeys,
    pub(super) node: B256,
    pub(super) mischief: Option<Mischief>,
    /// The process, while it runs.
    pub(super) agent: Option<Custodian<Folder>>,
    pub(super) health: Arc<Mutex<Health>>,
    fuse: Arc<Mutex<Fuse>>,
    /// Whether the node has caught up with the chain, by its own word.
    pub(super) synced: bool,
    /// Whether it has left for good.
    pub(super) left: bool,
    /// The most of each coin that it pays without asking its operator.
    pub(super) by_hand: BTreeMap<String, U256>,
    index: u32,
    boots: u64,
    notes: Kept,
    disk: Disk,
}

impl Life {
    /// Makes a custodian that does not run yet. None only for one seed in 2^127.
    pub(super) fn new(seed: u64, index: u32, mischief: Option<Mischief>) -> Option<Self> {
        let secret = keccak256([&b"simulated"[..], &seed.to_be_bytes(), &index.to_be_bytes()].concat());
        Some(Self {
            keys: CustodyKeys::new(secret.0)?,
            node: keccak256(secret),
            mischief,
            agent: None,
            health: Arc::default(),
            fuse: Arc::default(),
            synced: true,
            left: false,
            by_hand: BTreeMap::new(),
            index,
            boots: 0,
            notes: Kept::default(),
            disk: Disk::default(),
        })
    }

    pub(super) fn operator(&self) -> Address {
        self.keys.operator()
    }

    pub(super) fn is_honest(&self) -> bool {
        self.mischief.is_none()
    }

    /// Starts the process.
    pub(super) fn boot(&mut self, world: &Arc<World>, name: B256, bond: u64, sabotage: Option<Sabotage>) {
        self.boots = self.boots.saturating_add(1);
        let config = CustodyConfig {
            owner: format!("owner {}", self.index),
            provider: format!("provider {}", self.index),
            region: "somewhere".into(),
            bond: U256::from(bond),
            by_hand_above: self.by_hand.clone(),
            chains: BTreeMap::new(),
        };
        let disk = self.disk.clone();
        let parts = Parts {
            keys: self.keys.clone(),
            node: self.node,
            config,
            notes: Box::new(self.notes.clone()),
            open: Box::new(move |vault| Ok(Folder { disk: disk.clone(), vault })),
            boot: self.boots,
        };
        let node: Box<dyn OuterChain> = Box::new(Node {
            world: world.clone(),
            health: self.health.clone(),
            fuse: self.fuse.clone(),
            sabotage,
        });
        self.agent = Some(Custodian::over(parts, BTreeMap::from([(name, node)])));
    }

    /// Ends the process; of what was not durable, `loss` says what is left.
    pub(super) fn crash(&mut self, loss: Loss) {
        self.agent = None;
        for memory in lock(&self.disk).values_mut() {
            *memory = memory.crash(loss);
        }
    }

    /// Has the disk fail after some more operations.
    pub(super) fn jam(&mut self, after: u64, torn: bool) {
        lock(&self.disk).values_mut().for_each(|memory| memory.stop_after(after, torn));
    }

    /// Has the process end when it is about to send its first outer transaction.
    pub(super) fn arm(&self) {
        *lock(&self.fuse) = Fuse::Armed;
    }

    /// Says whether the process is to end now, once.
    pub(super) fn is_blown(&self) -> bool {
        let mut fuse = lock(&self.fuse);
        let blown = *fuse == Fuse::Blown;
        if blown {
            *fuse = Fuse::None;
        }
        blown
    }

    pub(super) fn set_health(&self, health: Health) {
        *lock(&self.health) = health;
    }

    /// Opens a copy of a vault's store as a restart would find it.
    pub(super) fn store(&self, vault: u64) -> Option<Store<Memory>> {
        let memory = lock(&self.disk).get(&vault)?.crash(Loss::Nothing);
        Store::open(memory, &self.keys.shards(), vault_name(vault)).ok()
    }

    /// Gathers every byte that is or was kept.
    pub(super) fn bytes(&self) -> Vec<Vec<u8>> {
        let notes = self.notes.list("").unwrap_or_default();
        let mut all: Vec<Vec<u8>> = notes.into_iter().map(|(_, value)| value).collect();
        for memory in lock(&self.disk).values() {
            all.extend(memory.all_bytes().map(<[u8]>::to_vec));
        }
        all
    }
}
