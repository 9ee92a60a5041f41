//! Runs validators on simulated links until an honest one has seen enough final heights.

use super::{
    model::{Candidate, Outcome, Setting},
    node::{Known, Node},
};
use commonware_consensus::{
    simplex::{
        Engine,
        config::{self, ForwardPolicy, SkipBudget, SkipPolicy},
        elector::RoundRobin,
        scheme::ed25519,
    },
    types::{Epoch, ViewDelta},
};
use commonware_cryptography::{
    Hasher, Sha256, certificate::mocks::Fixture, ed25519::PublicKey, sha256::Digest,
};
use commonware_p2p::{
    Receiver as _,
    simulated::{Config, Link, Network, Oracle, Receiver, Sender},
};
use commonware_parallel::Sequential;
use commonware_runtime::{Clock, Quota, Runner, Spawner, Supervisor, buffer::paged::CacheRef, deterministic};
use commonware_utils::{NZDuration, NZU16, NZU32, NZUsize, probability};
use std::time::Duration;

type Links = Oracle<PublicKey, deterministic::Context>;
type Channel = (Sender<PublicKey, deterministic::Context>, Receiver<PublicKey>);

/// Votes, certificates, the engine's resolver, and candidates.
const CHANNELS: u64 = 4;

/// Runs `nodes` validators for `heights` blocks.
pub(crate) fn run(seed: u64, nodes: u32, heights: u64, setting: Setting) -> Outcome {
    deterministic::Runner::seeded(seed).start(|mut context| async move {
        let Fixture { participants, schemes, .. } = ed25519::fixture(&mut context, b"fusor", nodes);
        let mut links = connect(&context, &participants, setting).await;
        let mut honest = None;
        for (index, (key, scheme)) in participants.iter().zip(schemes).enumerate() {
            let channels = register(&mut links, key).await;
            honest = Some(start(&context, index, setting, (scheme, links.control(key.clone())), channels));
        }
        let (honest, began) = (honest.expect("nodes"), context.current());
        while honest.with(|known| known.finalized.len() as u64) < heights {
            context.sleep(Duration::from_secs(1)).await;
        }
        let took = context.current().duration_since(began).expect("time runs forward");
        honest.with(|known| outcome(known, setting, took))
    })
}

async fn connect(context: &deterministic::Context, keys: &[PublicKey], setting: Setting) -> Links {
    let config = Config {
        max_size: 1 << 20,
        max_peers_per_set: NZUsize!(keys.len() + 1),
        disconnect_on_block: true,
        tracked_peer_sets: NZUsize!(1),
    };
    let (network, links): (_, Links) =
        Network::new_with_peers(context.child("network"), config, keys.to_vec()).await;
    network.start();
    let link =
        Link { latency: setting.latency, jitter: setting.latency / 4, success_rate: probability!(1.0) };
    for from in keys {
        for to in keys.iter().filter(|to| *to != from) {
            links.add_link(from.clone(), to.clone(), link.clone()).await.expect("link");
        }
    }
    links
}

async fn register(links: &mut Links, key: &PublicKey) -> Vec<Channel> {
    let control = links.control(key.clone());
    let mut channels = Vec::new();
    for channel in 0..CHANNELS {
        channels.push(control.register(channel, Quota::per_second(NZU32!(1024))).await.expect("channel"));
    }
    channels
}

type Blocker = commonware_p2p::simulated::Control<PublicKey, deterministic::Context>;

fn start(
    context: &deterministic::Context,
    index: usize,
    setting: Setting,
    (scheme, blocker): (ed25519::Scheme, Blocker),
    channels: Vec<Channel>,
) -> Node {
    let context = context.child("validator").with_attribute("index", index);
    let [votes, certificates, resolver, (sender, receiver)]: [Channel; 4] =
        channels.try_into().unwrap_or_else(|_| panic!("four channels"));
    let node = Node::new(index as u32, setting, context.child("node"), sender);
    listen(&context, node.clone(), receiver);
    node.open(genesis(), 0);
    let config = config::Config {
        scheme,
        elector: RoundRobin::<Sha256>::default(),
        blocker,
        automaton: node.clone(),
        relay: node.clone(),
        reporter: node.clone(),
        strategy: Sequential,
        partition: format!("validator-{index}"),
        mailbox_size: NZUsize!(1024),
        epoch: Epoch::new(1),
        floor: config::Floor::Genesis(genesis()),
        leader_timeout: setting.deadline + setting.margin * 3,
        certification_timeout: setting.deadline + setting.margin * 5,
        timeout_retry: Duration::from_secs(5),
        fetch_timeout: NZDuration!(Duration::from_secs(1)),
        fetch_retry_delay: Duration::from_millis(100),
        view_retention: ViewDelta::new(10),
        skip: SkipPolicy::Enabled { timeout: Duration::from_secs(12), budget: SkipBudget::Participants },
        replay_buffer: NZUsize!(1 << 20),
        write_buffer: NZUsize!(1 << 20),
        page_cache: CacheRef::new(NZU16!(1024), NZUsize!(10)),
        forward: ForwardPolicy::Disabled,
        track_historical_votes: false,
    };
    Engine::new(context.child("engine"), config).start(votes, certificates, resolver);
    node
}

fn listen(context: &deterministic::Context, node: Node, mut receiver: Receiver<PublicKey>) {
    context.child("gossip").spawn(move |clock| async move {
        while let Ok((_, message)) = receiver.recv().await {
            if let Some(candidate) = Candidate::decode(message.as_ref()) {
                node.learn(candidate, clock.current());
            }
        }
    });
}

fn genesis() -> Digest {
    Sha256::hash(&[b"genesis"])
}

fn outcome(known: &Known, setting: Setting, took: Duration) -> Outcome {
    let won = |wanted: &dyn Fn(&Candidate) -> bool| {
        let blocks = known.finalized.values().map(|(digest, _)| &known.blocks[digest]);
        blocks.filter(|block| wanted(block)).count() as u64
    };
    let lowest = |block: &Candidate| known.seen[&block.parent].iter().all(|(_, c)| c.work >= block.work);
    let (last, views) = *known.finalized.values().next_back().expect("a final block");
    let heights = known.finalized.len() as u64;
    Outcome {
        heights,
        views,
        hostile: won(&|block| block.author < setting.hostile),
        lowest: won(&lowest),
        withheld: known.unanswered.len() as u64,
        height_time: took / u32::try_from(heights).expect("few heights"),
        last,
    }
}
