//! What a candidate is, and what a run is told and tells.

use commonware_cryptography::{Hasher, Sha256, sha256::Digest};
use std::time::Duration;

/// How a run goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// Time from a parent's certification to the deadline for candidates.
    pub(crate) deadline: Duration,
    /// What representatives stay below the deadline and leaders wait beyond it; more than the network's delay.
    pub(crate) margin: Duration,
    /// Whether validators leave worse candidates unanswered.
    pub(crate) withhold: bool,
    /// Nodes 0.. that favour each other and answer everything.
    pub(crate) hostile: u32,
    /// Work of a hostile node in units of an honest one's.
    pub(crate) strength: u32,
    /// Mean delay of a message.
    pub(crate) latency: Duration,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(1),
            margin: Duration::from_millis(300),
            withhold: true,
            hostile: 0,
            strength: 1,
            latency: Duration::from_millis(50),
        }
    }
}

/// What happened, as an honest node saw it.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, reason = "all of it is printed")]
pub(crate) struct Outcome {
    pub(crate) heights: u64,
    /// Views until the last height was final.
    pub(crate) views: u64,
    /// Heights won by a hostile representative.
    pub(crate) hostile: u64,
    /// Heights won by the lowest work that the node knows.
    pub(crate) lowest: u64,
    /// Proposals that the node left unanswered.
    pub(crate) withheld: u64,
    /// Simulated time a height.
    pub(crate) height_time: Duration,
    pub(crate) last: Digest,
}

impl Outcome {
    pub(crate) fn percent_hostile(&self) -> u64 {
        self.hostile * 100 / self.heights
    }
}

/// A block as a representative offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) parent: Digest,
    pub(crate) height: u64,
    /// The work hash; the lowest wins.
    pub(crate) work: u64,
    pub(crate) author: u32,
}

impl Candidate {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = self.parent.as_ref().to_vec();
        out.extend(self.height.to_be_bytes());
        out.extend(self.work.to_be_bytes());
        out.extend(self.author.to_be_bytes());
        out
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (parent, rest) = bytes.split_first_chunk::<32>()?;
        let (height, rest) = rest.split_first_chunk()?;
        let (work, rest) = rest.split_first_chunk()?;
        Some(Self {
            parent: Digest::from(*parent),
            height: u64::from_be_bytes(*height),
            work: u64::from_be_bytes(*work),
            author: u32::from_be_bytes(rest.try_into().ok()?),
        })
    }

    pub(crate) fn digest(&self) -> Digest {
        Sha256::hash(&[&self.encode()])
    }
}
