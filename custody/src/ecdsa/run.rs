//! The run of one pair's setup, in three rounds.
//!
//! 1. Both commit to a seed (Functionality 3.4) and name a fresh nonce for this run.
//! 2. Both open the seed and start the two base transfers (Functionality 3.5, both directions).
//! 3. Both say the digest of all they saw; only equal digests complete the pair.

use std::fmt;

use dkls23_core::utilities::multiplication::{MulReceiver, MulSender};
use dkls23_core::utilities::ot::base::{OTReceiver, OTSender};
use dkls23_core::utilities::proofs::{DLogProof, EncProof};
use dkls23_core::utilities::zero_shares::{SeedPair, ZeroShare};
use k256_14::{Scalar, Secp256k1};
use rand::Rng;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::setup::SetupStep;
use super::wire::{decode, encode, index, party};
use crate::hash::tagged;
use crate::keys::Terms;
use crate::message::{Fault, FaultKind, Message};

/// The most bytes of a setup message, by round.
const BYTES_MAX: [usize; 3] = [256, 256 * 1024, 32];

/// The lasting state of two members: a common seed and transfer extensions in both directions. Never printed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Pair {
    peer: u16,
    pub(crate) seed: SeedPair,
    pub(crate) sender: MulSender<Secp256k1>,
    pub(crate) receiver: MulReceiver<Secp256k1>,
}

impl Pair {
    /// The other member.
    #[must_use]
    pub fn peer(&self) -> u16 {
        self.peer
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair").field("peer", &self.peer).finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
struct First {
    nonce: [u8; 32],
    commitment: [u8; 32],
}

#[derive(Serialize, Deserialize)]
struct Second {
    seed: [u8; 32],
    salt: Vec<u8>,
    dlog_proof: DLogProof<Secp256k1>,
    gadget_nonce: Scalar,
    enc_proofs: Vec<EncProof<Secp256k1>>,
    transfer_seed: [u8; 32],
}

/// What this member keeps of its second message.
struct Kept {
    ot_sender: OTSender<Secp256k1>,
    gadget_nonce: Scalar,
    ot_receiver: OTReceiver,
    correlation: Vec<bool>,
    vec_r: Vec<Scalar>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.ot_sender.s.zeroize();
        self.gadget_nonce.zeroize();
        self.ot_receiver.seed.zeroize();
        self.correlation.zeroize();
        self.vec_r.zeroize();
    }
}

/// One pair's run, seen from `me`.
pub(super) struct Run {
    terms: [u8; 32],
    me: u16,
    peer: u16,
    seed: Zeroizing<[u8; 32]>,
    salt: Vec<u8>,
    /// Own messages by round, for the digest and for sending again.
    sent: Vec<Vec<u8>>,
    /// The peer's messages by round.
    heard: [Option<Vec<u8>>; 3],
    kept: Option<Kept>,
    pair: Option<Box<Pair>>,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.salt.zeroize();
        self.sent.zeroize();
        self.heard.zeroize();
    }
}

impl Run {
    /// Begins a run with fresh seed and nonce.
    pub(super) fn new(terms: &Terms, me: u16, peer: u16) -> Result<Self, Fault> {
        let digest = terms.digest();
        let context = ZeroShare::seed_context(b"fusor", &[&digest], index(me)?, index(peer)?);
        let (seed, commitment, salt) = ZeroShare::generate_seed_with_bound_commitment(&context);
        let mut nonce = [0; 32];
        rand::rng().fill_bytes(&mut nonce);
        let first = encode(&First { nonce, commitment }).map_err(FaultKind::alone)?;
        Ok(Self {
            terms: digest,
            me,
            peer,
            seed: Zeroizing::new(seed),
            salt,
            sent: vec![first],
            heard: [None, None, None],
            kept: None,
            pair: None,
        })
    }

    /// Everything sent so far.
    pub(super) fn all_sent(&self) -> Vec<Message> {
        let numbered = (1u8..).zip(&self.sent);
        numbered
            .map(|(round, bytes)| Message { from: self.me, to: self.peer, round, bytes: bytes.clone() })
            .collect()
    }

    /// Whether the peer owes a message.
    pub(super) fn is_pending(&self) -> bool {
        self.heard.iter().any(Option::is_none)
    }

    /// Stores a message in its place; a peer may be one round ahead.
    pub(super) fn take(&mut self, round: u8, bytes: Vec<u8>) -> Result<(), FaultKind> {
        let place = usize::from(round).checked_sub(1).ok_or(FaultKind::WrongRound)?;
        let bytes_max = BYTES_MAX.get(place).ok_or(FaultKind::WrongRound)?;
        if place > self.sent.len() {
            return Err(FaultKind::WrongRound);
        }
        if bytes.len() > *bytes_max {
            return Err(FaultKind::Oversized);
        }
        match self.heard.get_mut(place) {
            Some(slot @ None) => *slot = Some(bytes),
            _ => return Err(FaultKind::Doubled),
        }
        Ok(())
    }

    /// Goes on as far as what was heard allows.
    pub(super) fn advance(&mut self) -> Result<SetupStep, FaultKind> {
        let before = self.sent.len();
        if self.sent.len() == 1 && self.heard[0].is_some() {
            self.open_seed_and_begin_transfers()?;
        }
        if self.sent.len() == 2 && self.heard[1].is_some() {
            self.finish_transfers()?;
        }
        let new = self.all_sent().split_off(before);
        if self.sent.len() == 3 && self.heard[2].is_some() {
            let pair = self.confirmed()?;
            return Ok(SetupStep::Paired(pair, new));
        }
        Ok(if new.is_empty() { SetupStep::Wait } else { SetupStep::Send(new) })
    }

    fn heard_first(&self) -> Result<First, FaultKind> {
        decode(self.heard[0].as_deref().unwrap_or_default(), BYTES_MAX[0])
    }

    /// The session id of the transfer in which `receiver` receives; both nonces make it new in every run.
    fn transfer_id(&self, receiver: u16, sender: u16, peer_nonce: &[u8; 32]) -> Result<[u8; 32], FaultKind> {
        let own = decode::<First>(self.sent.first().map_or(&[], Vec::as_slice), BYTES_MAX[0])?.nonce;
        let (low, high) = if self.me < self.peer { (&own, peer_nonce) } else { (peer_nonce, &own) };
        Ok(tagged(
            "fusor/custody/transfer",
            &[&self.terms, &receiver.to_be_bytes(), &sender.to_be_bytes(), low, high],
        ))
    }

    /// Round 2: opens the own seed and begins both transfers.
    fn open_seed_and_begin_transfers(&mut self) -> Result<(), FaultKind> {
        let nonce = self.heard_first()?.nonce;
        let receiving = self.transfer_id(self.me, self.peer, &nonce)?;
        let sending = self.transfer_id(self.peer, self.me, &nonce)?;
        let (ot_sender, dlog_proof, gadget_nonce) = MulReceiver::<Secp256k1>::init_phase1(&receiving);
        let (ot_receiver, correlation, vec_r, enc_proofs) = MulSender::<Secp256k1>::init_phase1(&sending);
        let second = Second {
            seed: *self.seed,
            salt: self.salt.clone(),
            dlog_proof,
            gadget_nonce,
            enc_proofs,
            transfer_seed: ot_receiver.seed,
        };
        self.sent.push(encode(&second)?);
        self.kept = Some(Kept { ot_sender, gadget_nonce, ot_receiver, correlation, vec_r });
        Ok(())
    }

    /// Round 3: checks the peer's seed and transfers, and says the digest of the run.
    fn finish_transfers(&mut self) -> Result<(), FaultKind> {
        let first = self.heard_first()?;
        let second: Second = decode(self.heard[1].as_deref().unwrap_or_default(), BYTES_MAX[1])?;
        let kept = self.kept.take().ok_or(FaultKind::Closed)?;
        let seed = self.common_seed(&first, &second)?;
        let receiver = MulReceiver::init_phase2(
            &kept.ot_sender,
            &self.transfer_id(self.me, self.peer, &first.nonce)?,
            &second.transfer_seed,
            &second.enc_proofs,
            &kept.gadget_nonce,
        )
        .map_err(|_| FaultKind::Unproven)?;
        let sender = MulSender::init_phase2(
            &kept.ot_receiver,
            &self.transfer_id(self.peer, self.me, &first.nonce)?,
            kept.correlation.clone(),
            &kept.vec_r,
            &second.dlog_proof,
            &second.gadget_nonce,
        )
        .map_err(|_| FaultKind::Unproven)?;
        self.pair = Some(Box::new(Pair { peer: self.peer, seed, sender, receiver }));
        self.sent.push(self.transcript().to_vec());
        Ok(())
    }

    fn common_seed(&self, first: &First, second: &Second) -> Result<SeedPair, FaultKind> {
        let (me, peer) = (party(self.me)?, party(self.peer)?);
        let context = ZeroShare::seed_context(b"fusor", &[&self.terms], peer, me);
        if !ZeroShare::verify_bound_seed(&second.seed, &context, &first.commitment, &second.salt) {
            return Err(FaultKind::Unproven);
        }
        Ok(ZeroShare::generate_seed_pair(me, peer, &self.seed, &second.seed))
    }

    /// The digest of the four messages of rounds 1 and 2, the lower member's first.
    fn transcript(&self) -> [u8; 32] {
        let own = self.sent.iter().take(2).map(|bytes| tagged("fusor/custody/setup", &[bytes]));
        let heard = self.heard.iter().take(2).flatten().map(|bytes| tagged("fusor/custody/setup", &[bytes]));
        let (own, heard): (Vec<_>, Vec<_>) = (own.collect(), heard.collect());
        let (low, high) = if self.me < self.peer { (own, heard) } else { (heard, own) };
        tagged("fusor/custody/setup/run", &[&self.terms, low.as_flattened(), high.as_flattened()])
    }

    fn confirmed(&mut self) -> Result<Box<Pair>, FaultKind> {
        if self.heard[2].as_deref() != Some(self.transcript().as_slice()) {
            return Err(FaultKind::OtherView);
        }
        self.pair.take().ok_or(FaultKind::Closed)
    }
}
