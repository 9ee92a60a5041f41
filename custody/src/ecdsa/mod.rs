//! Threshold ECDSA on secp256k1 by DKLs23 (<https://eprint.iacr.org/2023/765.pdf>).
//!
//! # Setup is pairwise
//! DKLs23's own key generation sets up multiplication and zero sharing among all `m` members at once, so one missing
//! member blocks all. Yet the state it leaves is only ever used by two members: a random seed (Functionality 3.4) and
//! two oblivious-transfer extensions (Functionality 3.5). So [`Setup`] makes that state pair by pair with the library's
//! own initialisation functions, and a signing session is put together from the pairs it needs. Any `t` members that
//! have met in pairs can sign, whoever else has never come. Neither re-indexing of shares nor one setup for every
//! subset is needed, and the shard enters nowhere before signing.
//!
//! Key generation is not run a second time. That the key and every public point are ours is checked when
//! [`Terms`](crate::Terms) are made (one polynomial of degree `t - 1`), when a shard is taken
//! ([`Holding`](crate::Holding)), and in every signing session, which holds the sum of the signers' public shares
//! against the key (Protocol 3.6, step 8). A pair whose terms differ never completes, since their digest is the session
//! id of both.
//!
//! # Blame
//! A failed check of a transfer leaks about the pair's lasting state; such a fault [bans](crate::FaultKind::is_ban) the
//! pair for good. A false contribution in the last round spoils the signature and cannot be pinned on anyone (the
//! protocol aborts without naming the cheater); such a set of signers is not chosen again.

mod blame;
mod run;
mod setup;
mod sign;
mod verify;
mod wire;

pub use run::Pair;
pub use setup::{Setup, SetupStep};
pub use verify::{is_low, recovers, verify};

pub(crate) use sign::{Incoming, ROUNDS, Signing};
