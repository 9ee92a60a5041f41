//! Is what is fixed before a height is executed: its time, its seed, its groups and who represents them. Every node
//! computes it from the parent block and the state after it, and holds packages and offers against it.

use super::{
    beacon::{Randomness, verify_reveal},
    dealing::verify_committee,
    offer::{Offer, OfferError},
    package::Package,
    seal::{REVEAL_LEN, Seal},
};
use alloy_primitives::B256;
use fusor_vm::hhcm::{Beacon, Member, work_hash};
use std::cmp::Ordering;
use thiserror::Error;

/// Is what is fixed before a height is executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// The height.
    pub height: u64,
    /// Hash of the parent.
    pub parent: B256,
    /// The block's time in seconds.
    pub time: u64,
    /// The height's seed; PREVRANDAO.
    pub seed: B256,
    /// Groups.
    pub x: u32,
    /// The committee of the epoch, by key.
    pub members: Vec<Member>,
    /// For each group the index of its representative; none where no bookkeeping node was elected.
    pub representatives: Vec<Option<usize>>,
    /// Tries that a representative has.
    pub tries_max: u64,
    /// Where seeds come from; without a beacon nobody signs them.
    pub randomness: Randomness,
    /// How far the committee's key is, by which the height's seed is signed.
    pub beacon: Beacon,
    /// Most seconds from this block's time to the next one's.
    pub time_step_max: u64,
}

/// Says why a package or an offer does not fit its round.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RoundError {
    /// A field differs from what the round fixes.
    #[error("{0} differs from the round's")]
    Field(&'static str),
    /// The author is not of the committee.
    #[error("author {0} is not of the committee")]
    Stranger(B256),
    /// The author does not represent the group that it names.
    #[error("{author} does not represent group {group}")]
    Group {
        /// Who claims to.
        author: B256,
        /// The group.
        group: u32,
    },
    /// The work is not one of the tries that a representative has, or a relayed block claims work.
    #[error("nonce {0} is not among the tries allowed")]
    Work(u64),
    /// The signature over the seed is not the committee's, or not the author's where the committee has no key.
    #[error("beacon signature is wrong")]
    Reveal,
    /// The time of the next block is not after this one's, or too far.
    #[error("next block's time {0} is out of bounds")]
    NextTime(u64),
    /// The signature or the seal is bad.
    #[error(transparent)]
    Offer(#[from] OfferError),
}

impl Round {
    /// Returns the representative of a group.
    pub fn representative(&self, group: u32) -> Option<&Member> {
        let index = self.representatives.get(group as usize).copied().flatten()?;
        self.members.get(index)
    }

    /// Lists the groups that a node represents; more than one is possible for a guerrilla alone.
    pub fn represents(&self, key: B256) -> Option<u32> {
        (0..self.x).find(|group| self.representative(*group).is_some_and(|member| member.key == key))
    }

    /// Returns the committee's member with a key.
    pub fn member(&self, key: B256) -> Option<&Member> {
        self.members.iter().find(|member| member.key == key)
    }

    /// Counts the groups that have a representative, and so may hand over a package.
    pub fn expected(&self) -> usize {
        self.representatives.iter().flatten().count()
    }

    /// Checks that a package is of this round and by its group's representative.
    pub fn check_package(&self, package: &Package) -> Result<(), RoundError> {
        let header = &package.header;
        let refuse = |broken, field| if broken { Err(RoundError::Field(field)) } else { Ok(()) };
        refuse(header.height != self.height, "height")?;
        refuse(header.parent != self.parent, "parent")?;
        refuse(header.x != self.x, "number of groups")?;
        self.check_representative(header.author, header.group)
    }

    /// Checks all of an offer that needs no execution; returns its seal. `known` is the committee's signature over the
    /// seed, if it is at hand.
    pub fn check_offer(
        &self,
        chain_id: u64,
        offer: &Offer,
        known: Option<&[u8; REVEAL_LEN]>,
    ) -> Result<Seal, RoundError> {
        let seal = offer.verify(chain_id)?;
        let header = &offer.header;
        let refuse = |broken, field| if broken { Err(RoundError::Field(field)) } else { Ok(()) };
        refuse(header.number != self.height, "height")?;
        refuse(header.parent_hash != self.parent, "parent")?;
        refuse(header.timestamp != self.time, "time")?;
        refuse(header.mix_hash != self.seed, "seed")?;
        refuse(seal.x != self.x, "number of groups")?;
        let member = self.member(seal.author).ok_or(RoundError::Stranger(seal.author))?;
        self.check_work(&seal, u64::from_be_bytes(header.nonce.0))?;
        let latest = self.time.saturating_add(self.time_step_max);
        if seal.next_time <= self.time || seal.next_time > latest {
            return Err(RoundError::NextTime(seal.next_time));
        }
        match self.reveals(chain_id, member, &seal, known) {
            true => Ok(seal),
            false => Err(RoundError::Reveal),
        }
    }

    fn reveals(&self, chain_id: u64, member: &Member, seal: &Seal, known: Option<&[u8; REVEAL_LEN]>) -> bool {
        let (height, seed, reveal) = (self.height, self.seed, &seal.reveal);
        match (self.randomness, &self.beacon.key) {
            (Randomness::PreviousHash, _) => *reveal == [0; REVEAL_LEN],
            (Randomness::Beacon, None) => verify_reveal(&member.beacon, chain_id, height, seed, reveal),
            // There is one signature only.
            (Randomness::Beacon, Some(key)) => match known {
                Some(known) => known == reveal,
                None => verify_committee(key, chain_id, height, seed, reveal),
            },
        }
    }

    /// Returns the work hash of an offer; none for a relayed one, which ranks last.
    pub fn work(&self, offer: &Offer, seal: &Seal) -> Option<B256> {
        let nonce = u64::from_be_bytes(offer.header.nonce.0);
        seal.worked.then(|| work_hash(self.parent, seal.packages_root(), seal.author, nonce))
    }

    fn check_work(&self, seal: &Seal, nonce: u64) -> Result<(), RoundError> {
        match seal.worked {
            true if nonce >= self.tries_max => Err(RoundError::Work(nonce)),
            true => self.check_representative(seal.author, seal.group),
            false if nonce != 0 => Err(RoundError::Work(nonce)),
            false => Ok(()),
        }
    }

    fn check_representative(&self, author: B256, group: u32) -> Result<(), RoundError> {
        match self.representative(group) {
            Some(member) if member.key == author => Ok(()),
            _ => Err(RoundError::Group { author, group }),
        }
    }
}

/// Orders works: the lower hash first, no work last.
pub(crate) fn rank(a: Option<B256>, b: Option<B256>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

/// Searches all tries and returns the nonce with the lowest hash.
pub fn search(round: &Round, packages_root: B256, key: B256) -> u64 {
    let tries = 0..round.tries_max.max(1);
    tries.min_by_key(|nonce| work_hash(round.parent, packages_root, key, *nonce)).unwrap_or_default()
}
