//! Generates and re-shares a key that nobody holds, with every step and every fault open to all.
//!
//! The protocol is the distributed key generation of the Fusion whitepaper, section 3.5.2, on secp256k1: Pedersen
//! commitments, sealed shares, complaints, disqualification, and the extraction of the public key. Where the
//! whitepaper broadcasts A_i0 unchecked, this follows its source (Gennaro, Jarecki, Krawczyk, Rabin, "Secure
//! Distributed Key Generation for Discrete-Log Based Cryptosystems", J. Cryptology 20, 2007, figure 2): all A_ik are
//! shown, checked against the shares, and a cheat's part is reconstructed. "t of m" means that t shares sign:
//! polynomials have degree t-1, and t-1 < m/2.
//!
//! All messages are byte strings posted on a chain which orders them and shows everyone the same bytes. A complaint
//! proves the shared point of its sealed pair, so that everyone decrypts and judges at once: the answer round
//! (1.d.iii) is not needed, and a false complaint names its author.
//!
//! [`Board`] is what everyone sees, [`Member`] is one party, [`judge`] holds the judgements alone, for a chain which
//! keeps only hashes. [`reshare`] hands a key over to a new group. Nothing here does I/O, reads a clock or draws
//! randomness: a member's randomness is a seed, and everything it says follows from the seed and the board.

mod board;
mod complaint;
pub mod cost;
mod dealing;
mod derive;
mod extraction;
mod fault;
mod generator;
mod hash;
pub mod judge;

mod measure;
mod member;
mod outcome;
mod phase;
mod point;
mod poly;
mod proof;
pub mod reshare;

mod seal;
mod secret;
mod terms;
mod wire;

pub use board::Board;
pub use complaint::Complaint;
pub use dealing::{Dealer, Dealing};
pub use derive::{DeriveError, child_key, child_share, tweak};
pub use extraction::{Extraction, Objection, Reveal};
pub use fault::{Fault, FaultKind, Faults};
pub use generator::{SECOND_GENERATOR, second_generator};
pub use k256::Scalar;

pub use measure::{MeasureError, PartyCost, Timings, measure};
pub use member::{Member, MemberError};
pub use outcome::{FinishError, Outcome, Part, finish};
pub use phase::{Phase, Refusal};
pub use point::{NotAPoint, Point};
pub use proof::{Possession, SharedPointProof};
pub use secret::{DecryptionKey, NotASecret, Pair, Share};
pub use terms::{MEMBERS_MAX, Terms, TermsError};
pub use wire::{DecodeError, Kind};
