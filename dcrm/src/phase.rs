//! Names the phases of a key generation, and why a message is refused in them.

use thiserror::Error;

use crate::judge::NoVerdict;
use crate::wire::{DecodeError, Kind};

/// Names what may be posted; the chain ends each phase at a height it has announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Dealings (whitepaper 3.5.2, steps 1.a to 1.c).
    Dealing,
    /// Complaints (1.d).
    Complaining,
    /// Extractions (2.a).
    Extracting,
    /// Objections (GJKR 4.b).
    Objecting,
    /// Reveals (GJKR 4.c).
    Revealing,
    /// Nothing: the outcome stands.
    Done,
}

impl Phase {
    pub(crate) fn next(self) -> Self {
        match self {
            Self::Dealing => Self::Complaining,
            Self::Complaining => Self::Extracting,
            Self::Extracting => Self::Objecting,
            Self::Objecting => Self::Revealing,
            Self::Revealing | Self::Done => Self::Done,
        }
    }

    pub(crate) fn takes(self, kind: Kind) -> bool {
        let due = match kind {
            Kind::Dealing => Self::Dealing,
            Kind::Complaint => Self::Complaining,
            Kind::Extraction => Self::Extracting,
            Kind::Objection => Self::Objecting,
            Kind::Reveal => Self::Revealing,
            Kind::Handover => return false,
        };
        self == due
    }
}

/// Says why a message is refused; the board is then as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The first byte names no kind of message.
    #[error("no kind of message")]
    UnknownKind,
    /// Too early or too late.
    #[error("{0:?} is not taken in this phase")]
    NotNow(Kind),
    /// The bytes are no message of this session.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The transaction's sender is not the author that the message names.
    #[error("member {sender} posts as member {author}")]
    NotTheAuthor {
        /// The index of the transaction's sender.
        sender: u16,
        /// The index in the message.
        author: u16,
    },
    /// The same was said before.
    #[error("said before")]
    Repeated,
    /// The dealer meant has dealt nothing, does not stand, or has shown no part to judge.
    #[error("dealer {0} has posted nothing that this could be about")]
    NoSuchDealer(u16),
    /// The accusation proves nothing.
    #[error(transparent)]
    NoVerdict(#[from] NoVerdict),
    /// The pair does not satisfy equation (5).
    #[error("the dealing does not commit to the pair shown")]
    NotCommitted,
}

/// Refuses a message whose author is not the sender of its transaction.
pub(crate) fn refuse_other(sender: u16, author: u16) -> Result<(), Refusal> {
    if sender == author { Ok(()) } else { Err(Refusal::NotTheAuthor { sender, author }) }
}
