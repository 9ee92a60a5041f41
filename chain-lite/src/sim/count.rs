//! Counts what nodes send, by kind of message, on its way to the simulated network.

use commonware_actor::{Feedback, Unreliable};
use commonware_p2p::{CheckedSender, LimitedSender, Recipients};
use commonware_runtime::IoBufs;
use commonware_utils::sync::Mutex;
use std::{collections::BTreeMap, sync::Arc, time::SystemTime};

/// Is a kind of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Votes of consensus.
    Votes,
    /// Certificates, unasked.
    Certificates,
    /// Proposed blocks.
    Blocks,
    /// Users' transactions.
    Transactions,
    /// Groups' packages.
    Packages,
    /// Representatives' offers.
    Offers,
    /// Making the committee's key, once an epoch.
    Dealings,
    /// Parts of the committee's signatures over seeds.
    Parts,
    /// Certificates, blocks and packages that were asked for, and the questions.
    Catchup,
}

impl Kind {
    /// Lists all kinds.
    pub const ALL: [Self; 9] = [
        Self::Votes,
        Self::Certificates,
        Self::Blocks,
        Self::Transactions,
        Self::Packages,
        Self::Offers,
        Self::Dealings,
        Self::Parts,
        Self::Catchup,
    ];
}

/// Is what was sent: each recipient counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// Messages.
    pub messages: u64,
    /// Bytes, without what a transport adds.
    pub bytes: u64,
}

/// Sums up what all nodes of a run have sent.
pub(super) type Counts = Arc<Mutex<BTreeMap<Kind, Sent>>>;

/// Says what a channel carries.
#[derive(Debug, Clone, Copy)]
pub(super) enum Carries {
    /// Messages of one kind.
    One(Kind),
    /// Gossip, whose first byte tells the kind.
    Gossip,
}

impl Carries {
    fn kind(self, message: &mut IoBufs) -> Kind {
        match self {
            Self::One(kind) => kind,
            Self::Gossip => match bytes::Buf::chunk(message).first() {
                Some(2) => Kind::Packages,
                Some(3) => Kind::Offers,
                Some(4..=6 | 8) => Kind::Dealings,
                Some(7) => Kind::Parts,
                _ => Kind::Transactions,
            },
        }
    }
}

/// Sends and counts.
#[derive(Debug, Clone)]
pub(super) struct Counting<S> {
    pub(super) sender: S,
    pub(super) carries: Carries,
    pub(super) counts: Counts,
}

/// Is a message that may go out.
pub(super) struct Checked<'a, C> {
    checked: C,
    carries: Carries,
    counts: &'a Counts,
}

impl<S: LimitedSender> LimitedSender for Counting<S> {
    type PublicKey = S::PublicKey;
    type Checked<'a>
        = Checked<'a, S::Checked<'a>>
    where
        Self: 'a;

    fn check(&mut self, recipients: Recipients<S::PublicKey>) -> Result<Self::Checked<'_>, SystemTime> {
        let Self { sender, carries, counts } = self;
        Ok(Checked { checked: sender.check(recipients)?, carries: *carries, counts })
    }
}

impl<C: CheckedSender> CheckedSender for Checked<'_, C> {
    type PublicKey = C::PublicKey;

    fn recipients(&self) -> Vec<C::PublicKey> {
        self.checked.recipients()
    }

    fn send(self, message: impl Into<IoBufs> + Send, priority: bool) -> Unreliable<Feedback> {
        let mut message = message.into();
        let recipients = self.checked.recipients().len() as u64;
        let mut counts = self.counts.lock();
        let sent = counts.entry(self.carries.kind(&mut message)).or_default();
        sent.messages += recipients;
        sent.bytes += recipients * message.len() as u64;
        drop(counts);
        self.checked.send(message, priority)
    }
}
