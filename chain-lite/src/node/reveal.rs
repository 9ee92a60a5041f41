//! Signs each height's seed together with the committee: a member tells its part when the height opens, and whoever
//! needs the signature puts parts of a quorum together.

use super::{message::Message, shared::Node, start::Runtime};
use crate::hhcm::{CommitteeKey, PART_LEN, Round};
use alloy_primitives::B256;
use commonware_cryptography::ed25519::PublicKey;
use commonware_macros::select;
use fusor_vm::hhcm::Beacon;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// How long a member waits for the committee's signature until it tells its part again.
const RETELL: Duration = Duration::from_secs(1);
/// Committees' keys that are remembered: blocks of one epoch that exclude each other may make different ones.
const KEYS_MAX: usize = 4;

impl Node {
    /// Returns the key by which a round's seed is signed, with this node's share of it.
    pub(super) fn committee_key(&self, round: &Round) -> Option<Arc<CommitteeKey>> {
        let public = round.beacon.key?;
        if let Some(known) = self.committee_keys().iter().find(|key| key.public() == public) {
            return Some(known.clone());
        }
        let (ceremony, dealt) = self.ledger(|ledger| {
            let ceremony = ledger.ceremony(round)?;
            let dealt = ledger.dealt(round, &ceremony).ok()?;
            Some((ceremony, dealt))
        })?;
        let key = ceremony.finish(&dealt, &self.keys().node, &self.received(&ceremony))?;
        if key.public() != public {
            tracing::error!(height = round.height, "the committee's key is not what its dealings make");
            return None;
        }
        let share = key.holds_share();
        tracing::info!(epoch = ceremony.epoch(), height = round.height, share, "the committee has a key");
        let key = Arc::new(key);
        let mut keys = self.committee_keys();
        if keys.len() >= KEYS_MAX {
            keys.remove(0);
        }
        keys.push(key.clone());
        Some(key)
    }

    /// Makes this node's share of keys anew, as more of what it is made of is there, and signs what is open.
    pub(super) fn regain(&self) {
        self.committee_keys().retain(|key| key.holds_share());
        for parent in self.book(|book| book.open_parents()) {
            if let Ok(round) = self.ledger(|ledger| ledger.round(parent)) {
                self.sign_part(&round);
            }
        }
    }

    /// Says whether this node has a share of the committee's key, as far as it has needed one.
    pub(super) fn holds_share(&self, beacon: &Beacon) -> bool {
        let keys = self.committee_keys();
        keys.iter().any(|key| Some(key.public()) == beacon.key && key.holds_share())
    }

    /// Signs a round's seed as a member, and tells the part.
    pub(super) fn sign_part(&self, round: &Round) {
        let Some(key) = self.committee_key(round) else { return };
        let (height, parent) = (round.height, round.parent);
        let Some(signature) = key.part(self.chain_id(), height, round.seed) else { return };
        self.book(|book| book.hear_part(height, parent, self.keys().id(), signature));
        self.tell(Message::Part { height, parent, signature });
    }

    /// Tells this node's part again until the committee's signature is seen.
    pub(super) async fn retell_part<E: Runtime>(&self, context: &E, round: &Round) {
        let (me, height, parent) = (self.keys().id(), round.height, round.parent);
        if round.beacon.key.is_none() {
            return;
        }
        loop {
            let seen = self.wait(|node| {
                let seen = |ledger: &mut crate::ledger::Ledger| {
                    ledger.reveal(round).is_some() || ledger.height() >= height
                };
                node.ledger(seen).then_some(())
            });
            select! {
                _ = seen => { return },
                _ = context.sleep(RETELL) => {},
            }
            let part = self.book(|book| book.parts(height, parent).remove(&me));
            if let Some(signature) = part {
                self.tell(Message::Part { height, parent, signature });
            }
        }
    }

    /// Takes a member's part; whether it is one is seen when the signature is put together.
    pub(super) fn hear_part(&self, peer: &PublicKey, height: u64, parent: B256, part: [u8; PART_LEN]) {
        let key = B256::from_slice(peer.as_ref());
        if self.is_member(key) && self.book(|book| book.hear_part(height, parent, key, part)) {
            self.notify();
        }
    }

    /// Waits until the signature over a round's seed is known, where the committee has to give it.
    pub(super) async fn revealed(&self, round: &Round) {
        self.wait(|node| node.reveal(round)).await;
    }

    /// Puts the signature over a round's seed together if enough parts are there.
    fn reveal(&self, round: &Round) -> Option<()> {
        if round.beacon.key.is_none() || self.ledger(|ledger| ledger.reveal(round).is_some()) {
            return Some(());
        }
        let key = self.committee_key(round)?;
        let (height, parent) = (round.height, round.parent);
        loop {
            let heard = self.book(|book| book.parts(height, parent));
            let placed = (0u32..).zip(&round.members);
            let parts: BTreeMap<u32, [u8; PART_LEN]> =
                placed.filter_map(|(place, member)| Some((place, *heard.get(&member.key)?))).collect();
            if parts.len() < key.quorum() {
                return None;
            }
            match key.reveal(self.chain_id(), height, round.seed, &parts) {
                Ok(reveal) => {
                    self.ledger(|ledger| ledger.learn_reveal(round, reveal));
                    self.notify();
                    return Some(());
                }
                Err(bad) if bad.is_empty() => return None,
                Err(bad) => {
                    tracing::debug!(height, ?bad, "parts of the committee's signature are wrong");
                    let member = |place: &u32| Some(round.members.get(*place as usize)?.key);
                    self.book(|book| book.spoil(height, parent, bad.iter().filter_map(member)));
                }
            }
        }
    }
}
