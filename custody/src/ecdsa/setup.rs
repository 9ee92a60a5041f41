//! Sets up transfers between this member and each other one; each pair goes on for itself.

use std::collections::BTreeMap;
use std::fmt;

use super::run::{Pair, Run};
use super::wire::index;
use crate::keys::Terms;
use crate::message::{Fault, FaultKind, Message};

/// What a setup asks for after a message.
#[derive(Debug)]
pub enum SetupStep {
    /// Nothing to do yet.
    Wait,
    /// Send these.
    Send(Vec<Message>),
    /// The pair is complete: write it to the store, and send what may still be owed to the peer.
    Paired(Box<Pair>, Vec<Message>),
}
/// The setup of this member with all others; each pair goes on for itself.
pub struct Setup {
    me: u16,
    runs: BTreeMap<u16, Run>,
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").field("me", &self.me).finish_non_exhaustive()
    }
}

impl Setup {
    /// Prepares the setup of `me` with `peers` (others are ignored, as is `me`). A run has fresh nonces, so it can be
    /// made anew with a peer whose last run broke off.
    ///
    /// # Errors
    /// A member's number does not exist in the terms.
    pub fn new(terms: &Terms, me: u16, peers: &[u16]) -> Result<Self, Fault> {
        index(me)?;
        let known = |peer: &&u16| **peer != me && (1..=terms.members()).contains(*peer);
        let mut runs = BTreeMap::new();
        for peer in peers.iter().filter(known) {
            runs.insert(*peer, Run::new(terms, me, *peer)?);
        }
        Ok(Self { me, runs })
    }

    /// The first messages.
    #[must_use]
    pub fn start(&self) -> Vec<Message> {
        self.runs.values().flat_map(Run::all_sent).collect()
    }

    /// All messages sent so far to `peer`, for a peer that lost them.
    #[must_use]
    pub fn again(&self, peer: u16) -> Vec<Message> {
        self.runs.get(&peer).map(Run::all_sent).unwrap_or_default()
    }

    /// Begins anew with a peer that has lost its side of the run, and returns the first message. The peer must do so
    /// too: a run has one nonce of each.
    ///
    /// # Errors
    /// The peer's number does not exist in the terms.
    pub fn restart(&mut self, terms: &Terms, peer: u16) -> Result<Vec<Message>, Fault> {
        if peer == self.me || !(1..=terms.members()).contains(&peer) {
            return Err(FaultKind::BadSet.alone());
        }
        self.runs.insert(peer, Run::new(terms, self.me, peer)?);
        Ok(self.again(peer))
    }

    /// The peers whose pairs are not complete.
    pub fn pending(&self) -> impl Iterator<Item = u16> + '_ {
        self.runs.iter().filter(|(_, run)| run.is_pending()).map(|(peer, _)| *peer)
    }

    /// Takes a message whose sender the transport has authenticated.
    ///
    /// # Errors
    /// A fault with the sender. A [refusal](FaultKind::is_refusal) changes nothing; after any other fault the run with
    /// this peer is over and needs a new [`Setup`]. Nothing here leaks about lasting state, so nothing bans.
    pub fn receive(&mut self, message: Message) -> Result<SetupStep, Fault> {
        let Message { from, to, round, bytes } = message;
        let run = self.runs.get_mut(&from).ok_or(FaultKind::Outsider.by(from))?;
        if to != self.me {
            return Err(FaultKind::Misaddressed.by(from));
        }
        run.take(round, bytes).map_err(|kind| kind.by(from))?;
        match run.advance() {
            Ok(step) => Ok(step),
            Err(kind) => {
                self.runs.remove(&from);
                Err(kind.by(from))
            }
        }
    }
}
