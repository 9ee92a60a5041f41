//! Puts the new group's public part together, and plays a new member.

use std::collections::BTreeMap;

use k256::{ProjectivePoint, Scalar};
use zeroize::Zeroizing;

use super::{Board, Handover, Phase, Succession};
use crate::fault::Fault;
use crate::member::MemberError;
use crate::outcome::{FinishError, Outcome, public};
use crate::phase::Refusal;
use crate::point::Point;
use crate::poly::weights_at_zero;
use crate::secret::{DecryptionKey, Share};

/// Weighs the handovers of the t lowest standing holders: the same key, asserted, and new verifying points.
///
/// `standing` are the handovers against which no complaint was upheld, in any order.
pub fn finish(succession: &Succession, standing: &[&Handover]) -> Result<Outcome, FinishError> {
    let (chosen, indices) = choose(succession, standing)?;
    let weights = weights_at_zero(&indices).ok_or(FinishError::Infinity)?;
    let mut joint = vec![ProjectivePoint::IDENTITY; usize::from(succession.terms().threshold())];
    for (handover, weight) in chosen.iter().zip(&weights) {
        for (sum, point) in joint.iter_mut().zip(handover.commitments()) {
            *sum += point.projective() * weight;
        }
    }
    if joint.first().and_then(|key| Point::new(*key)).as_ref() != Some(succession.holders().key()) {
        return Err(FinishError::OtherKey);
    }
    public(succession.terms(), &joint, indices).ok_or(FinishError::Infinity)
}

/// Chooses the t lowest of the standing holders.
fn choose<'a>(
    succession: &Succession,
    standing: &[&'a Handover],
) -> Result<(Vec<&'a Handover>, Vec<u16>), FinishError> {
    let mut sorted = standing.to_vec();
    sorted.sort_by_key(|handover| handover.holder());
    let pairs = sorted.iter().zip(sorted.iter().skip(1));
    if let Some((doubled, _)) = pairs.clone().find(|(early, late)| early.holder() == late.holder()) {
        return Err(FinishError::DoubledDealer(doubled.holder()));
    }
    let needed = succession.holders().threshold();
    if sorted.len() < usize::from(needed) {
        return Err(FinishError::TooFewDealers { found: sorted.len(), needed });
    }
    sorted.truncate(usize::from(needed));
    let indices = sorted.iter().map(|handover| handover.holder()).collect();
    Ok((sorted, indices))
}

/// Plays one new member: follows the board, complains, and sums its share.
///
/// To resume after a crash, make it anew and post to it what the chain holds.
pub struct Receiver {
    board: Board,
    index: u16,
    key: DecryptionKey,
    /// What each old holder sealed to this member, if it opens and is committed to.
    shares: BTreeMap<u16, Zeroizing<Scalar>>,
}

impl Receiver {
    /// Joins a re-sharing as the new member of this index.
    pub fn new(succession: Succession, index: u16, key: DecryptionKey) -> Result<Self, MemberError> {
        let named = succession.terms().member(index).ok_or(MemberError::NoSuchMember(index))?;
        if key.public().as_ref() != Some(named) {
            return Err(MemberError::OtherKey(index));
        }
        Ok(Self { board: Board::new(succession), index, key, shares: BTreeMap::new() })
    }

    /// Takes a message that the chain shows: by an old holder while handing over, by a new member while complaining.
    pub fn post(&mut self, sender: u16, bytes: &[u8]) -> Result<Option<Fault>, Refusal> {
        let fault = self.board.post(sender, bytes)?;
        if self.board.phase() == Phase::Handing {
            self.open(sender);
        }
        Ok(fault)
    }

    fn open(&mut self, holder: u16) {
        let Some(handover) = self.board.handover(holder) else { return };
        let share = handover.open(self.index, &self.key);
        if let Some(share) = share.filter(|share| handover.commits_to(self.index, share)) {
            self.shares.insert(holder, share);
        }
    }

    /// Ends the phase, as the chain does.
    pub fn end_phase(&mut self) -> Phase {
        self.board.end_phase()
    }

    /// Lists the complaints that this member owes the board and that the board does not show yet.
    pub fn due(&self) -> Vec<Vec<u8>> {
        if self.board.phase() != Phase::Complaining {
            return Vec::new();
        }
        let wrong = self.board.handovers().filter(|handover| {
            let holder = handover.holder();
            !self.shares.contains_key(&holder) && !self.board.has_complained(self.index, holder)
        });
        wrong
            .filter_map(|handover| handover.complain(self.board.succession(), self.index, &self.key))
            .map(|complaint| complaint.encode())
            .collect()
    }

    /// Gives what everyone knows, and this member's new share, checked against its verifying point.
    pub fn finish(&self) -> Result<(Outcome, Share), MemberError> {
        let outcome = self.board.finish()?;
        let weights = weights_at_zero(&outcome.dealers).ok_or(MemberError::NotVerified)?;
        let mut sum = Zeroizing::new(Scalar::ZERO);
        for (holder, weight) in outcome.dealers.iter().zip(weights) {
            let share = self.shares.get(holder).ok_or(MemberError::NoPair(*holder))?;
            *sum += **share * weight;
        }
        let share = Share::new(self.index, *sum).map_err(|_| MemberError::NotVerified)?;
        if share.verifying().as_ref() != outcome.verifying(self.index) {
            return Err(MemberError::NotVerified);
        }
        Ok((outcome, share))
    }

    /// Gives the board as this member sees it.
    pub fn board(&self) -> &Board {
        &self.board
    }
}
