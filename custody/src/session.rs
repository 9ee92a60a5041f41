//! Drives one signature of either scheme: collects each round's messages, refuses what does not belong, and advances.

use std::collections::BTreeMap;
use std::fmt;

use crate::ecdsa;
use crate::holding::{Bans, Holding};
use crate::message::{Fault, FaultKind, Message, Signature, Step};
use crate::schnorr;
use crate::store::{Admission, Scheme};

/// What a scheme sends: receiver and content.
pub(crate) type Outgoing = Vec<(u16, Vec<u8>)>;

/// What a scheme answers to a complete round.
pub(crate) enum Advance {
    Send(Outgoing),
    Done(Signature),
}

/// Whether the network proves who sent a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Every message provably comes from its sender; a malformed one accuses him.
    Authenticated,
    /// Senders are only claimed; a refused message accuses nobody. Not for ECDSA on a hostile network: who can change
    /// messages can have honest pairs banned.
    Open,
}

enum Scheming {
    Ecdsa(Box<ecdsa::Signing>),
    Schnorr(Box<schnorr::Signing>),
    Over,
}

enum Incoming {
    Ecdsa(ecdsa::Incoming),
    Schnorr(schnorr::Incoming),
}

/// One member's part in one attempt to sign. Secrets live in memory only and end with it.
pub struct Session {
    me: u16,
    others: Vec<u16>,
    transport: Transport,
    bans: Bans,
    scheme: Scheming,
    /// The round whose messages are awaited; 0 when the session is over.
    round: u8,
    rounds: u8,
    first: Vec<Message>,
    inbox: BTreeMap<(u8, u16), Incoming>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("me", &self.me).field("round", &self.round).finish_non_exhaustive()
    }
}

impl Session {
    /// Opens a session of `members`, exactly `t` in rising order with this node among them, for what was admitted.
    ///
    /// # Errors
    /// The set is not a set of signers, a setup is missing (ECDSA), or the child key is unusable.
    pub fn open(
        holding: &Holding,
        members: &[u16],
        admission: Admission,
        transport: Transport,
    ) -> Result<Self, Fault> {
        let me = holding.me();
        if !holding.terms().is_signer_set(members) || !members.contains(&me) {
            return Err(FaultKind::BadSet.alone());
        }
        let (scheme, rounds, out) = match admission.scheme() {
            Scheme::Ecdsa => {
                let (signing, out) = ecdsa::Signing::begin(holding, members, &admission)?;
                (Scheming::Ecdsa(Box::new(signing)), ecdsa::ROUNDS, out)
            }
            Scheme::Schnorr => {
                let (signing, out) = schnorr::Signing::begin(holding, members, &admission)?;
                (Scheming::Schnorr(Box::new(signing)), schnorr::ROUNDS, out)
            }
        };
        let others = members.iter().copied().filter(|member| *member != me).collect();
        let first = address(me, 1, out);
        let bans = holding.bans().clone();
        Ok(Self { me, others, transport, bans, scheme, round: 1, rounds, first, inbox: BTreeMap::new() })
    }

    /// The messages of round 1; the same however often it is called.
    #[must_use]
    pub fn start(&self) -> Vec<Message> {
        self.first.clone()
    }

    /// The round whose messages are awaited, from 1; 0 when the session is over.
    #[must_use]
    pub fn round(&self) -> u8 {
        self.round
    }

    /// The members whose message of this round is missing. When a deadline passes, these are silent.
    pub fn awaited(&self) -> impl Iterator<Item = u16> + '_ {
        self.others
            .iter()
            .copied()
            .filter(|other| self.round > 0 && !self.inbox.contains_key(&(self.round, *other)))
    }

    /// Takes a message.
    ///
    /// # Errors
    /// A [refusal](FaultKind::is_refusal) changes nothing. Any other fault ends the session: what it kept is gone, and
    /// the request needs another attempt.
    pub fn receive(&mut self, message: Message) -> Result<Step, Fault> {
        let Message { from, to, round, bytes } = message;
        self.stop_if_banned()?;
        self.take(from, to, round, &bytes).map_err(|kind| match self.transport {
            Transport::Authenticated if kind != FaultKind::Closed => kind.by(from),
            _ => kind.alone(),
        })?;
        let mut send = Vec::new();
        loop {
            if self.awaited().next().is_some() {
                return Ok(if send.is_empty() { Step::Wait } else { Step::Send(send) });
            }
            match self.advance()? {
                Advance::Send(out) => send.extend(address(self.me, self.round, out)),
                Advance::Done(signature) => return Ok(Step::Done { signature, send }),
            }
        }
    }

    /// Ends an ECDSA session with a member that was banned meanwhile: its transfers must not be used again.
    fn stop_if_banned(&mut self) -> Result<(), Fault> {
        let banned = self.others.iter().any(|other| self.bans.contains(*other));
        if banned && matches!(self.scheme, Scheming::Ecdsa(_)) {
            self.close();
            return Err(FaultKind::NoSetup.alone());
        }
        Ok(())
    }

    fn take(&mut self, from: u16, to: u16, round: u8, bytes: &[u8]) -> Result<(), FaultKind> {
        if self.round == 0 {
            return Err(FaultKind::Closed);
        }
        if !self.others.contains(&from) {
            return Err(FaultKind::Outsider);
        }
        if to != self.me {
            return Err(FaultKind::Misaddressed);
        }
        // A peer that has heard everyone may be one round ahead of us, never two: the next needs our message.
        if round < self.round || round > self.rounds || round > self.round.saturating_add(1) {
            return Err(FaultKind::WrongRound);
        }
        if self.inbox.contains_key(&(round, from)) {
            return Err(FaultKind::Doubled);
        }
        let decoded = match &self.scheme {
            Scheming::Ecdsa(signing) => Incoming::Ecdsa(signing.decode(from, round, bytes)?),
            Scheming::Schnorr(signing) => Incoming::Schnorr(signing.decode(round, bytes)?),
            Scheming::Over => return Err(FaultKind::Closed),
        };
        self.inbox.insert((round, from), decoded);
        Ok(())
    }

    /// Hands the complete round to the scheme. On a fault the session is over.
    fn advance(&mut self) -> Result<Advance, Fault> {
        let later = self.inbox.split_off(&(self.round.saturating_add(1), 0));
        let current = std::mem::replace(&mut self.inbox, later);
        let outcome = match &mut self.scheme {
            Scheming::Ecdsa(signing) => signing.advance(ecdsa_only(current)),
            Scheming::Schnorr(signing) => signing.advance(schnorr_only(current)),
            Scheming::Over => Err(FaultKind::Closed.alone()),
        };
        if let Err(Fault { accused: Some(accused), kind }) = &outcome
            && kind.is_ban()
        {
            self.bans.add(*accused);
        }
        match &outcome {
            Ok(Advance::Send(_)) => self.round = self.round.saturating_add(1),
            _ => self.close(),
        }
        outcome
    }

    /// Forgets everything secret.
    fn close(&mut self) {
        self.round = 0;
        self.scheme = Scheming::Over;
        self.inbox.clear();
    }
}

fn address(from: u16, round: u8, out: Outgoing) -> Vec<Message> {
    out.into_iter().map(|(to, bytes)| Message { from, to, round, bytes }).collect()
}

fn ecdsa_only(messages: BTreeMap<(u8, u16), Incoming>) -> BTreeMap<u16, ecdsa::Incoming> {
    let of_scheme = messages.into_iter().filter_map(|((_, from), message)| match message {
        Incoming::Ecdsa(message) => Some((from, message)),
        Incoming::Schnorr(_) => None,
    });
    of_scheme.collect()
}

fn schnorr_only(messages: BTreeMap<(u8, u16), Incoming>) -> BTreeMap<u16, schnorr::Incoming> {
    let of_scheme = messages.into_iter().filter_map(|((_, from), message)| match message {
        Incoming::Schnorr(message) => Some((from, message)),
        Incoming::Ecdsa(_) => None,
    });
    of_scheme.collect()
}
