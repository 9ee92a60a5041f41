//! What members send each other, and what can be wrong with it.

use thiserror::Error;

/// A message from one member to another. Members are numbered from 1, as in key generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who sends it.
    pub from: u16,
    /// Who is to receive it.
    pub to: u16,
    /// The round it belongs to, from 1.
    pub round: u8,
    /// The content, encoded by the scheme.
    pub bytes: Vec<u8>,
}

/// A finished signature, already verified under the key it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// ECDSA with low `s` (BIP-146, EIP-2) and recovery id (bit 0: `R.y` is odd, bit 1: `R.x` was reduced).
    Ecdsa {
        /// `r`, big-endian.
        r: [u8; 32],
        /// `s`, big-endian, at most half of the group order.
        s: [u8; 32],
        /// Recovery id, 0 to 3.
        recovery: u8,
    },
    /// Schnorr as in BIP-340: `R.x || s`.
    Schnorr([u8; 64]),
}

/// What a session asks for after a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// More messages of this round are missing.
    Wait,
    /// Send these.
    Send(Vec<Message>),
    /// The signature is made; others may still wait for these messages to make it too.
    Done {
        /// The verified signature.
        signature: Signature,
        /// What to send before forgetting the session.
        send: Vec<Message>,
    },
}

/// What went wrong, and whom this node accuses of it.
///
/// An accusation is one node's word: it moves the accused out of the next attempt and never costs stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{kind}{}", .accused.map(|member| format!(" (member {member})")).unwrap_or_default())]
pub struct Fault {
    /// The member accused, if one can be named.
    pub accused: Option<u16>,
    /// What happened.
    pub kind: FaultKind,
}

/// The kinds of [`Fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FaultKind {
    /// The sender is not one of the others in this session.
    #[error("message from outside the session")]
    Outsider,
    /// The message is for another member.
    #[error("message for another member")]
    Misaddressed,
    /// The message is of a round that is over or not yet near.
    #[error("message of another round")]
    WrongRound,
    /// There is a message of this sender and round already.
    #[error("second message for one round")]
    Doubled,
    /// The message is longer than any of its round.
    #[error("message too long")]
    Oversized,
    /// The content is not what the round sends.
    #[error("message cannot be decoded")]
    Undecodable,
    /// The sender signs something else: another message, key, member set, attempt or setup.
    #[error("sender is in another session")]
    OtherView,
    /// What was sent does not open what was committed to, or a proof is false.
    #[error("commitment or proof does not hold")]
    Unproven,
    /// The transfer between two members is inconsistent in a way that leaks about lasting state: the pair's state must
    /// never be used again.
    #[error("oblivious transfer inconsistent, pair is banned")]
    Banned,
    /// A share of the signature is false.
    #[error("share of the signature is false")]
    BadShare,
    /// The contributions do not add up and none can be singled out.
    #[error("contributions do not add up")]
    Inconsistent,
    /// The result is not a valid signature under the key.
    #[error("result is not a valid signature")]
    BadSignature,
    /// The session has ended; what is received now changes nothing.
    #[error("session has ended")]
    Closed,
    /// A transfer setup with a member of the set is missing or broken on this node.
    #[error("no setup with a member")]
    NoSetup,
    /// The set of members is not `t` different members with this node among them.
    #[error("not a set of signers")]
    BadSet,
    /// The key, tweak or share is not usable.
    #[error("key or tweak not usable")]
    BadKey,
}

impl FaultKind {
    /// Whether only the message was refused and the session goes on as before.
    #[must_use]
    pub fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::Outsider
                | Self::Misaddressed
                | Self::WrongRound
                | Self::Doubled
                | Self::Oversized
                | Self::Undecodable
                | Self::Closed
        )
    }

    /// Whether the state shared with the accused must never be used again.
    #[must_use]
    pub fn is_ban(self) -> bool {
        self == Self::Banned
    }

    pub(crate) fn by(self, accused: u16) -> Fault {
        Fault { accused: Some(accused), kind: self }
    }

    pub(crate) fn alone(self) -> Fault {
        Fault { accused: None, kind: self }
    }
}
