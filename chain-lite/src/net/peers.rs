//! Connects a node with its peers: authenticated, encrypted, by the node's own key.

use super::NodeConfig;
use crate::node::{Channels, GOSSIP, WAITING_MAX, letters_quota, quota};
use alloy_primitives::B256;
use commonware_cryptography::{
    ChaCha20Poly1305,
    ed25519::{PrivateKey, PublicKey},
};
use commonware_p2p::authenticated::discovery::{Config, Network, Oracle, Receiver, Sender};
use commonware_runtime::{Handle, tokio::Context};
use commonware_stream::{
    SakeCups,
    cups::{self, Cups},
    sake::{self, Sake},
};
use commonware_utils::NZUsize;
use std::{num::NonZeroUsize, time::Duration};

/// Is a node's channels over the network.
pub(super) type Links = Channels<Sender<PublicKey, Context>, Receiver<PublicKey>>;

/// Is the channel of custodians.
pub(super) type Letters = (Sender<PublicKey, Context>, Receiver<PublicKey>);

/// Starts the network of a node.
pub(super) fn connect(
    context: Context,
    node: &NodeConfig,
    genesis: B256,
) -> (Links, Letters, Oracle<PublicKey>, Handle<()>) {
    let (mut network, oracle) = Network::new(context, settings(node, genesis));
    let [votes, certificates, resolver, broadcast, backfill, gossip, packages] =
        [0, 1, 2, 3, 4, GOSSIP, 6].map(|channel| network.register(channel, quota(channel)));
    let links = Channels { votes, certificates, resolver, broadcast, backfill, gossip, packages };
    let letters = network.register(7, letters_quota());
    (links, letters, oracle, network.start())
}

fn settings(node: &NodeConfig, genesis: B256) -> Config<SakeCups<PrivateKey, ChaCha20Poly1305>> {
    let handshake = Sake {
        signer: node.keys.node.clone(),
        synchrony_bound: Duration::from_secs(5),
        max_handshake_age: Duration::from_secs(10),
        version: sake::Version::V1,
    };
    let mut config = Config::local(
        Cups::new(handshake, cups::Version::V1),
        &[b"fusor-net".as_slice(), genesis.as_slice()].concat(),
        node.listen,
        node.dialable.clone(),
        node.bootstrappers.clone(),
        peers_max(node),
        node.settings.message_len_max,
        NZUsize!(1_024),
    );
    // A node that was killed is back in the network as soon as it dials.
    config.peer_connection_cooldown = Duration::from_millis(500);
    config.block_duration = Duration::from_secs(600);
    config
}

/// Returns how many peers a committee and those who follow it may be.
fn peers_max(node: &NodeConfig) -> NonZeroUsize {
    let consensus = node.genesis.consensus.as_ref();
    let listed = consensus
        .map_or(0, |consensus| consensus.validators.len().max(consensus.params.validators_max as usize));
    NonZeroUsize::MIN.saturating_add(listed + WAITING_MAX + node.followers.len())
}
