//! Decides what a node says to its peers.

use super::{message::Message, shared::Node};
use crate::hhcm::{Offer, Round};

/// Decides what a node says. Nodes say what they mean; a simulation gives hostile ones another voice.
pub trait Voice: Send + Sync + 'static {
    /// Returns what is sent instead of a message.
    fn say(&self, node: &Node, message: Message) -> Vec<Message> {
        let _ = node;
        vec![message]
    }

    /// Returns what a leader proposes instead of the best offer.
    fn propose(&self, node: &Node, round: &Round, offer: Option<Offer>) -> Option<Offer> {
        let _ = (node, round);
        offer
    }
}

/// Says what it means.
#[derive(Debug, Clone, Copy, Default)]
pub struct Honest;

impl Voice for Honest {}
