//! Is a validator with its disk, through all its restarts.

use super::{CHAIN_ID, World, ground};
use crate::{
    genesis::Genesis,
    hhcm::public_key,
    ledger::{Sabotage, reopen},
    node::{Channels, Honest, Keeper, Node, NodeKeys, Parts, Settings, quota, start},
    pool::{Limits, Pool, PoolRules},
    sim::{
        count::{Carries, Counting, Kind},
        hostile::Mischief,
        setting::Setting,
        wire::{Forger, Wire},
        witness::Watcher,
    },
    store::{
        Store,
        fault::Disk,
        marshal::{BlockArchive, CertificateArchive},
    },
};
use commonware_consensus::simplex::scheme::ed25519::Scheme;
use commonware_cryptography::{certificate::Verifier, ed25519::PublicKey};
use commonware_runtime::{Clock, Handle, Spawner, Supervisor};
use commonware_utils::{ordered::Set, sync::Mutex};
use rand::{RngExt, rngs::StdRng};
use std::sync::Arc;

/// What a node's channels carry, in the order of [`Channels`].
const CARRIES: [Carries; 7] = [
    Carries::One(Kind::Votes),
    Carries::One(Kind::Certificates),
    Carries::One(Kind::Catchup),
    Carries::One(Kind::Blocks),
    Carries::One(Kind::Catchup),
    Carries::Gossip,
    Carries::One(Kind::Catchup),
];

/// Is a validator through all its restarts.
pub(super) struct Life {
    pub(super) keys: NodeKeys,
    pub(super) disk: Disk,
    pub(super) mischief: Option<Mischief>,
    pub(super) skew_ms: i64,
    pub(super) merging: bool,
    pub(super) sabotage: Option<Sabotage>,
    pub(super) running: Option<Running>,
}

pub(super) struct Running {
    pub(super) node: Node,
    pub(super) handle: Handle<()>,
    pub(super) crashed: Arc<Mutex<bool>>,
}

impl Life {
    pub(super) fn new(index: u32, setting: Setting, rng: &mut StdRng) -> Self {
        let hostile = index < setting.hostile;
        let mut chance = || Mischief::ALL.get(rng.random_range(0..Mischief::ALL.len())).copied();
        let mischief = if hostile { setting.mischief.or_else(&mut chance) } else { None };
        let skew_ms = if setting.faults { rng.random_range(-3_000..3_000) } else { 0 };
        Self {
            keys: NodeKeys::from_seed(setting.seed.wrapping_mul(1_000) + u64::from(index)),
            disk: Disk::new(),
            mischief,
            skew_ms,
            merging: setting.seed % 2 == 1 || setting.sabotage == Some(Sabotage::IgnoreConflicts),
            sabotage: setting.sabotage.filter(|rule| *rule != Sabotage::VoteTwice || index == 0),
            running: None,
        }
    }

    pub(super) async fn boot(&self, index: u32, world: &World, genesis: Genesis) -> Result<Running, String> {
        let World { context, oracle, witness, counts, .. } = world;
        let followers = world.lives.iter().map(|life| life.keys.public()).collect();
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let hash = ground::hash(&genesis)?;
        let store = Store::open_on(self.disk.backend(), hash).map_err(|error| text(&error))?;
        let rules = PoolRules {
            chain_id: genesis.chain_id,
            block_gas_limit: genesis.block_gas_limit,
            dev: genesis.dev,
        };
        let committee: Set<PublicKey> = founders(&genesis);
        let mut ledger = reopen(genesis, &store, 1).map_err(|error| text(&error))?;
        if self.mischief.is_none() {
            witness.lock().start(index, ledger.height(), ledger.head());
        }
        // Half of the runs merge groups, whatever is faster: the network is simulated, not the speed.
        ledger.set_merging(Some(self.merging));
        if let Some(rule) = self.sabotage {
            ledger.sabotage(rule);
        }
        let pool = Pool::new(rules, Limits::default());
        let crashed = Arc::new(Mutex::new(false));
        let watcher = Watcher {
            node: index,
            honest: self.mischief.is_none(),
            witness: witness.clone(),
            crashed: crashed.clone(),
            clock: {
                let context = context.child("watcher");
                Box::new(move || context.current())
            },
            certified: Mutex::default(),
        };
        let mut settings = Settings::default();
        if self.mischief == Some(Mischief::Favour) {
            settings.patient_views = 0;
        }
        let (keys, observer) = (self.keys.clone(), keeper(&store, watcher));
        let node = match self.mischief {
            None => Node::new(keys, settings, ledger, pool, observer, Honest, self.skew_ms),
            Some(mischief) => Node::new(keys, settings, ledger, pool, observer, mischief, self.skew_ms),
        };
        node.restore(store.own().map_err(|error| text(&error))?);
        let me = self.keys.public();
        let control = oracle.control(me);
        let mut channels = Vec::new();
        for (carries, channel) in CARRIES.into_iter().zip(0..) {
            let registered = control.register(channel, quota(channel)).await;
            let (sender, receiver) = registered.map_err(|error| text(&error))?;
            let sender = Wire::new(sender, self.forger(channel, &committee));
            channels.push((Counting { sender, carries, counts: counts.clone() }, receiver));
        }
        let channels: [_; 7] = channels.try_into().map_err(|_| "seven channels".to_owned())?;
        let [votes, certificates, resolver, broadcast, backfill, gossip, packages] = channels;
        let parts = Parts {
            channels: Channels { votes, certificates, resolver, broadcast, backfill, gossip, packages },
            blocker: control,
            manager: oracle.manager(),
            certificates: CertificateArchive::open(
                store.clone(),
                Scheme::certificate_codec_config_unbounded(),
            )
            .map_err(|error| text(&error))?,
            blocks: BlockArchive::open(store, ()).map_err(|error| text(&error))?,
            floor: None,
            partition: format!("node-{index}"),
            followers,
        };
        let started = node.clone();
        let context = context.child("node").with_attribute("index", index);
        let handle = context.spawn(move |context| async move {
            start(context, started, parts).await;
            std::future::pending::<()>().await;
        });
        Ok(Running { node, handle, crashed })
    }
}

impl Life {
    /// Returns what the node adds to its messages on a channel: votes go over the first, gossip over the sixth.
    fn forger(&self, channel: u64, committee: &Set<PublicKey>) -> Option<Forger> {
        let votes = self.mischief == Some(Mischief::TwoVotes) || self.sabotage == Some(Sabotage::VoteTwice);
        match channel {
            0 if votes => Forger::second_votes(CHAIN_ID, committee.clone(), self.keys.node.clone()),
            5 if self.mischief == Some(Mischief::Noise) => Some(Forger::Noise),
            _ => None,
        }
    }
}

/// Lists the keys of the first committee.
fn founders(genesis: &Genesis) -> Set<PublicKey> {
    let validators = genesis.consensus.iter().flat_map(|consensus| &consensus.validators);
    Set::from_iter_dedup(validators.filter_map(|founder| public_key(founder.key)))
}

fn keeper(store: &Store, watch: Watcher) -> Arc<Keeper<Watcher>> {
    Arc::new(Keeper { store: store.clone(), watch, packages_kept: None })
}
