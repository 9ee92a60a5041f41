//! Plays key generation and re-sharing on the chain: what the custodian owes the next block.
//!
//! Nothing is kept but the custodian's one secret: a member is made anew from the chain's posts at each step, so a crash
//! changes nothing that it says.

use super::{
    chain::{Chain, Reader},
    keys::CustodyKeys,
    notes::Notes,
    record::{self, Post, RecordError},
    sender::{Sender, is_turn},
};
use alloy_primitives::{B256, Bytes, U256, keccak256};
use fusor_dcrm::{
    Complaint, Member, Objection, Outcome, Phase, Point, Refusal, Share, Terms,
    reshare::{self, Giver, Holders, Receiver, Succession},
};
use fusor_vm::{
    dcrm::{Group, GroupState, Rules, bit, exposed},
    precompile::ICustody,
};
use std::collections::BTreeMap;

/// Is what a step needs.
pub(super) struct Play<'a> {
    pub(super) chain: &'a dyn Chain,
    pub(super) notes: &'a dyn Notes,
    pub(super) keys: &'a CustodyKeys,
    pub(super) sender: &'a mut Sender,
    pub(super) group: &'a Group,
}

/// Follows a protocol by what is posted.
trait Player {
    fn post(&mut self, sender: u16, bytes: &[u8]) -> Result<(), Refusal>;
    fn end_phase(&mut self);
}

impl Player for Member {
    fn post(&mut self, sender: u16, bytes: &[u8]) -> Result<(), Refusal> {
        self.post(sender, bytes).map(drop)
    }

    fn end_phase(&mut self) {
        self.end_phase();
    }
}

impl Player for Receiver {
    fn post(&mut self, sender: u16, bytes: &[u8]) -> Result<(), Refusal> {
        self.post(sender, bytes).map(drop)
    }

    fn end_phase(&mut self) {
        self.end_phase();
    }
}

impl Play<'_> {
    fn index(&self) -> Option<u16> {
        self.group.index_of(self.keys.operator())
    }

    fn terms(&self) -> Result<Terms, RecordError> {
        Ok(self.group.terms(&mut Reader::new(self.chain)?)?)
    }

    fn session(&self) -> Result<B256, RecordError> {
        let rules = Rules::load(&mut Reader::new(self.chain)?)?;
        Ok(self.group.session(rules.chain_id))
    }

    fn send(&mut self, call: &impl alloy_sol_types::SolCall) -> Result<(), RecordError> {
        self.sender.call(self.chain, self.keys, U256::ZERO, call)?;
        Ok(())
    }

    /// Says whether it is this member's turn to do what anyone may do once.
    fn my_turn(&self, height: u64) -> bool {
        is_turn(&self.group.members, self.keys.operator(), height / 2)
    }

    /// Does what is due for a key generation.
    pub(super) fn generate(&mut self) -> Result<(), RecordError> {
        let Some(index) = self.index() else { return Ok(()) };
        let next = self.chain.height()?.saturating_add(1);
        let phase = self.group.phase_at(next);
        let posts = record::posts(self.notes, self.group.number)?;
        let Some(member) = self.member(index, &posts, phase)? else { return Ok(()) };
        if phase >= 10 && self.my_turn(next) {
            return self.send(&ICustody::giveUpCall { group: self.group.number });
        }
        if member.board().phase() == Phase::Done {
            return match self.my_turn(next) {
                true => self.finish(&posts),
                false => Ok(()),
            };
        }
        for message in member.due() {
            self.post(&posts, message.into())?;
        }
        Ok(())
    }

    /// Makes the member anew from what was posted, as of `phase`.
    fn member(&self, index: u16, posts: &[Post], phase: u64) -> Result<Option<Member>, RecordError> {
        let seed = self.keys.session(self.session()?);
        let Ok(mut member) = Member::new(self.terms()?, index, self.keys.decryption().clone(), seed) else {
            return Ok(None);
        };
        self.replay(&mut member, posts, phase.min(5));
        Ok(Some(member))
    }

    /// Shows a player what was posted, phase by phase, up to `phase`.
    fn replay(&self, player: &mut impl Player, posts: &[Post], phase: u64) {
        let mut at = 0;
        for post in posts {
            let then = self.group.phase_at(post.height);
            (at..then).for_each(|_| player.end_phase());
            at = at.max(then);
            if let Err(reason) = player.post(post.member, &post.message) {
                tracing::warn!(%reason, group = self.group.number, "the chain took what the member refuses");
            }
        }
        (at..phase).for_each(|_| player.end_phase());
    }

    /// Posts one message of a key generation; accusations carry what they accuse.
    fn post(&mut self, posts: &[Post], message: Bytes) -> Result<(), RecordError> {
        let (group, terms) = (self.group.number, self.terms()?);
        let said = |kind, dealer| find(posts, kind, dealer);
        match message.first() {
            Some(1) => self.send(&ICustody::dealCall { group, message }),
            Some(2) => {
                let dealer = Complaint::decode(&message, &terms).map(|complaint| complaint.dealer());
                let dealing = dealer.ok().and_then(|dealer| said(1, dealer)).unwrap_or_default();
                self.send(&ICustody::complainCall { group, message, dealing })
            }
            Some(3) => self.send(&ICustody::extractCall { group, message }),
            Some(4) => {
                let dealer = Objection::decode(&message, &terms).map_or(0, |objection| objection.dealer());
                let (dealing, extraction) = (said(1, dealer), said(3, dealer));
                let (dealing, extraction) = (dealing.unwrap_or_default(), extraction.unwrap_or_default());
                self.send(&ICustody::objectCall { group, message, dealing, extraction })
            }
            Some(5) => self.send(&ICustody::revealCall { group, message }),
            _ => Ok(()),
        }
    }

    /// Hands in the parts of all qualified dealers.
    fn finish(&mut self, posts: &[Post]) -> Result<(), RecordError> {
        let (group, terms) = (self.group, self.terms()?);
        let standing = group.dealt & !group.bad;
        let mut parts = Vec::new();
        for dealer in group.indices().filter(|index| standing & bit(*index) != 0) {
            let missing = exposed(group) & bit(dealer) != 0;
            parts.push(match missing {
                false => ICustody::Part {
                    message: find(posts, 3, dealer).unwrap_or_default(),
                    reveals: Vec::new(),
                },
                true => ICustody::Part {
                    message: find(posts, 1, dealer).unwrap_or_default(),
                    reveals: reveals(posts, &terms, dealer),
                },
            });
        }
        self.send(&ICustody::finishCall { group: group.number, parts })
    }

    /// Returns this member's share of a finished group; none if it cannot have one, for example because it was away.
    pub(super) fn share(&self) -> Result<Option<Share>, RecordError> {
        let Some(index) = self.index() else { return Ok(None) };
        let posts = record::posts(self.notes, self.group.number)?;
        let finished = match self.group.previous {
            0 => self.member(index, &posts, 5)?.and_then(|member| member.finish().ok()),
            _ => self.receiver(index, &posts, 2)?.and_then(|receiver| receiver.finish().ok()),
        };
        Ok(finished.filter(|(outcome, _)| self.is_ours(outcome)).map(|(_, share)| share))
    }

    fn is_ours(&self, outcome: &Outcome) -> bool {
        outcome.key.to_bytes() == self.group.key
    }

    fn succession(&self) -> Result<Option<(Group, Succession)>, RecordError> {
        let mut reader = Reader::new(self.chain)?;
        let Some(past) = Group::load(&mut reader, self.group.previous)? else {
            return Ok(None);
        };
        let mut verifying = Vec::new();
        for index in past.indices() {
            let share = past.share(&mut reader, index)?;
            verifying.extend(Point::from_bytes(&share).ok());
        }
        let Ok(key) = Point::from_bytes(&past.key) else { return Ok(None) };
        let Ok(holders) = Holders::new(key, past.threshold, verifying) else { return Ok(None) };
        Ok(Some((past, Succession::new(holders, self.terms()?))))
    }

    /// Does what is due for a re-sharing; `held` is this custodian's share of the group that holds the key.
    pub(super) fn take_over(&mut self, held: Option<&Share>) -> Result<(), RecordError> {
        let next = self.chain.height()?.saturating_add(1);
        let phase = self.group.phase_at(next);
        let posts = record::posts(self.notes, self.group.number)?;
        match phase {
            0 => self.hand_over(held, &posts),
            1 => self.complain(&posts),
            2..10 if self.my_turn(next) => self.finish_handover(&posts),
            10.. if self.my_turn(next) => self.send(&ICustody::giveUpCall { group: self.group.number }),
            _ => Ok(()),
        }
    }

    fn hand_over(&mut self, held: Option<&Share>, posts: &[Post]) -> Result<(), RecordError> {
        let (Some(share), Some((past, succession))) = (held, self.succession()?) else { return Ok(()) };
        let me = past.index_of(self.keys.operator());
        if me != Some(share.index()) || find(posts, 6, share.index()).is_some() {
            return Ok(());
        }
        let seed = self.keys.session(keccak256([b"give".as_slice(), self.session()?.as_slice()].concat()));
        let Ok(giver) = Giver::from_seed(&succession, share, &seed) else { return Ok(()) };
        match giver.hand_over() {
            Some(handover) => {
                let message = handover.encode().into();
                self.send(&ICustody::handOverCall { group: self.group.number, message })
            }
            None => Ok(()),
        }
    }

    fn receiver(&self, index: u16, posts: &[Post], phase: u64) -> Result<Option<Receiver>, RecordError> {
        let Some((_, succession)) = self.succession()? else { return Ok(None) };
        let Ok(mut receiver) = Receiver::new(succession, index, self.keys.decryption().clone()) else {
            return Ok(None);
        };
        self.replay(&mut receiver, posts, phase.min(2));
        Ok(Some(receiver))
    }

    fn complain(&mut self, posts: &[Post]) -> Result<(), RecordError> {
        let Some(index) = self.index() else { return Ok(()) };
        let Some(receiver) = self.receiver(index, posts, 1)? else { return Ok(()) };
        let succession = receiver.board().succession().clone();
        for message in receiver.due() {
            let holder = reshare::decode_complaint(&message, &succession).map_or(0, |c| c.dealer());
            let handover = find(posts, 6, holder).unwrap_or_default();
            let (group, message) = (self.group.number, message.into());
            self.send(&ICustody::complainHandoverCall { group, message, handover })?;
        }
        Ok(())
    }

    fn finish_handover(&mut self, posts: &[Post]) -> Result<(), RecordError> {
        let standing = self.group.dealt & !self.group.bad;
        let holders = (1u16..=64).filter(|index| standing & bit(*index) != 0);
        let handovers = holders.map(|holder| find(posts, 6, holder).unwrap_or_default()).collect();
        self.send(&ICustody::finishHandoverCall { group: self.group.number, handovers })
    }

    /// Says whether the group's key stands and this member has not said that it holds its share.
    pub(super) fn owes_ready(&self) -> bool {
        let made = matches!(self.group.state, GroupState::Made | GroupState::Holding);
        made && self.index().is_some_and(|index| self.group.ready & bit(index) == 0)
    }
}

fn find(posts: &[Post], kind: u8, member: u16) -> Option<Bytes> {
    let post = posts.iter().find(|post| (post.kind, post.member) == (kind, member))?;
    Some(post.message.clone().into())
}

/// Gathers t holders' right pairs of a dealer.
fn reveals(posts: &[Post], terms: &Terms, dealer: u16) -> Vec<Bytes> {
    let dealing = find(posts, 1, dealer).and_then(|bytes| fusor_dcrm::Dealing::decode(&bytes, terms).ok());
    let Some(dealing) = dealing else { return Vec::new() };
    let mut found = BTreeMap::new();
    for post in posts.iter().filter(|post| post.kind == 5) {
        let Ok(reveal) = fusor_dcrm::Reveal::decode(&post.message, terms) else { continue };
        if reveal.holds(&dealing) && found.len() < usize::from(terms.threshold()) {
            found.insert(reveal.holder(), post.message.clone().into());
        }
    }
    found.into_values().collect()
}
