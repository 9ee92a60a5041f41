//! Is what hostile nodes say: everything that no honest one does, signed with keys of their own.

use crate::{
    hhcm::{Offer, Package, Round, Seal},
    node::{Message, Node, Voice},
};
use alloy_primitives::{B64, B256};
use fusor_vm::hhcm::PackageHeader;
use std::sync::Arc;

/// Is one way to be hostile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mischief {
    /// Says nothing of its own: no package, no offer.
    Withhold,
    /// Signs two packages for one place.
    TwoPackages,
    /// Claims an outcome that execution does not have.
    FalseClaims,
    /// Sends its package as another group's, and again as a later height's.
    WrongGroup,
    /// Offers a block with a state root that is not its execution's, as if a due trigger had been left out.
    FalseRoot,
    /// Claims work beyond the tries that it has.
    FalseWork,
    /// Relays its own block without work, whatever better offers there are.
    Selfish,
    /// Proposes its own offer, with work, whatever better ones there are, and answers any offer at once.
    Favour,
    /// Proposes a block of another parent.
    Stale,
    /// Signs a second vote to each vote.
    TwoVotes,
    /// Sends bytes that are no message.
    Noise,
    /// Gives the next block a time as late as the rules allow.
    LateTime,
    /// Deals shares that are none, acknowledges nothing, and tells a part that is none.
    FalseShares,
    /// Deals, acknowledges and signs no seed, so that the others need each other.
    NoShares,
}

impl Mischief {
    /// Lists the ways among which chance chooses.
    pub const ALL: [Self; 13] = [
        Self::Withhold,
        Self::TwoPackages,
        Self::FalseClaims,
        Self::WrongGroup,
        Self::FalseRoot,
        Self::FalseWork,
        Self::Selfish,
        Self::Stale,
        Self::LateTime,
        Self::TwoVotes,
        Self::Noise,
        Self::FalseShares,
        Self::NoShares,
    ];
}

impl Voice for Mischief {
    fn say(&self, node: &Node, message: Message) -> Vec<Message> {
        match (self, message) {
            (Self::Withhold, Message::Package(_) | Message::Offer(_)) => Vec::new(),
            (Self::TwoPackages, Message::Package(package)) => {
                let other = forge(node, &package, |header| header.gas = header.gas.wrapping_add(1));
                vec![Message::Package(package), Message::Package(other)]
            }
            (Self::FalseClaims, Message::Package(package)) => {
                vec![Message::Package(forge(node, &package, |header| {
                    header.outcome_root = B256::repeat_byte(7)
                }))]
            }
            (Self::WrongGroup, Message::Package(package)) => {
                let group = (package.header.group + 1) % package.header.x.max(1);
                let wrong = forge(node, &package, |header| header.group = group);
                let later = forge(node, &package, |header| header.height += 1);
                vec![Message::Package(later), Message::Package(wrong)]
            }
            (Self::FalseRoot, Message::Offer(offer)) => {
                vec![Message::Offer(alter(node, &offer, |offer, _| {
                    offer.header.state_root = B256::repeat_byte(9)
                }))]
            }
            (Self::FalseWork, Message::Offer(offer)) => {
                let nonce = B64::from(u64::MAX);
                vec![Message::Offer(alter(node, &offer, |offer, _| offer.header.nonce = nonce))]
            }
            (Self::LateTime, Message::Offer(offer)) => {
                vec![Message::Offer(alter(node, &offer, |_, seal| seal.next_time = u64::MAX))]
            }
            (Self::FalseShares, Message::Deal { epoch, bytes }) => {
                let mut bytes = bytes.to_vec();
                bytes.last_mut().into_iter().for_each(|byte| *byte ^= 1);
                vec![Message::Deal { epoch, bytes: bytes.into() }]
            }
            (Self::FalseShares, Message::Part { height, parent, .. }) => {
                let signature = node.keys().beacon.reveal(node.chain_id(), height, parent);
                vec![Message::Part { height, parent, signature }]
            }
            (Self::FalseShares | Self::NoShares, Message::Ack { .. })
            | (Self::NoShares, Message::Part { .. } | Message::Deal { .. }) => Vec::new(),
            (_, message) => vec![message],
        }
    }

    fn propose(&self, node: &Node, round: &Round, offer: Option<Offer>) -> Option<Offer> {
        let best = offer?;
        Some(match self {
            Self::FalseRoot => alter(node, &best, |offer, _| offer.header.state_root = B256::repeat_byte(9)),
            Self::FalseWork => alter(node, &best, |offer, _| offer.header.nonce = B64::from(u64::MAX)),
            Self::Stale => alter(node, &best, |offer, _| offer.header.parent_hash = B256::repeat_byte(1)),
            Self::Favour => own(node, round).unwrap_or(best),
            Self::Selfish => node.relay(round, round.time).unwrap_or(best),
            _ => best,
        })
    }
}

/// Returns the offer that the node made for a round.
fn own(node: &Node, round: &Round) -> Option<Offer> {
    let heard = node.book(|book| book.offers(round.height, round.parent));
    let id = node.keys().id();
    heard.into_iter().find(|heard| heard.seal.author == id).map(|heard| heard.offer)
}

/// Signs a package whose header was altered.
fn forge(node: &Node, package: &Package, change: impl FnOnce(&mut PackageHeader)) -> Arc<Package> {
    Arc::new(package.forged(node.chain_id(), &node.keys().node, change))
}

/// Signs an offer that was altered, in its own name.
fn alter(node: &Node, offer: &Offer, change: impl FnOnce(&mut Offer, &mut Seal)) -> Offer {
    let mut offer = offer.clone();
    let Ok(mut seal) = offer.seal() else { return offer };
    change(&mut offer, &mut seal);
    seal.author = node.keys().id();
    offer.header.extra_data = seal.encode();
    Offer::sign(node.chain_id(), offer.header, &node.keys().node)
}
