//! Measures what an author gains who wants a group of the next block for itself: the group of a victim's
//! transactions, say. Nothing but elections is run: no transactions, no network.
//!
//! Where the seed is the previous block's hash, the author tries orders and nonces until the seed suits it. Where
//! the author signs the seed there is one signature for each author and seed, so hostile nodes can only choose
//! which of them makes the block, or leave it to the best honest one, and lose rewards by it. Where the committee signs
//! there is one signature for each seed, so that the next seed stands whoever makes the block.

use crate::hhcm::{BeaconKey, Randomness};
use alloy_primitives::{Address, B256, keccak256};
use commonware_cryptography::Signer;
use commonware_cryptography::bls12381::PrivateKey;
use fusor_vm::hhcm::{Member, Params, representatives};

/// Says where seeds come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The previous block's hash.
    PreviousHash,
    /// The author's signature over the seed before.
    Author,
    /// The committee's signature over the seed before.
    Committee,
}

/// Is what a run is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attack {
    /// Where seeds come from.
    pub source: Source,
    /// Nodes, with equal stake.
    pub nodes: u32,
    /// How many of them work together.
    pub hostile: u32,
    /// Groups.
    pub groups: u32,
    /// Seeds that a hostile author can try where it can grind; 1 for none.
    pub tries: u32,
    /// Whether a hostile node withholds a block whose seed does not suit it.
    pub withholds: bool,
    /// Heights.
    pub heights: u64,
}

/// Is what came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Captured {
    /// Heights.
    pub heights: u64,
    /// Heights at which a hostile node represented the group that all of them wanted.
    pub wanted: u64,
    /// Groups with a hostile representative, of all heights.
    pub groups: u64,
    /// Blocks made by hostile nodes.
    pub blocks: u64,
    /// Blocks that a hostile node had won and gave up.
    pub given_up: u64,
    /// Seeds that were tried and thrown away.
    pub thrown_away: u64,
}

/// The group that hostile nodes want.
const WANTED: usize = 0;
const CHAIN_ID: u64 = 1_337;

/// Runs elections, height after height.
pub fn capture(attack: Attack) -> Captured {
    let world = World::new(attack);
    let mut captured = Captured { heights: attack.heights, ..Captured::default() };
    let mut seed = keccak256(b"capture");
    for height in 1..=attack.heights {
        let elected = world.elected(seed);
        captured.wanted += u64::from(world.suits(&elected));
        captured.groups += elected.iter().flatten().filter(|index| world.hostile(**index)).count() as u64;
        seed = world.next(height, seed, &elected, &mut captured);
    }
    captured
}

struct World {
    attack: Attack,
    params: Params,
    members: Vec<Member>,
    keys: Vec<BeaconKey>,
}

impl World {
    fn new(attack: Attack) -> Self {
        let member = |index: u32| Member {
            key: keccak256(index.to_be_bytes()),
            owner: Address::ZERO,
            payout: Address::ZERO,
            weight: 100,
            beacon: [0; 48],
        };
        let key = |index: u32| BeaconKey::new(PrivateKey::from_seed(index.into()));
        Self {
            attack,
            params: Params::default(),
            members: (0..attack.nodes).map(member).collect(),
            keys: (0..attack.nodes).map(key).collect(),
        }
    }

    fn elected(&self, seed: B256) -> Vec<Option<usize>> {
        representatives(&self.members, seed, self.attack.groups, &self.params, None)
    }

    fn hostile(&self, index: usize) -> bool {
        index < self.attack.hostile as usize
    }

    fn suits(&self, elected: &[Option<usize>]) -> bool {
        elected.get(WANTED).copied().flatten().is_some_and(|index| self.hostile(index))
    }

    /// Returns the seed that follows: of the best representative by work, or of what hostile ones make of it.
    fn next(&self, height: u64, seed: B256, elected: &[Option<usize>], captured: &mut Captured) -> B256 {
        let ranked = ranked(seed, elected);
        let first = ranked.first().copied().unwrap_or_default();
        for author in ranked.iter().copied() {
            if !self.hostile(author) {
                captured.given_up += u64::from(self.hostile(first));
                return self.seed_by(author, height, seed, 0);
            }
            for choice in 0..self.attack.tries.max(1) {
                let next = self.seed_by(author, height, seed, choice);
                if self.attack.tries < 2 && !self.attack.withholds || self.suits(&self.elected(next)) {
                    captured.blocks += 1;
                    return next;
                }
                captured.thrown_away += 1;
                if self.attack.source != Source::PreviousHash {
                    break;
                }
            }
            if !self.attack.withholds {
                break;
            }
        }
        // No choice suits: a hostile first one still takes its reward.
        captured.blocks += u64::from(self.hostile(first));
        self.seed_by(first, height, seed, 0)
    }

    /// Returns the seed that follows a block of `author`; `choice` is its order of transactions, or its nonce.
    fn seed_by(&self, author: usize, height: u64, seed: B256, choice: u32) -> B256 {
        let block = [seed.as_slice(), &author.to_be_bytes(), &choice.to_be_bytes()].concat();
        // Who puts a committee's signature together from shares gets the same as one who held its key.
        let (randomness, signer) = match self.attack.source {
            Source::PreviousHash => (Randomness::PreviousHash, None),
            Source::Author => (Randomness::Beacon, self.keys.get(author)),
            Source::Committee => (Randomness::Beacon, self.keys.first()),
        };
        let reveal = signer.map(|key| key.reveal(CHAIN_ID, height, seed));
        let reveal = reveal.as_ref().map_or(&[] as &[u8], |reveal| reveal);
        randomness.next(seed, reveal, keccak256(block))
    }
}

/// Lists representatives by their work, the best first. All have the same number of tries, so chance decides.
fn ranked(seed: B256, elected: &[Option<usize>]) -> Vec<usize> {
    let mut ranked: Vec<usize> = elected.iter().flatten().copied().collect();
    ranked.sort_by_key(|index| keccak256([b"work", seed.as_slice(), &index.to_be_bytes()].concat()));
    ranked.dedup();
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(source: Source, tries: u32, withholds: bool) -> u64 {
        let attack = Attack { source, nodes: 20, hostile: 4, groups: 4, tries, withholds, heights: 150 };
        capture(attack).wanted
    }

    #[test]
    fn grinding_gains_much_by_hashes_and_nothing_by_the_beacon() {
        let honest = wanted(Source::PreviousHash, 1, false);
        assert!((10..60).contains(&honest), "{honest}");
        let ground = wanted(Source::PreviousHash, 64, false);
        assert!(ground > honest + 15, "{honest} {ground}");
        let plain = wanted(Source::Author, 1, false);
        assert_eq!(plain, wanted(Source::Author, 64, false), "the signature leaves no choice");
    }

    #[test]
    fn withholding_gains_nothing_where_the_committee_signs() {
        let plain = wanted(Source::Committee, 1, false);
        assert_eq!(plain, wanted(Source::Committee, 1, true));
        assert_eq!(plain, wanted(Source::Committee, 64, true));
    }
}
