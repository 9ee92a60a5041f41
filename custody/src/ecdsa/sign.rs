//! Signs a hash with exactly `t` members in three rounds (DKLs23, Protocol 3.6).

use std::collections::BTreeMap;

use dkls23_core::protocols::derivation::DerivData;
use dkls23_core::protocols::signing::{
    Broadcast3to4, KeepPhase1to2, KeepPhase2to3, SignData, TransmitPhase1to2, TransmitPhase2to3,
    UniqueKeep1to2, UniqueKeep2to3,
};
use dkls23_core::protocols::{Parameters, PartiesMessage, Party, PartyIndex};
use dkls23_core::utilities::zero_shares::ZeroShare;
use k256_14::{AffinePoint, Scalar, Secp256k1};

use super::blame::fault;
use super::verify::verify;
use super::wire::{decode, encode, party};
use crate::holding::Holding;
use crate::keys::{Point, point, scalar};
use crate::message::{Fault, FaultKind, Signature};
use crate::session::{Advance, Outgoing};
use crate::store::Admission;

/// The most bytes of a signing message, by round.
const BYTES_MAX: [usize; 3] = [64 * 1024, 128 * 1024, 128];

/// The rounds of a signing session.
pub(crate) const ROUNDS: u8 = 3;

/// What is kept between rounds; each is used once.
enum Stage {
    Committed(UniqueKeep1to2<Secp256k1>, BTreeMap<PartyIndex, KeepPhase1to2<Secp256k1>>),
    Multiplied(UniqueKeep2to3<Secp256k1>, BTreeMap<PartyIndex, KeepPhase2to3<Secp256k1>>),
    Summed(String, Broadcast3to4<Secp256k1>),
    Over,
}

/// A decoded message.
pub(crate) enum Incoming {
    First(Box<TransmitPhase1to2>),
    Second(Box<TransmitPhase2to3<Secp256k1>>),
    Third(Box<Broadcast3to4<Secp256k1>>),
}

/// One member's part of one signature.
pub(crate) struct Signing {
    party: Party<Secp256k1>,
    data: SignData,
    key: Point,
    stage: Stage,
}

impl Signing {
    /// Begins round 1.
    pub(crate) fn begin(
        holding: &Holding,
        members: &[u16],
        admission: &Admission,
    ) -> Result<(Self, Outgoing), Fault> {
        let others: Vec<u16> = members.iter().copied().filter(|member| *member != holding.me()).collect();
        let counterparties =
            others.iter().map(|member| party(*member)).collect::<Result<_, _>>().map_err(FaultKind::alone)?;
        let key = holding.terms().child_key(&admission.tweak()).map_err(|_| FaultKind::BadKey.alone())?;
        let party = assemble(holding, &others, &key, admission).map_err(FaultKind::alone)?;
        let data = SignData {
            sign_id: admission.session_id().to_vec(),
            counterparties,
            message_hash: admission.hash(),
        };
        let (unique, kept, transmit) = party.sign_phase1(&data).map_err(|abort| fault(&abort))?;
        let out = outgoing(transmit.iter().map(|message| (&message.parties, message)))?;
        Ok((Self { party, data, key, stage: Stage::Committed(unique, kept) }, out))
    }

    /// Decodes a message of `round`, and checks that it says the same sender and receiver as its envelope.
    pub(crate) fn decode(&self, from: u16, round: u8, bytes: &[u8]) -> Result<Incoming, FaultKind> {
        let parties = |parties: &PartiesMessage| {
            let fits = parties.sender == party(from)? && parties.receiver == self.party.party_index;
            if fits { Ok(()) } else { Err(FaultKind::Undecodable) }
        };
        match round {
            1 => {
                let message: Box<TransmitPhase1to2> = decode(bytes, BYTES_MAX[0])?;
                parties(&message.parties)?;
                Ok(Incoming::First(message))
            }
            2 => {
                let message: Box<TransmitPhase2to3<Secp256k1>> = decode(bytes, BYTES_MAX[1])?;
                parties(&message.parties)?;
                Ok(Incoming::Second(message))
            }
            3 => decode(bytes, BYTES_MAX[2]).map(Incoming::Third),
            _ => Err(FaultKind::WrongRound),
        }
    }

    /// Works on the complete messages of one round.
    pub(crate) fn advance(&mut self, received: BTreeMap<u16, Incoming>) -> Result<Advance, Fault> {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Committed(unique, kept) => self.multiply(unique, kept, received),
            Stage::Multiplied(unique, kept) => self.sum(unique, kept, received),
            Stage::Summed(x, own) => self.finish(&x, own, received),
            Stage::Over => Err(FaultKind::Closed.alone()),
        }
    }

    fn multiply(
        &mut self,
        unique: UniqueKeep1to2<Secp256k1>,
        kept: BTreeMap<PartyIndex, KeepPhase1to2<Secp256k1>>,
        received: BTreeMap<u16, Incoming>,
    ) -> Result<Advance, Fault> {
        let first = received.into_values().filter_map(|message| match message {
            Incoming::First(message) => Some(*message),
            _ => None,
        });
        let received: Vec<_> = first.collect();
        let (unique, kept, transmit) =
            self.party.sign_phase2(&self.data, unique, kept, &received).map_err(|abort| fault(&abort))?;
        self.stage = Stage::Multiplied(unique, kept);
        outgoing(transmit.iter().map(|message| (&message.parties, message))).map(Advance::Send)
    }

    fn sum(
        &mut self,
        unique: UniqueKeep2to3<Secp256k1>,
        kept: BTreeMap<PartyIndex, KeepPhase2to3<Secp256k1>>,
        received: BTreeMap<u16, Incoming>,
    ) -> Result<Advance, Fault> {
        let second = received.into_values().filter_map(|message| match message {
            Incoming::Second(message) => Some(*message),
            _ => None,
        });
        let received: Vec<_> = second.collect();
        let (x, own) =
            self.party.sign_phase3(&self.data, unique, kept, &received).map_err(|abort| fault(&abort))?;
        let bytes = encode(&own).map_err(FaultKind::alone)?;
        let out = self.data.counterparties.iter().map(|peer| (peer.as_u8().into(), bytes.clone()));
        let out = out.collect();
        self.stage = Stage::Summed(x, own);
        Ok(Advance::Send(out))
    }

    fn finish(
        &mut self,
        x: &str,
        own: Broadcast3to4<Secp256k1>,
        received: BTreeMap<u16, Incoming>,
    ) -> Result<Advance, Fault> {
        let third = received.into_values().filter_map(|message| match message {
            Incoming::Third(message) => Some(*message),
            _ => None,
        });
        let mut all: Vec<_> = third.collect();
        all.push(own);
        if all.len() != self.data.counterparties.len() + 1 {
            return Err(FaultKind::Inconsistent.alone());
        }
        let (s, recovery) =
            self.party.sign_phase4(&self.data, x, &all, true).map_err(|abort| fault(&abort))?;
        let (r, s) = (unhex(x)?, unhex(&s)?);
        // The library computes the id from the signature it has already made low; it is checked here all the same.
        verify(&self.key, self.data.message_hash, r, s, recovery).map_err(FaultKind::alone)?;
        Ok(Advance::Done(Signature::Ecdsa { r, s, recovery }))
    }
}

/// Puts the library's party together from the shard, the tweak and the pairs of this set.
fn assemble(
    holding: &Holding,
    others: &[u16],
    key: &Point,
    admission: &Admission,
) -> Result<Party<Secp256k1>, FaultKind> {
    let terms = holding.terms();
    let share = scalar(holding.share()).map_err(|_| FaultKind::BadKey)?;
    let tweak = scalar(&admission.tweak()).map_err(|_| FaultKind::BadKey)?;
    let pk = point(key).map_err(|_| FaultKind::BadKey)?.to_affine();
    let mut party = Party {
        parameters: parameters(terms.threshold(), terms.members())?,
        party_index: party(holding.me())?,
        session_id: terms.digest().to_vec(),
        poly_point: share + tweak,
        pk,
        zero_share: ZeroShare::initialize(Vec::new()),
        mul_senders: BTreeMap::new(),
        mul_receivers: BTreeMap::new(),
        derivation_data: underived(pk),
        address: String::new(),
    };
    for other in others {
        let pair = holding.pair(*other).ok_or(FaultKind::NoSetup)?;
        let peer = self::party(*other)?;
        party.zero_share.seeds.push(pair.seed.clone());
        party.mul_senders.insert(peer, pair.sender.clone());
        party.mul_receivers.insert(peer, pair.receiver.clone());
    }
    Ok(party)
}

fn parameters(threshold: u16, members: u16) -> Result<Parameters, FaultKind> {
    let small = |count| u8::try_from(count).map_err(|_| FaultKind::BadSet);
    Parameters::new(small(threshold)?, small(members)?).map_err(|_| FaultKind::BadSet)
}

/// BIP-32 data is unused: children come from public tweaks, and the child key separates their sessions.
fn underived(pk: AffinePoint) -> DerivData<Secp256k1> {
    DerivData {
        depth: 0,
        child_number: 0,
        parent_fingerprint: [0; 4],
        poly_point: Scalar::ZERO,
        pk,
        chain_code: [0; 32],
    }
}

fn outgoing<'a, T: serde::Serialize + 'a>(
    messages: impl Iterator<Item = (&'a PartiesMessage, &'a T)>,
) -> Result<Outgoing, Fault> {
    messages
        .map(|(parties, message)| {
            let bytes = encode(message).map_err(FaultKind::alone)?;
            Ok((parties.receiver.as_u8().into(), bytes))
        })
        .collect()
}

/// Reads the library's 64 hexadecimal digits.
fn unhex(text: &str) -> Result<[u8; 32], Fault> {
    let mut bytes = [0; 32];
    if text.len() != 64 {
        return Err(FaultKind::BadSignature.alone());
    }
    for (byte, place) in bytes.iter_mut().zip((0..64).step_by(2)) {
        let digits = text.get(place..place + 2);
        let parsed = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        *byte = parsed.ok_or(FaultKind::BadSignature.alone())?;
    }
    Ok(bytes)
}
