//! Knows committees' keys and signatures: what an author puts into its block, and what members sign by.

use super::{Ledger, LedgerError, internal};
use crate::{
    hhcm::{BeaconKey, Ceremony, DEALINGS_LEN_MAX, DEALINGS_MAX, Good, REVEAL_LEN, Randomness, Round, dealt},
    state::BlockStore,
};
use alloy_primitives::Bytes;
use fusor_vm::{fault::Fault, hhcm};
use std::collections::BTreeMap;

impl Ledger {
    /// Returns the committee's signature over a round's seed, if it is known.
    pub fn reveal(&self, round: &Round) -> Option<[u8; REVEAL_LEN]> {
        self.reveals.get(&(round.height, round.parent)).copied()
    }

    /// Notes the committee's signature over a round's seed, which was verified.
    pub fn learn_reveal(&mut self, round: &Round, reveal: [u8; REVEAL_LEN]) {
        if round.beacon.key.is_some() && round.height > self.height() {
            self.reveals.insert((round.height, round.parent), reveal);
        }
    }

    /// Returns the signature that a block of this round carries. Errors: the committee's is not known.
    pub(super) fn reveal_by(
        &self,
        round: &Round,
        author: &BeaconKey,
    ) -> Result<[u8; REVEAL_LEN], LedgerError> {
        match (round.randomness, round.beacon.key) {
            (Randomness::PreviousHash, _) => Ok([0; REVEAL_LEN]),
            (Randomness::Beacon, None) => {
                Ok(author.reveal(self.chain.genesis().chain_id, round.height, round.seed))
            }
            (Randomness::Beacon, Some(_)) => self.reveal(round).ok_or(LedgerError::NoReveal(round.height)),
        }
    }

    /// Begins the making of a round's committee key; none if no key can be made.
    pub fn ceremony(&self, round: &Round) -> Option<Ceremony> {
        match round.randomness {
            Randomness::Beacon => {
                Ceremony::new(self.chain.genesis().chain_id, round.beacon.epoch, &round.members)
            }
            Randomness::PreviousHash => None,
        }
    }

    /// Returns the dealings that the state after a round's parent keeps. Errors: the parent is not known.
    pub fn dealt(&mut self, round: &Round, ceremony: &Ceremony) -> Result<Vec<Good>, LedgerError> {
        self.after_parent(round, |store| dealt(store, ceremony))
    }

    /// Chooses of good dealings those that a block of this round can hold.
    pub(super) fn takeable(
        &mut self,
        round: &Round,
        dealings: &BTreeMap<u32, Bytes>,
    ) -> Result<Vec<Bytes>, LedgerError> {
        let Some(ceremony) = self.ceremony(round).filter(|_| round.beacon.key.is_none()) else {
            return Ok(Vec::new());
        };
        let wanted = ceremony.quorum().saturating_sub(round.beacon.dealings as usize).min(DEALINGS_MAX);
        let mut chosen: Vec<Bytes> = Vec::new();
        self.after_parent(round, |store| {
            let mut left = DEALINGS_LEN_MAX;
            for (place, bytes) in dealings {
                let Some(rest) = left.checked_sub(bytes.len()) else { continue };
                if chosen.len() < wanted && hhcm::dealing(store, *place)?.is_none() {
                    left = rest;
                    chosen.push(bytes.clone());
                }
            }
            Ok(())
        })?;
        Ok(chosen)
    }

    /// Asks the state after a round's parent, at the round's time and height.
    pub(super) fn after_parent<T>(
        &mut self,
        round: &Round,
        ask: impl FnOnce(&mut BlockStore<'_>) -> Result<T, Fault>,
    ) -> Result<T, LedgerError> {
        self.at(round.parent, |state, _, _| ask(&mut BlockStore::new(state, round.time, round.height)))?
            .map_err(internal)
    }
}
