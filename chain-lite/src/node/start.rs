//! Wires a node's tasks with the network, the stores and consensus.

use super::{
    application::Application,
    dealing,
    epochs::{Automaton, Committees, Epochs},
    fetch::Fetched,
    finalizer::{self, Inbox},
    gossip,
    guard::Guard,
    producer,
    shared::Node,
};
use crate::hhcm::Offer;
use commonware_broadcast::buffered;
use commonware_consensus::{
    marshal::{
        self, Start,
        core::Actor,
        resolver::p2p as backfill,
        standard::{Inline, Standard},
        store,
    },
    simplex::{scheme::ed25519::Scheme, types::Finalization},
    types::{FixedEpocher, ViewDelta},
};
use commonware_cryptography::{Digested, ed25519::PublicKey, keccak256::Digest};
use commonware_p2p::{
    Blocker, Manager, Receiver, Sender,
    utils::mux::{Builder, Muxer},
};
use commonware_parallel::Sequential;
use commonware_resolver::p2p as packages;
use commonware_runtime::{Clock, Metrics, Spawner, Storage, buffer::paged::CacheRef};
use commonware_utils::{NZDuration, NZU16, NZU64, NZUsize, acknowledgement::Exact, channel::mpsc};
use rand::CryptoRng;
use std::{num::NonZeroU64, sync::Arc, time::Duration};

/// Is what a node runs on: tasks, time, metrics, files and random numbers.
pub trait Runtime: Spawner + Clock + Metrics + Storage + CryptoRng + Send + Sync + 'static {}

impl<T: Spawner + Clock + Metrics + Storage + CryptoRng + Send + Sync + 'static> Runtime for T {}

/// Holds a node's channels to its peers.
#[derive(Debug)]
pub struct Channels<S, R> {
    /// Votes.
    pub votes: (S, R),
    /// Certificates.
    pub certificates: (S, R),
    /// Certificates that are asked for.
    pub resolver: (S, R),
    /// Proposed blocks.
    pub broadcast: (S, R),
    /// Blocks that are asked for.
    pub backfill: (S, R),
    /// Transactions, packages, offers.
    pub gossip: (S, R),
    /// Packages that are asked for.
    pub packages: (S, R),
}

impl<S, R> Channels<S, R> {
    /// Is the number of channels.
    pub const COUNT: u64 = 7;
}

/// Is what a node is given to run with.
#[derive(Debug)]
pub struct Parts<S, R, B, M, FC, FB> {
    /// Channels to peers.
    pub channels: Channels<S, R>,
    /// Drops peers.
    pub blocker: B,
    /// Decides who peers are.
    pub manager: M,
    /// Keeps certificates of final blocks.
    pub certificates: FC,
    /// Keeps final blocks as consensus saw them.
    pub blocks: FB,
    /// Starts the names of the consensus engine's files.
    pub partition: String,
    /// Peers that follow without being of the committee.
    pub followers: Vec<PublicKey>,
    /// Certificate of the block that the node's chain begins with, if that is not block 0.
    pub floor: Option<Finality>,
}

/// Is a certificate that a block is final.
pub type Finality = Finalization<Scheme, Digest>;

/// Starts a node's tasks as children of `context`; they end when it does.
pub async fn start<E, S, R, B, M, FC, FB>(context: E, node: Node, parts: Parts<S, R, B, M, FC, FB>)
where
    E: Runtime,
    S: Sender<PublicKey = PublicKey>,
    R: Receiver<PublicKey = PublicKey>,
    B: Blocker<PublicKey = PublicKey>,
    M: Manager<PublicKey = PublicKey>,
    FC: store::Certificates<BlockDigest = Digest, Commitment = Digest, Scheme = Scheme>,
    FB: store::Blocks<Block = Arc<Offer>>,
{
    let Some(inboxes) = node.take_inboxes() else { return };
    let Parts { channels, blocker, manager, certificates, blocks, partition, followers, floor } = parts;
    let me = node.keys().public();
    let committees = Committees::default();
    committees.begin(&node);
    let length = node.ledger(|ledger| ledger.consensus().params.epoch_length.max(2));
    let epocher = FixedEpocher::new(NonZeroU64::new(length).unwrap_or(NZU64!(2)));

    let (muxer, votes, strays) =
        Muxer::builder(context.child("votes"), channels.votes.0, channels.votes.1).with_backup().build();
    muxer.start();
    let (muxer, certificate_mux) =
        Muxer::new(context.child("certificates"), channels.certificates.0, channels.certificates.1);
    muxer.start();
    let (muxer, resolver_mux) =
        Muxer::new(context.child("resolver"), channels.resolver.0, channels.resolver.1);
    muxer.start();

    let (engine, buffer) = buffered::Engine::new(
        context.child("broadcast"),
        buffered::Config {
            public_key: me.clone(),
            mailbox_size: NZUsize!(256),
            deque_size: 16,
            priority: true,
            codec_config: (),
            peer_provider: manager.clone(),
            strategy: Sequential,
        },
    );
    engine.start(channels.broadcast);

    let resolver = backfill::init(
        context.child("backfill"),
        backfill::Config {
            public_key: me.clone(),
            peer_provider: manager.clone(),
            blocker: blocker.clone(),
            mailbox_size: NZUsize!(256),
            fetch_timeout: NZDuration!(Duration::from_secs(2)),
            fetch_retry_delay: Duration::from_millis(100),
            priority_requests: false,
            priority_responses: false,
        },
        channels.backfill,
    );

    let (engine, wanted) = packages::Engine::new(
        context.child("packages"),
        packages::Config {
            peer_provider: manager.clone(),
            blocker: blocker.clone(),
            consumer: Fetched(node.clone()),
            producer: Fetched(node.clone()),
            mailbox_size: NZUsize!(256),
            me: Some(me),
            fetch_timeout: NZDuration!(Duration::from_secs(1)),
            fetch_retry_delay: Duration::from_millis(50),
            priority_requests: true,
            priority_responses: true,
        },
    );
    engine.start(channels.packages);

    let genesis = node.ledger(|ledger| ledger.genesis().clone());
    let digest = Digest(genesis.hash().0);
    let begin = match &floor {
        None => Start::Genesis(Digested::precomputed(genesis, digest)),
        Some(floor) => Start::Floor(floor.clone()),
    };
    let (actor, marshal, _) =
        Actor::<E, Standard<Offer>, Committees, Guard<FC>, Guard<FB>, FixedEpocher, Sequential, Exact>::init(
            context.child("marshal"),
            Guard::new(certificates, node.clone()),
            Guard::new(blocks, node.clone()),
            marshal::Config {
                provider: committees.clone(),
                epocher: epocher.clone(),
                start: begin,
                partition_prefix: format!("{partition}-marshal"),
                mailbox_size: NZUsize!(1024),
                view_retention: ViewDelta::new(16),
                prunable_items_per_section: NZU64!(64),
                page_cache: CacheRef::new(NZU16!(4096), NZUsize!(16)),
                replay_buffer: NZUsize!(1 << 16),
                key_write_buffer: NZUsize!(1 << 14),
                value_write_buffer: NZUsize!(1 << 16),
                block_codec_config: (),
                max_repair: NZUsize!(16),
                max_pending_acks: NZUsize!(16),
                strategy: Sequential,
            },
        )
        .await;

    let (inbox, delivered) = mpsc::unbounded_channel();
    actor.start(Inbox { node: node.clone(), blocks: inbox }, buffer, resolver);
    let automaton: Automaton<E> =
        Inline::new(context.child("application"), Application(node.clone()), marshal.clone(), epocher);
    let (openings, opened) = mpsc::unbounded_channel();

    let finalizing = node.clone();
    context.child("finalizer").spawn(move |_| finalizer::run(finalizing, delivered));
    let producing = node.clone();
    context.child("producer").spawn(move |context| producer::run(context, producing, opened));
    let dealing = node.clone();
    context.child("dealing").spawn(move |context| dealing::run(context, dealing));
    let (sender, receiver) = channels.gossip;
    let len_max = node.settings().message_len_max;
    context.child("tell").spawn(move |_| gossip::tell(inboxes.outbox, sender, len_max));
    let (listening, dropping) = (node.clone(), blocker.clone());
    context.child("listen").spawn(move |context| gossip::listen(context, listening, receiver, dropping));
    context.child("fetch").spawn(move |_| super::fetch::ask(inboxes.wanted, wanted));

    let epochs = Epochs {
        context: context.child("epochs"),
        node,
        automaton,
        marshal,
        votes,
        strays,
        certificates: certificate_mux,
        resolver: resolver_mux,
        blocker,
        manager,
        committees,
        openings,
        partition,
        followers,
        floor,
    };
    context.child("epochs").spawn(move |_| epochs.run());
}
