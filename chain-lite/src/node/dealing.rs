//! Makes the committee's key at the beginning of each epoch (`hhcm/dealing.rs`): this node deals as a member, and
//! acknowledges what others deal.

use super::{message::Message, shared::Node, start::Runtime};
use crate::hhcm::{Ceremony, Deal, Received, Round};
use alloy_primitives::{B256, Bytes, keccak256};
use commonware_cryptography::ed25519::PublicKey;
use std::{collections::BTreeMap, time::Duration};

/// How often a node looks what is missing.
const PAUSE: Duration = Duration::from_secs(1);
/// Worthless deals and dealings of a peer after which no more are read in an epoch: reading costs time.
const BAD_MAX: u32 = 3;
/// How often a member is sent again what it lost in an epoch.
const ASKED_MAX: u32 = 16;
/// Looks after which a dealer waits no longer for those who may be down.
const PATIENCE: u32 = 5;

/// Is one epoch's making of a key, as one node sees it.
pub(super) struct Making {
    ceremony: Ceremony,
    /// This node's deal, until its dealing is made.
    deal: Option<Deal>,
    looks: u32,
    /// How often a peer sent what is worth nothing.
    bad: BTreeMap<PublicKey, u32>,
    /// How often a member asked for what it lost.
    asked: BTreeMap<PublicKey, u32>,
    /// Acknowledgements that this node gave.
    acks: BTreeMap<PublicKey, [u8; 64]>,
    /// Dealings by place.
    good: BTreeMap<u32, Bytes>,
    /// Whether a final block has the key.
    made: bool,
}

/// Makes keys, epoch after epoch, until the node ends.
pub(super) async fn run<E: Runtime>(context: E, node: Node) {
    loop {
        node.deal();
        context.sleep(PAUSE).await;
    }
}

impl Node {
    /// Begins an epoch's deal, or sends again what is missing.
    fn deal(&self) {
        let Ok(round) = self.ledger(|ledger| ledger.round(ledger.head())) else { return };
        let Some(ceremony) = self.ledger(|ledger| ledger.ceremony(&round)) else { return };
        self.making(|making| {
            if making.as_ref().is_none_or(|making| making.ceremony.epoch() != ceremony.epoch()) {
                *making = Some(self.begin(ceremony, &round));
            }
            let Some(making) = making else { return };
            making.looks += 1;
            making.made = round.beacon.key.is_some();
            match making.made {
                false => self.go_on(making, &round),
                true => self.mend(making, &round),
            }
        });
    }

    /// Asks dealers again for what this node acknowledged and lost, as with its disk.
    fn mend(&self, making: &mut Making, round: &Round) {
        let me = self.keys().public();
        let whole = || self.committee_key(round).is_none_or(|key| key.holds_share());
        if making.ceremony.place(&me).is_none() || whole() {
            return;
        }
        self.deal_again(making, round, &me);
        if making.looks.is_power_of_two() {
            self.tell(Message::Ask { epoch: making.ceremony.epoch() });
        }
    }

    /// Sends a member once more what this node dealt to it; a node draws the same deal whenever it is asked.
    fn deal_again(&self, making: &mut Making, round: &Round, member: &PublicKey) {
        let deal = Deal::new(&making.ceremony, &self.keys().node, self.secret(round));
        let find = |deal: Deal| deal.waiting().find(|(to, _)| *to == member).map(|(_, bytes)| bytes);
        let epoch = making.ceremony.epoch();
        match deal.and_then(find) {
            Some(bytes) if *member == self.keys().public() => drop(self.take(making, member, &bytes)),
            Some(bytes) => self.tell_one(member, Message::Deal { epoch, bytes }),
            None => {}
        }
    }

    /// Sends a member of this epoch's committee again what it lost.
    pub(super) fn hear_ask(&self, peer: &PublicKey, epoch: u64) {
        let Ok(round) = self.ledger(|ledger| ledger.round(ledger.head())) else { return };
        self.during(epoch, |making| {
            let asked = making.asked.entry(peer.clone()).or_default();
            *asked += 1;
            if round.beacon.epoch == epoch && *asked <= ASKED_MAX {
                self.deal_again(making, &round, peer);
            }
        });
    }

    fn begin(&self, ceremony: Ceremony, round: &Round) -> Making {
        let deal = Deal::new(&ceremony, &self.keys().node, self.secret(round));
        let mut making = Making {
            ceremony,
            deal,
            looks: 0,
            bad: BTreeMap::new(),
            asked: BTreeMap::new(),
            acks: BTreeMap::new(),
            good: BTreeMap::new(),
            made: false,
        };
        for (dealer, received) in self.received(&making.ceremony) {
            let ack = received.acknowledge(&making.ceremony, &dealer, &self.keys().node);
            making.acks.extend(ack.map(|ack| (dealer, ack)));
        }
        making
    }

    /// Returns what this node's polynomial is drawn from: nobody else can tell, and a restart draws the same.
    fn secret(&self, round: &Round) -> B256 {
        let keys: Vec<u8> = round.members.iter().flat_map(|member| member.key.0).collect();
        let place = [self.chain_id().to_be_bytes(), round.beacon.epoch.to_be_bytes()].concat();
        keccak256([b"fusor deal", self.keys().beacon.to_bytes().as_slice(), &place, &keys].concat())
    }

    /// Reads what dealers sent of which this node acknowledged that it has it.
    pub(super) fn received(&self, ceremony: &Ceremony) -> BTreeMap<PublicKey, Received> {
        let kept = self.observer().dealings(ceremony.epoch()).unwrap_or_else(|reason| {
            tracing::error!(%reason, "what dealers sent cannot be read");
            Vec::new()
        });
        let read = |(dealer, bytes): (B256, Vec<u8>)| {
            Some((crate::hhcm::public_key(dealer)?, Received::decode(ceremony, &bytes).ok()?))
        };
        kept.into_iter().filter_map(read).collect()
    }

    fn go_on(&self, making: &mut Making, round: &Round) {
        let epoch = making.ceremony.epoch();
        let Some(deal) = &making.deal else {
            // It is long, and those who have it need it once.
            let own = making.ceremony.place(&self.keys().public()).and_then(|place| making.good.get(&place));
            if let Some(bytes) = own.filter(|_| making.looks.is_power_of_two()) {
                self.tell(Message::Dealing { epoch, bytes: bytes.clone() });
            }
            return;
        };
        if making.looks > PATIENCE && deal.waiting().count() <= making.ceremony.faults() {
            return self.end_deal(making);
        }
        let me = self.keys().public();
        let waiting: Vec<_> = deal.waiting().map(|(member, bytes)| (member.clone(), bytes)).collect();
        for (member, bytes) in waiting {
            if member != me {
                self.tell_one(&member, Message::Deal { epoch, bytes });
            } else if let Some(ack) = self.take(making, &me, &bytes) {
                self.acknowledged(making, &me, &ack);
            }
        }
        tracing::debug!(epoch, height = round.height, "dealt for the committee's key");
    }

    /// Takes what a dealer sent; returns the acknowledgement once it is kept.
    fn take(&self, making: &mut Making, dealer: &PublicKey, bytes: &[u8]) -> Option<[u8; 64]> {
        if let Some(ack) = making.acks.get(dealer) {
            return Some(*ack);
        }
        making.ceremony.place(dealer)?;
        if making.bad.get(dealer).is_some_and(|bad| *bad >= BAD_MAX) {
            return None;
        }
        let received = Received::decode(&making.ceremony, bytes).ok();
        let ack = received.and_then(|sent| sent.acknowledge(&making.ceremony, dealer, &self.keys().node));
        let Some(ack) = ack else {
            tracing::debug!(%dealer, "what a dealer sent is no share");
            *making.bad.entry(dealer.clone()).or_default() += 1;
            return None;
        };
        let name = B256::from_slice(dealer.as_ref());
        if let Err(reason) = self.observer().dealt(making.ceremony.epoch(), name, bytes) {
            tracing::error!(%reason, "what a dealer sent is not kept, and not acknowledged");
            return None;
        }
        making.acks.insert(dealer.clone(), ack);
        if making.made {
            self.regain();
        }
        Some(ack)
    }

    fn acknowledged(&self, making: &mut Making, member: &PublicKey, signature: &[u8; 64]) {
        let Some(deal) = &mut making.deal else { return };
        if deal.acknowledged(member, signature) && deal.waiting().next().is_none() {
            self.end_deal(making);
        }
    }

    fn end_deal(&self, making: &mut Making) {
        let Some(bytes) = making.deal.take().map(Deal::end) else { return };
        match making.ceremony.check(&bytes) {
            Ok(good) => {
                let epoch = making.ceremony.epoch();
                making.good.insert(good.place, bytes.clone());
                self.tell(Message::Dealing { epoch, bytes });
            }
            Err(error) => tracing::error!(%error, "this node's own dealing is refused"),
        }
    }

    /// Takes what a dealer sent this node, and acknowledges it.
    pub(super) fn hear_deal(&self, peer: &PublicKey, epoch: u64, bytes: &[u8]) {
        self.during(epoch, |making| {
            if let Some(signature) = self.take(making, peer, bytes) {
                self.tell_one(peer, Message::Ack { epoch, signature });
            }
        });
    }

    /// Takes a member's acknowledgement of this node's deal.
    pub(super) fn hear_ack(&self, peer: &PublicKey, epoch: u64, signature: &[u8; 64]) {
        self.during(epoch, |making| self.acknowledged(making, peer, signature));
    }

    /// Takes a dealer's dealing, the first good one.
    pub(super) fn hear_dealing(&self, peer: &PublicKey, epoch: u64, bytes: Bytes) {
        self.during(epoch, |making| {
            let fresh = |place: &u32| !making.made && !making.good.contains_key(place);
            let Some(place) = making.ceremony.place(peer).filter(fresh) else { return };
            let bad = making.bad.entry(peer.clone()).or_default();
            if *bad >= BAD_MAX {
                return;
            }
            match making.ceremony.check(&bytes) {
                Ok(good) if good.place == place => drop(making.good.insert(place, bytes)),
                checked => {
                    *bad += 1;
                    tracing::debug!(%peer, error = ?checked.err(), "dealing refused");
                }
            }
        });
    }

    /// Works on the making of an epoch's key.
    fn during(&self, epoch: u64, act: impl FnOnce(&mut Making)) {
        self.making(|making| {
            if let Some(making) = making.as_mut().filter(|making| making.ceremony.epoch() == epoch) {
                act(making);
            }
        });
    }

    /// Lists dealings that a block of this round may hold, by place.
    pub(super) fn good_dealings(&self, round: &Round) -> BTreeMap<u32, Bytes> {
        let mut good = BTreeMap::new();
        if round.beacon.key.is_none() {
            self.during(round.beacon.epoch, |making| good.clone_from(&making.good));
        }
        good
    }
}
