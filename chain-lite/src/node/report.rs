//! Takes what consensus tells: a parent that is certified opens a height, and conflicting votes are proofs.

use super::shared::Node;
use crate::hhcm::Evidence;
use alloy_primitives::{B256, Bytes};
use commonware_actor::Feedback;
use commonware_codec::{Copying, Encode, Read};
use commonware_consensus::{
    Reporter,
    simplex::{
        scheme::ed25519::Scheme,
        types::{Activity, Finalize, Notarize, Nullify},
    },
};
use commonware_cryptography::{certificate::Attestation, ed25519::PublicKey, keccak256::Digest};
use commonware_utils::{
    Participant,
    channel::mpsc,
    ordered::{Quorum, Set},
    union_unique,
};
use fusor_vm::hhcm;

/// Takes what consensus tells.
#[derive(Clone)]
pub(super) struct Told {
    pub(super) node: Node,
    pub(super) openings: mpsc::UnboundedSender<B256>,
    pub(super) committee: Set<PublicKey>,
}

impl Reporter for Told {
    type Activity = Activity<Scheme, Digest>;

    fn report(&mut self, activity: Self::Activity) -> Feedback {
        match activity {
            Activity::Certification(notarization) => {
                let payload = notarization.proposal.payload;
                self.node.observer().certified(B256::from(payload.0));
                self.opens(payload);
            }
            Activity::Finalization(finalization) => self.opens(finalization.proposal.payload),
            Activity::ConflictingNotarize(proof) => {
                self.cheats(
                    two::<Notarize<Scheme, Digest>, Notarize<Scheme, Digest>>(&proof.encode()),
                    "two notarize votes in a view",
                );
            }
            Activity::ConflictingFinalize(proof) => {
                self.cheats(
                    two::<Finalize<Scheme, Digest>, Finalize<Scheme, Digest>>(&proof.encode()),
                    "two finalize votes in a view",
                );
            }
            Activity::NullifyFinalize(proof) => {
                self.cheats(
                    two::<Nullify<Scheme>, Finalize<Scheme, Digest>>(&proof.encode()),
                    "nullify and finalize in a view",
                );
            }
            _ => {}
        }
        Feedback::Ok
    }
}

impl Told {
    fn opens(&self, payload: Digest) {
        // The producer ends with the node.
        let _ = self.openings.send(B256::from(payload.0));
    }

    /// Keeps two votes as a proof if they are what they seem: what consensus reports is not verified.
    fn cheats(&self, votes: Option<[Ballot; 2]>, what: &str) {
        let Some([a, b]) = votes else { return };
        let author = self.committee.key(a.signer).map(|key| B256::from_slice(key.as_ref()));
        let Some(key) = author.filter(|_| a.signer == b.signer) else { return };
        let chain_id = self.node.chain_id();
        let votes = [a, b].map(|ballot| ballot.signed(chain_id));
        if votes.iter().all(|(message, signature)| hhcm::verify(key, message, signature)) {
            self.node.accuse(Evidence::Votes { key, votes }, what);
        }
    }
}

/// Is a vote without its types.
struct Ballot {
    signer: Participant,
    suffix: &'static [u8],
    message: Vec<u8>,
    signature: [u8; 64],
}

impl Ballot {
    /// Returns the bytes that were signed, and the signature.
    fn signed(&self, chain_id: u64) -> (Bytes, [u8; 64]) {
        let namespace = [hhcm::vote_namespace(chain_id).as_slice(), self.suffix].concat();
        (union_unique(&namespace, &self.message).into(), self.signature)
    }
}

/// Is a vote of consensus.
trait Cast: Read<Cfg = ()> {
    fn ballot(&self) -> Option<Ballot>;
}

fn ballot(attestation: &Attestation<Scheme>, suffix: &'static [u8], message: Vec<u8>) -> Option<Ballot> {
    let signature = attestation.signature.get()?;
    let signature = signature.as_ref().try_into().ok()?;
    Some(Ballot { signer: attestation.signer, suffix, message, signature })
}

impl Cast for Notarize<Scheme, Digest> {
    fn ballot(&self) -> Option<Ballot> {
        ballot(&self.attestation, b"_NOTARIZE", self.proposal.encode().to_vec())
    }
}

impl Cast for Finalize<Scheme, Digest> {
    fn ballot(&self) -> Option<Ballot> {
        ballot(&self.attestation, b"_FINALIZE", self.proposal.encode().to_vec())
    }
}

impl Cast for Nullify<Scheme> {
    fn ballot(&self) -> Option<Ballot> {
        ballot(&self.attestation, b"_NULLIFY", self.round.encode().to_vec())
    }
}

/// Reads the two votes of a proof, whose fields the engine does not show.
fn two<A: Cast, B: Cast>(proof: &[u8]) -> Option<[Ballot; 2]> {
    let mut buf = Copying(proof);
    Some([A::read_cfg(&mut buf, &()).ok()?.ballot()?, B::read_cfg(&mut buf, &()).ok()?.ballot()?])
}
