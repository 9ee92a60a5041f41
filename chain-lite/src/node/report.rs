//! Takes what consensus tells: a parent that is certified opens a height, and conflicting votes are proofs.

use super::shared::Node;
use alloy_primitives::B256;
use commonware_actor::Feedback;
use commonware_codec::Encode;
use commonware_consensus::{
    Reporter, Viewable,
    simplex::{
        scheme::ed25519::Scheme,
        types::{Activity, Attributable},
    },
};
use commonware_cryptography::{ed25519::PublicKey, keccak256::Digest};
use commonware_utils::{
    channel::mpsc,
    ordered::{Quorum, Set},
};

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
                    proof.signer(),
                    "two notarize votes in a view",
                    proof.view().get(),
                    &proof.encode(),
                );
            }
            Activity::ConflictingFinalize(proof) => {
                self.cheats(
                    proof.signer(),
                    "two finalize votes in a view",
                    proof.view().get(),
                    &proof.encode(),
                );
            }
            Activity::NullifyFinalize(proof) => {
                self.cheats(
                    proof.signer(),
                    "nullify and finalize in a view",
                    proof.view().get(),
                    &proof.encode(),
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

    fn cheats(&self, signer: commonware_utils::Participant, what: &str, view: u64, proof: &[u8]) {
        let Some(author) = self.committee.key(signer).map(|key| B256::from_slice(key.as_ref())) else {
            return;
        };
        tracing::warn!(%author, what, view, proof = proof.len(), "conflicting votes");
        self.node.observer().cheat(author, what);
    }
}
