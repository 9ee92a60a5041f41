//! Hears what peers gossip, and tells them what this node makes. A peer that sends what no honest node sends is
//! dropped.

use super::{
    book::Heard,
    message::Message,
    shared::{Letter, Node},
    start::Runtime,
};
use crate::hhcm::Offer;
use commonware_cryptography::ed25519::PublicKey;
use commonware_p2p::{Blocker, Receiver, Recipients, Sender};
use commonware_utils::channel::mpsc;

/// Sends what the node's tasks hand over, until the node ends.
pub(super) async fn tell<S: Sender<PublicKey = PublicKey>>(
    mut outbox: mpsc::Receiver<Letter>,
    mut sender: S,
    len_max: u32,
) {
    while let Some(Letter { to, message }) = outbox.recv().await {
        let urgent = !matches!(message, Message::Transactions(_));
        let bytes = message.encoded();
        // The network ends a node that sends more.
        match u32::try_from(bytes.len()).is_ok_and(|len| len <= len_max) {
            true => drop(sender.send(to.map_or(Recipients::All, Recipients::One), bytes, urgent)),
            false => tracing::error!(len = bytes.len(), len_max, "message too long, not sent"),
        }
    }
}

/// Takes what peers send, until the network ends.
pub(super) async fn listen<E, R, B>(clock: E, node: Node, mut receiver: R, mut blocker: B)
where
    E: Runtime,
    R: Receiver<PublicKey = PublicKey>,
    B: Blocker<PublicKey = PublicKey>,
{
    while let Ok((peer, bytes)) = receiver.recv().await {
        let bytes: Vec<u8> = bytes.as_ref().to_vec();
        match Message::decoded(node.chain_id(), &bytes, &|hash| node.known(hash)) {
            Ok(message) => hear(&clock, &node, &peer, message),
            Err(error) => {
                tracing::warn!(%peer, %error, "peer dropped");
                blocker.block(peer);
            }
        }
    }
}

fn hear<E: Runtime>(clock: &E, node: &Node, peer: &PublicKey, message: Message) {
    match message {
        Message::Transactions(transactions) => {
            for tx in transactions {
                if let Err(reason) = node.submit(tx) {
                    tracing::trace!(%reason, "gossiped transaction refused");
                }
            }
        }
        Message::Package(package) => drop(node.hear_package(package)),
        Message::Offer(offer) => drop(node.hear_offer(offer, clock.current())),
        Message::Deal { epoch, bytes } => node.hear_deal(peer, epoch, &bytes),
        Message::Ack { epoch, signature } => node.hear_ack(peer, epoch, &signature),
        Message::Dealing { epoch, bytes } => node.hear_dealing(peer, epoch, bytes),
        Message::Ask { epoch } => node.hear_ask(peer, epoch),
        Message::Part { height, parent, signature } => node.hear_part(peer, height, parent, signature),
    }
}

impl Node {
    /// Notes an offer if its author signed it.
    pub(super) fn hear_offer(&self, offer: Offer, at: std::time::SystemTime) -> bool {
        let fresh = match offer.verify(self.chain_id()) {
            Ok(seal) if !self.is_member(seal.author) => false,
            Ok(seal) => self.book(|book| book.hear_offer(Heard { at, offer, seal })),
            Err(error) => {
                tracing::debug!(%error, "offer is not its author's");
                false
            }
        };
        if fresh {
            self.notify();
        }
        fresh
    }
}
