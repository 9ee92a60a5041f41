//! Threshold Schnorr by FROST (RFC 9591) with the taproot tweak: signatures as in BIP-340 under the output key of a
//! child key.
//!
//! The internal key is the child key `vault key + tweak * G`; the output key adds BIP-341's tweak for a key without a
//! script tree. In round 1 each member sends its nonces' commitments, bound to what it is about to sign; in round 2 its
//! share, with a digest of all commitments it used. Nonces are made when the session opens, live in memory only and are
//! consumed by the one share they are for.
//!
//! A share that does not fit its sender's public point accuses the sender. That needs all to have used the same
//! commitments; where the digests differ somebody told different members different things, and nobody can be named.

use std::collections::BTreeMap;

use frost::keys::{EvenY, KeyPackage, PublicKeyPackage, SigningShare, Tweak as Taproot, VerifyingShare};
use frost::rand_core::{CryptoRng, Error as RandError, RngCore};
use frost::round1::{SigningCommitments, SigningNonces};
use frost::round2::SignatureShare;
use frost::{Identifier, SigningPackage, VerifyingKey};
use frost_secp256k1_tr as frost;
use k256_14::elliptic_curve::PrimeField;
use rand::Rng;
use zeroize::Zeroizing;

use crate::hash::tagged;
use crate::holding::Holding;
use crate::keys::{KeyError, Point, Terms, Tweak, scalar, tweaked};
use crate::message::{Fault, FaultKind, Signature};
use crate::session::{Advance, Outgoing};
use crate::store::Admission;

/// The rounds of a signing session.
pub(crate) const ROUNDS: u8 = 2;

/// The most bytes of commitments and of a share.
const BYTES_MAX: usize = 256;

/// Length of the digest before the content of a message.
const DIGEST: usize = 32;

/// A decoded message.
pub(crate) enum Incoming {
    First { binding: [u8; 32], commitments: Box<SigningCommitments> },
    Second { view: [u8; 32], share: SignatureShare },
}

enum Stage {
    Committed(Zeroizing<SigningNonces>, Box<SigningCommitments>),
    Shared { package: SigningPackage, view: [u8; 32], own: SignatureShare },
    Over,
}

/// One member's part of one signature.
pub(crate) struct Signing {
    me: u16,
    others: Vec<u16>,
    shard: KeyPackage,
    public: PublicKeyPackage,
    binding: [u8; 32],
    hash: [u8; 32],
    stage: Stage,
}

/// The x-only taproot output key of the child under `tweak`, as in a P2TR address (BIP-341, no script tree).
///
/// # Errors
/// The tweak is no scalar, or a key on the way would be the identity.
pub fn output_key(terms: &Terms, tweak: &Tweak) -> Result<[u8; 32], KeyError> {
    let [_, internal @ ..] = terms.child_key(tweak)?;
    taproot_output(&internal)
}

/// The x-only output key over an x-only internal key without a script tree (BIP-341, `taproot_tweak_pubkey`).
///
/// # Errors
/// The internal key is not on the curve, or the tweak is out of range.
pub fn taproot_output(internal: &[u8; 32]) -> Result<[u8; 32], KeyError> {
    let output = tweaked(&lift(internal), &tagged("TapTweak", &[internal]))?;
    let [_, x @ ..] = output;
    Ok(x)
}

/// The even point over an x coordinate (BIP-340, `lift_x`).
fn lift(x: &[u8; 32]) -> Point {
    let mut point = [0x02; 33];
    for (place, byte) in point.iter_mut().skip(1).zip(x) {
        *place = *byte;
    }
    point
}

/// Checks a signature under an x-only key (BIP-340).
///
/// # Errors
/// [`FaultKind::BadSignature`].
pub fn verify(key: &[u8; 32], hash: [u8; 32], signature: &[u8; 64]) -> Result<(), FaultKind> {
    let bad = |_| FaultKind::BadSignature;
    let key = VerifyingKey::deserialize(&lift(key)).map_err(bad)?;
    let signature = frost::Signature::deserialize(signature).map_err(bad)?;
    key.verify(&hash, &signature).map_err(bad)
}

impl Signing {
    /// Makes nonces and begins round 1.
    pub(crate) fn begin(
        holding: &Holding,
        members: &[u16],
        admission: &Admission,
    ) -> Result<(Self, Outgoing), Fault> {
        let bad = |_| FaultKind::BadKey.alone();
        let (shard, public) = packages(holding, members, &admission.tweak()).map_err(bad)?;
        let others: Vec<u16> = members.iter().copied().filter(|member| *member != holding.me()).collect();
        let binding = binding(holding.terms(), members, admission);
        let (nonces, commitments) = frost::round1::commit(shard.signing_share(), &mut Entropy);
        let encoded = commitments.serialize().map_err(|_| FaultKind::Undecodable.alone())?;
        let bytes = [binding.as_slice(), &encoded].concat();
        let out = others.iter().map(|other| (*other, bytes.clone())).collect();
        let stage = Stage::Committed(Zeroizing::new(nonces), Box::new(commitments));
        let hash = admission.hash();
        Ok((Self { me: holding.me(), others, shard, public, binding, hash, stage }, out))
    }

    /// Decodes a message of `round`.
    pub(crate) fn decode(&self, round: u8, bytes: &[u8]) -> Result<Incoming, FaultKind> {
        if bytes.len() > BYTES_MAX {
            return Err(FaultKind::Oversized);
        }
        let (digest, content) = bytes.split_first_chunk::<DIGEST>().ok_or(FaultKind::Undecodable)?;
        match round {
            1 => {
                let commitments =
                    SigningCommitments::deserialize(content).map_err(|_| FaultKind::Undecodable)?;
                // The library reads past nothing, but leaves a rest unread.
                if commitments.serialize().ok().as_deref() != Some(content) {
                    return Err(FaultKind::Undecodable);
                }
                Ok(Incoming::First { binding: *digest, commitments: Box::new(commitments) })
            }
            2 => {
                let share = SignatureShare::deserialize(content).map_err(|_| FaultKind::Undecodable)?;
                Ok(Incoming::Second { view: *digest, share })
            }
            _ => Err(FaultKind::WrongRound),
        }
    }

    /// Works on the complete messages of one round.
    pub(crate) fn advance(&mut self, received: BTreeMap<u16, Incoming>) -> Result<Advance, Fault> {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Committed(nonces, own) => self.share(&nonces, *own, received),
            Stage::Shared { package, view, own } => self.aggregate(&package, view, own, received),
            Stage::Over => Err(FaultKind::Closed.alone()),
        }
    }

    fn share(
        &mut self,
        nonces: &SigningNonces,
        own: SigningCommitments,
        received: BTreeMap<u16, Incoming>,
    ) -> Result<Advance, Fault> {
        let mut all = BTreeMap::from([(identifier(self.me)?, own)]);
        for (from, message) in received {
            let Incoming::First { binding, commitments } = message else {
                return Err(FaultKind::WrongRound.alone());
            };
            if binding != self.binding {
                return Err(FaultKind::OtherView.by(from));
            }
            all.insert(identifier(from)?, *commitments);
        }
        let package = SigningPackage::new(all, &self.hash);
        // The library refuses commitments whose sum is the identity; nobody can be named for it.
        let own = frost::round2::sign(&package, nonces, &self.shard)
            .map_err(|_| FaultKind::Inconsistent.alone())?;
        let encoded = package.serialize().map_err(|_| FaultKind::Inconsistent.alone())?;
        let view = tagged("fusor/custody/frost/view", &[&self.binding, &encoded]);
        let bytes = [view.as_slice(), &own.serialize()].concat();
        self.stage = Stage::Shared { package, view, own };
        Ok(Advance::Send(self.others.iter().map(|other| (*other, bytes.clone())).collect()))
    }

    fn aggregate(
        &mut self,
        package: &SigningPackage,
        own_view: [u8; 32],
        own: SignatureShare,
        received: BTreeMap<u16, Incoming>,
    ) -> Result<Advance, Fault> {
        let mut shares = BTreeMap::from([(identifier(self.me)?, own)]);
        let mut split = false;
        for (from, message) in received {
            let Incoming::Second { view, share } = message else {
                return Err(FaultKind::WrongRound.alone());
            };
            split |= view != own_view;
            shares.insert(identifier(from)?, share);
        }
        if split {
            return Err(FaultKind::Inconsistent.alone());
        }
        let signature =
            frost::aggregate(package, &shares, &self.public).map_err(|error| self.blame(&error))?;
        let bytes = signature.serialize().ok().and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
        let bytes = bytes.ok_or(FaultKind::BadSignature.alone())?;
        self.check(&bytes)?;
        Ok(Advance::Done(Signature::Schnorr(bytes)))
    }

    /// Verifies the encoded signature under the x-only output key.
    fn check(&self, signature: &[u8; 64]) -> Result<(), Fault> {
        let key = self.public.verifying_key().serialize().map_err(|_| FaultKind::BadKey.alone())?;
        let x = key.last_chunk::<32>().ok_or(FaultKind::BadKey.alone())?;
        verify(x, self.hash, signature).map_err(FaultKind::alone)
    }

    fn blame(&self, error: &frost::Error) -> Fault {
        let culprits = error.culprits();
        let is_culprit =
            |member: &&u16| identifier(**member).is_ok_and(|identifier| culprits.contains(&identifier));
        match self.others.iter().find(is_culprit) {
            Some(member) => FaultKind::BadShare.by(*member),
            None => FaultKind::BadSignature.alone(),
        }
    }
}

/// What a session signs, as a digest: two members that would sign different things find out in round 1.
fn binding(terms: &Terms, members: &[u16], admission: &Admission) -> [u8; 32] {
    let members: Vec<u8> = members.iter().flat_map(|member| member.to_be_bytes()).collect();
    tagged(
        "fusor/custody/frost/session",
        &[&terms.digest(), &admission.session_id(), &admission.tweak(), &admission.hash(), &members],
    )
}

/// The key material of the tweaked output key: own share, and the public shares of this set.
fn packages(
    holding: &Holding,
    members: &[u16],
    tweak: &Tweak,
) -> Result<(KeyPackage, PublicKeyPackage), KeyError> {
    let terms = holding.terms();
    let share = Zeroizing::new(scalar(holding.share())? + scalar(tweak)?);
    let share = Zeroizing::new(<[u8; 32]>::from(share.to_repr()));
    let share = SigningShare::deserialize(share.as_slice()).map_err(|_| KeyError::Scalar)?;
    let key = verifying_key(&terms.child_key(tweak)?)?;
    let mut points = BTreeMap::new();
    for member in members {
        let point = tweaked(&terms.point(*member)?, tweak)?;
        let point = VerifyingShare::deserialize(&point).map_err(|_| KeyError::Point)?;
        points.insert(identifier(*member).map_err(|_| KeyError::Member)?, point);
    }
    let me = identifier(holding.me()).map_err(|_| KeyError::Member)?;
    let own = *points.get(&me).ok_or(KeyError::Member)?;
    let shard = KeyPackage::new(me, share, own, key, terms.threshold());
    let public = PublicKeyPackage::new(points, key, Some(terms.threshold()));
    // `tweak` lifts the internal key to its even point first; `into_even_y` does so for the output key.
    let no_scripts: Option<&[u8]> = None;
    Ok((shard.tweak(no_scripts).into_even_y(None), public.tweak(no_scripts).into_even_y(None)))
}

fn verifying_key(point: &Point) -> Result<VerifyingKey, KeyError> {
    VerifyingKey::deserialize(point).map_err(|_| KeyError::Point)
}

fn identifier(member: u16) -> Result<Identifier, Fault> {
    Identifier::try_from(member).map_err(|_| FaultKind::BadSet.alone())
}

/// The system's randomness for the library's version of the traits.
struct Entropy;

impl RngCore for Entropy {
    fn next_u32(&mut self) -> u32 {
        rand::rng().next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        rand::rng().next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), RandError> {
        rand::rng().fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Entropy {}
