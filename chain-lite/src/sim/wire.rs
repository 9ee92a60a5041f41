//! Is a sender through which a hostile node also sends what no honest node does: second votes, and noise.

use crate::node::vote_namespace;
use bytes::Bytes;
use commonware_actor::{Feedback, Unreliable};
use commonware_codec::{Encode, Read, varint::UInt};
use commonware_consensus::simplex::{
    scheme::ed25519::Scheme,
    types::{Finalize, Notarize, Nullify, Proposal, Vote},
};
use commonware_cryptography::{
    ed25519::{PrivateKey, PublicKey},
    keccak256::Digest,
};
use commonware_p2p::{CheckedSender, LimitedSender, Recipients, Sender, utils::mux};
use commonware_runtime::IoBufs;
use commonware_utils::ordered::Set;
use std::time::SystemTime;

/// Is what a hostile node adds to its messages.
#[derive(Clone)]
pub(super) enum Forger {
    /// A conflicting vote to each vote.
    SecondVotes(Box<Scheme>),
    /// Bytes that are no message.
    Noise,
}

impl Forger {
    /// Makes one that votes twice as a member of a committee.
    pub(super) fn second_votes(chain_id: u64, committee: Set<PublicKey>, key: PrivateKey) -> Option<Self> {
        Some(Self::SecondVotes(Box::new(Scheme::signer(&vote_namespace(chain_id), committee, key)?)))
    }

    fn forge(&self, message: &Bytes) -> Option<Bytes> {
        match self {
            Self::Noise => Some(Bytes::from_static(&[0xff; 40])),
            Self::SecondVotes(scheme) => {
                let (epoch, vote) = mux::parse(message.clone().into()).ok()?;
                let mut vote = Bytes::copy_from_slice(vote.as_ref());
                let second = second(scheme, Vote::read_cfg(&mut vote, &()).ok()?)?;
                Some([UInt(epoch).encode().as_ref(), second.encode().as_ref()].concat().into())
            }
        }
    }
}

/// Signs what conflicts with a vote.
fn second(scheme: &Scheme, vote: Vote<Scheme, Digest>) -> Option<Vote<Scheme, Digest>> {
    let other = |proposal: Proposal<Digest>| {
        let mut payload = proposal.payload;
        payload.0[0] ^= 1;
        Proposal { payload, ..proposal }
    };
    Some(match vote {
        Vote::Notarize(vote) => Vote::Notarize(Notarize::sign(scheme, other(vote.proposal))?),
        Vote::Finalize(vote) => match vote.proposal.payload.0[1] & 1 {
            0 => Vote::Finalize(Finalize::sign(scheme, other(vote.proposal))?),
            _ => Vote::Nullify(Nullify::sign::<Digest>(scheme, vote.proposal.round)?),
        },
        Vote::Nullify(_) => return None,
    })
}

/// Is a sender with a forger beside it, or none.
#[derive(Clone)]
pub(super) struct Wire<S> {
    inner: S,
    forger: Option<Forger>,
}

impl<S> Wire<S> {
    pub(super) fn new(inner: S, forger: Option<Forger>) -> Self {
        Self { inner, forger }
    }
}

impl<S: Sender<PublicKey = PublicKey>> LimitedSender for Wire<S> {
    type PublicKey = PublicKey;
    type Checked<'a>
        = CheckedWire<'a, S>
    where
        S: 'a;

    fn check(&mut self, recipients: Recipients<PublicKey>) -> Result<CheckedWire<'_, S>, SystemTime> {
        let forging = self.forger.clone().map(|forger| (forger, self.inner.clone()));
        Ok(CheckedWire { checked: self.inner.check(recipients)?, forging })
    }
}

/// Is a sender whose recipients are chosen.
pub(super) struct CheckedWire<'a, S: Sender<PublicKey = PublicKey> + 'a> {
    checked: S::Checked<'a>,
    forging: Option<(Forger, S)>,
}

impl<S: Sender<PublicKey = PublicKey>> CheckedSender for CheckedWire<'_, S> {
    type PublicKey = PublicKey;

    fn recipients(&self) -> Vec<PublicKey> {
        self.checked.recipients()
    }

    fn send(self, message: impl Into<IoBufs> + Send, priority: bool) -> Unreliable<Feedback> {
        let Some((forger, mut inner)) = self.forging else { return self.checked.send(message, priority) };
        let message = Bytes::copy_from_slice(message.into().coalesce().as_ref());
        if let Some(forged) = forger.forge(&message) {
            inner.send(Recipients::Some(self.checked.recipients()), forged, priority);
        }
        self.checked.send(message, priority)
    }
}
