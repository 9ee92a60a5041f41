//! Makes the key by which a committee signs seeds together, which no member holds (design 10): key generation by
//! Joint-Feldman of `commonware-cryptography`, with this chain as its board.
//!
//! Each member deals: it commits to a polynomial and sends every member its share, and the members acknowledge. What
//! it then puts on the chain is its dealing: the commitment, the acknowledgements, and the shares themselves of the
//! few who did not acknowledge. Once as many dealings are there as a quorum has members, their sum is the key. Who
//! acknowledged kept its share; who did not reads it from the dealing.
//!
//! *Invariant:* the key follows from the chain alone, a member's share from the chain and what it was sent.

use super::{
    beacon::{self, fill, seed_message},
    memo::Memo,
    offer::public_key,
    seal::REVEAL_LEN,
};
use alloy_primitives::{B256, Bytes, keccak256};
use commonware_codec::{Copying, Encode, Error as CodecError, Read, ReadExt};
use commonware_cryptography::{
    bls12381::{
        dkg::feldman_desmedt::{
            Dealer, DealerLog, DealerPrivMsg, DealerPubMsg, Failure, Info, Logs, Player, PlayerAck, Reveal,
            SignedDealerLog, observe,
        },
        primitives::{
            group::Share,
            ops,
            sharing::{Mode, Sharing},
            variant::{MinPk, PartialSignature, Variant},
        },
    },
    ed25519::{PrivateKey, PublicKey},
};
use commonware_parallel::Sequential;
use commonware_utils::{
    N3f1, Participant,
    ordered::{Quorum, Set},
};
use fusor_vm::{
    fault::Fault,
    hhcm::{self, Beacon, DEALING_LEN_MAX, Member, Params},
    store::Store,
};
use rand::{SeedableRng, rngs::StdRng};
use std::{collections::BTreeMap, num::NonZeroU32};
use thiserror::Error;

/// Most dealings of a block.
pub const DEALINGS_MAX: usize = 8;
/// Most bytes of a block's dealings together.
pub const DEALINGS_LEN_MAX: usize = DEALING_LEN_MAX + 8 * 1024;

/// Length of a committee member's part of a signature in bytes.
pub const PART_LEN: usize = REVEAL_LEN;

/// Dealings that passed the check, which is long and which all nodes make of each block that holds them.
static CHECKED: Memo<(), 512> = Memo::new();
/// Keys that dealings made.
static COMBINED: Memo<Sharing<MinPk>, 8> = Memo::new();

type PublicPart = DealerPubMsg<MinPk>;
type PrivatePart = DealerPrivMsg;

/// Says why a dealing is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DealingError {
    /// The bytes do not decode.
    #[error("dealing does not decode")]
    Encoding,
    /// Nobody of the committee signed it for this epoch.
    #[error("dealing is not signed by a member for this epoch")]
    Signature,
    /// Its contents are wrong, or it reveals too many shares.
    #[error("dealing is not valid")]
    Invalid,
    /// The chain does not take it, as the reason says.
    #[error("dealing is not taken: {0}")]
    Refused(&'static str),
}

/// Is one epoch's making of a key.
#[derive(Debug, Clone)]
pub struct Ceremony {
    info: Info<MinPk, PublicKey>,
    members: Set<PublicKey>,
    epoch: u64,
    /// Names chain, epoch and members.
    id: B256,
}

/// Is a dealing that is good in itself.
#[derive(Debug, Clone)]
pub struct Good {
    /// The dealer's place in the committee.
    pub place: u32,
    dealer: PublicKey,
    log: DealerLog<MinPk, PublicKey>,
}

impl Ceremony {
    /// Begins an epoch's; none if the committee is empty or has a key that is none.
    pub fn new(chain_id: u64, epoch: u64, members: &[Member]) -> Option<Self> {
        let keys: Option<Vec<PublicKey>> = members.iter().map(|member| public_key(member.key)).collect();
        let id: Vec<u8> = members.iter().flat_map(|member| member.key.0).collect();
        let id = keccak256([&chain_id.to_be_bytes(), &epoch.to_be_bytes(), id.as_slice()].concat());
        let members = Set::from_iter_dedup(keys?);
        let (namespace, mode, reveal) = (beacon::namespace(chain_id), Mode::NonZeroCounter, Reveal::V1);
        let info = Info::new::<N3f1>(&namespace, epoch, None, mode, reveal, members.clone(), members.clone())
            .ok()?;
        Some(Self { info, members, epoch, id })
    }

    /// Returns the epoch.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Returns how many dealings make a key, and how many members' parts a signature.
    pub fn quorum(&self) -> usize {
        self.members.quorum::<N3f1>() as usize
    }

    /// Returns a member's place.
    pub fn place(&self, member: &PublicKey) -> Option<u32> {
        self.members.index(member).map(Participant::get)
    }

    /// Returns how many members may fail.
    pub fn faults(&self) -> usize {
        self.members.len() - self.quorum()
    }

    /// Checks a dealing alone.
    pub fn check(&self, bytes: &[u8]) -> Result<Good, DealingError> {
        let good = self.read(bytes)?;
        let question = self.question(bytes);
        if CHECKED.get(question).is_some() {
            return Ok(good);
        }
        let mut logs = Logs::<MinPk, PublicKey, N3f1>::new(self.info.clone());
        logs.record(good.dealer.clone(), good.log.clone());
        match observe(&mut chance(bytes), logs, &Sequential) {
            Ok(_) | Err(Failure::InsufficientLogs { found: 1, .. }) => {
                CHECKED.keep(question, ());
                Ok(good)
            }
            Err(_) => Err(DealingError::Invalid),
        }
    }

    /// Reads what a member has signed as its dealing for this epoch; nothing in it is checked.
    fn read(&self, bytes: &[u8]) -> Result<Good, DealingError> {
        let log = SignedDealerLog::<MinPk, PublicKey>::read_cfg(&mut Copying(bytes), &self.len())
            .map_err(|_| DealingError::Encoding)?;
        if log.encode().as_ref() != bytes {
            return Err(DealingError::Encoding);
        }
        let (dealer, log) = log.check(&self.info).ok_or(DealingError::Signature)?;
        let place = self.place(&dealer).ok_or(DealingError::Signature)?;
        Ok(Good { place, dealer, log })
    }

    /// Names a check of `bytes` in this ceremony.
    fn question(&self, bytes: &[u8]) -> B256 {
        keccak256([self.id.as_slice(), bytes].concat())
    }

    /// Returns the committee's key as `dealings`, a quorum of them, make it.
    pub fn combine(&self, dealings: &[Good]) -> Option<CommitteeKey> {
        let (logs, bytes) = self.logs(dealings);
        let question = self.question(&bytes);
        let sharing = match COMBINED.get(question) {
            Some(sharing) => sharing,
            None => {
                let sharing = observe(&mut chance(&bytes), logs, &Sequential).ok()?.public().clone();
                COMBINED.keep(question, sharing.clone());
                sharing
            }
        };
        Some(CommitteeKey { sharing, share: None })
    }

    /// Returns the key with the share of the member `key`, who was sent `received`. The key has no share if something is
    /// lost that the member has acknowledged.
    pub fn finish(
        &self,
        dealings: &[Good],
        key: &PrivateKey,
        received: &BTreeMap<PublicKey, Received>,
    ) -> Option<CommitteeKey> {
        let share = self.share(dealings, key, received);
        match share {
            Some((sharing, share)) => Some(CommitteeKey { sharing, share: Some(share) }),
            None => self.combine(dealings),
        }
    }

    fn share(
        &self,
        dealings: &[Good],
        key: &PrivateKey,
        received: &BTreeMap<PublicKey, Received>,
    ) -> Option<(Sharing<MinPk>, Share)> {
        let mut player = Player::<MinPk, PrivateKey>::new(self.info.clone(), key.clone()).ok()?;
        for good in dealings {
            if let Some(Received { public, private }) = received.get(&good.dealer) {
                let dealer = good.dealer.clone();
                player.dealer_message::<N3f1>(dealer, public.clone(), private.clone()).ok()?;
            }
        }
        let (logs, bytes) = self.logs(dealings);
        match player.finalize(&mut chance(&bytes), logs, &Sequential) {
            Ok((output, share)) => Some((output.public().clone(), share)),
            Err(error) => {
                tracing::warn!(epoch = self.epoch, %error, "no share of the committee's key");
                None
            }
        }
    }

    /// Returns the dealings as the library wants them, and their bytes.
    fn logs(&self, dealings: &[Good]) -> (Logs<MinPk, PublicKey, N3f1>, Vec<u8>) {
        let mut logs = Logs::new(self.info.clone());
        let mut bytes = Vec::new();
        for Good { dealer, log, .. } in dealings {
            bytes.extend(log.encode());
            logs.record(dealer.clone(), log.clone());
        }
        (logs, bytes)
    }

    /// Bounds what is read: no list is longer than the committee.
    fn len(&self) -> NonZeroU32 {
        let len = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
        NonZeroU32::new(len).unwrap_or(NonZeroU32::MIN)
    }
}

/// Returns random numbers by which many equations are checked as one; they follow from what is checked, so that all
/// nodes come to the same.
fn chance(bytes: &[u8]) -> StdRng {
    StdRng::from_seed(keccak256(bytes).0)
}

/// Is what a member was sent by a dealer.
#[derive(Debug, Clone)]
pub struct Received {
    public: PublicPart,
    private: PrivatePart,
}

impl Received {
    /// Reads what a dealer sent.
    pub fn decode(ceremony: &Ceremony, bytes: &[u8]) -> Result<Self, CodecError> {
        let mut bytes = Copying(bytes);
        let public = PublicPart::read_cfg(&mut bytes, &ceremony.len())?;
        let private = PrivatePart::read(&mut bytes)?;
        match bytes.0.len() {
            0 => Ok(Self { public, private }),
            rest => Err(CodecError::ExtraData(rest)),
        }
    }

    /// Checks what `dealer` sent; returns the acknowledgement.
    pub fn acknowledge(&self, ceremony: &Ceremony, dealer: &PublicKey, key: &PrivateKey) -> Option<[u8; 64]> {
        let mut player = Player::<MinPk, PrivateKey>::new(ceremony.info.clone(), key.clone()).ok()?;
        let sent = (self.public.clone(), self.private.clone());
        let ack = player.dealer_message::<N3f1>(dealer.clone(), sent.0, sent.1).ok()??;
        ack.encode().as_ref().try_into().ok()
    }
}

/// Deals for one epoch.
pub struct Deal {
    dealer: Dealer<MinPk, PrivateKey>,
    public: PublicPart,
    waiting: BTreeMap<PublicKey, PrivatePart>,
}

impl Deal {
    /// Draws a polynomial from `secret`: after a restart the same one comes of it. None if the key is not of the
    /// committee.
    pub fn new(ceremony: &Ceremony, key: &PrivateKey, secret: B256) -> Option<Self> {
        let rng = StdRng::from_seed(secret.0);
        let (dealer, public, shares) =
            Dealer::start::<N3f1>(rng, ceremony.info.clone(), key.clone(), None).ok()?;
        Some(Self { dealer, public, waiting: shares.into_iter().collect() })
    }

    /// Lists who has not acknowledged, with what it is sent.
    pub fn waiting(&self) -> impl Iterator<Item = (&PublicKey, Bytes)> {
        self.waiting.iter().map(|(member, private)| {
            (member, [self.public.encode().as_ref(), private.encode().as_ref()].concat().into())
        })
    }

    /// Takes an acknowledgement; false if it is not the member's for this deal.
    pub fn acknowledged(&mut self, member: &PublicKey, signature: &[u8; 64]) -> bool {
        let Ok(ack) = PlayerAck::<PublicKey>::read(&mut Copying(signature.as_slice())) else { return false };
        let good = self.dealer.receive_player_ack(member.clone(), ack).is_ok();
        if good {
            self.waiting.remove(member);
        }
        good
    }

    /// Ends dealing: the shares of those who still wait are in the dealing for all to see.
    pub fn end(self) -> Bytes {
        self.dealer.finalize::<N3f1>().encode().to_vec().into()
    }
}

/// Is a committee's key, with a member's share of it or without.
#[derive(Debug, Clone)]
pub struct CommitteeKey {
    sharing: Sharing<MinPk>,
    share: Option<Share>,
}

impl CommitteeKey {
    /// Returns the public key.
    pub fn public(&self) -> [u8; 48] {
        fill(self.sharing.public().encode().as_ref())
    }

    /// Returns how many members' parts make a signature.
    pub fn quorum(&self) -> usize {
        self.sharing.required() as usize
    }

    /// Says whether a share is held.
    pub fn holds_share(&self) -> bool {
        self.share.is_some()
    }

    /// Signs the seed of a height with the share; none without one.
    pub fn part(&self, chain_id: u64, height: u64, seed: B256) -> Option<[u8; PART_LEN]> {
        let share = self.share.as_ref()?;
        let part =
            ops::threshold::sign_message::<MinPk>(share, &namespace(chain_id), &seed_message(height, seed));
        Some(fill(part.value.encode().as_ref()))
    }

    /// Returns the committee's signature from the parts of members, by place. Errors: too few, or the places whose parts
    /// are not theirs.
    pub fn reveal(
        &self,
        chain_id: u64,
        height: u64,
        seed: B256,
        parts: &BTreeMap<u32, [u8; PART_LEN]>,
    ) -> Result<[u8; PART_LEN], Vec<u32>> {
        let mut bad = Vec::new();
        let mut read = Vec::new();
        for (place, bytes) in parts {
            match <MinPk as Variant>::Signature::read(&mut Copying(bytes.as_slice())) {
                Ok(value) => read.push(PartialSignature::<MinPk> { index: Participant::new(*place), value }),
                Err(_) => bad.push(*place),
            }
        }
        let (namespace, message) = (namespace(chain_id), seed_message(height, seed));
        let Ok(whole) = ops::threshold::recover::<MinPk, _>(&self.sharing, &read, &Sequential) else {
            return Err(bad);
        };
        if ops::verify_message::<MinPk>(self.sharing.public(), &namespace, &message, &whole).is_ok() {
            return Ok(fill(whole.encode().as_ref()));
        }
        let wrong = |part: &&PartialSignature<MinPk>| {
            ops::threshold::verify_message::<MinPk>(&self.sharing, &namespace, &message, part).is_err()
        };
        bad.extend(read.iter().filter(wrong).map(|part| part.index.get()));
        Err(bad)
    }
}

/// Says whether `reveal` is the signature of the committee's key `public` over the seed of a height.
pub(crate) fn verify_committee(
    public: &[u8; 48],
    chain_id: u64,
    height: u64,
    seed: B256,
    reveal: &[u8; PART_LEN],
) -> bool {
    let (Ok(public), Ok(reveal)) = (
        <MinPk as Variant>::Public::read(&mut Copying(public.as_slice())),
        <MinPk as Variant>::Signature::read(&mut Copying(reveal.as_slice())),
    ) else {
        return false;
    };
    ops::verify_message::<MinPk>(&public, &namespace(chain_id), &seed_message(height, seed), &reveal).is_ok()
}

/// Separates committees' signatures from those of single authors.
fn namespace(chain_id: u64) -> Vec<u8> {
    [b"fusor committee beacon".as_slice(), &chain_id.to_be_bytes()].concat()
}

/// Keeps a block's dealings in the state, and the key once they are enough.
pub(crate) fn record(store: &mut dyn Store, dealings: &[Bytes]) -> Result<Result<(), DealingError>, Fault> {
    if dealings.is_empty() {
        return Ok(Ok(()));
    }
    let (chain_id, members, epoch) =
        (Params::load(store)?.chain_id, hhcm::committee(store)?, Beacon::load(store)?.epoch);
    let Some(ceremony) = Ceremony::new(chain_id, epoch, &members) else {
        return Ok(Err(DealingError::Refused("the committee cannot make a key")));
    };
    for bytes in dealings {
        let good = match ceremony.check(bytes) {
            Ok(good) => good,
            Err(error) => return Ok(Err(error)),
        };
        let beacon = match hhcm::keep_dealing(store, good.place, bytes) {
            Ok(beacon) => beacon,
            Err(Fault::Misuse(reason)) => return Ok(Err(DealingError::Refused(reason))),
            Err(fault) => return Err(fault),
        };
        if beacon.dealings as usize == ceremony.quorum() {
            let dealt = dealt(store, &ceremony)?;
            let Some(key) = ceremony.combine(&dealt) else {
                return Ok(Err(DealingError::Refused("the dealings make no key")));
            };
            hhcm::keep_beacon_key(store, key.public())?;
        }
    }
    Ok(Ok(()))
}

/// Reads the dealings that the state keeps of a ceremony's epoch; they were checked before they were kept.
pub(crate) fn dealt(store: &mut dyn Store, ceremony: &Ceremony) -> Result<Vec<Good>, Fault> {
    let mut dealt = Vec::new();
    for place in 0..ceremony.len().get() {
        let Some(bytes) = hhcm::dealing(store, place)? else { continue };
        dealt.extend(ceremony.read(&bytes).ok());
    }
    Ok(dealt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::Address;
    use commonware_cryptography::Signer;

    const CHAIN: u64 = 7;

    fn keys(count: u32) -> Vec<PrivateKey> {
        let mut keys: Vec<PrivateKey> = (0..count).map(|n| PrivateKey::from_seed(n.into())).collect();
        keys.sort_by_key(Signer::public_key);
        keys
    }

    fn ceremony(keys: &[PrivateKey], epoch: u64) -> Ceremony {
        let member = |key: &PrivateKey| Member {
            key: B256::from_slice(key.public_key().as_ref()),
            beacon: [0; 48],
            weight: 1,
            owner: Address::ZERO,
            payout: Address::ZERO,
        };
        Ceremony::new(CHAIN, epoch, &keys.iter().map(member).collect::<Vec<_>>()).unwrap()
    }

    /// Each member's letters by dealer.
    type Kept = Vec<BTreeMap<PublicKey, Received>>;

    /// Has everyone deal; `deaf` members acknowledge nothing. Returns the dealings by place, and what each has received.
    fn deal(keys: &[PrivateKey], ceremony: &Ceremony, deaf: &[usize]) -> (Vec<Bytes>, Kept) {
        let mut kept: Kept = keys.iter().map(|_| BTreeMap::new()).collect();
        let mut dealings = Vec::new();
        for key in keys {
            let dealer = key.public_key();
            let mut deal = Deal::new(ceremony, key, keccak256(&dealer)).unwrap();
            let letters: Vec<_> = deal.waiting().map(|(to, bytes)| (to.clone(), bytes)).collect();
            for (to, bytes) in letters {
                let place = ceremony.place(&to).unwrap() as usize;
                if deaf.contains(&place) {
                    continue;
                }
                let received = Received::decode(ceremony, &bytes).unwrap();
                let ack = received.acknowledge(ceremony, &dealer, &keys[place]).unwrap();
                assert!(deal.acknowledged(&to, &ack));
                assert!(!deal.acknowledged(&to, &[7; 64]), "of another's hand");
                kept[place].insert(dealer.clone(), received);
            }
            assert_eq!(deal.waiting().count(), deaf.len());
            dealings.push(deal.end());
        }
        (dealings, kept)
    }

    fn checked(ceremony: &Ceremony, dealings: &[Bytes]) -> Vec<Good> {
        dealings.iter().take(ceremony.quorum()).map(|bytes| ceremony.check(bytes).unwrap()).collect()
    }

    #[test]
    fn every_quorum_signs_the_same_and_nobody_else_signs() {
        for (count, deaf) in [(1, vec![]), (3, vec![]), (4, vec![]), (4, vec![3]), (7, vec![0, 5])] {
            let keys = keys(count);
            let ceremony = ceremony(&keys, 3);
            let (dealings, kept) = deal(&keys, &ceremony, &deaf);
            let good = checked(&ceremony, &dealings);
            let public = ceremony.combine(&good).unwrap();
            assert_eq!(public.quorum(), ceremony.quorum());
            assert!(public.part(CHAIN, 5, B256::ZERO).is_none(), "who is of no committee has no share");
            let parts: BTreeMap<u32, [u8; PART_LEN]> = (0u32..)
                .zip(keys.iter().zip(&kept))
                .map(|(place, (key, kept))| {
                    let own = ceremony.finish(&good, key, kept).unwrap();
                    assert_eq!(own.public(), public.public());
                    (place, own.part(CHAIN, 5, B256::ZERO).unwrap())
                })
                .collect();
            let quorum = ceremony.quorum();
            let some = |skip: usize| parts.iter().map(|(k, v)| (*k, *v)).skip(skip).take(quorum).collect();
            let reveal = public.reveal(CHAIN, 5, B256::ZERO, &some(0)).unwrap();
            assert_eq!(reveal, public.reveal(CHAIN, 5, B256::ZERO, &some(parts.len() - quorum)).unwrap());
            assert!(verify_committee(&public.public(), CHAIN, 5, B256::ZERO, &reveal));
            assert!(!verify_committee(&public.public(), CHAIN, 6, B256::ZERO, &reveal));
            assert!(!verify_committee(&public.public(), CHAIN + 1, 5, B256::ZERO, &reveal));
            assert!(!verify_committee(&[0xff; 48], CHAIN, 5, B256::ZERO, &reveal));
            let few = parts.iter().map(|(k, v)| (*k, *v)).take(quorum - 1).collect();
            assert_eq!(public.reveal(CHAIN, 5, B256::ZERO, &few), Err(vec![]));
        }
    }

    #[test]
    fn wrong_parts_are_told_from_right_ones() {
        let keys = keys(4);
        let ceremony = ceremony(&keys, 0);
        let (dealings, kept) = deal(&keys, &ceremony, &[]);
        let good = checked(&ceremony, &dealings);
        let part = |place: usize, height| {
            let key = ceremony.finish(&good, &keys[place], &kept[place]).unwrap();
            key.part(CHAIN, height, B256::ZERO).unwrap()
        };
        let public = ceremony.combine(&good).unwrap();
        let mut parts = BTreeMap::from([
            (0, part(0, 5)),
            (1, part(1, 6)),
            (2, part(2, 5)),
            (3, part(2, 5)),
            (9, [9; PART_LEN]),
        ]);
        assert_eq!(public.reveal(CHAIN, 5, B256::ZERO, &parts), Err(vec![9, 1, 3]));
        parts.retain(|place, _| [0, 2].contains(place));
        parts.insert(3, part(3, 5));
        assert!(public.reveal(CHAIN, 5, B256::ZERO, &parts).is_ok());
    }

    #[test]
    fn who_lost_what_it_acknowledged_has_no_share() {
        let keys = keys(4);
        let ceremony = ceremony(&keys, 0);
        let (dealings, _) = deal(&keys, &ceremony, &[1]);
        let good = checked(&ceremony, &dealings);
        let nothing = BTreeMap::new();
        let lost = ceremony.finish(&good, &keys[0], &nothing).unwrap();
        assert!(!lost.holds_share());
        let deaf = ceremony.finish(&good, &keys[1], &nothing).unwrap();
        assert!(deaf.holds_share(), "its shares are in the dealings");
    }

    #[test]
    fn a_dealing_is_of_one_epoch_and_reveals_few_shares() {
        let keys = keys(4);
        let first = ceremony(&keys, 0);
        let (dealings, _) = deal(&keys, &first, &[]);
        let later = ceremony(&keys, 1);
        assert_eq!(later.check(&dealings[0]).unwrap_err(), DealingError::Signature);
        let (bare, _) = deal(&keys, &first, &[1, 2]);
        assert_eq!(first.check(&bare[0]).unwrap_err(), DealingError::Invalid);
        let mut long = dealings[0].to_vec();
        long.push(0);
        assert_eq!(first.check(&long).unwrap_err(), DealingError::Encoding);
    }

    proptest::proptest! {
        #[test]
        fn changed_bytes_are_refused_without_a_panic(at in proptest::prelude::any::<usize>(), flip in 1u8..) {
            let keys = keys(4);
            let ceremony = ceremony(&keys, 0);
            let deal = Deal::new(&ceremony, &keys[0], B256::ZERO).unwrap();
            let (_, letter) = deal.waiting().nth(1).unwrap();
            let mut letter = letter.to_vec();
            let place = at % letter.len();
            letter[place] ^= flip;
            if let Ok(received) = Received::decode(&ceremony, &letter) {
                let dealer = keys[0].public_key();
                proptest::prop_assert!(received.acknowledge(&ceremony, &dealer, &keys[1]).is_none());
            }
            let mut dealing = super::tests::deal(&keys, &ceremony, &[2]).0[0].to_vec();
            let place = at % dealing.len();
            dealing[place] ^= flip;
            proptest::prop_assert!(ceremony.check(&dealing).is_err());
        }
    }
}
