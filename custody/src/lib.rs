//! Signs for keys that no node holds: threshold ECDSA and Schnorr over shards, and the store of the shards.
//!
//! The key of a vault exists only as shards made by distributed key generation (whitepaper 3.5). Any `t` of its `m`
//! members sign together: [`ecdsa`] by DKLs23, [`schnorr`] by FROST. [`Session`] drives either of them as a state
//! machine that takes and gives [`Message`]s; it knows no network, no clock and no disk. [`choose`](choose::choose)
//! says who signs an attempt. [`store`] keeps shards, bans and the journal of what was signed, and is the only part
//! that touches a disk.
//!
//! A session is opened with an [`Admission`], which only the store gives out, after it has written down what the
//! request signs: one request never signs two messages.

pub mod choose;
pub mod ecdsa;
mod hash;
mod holding;
mod keys;
pub mod measure;
mod message;
pub mod schnorr;
mod session;
pub mod store;

pub use holding::Holding;
pub use keys::{KeyError, MAX_MEMBERS, Point, Terms, Tweak};
pub use message::{Fault, FaultKind, Message, Signature, Step};
pub use session::{Session, Transport};
pub use store::{Admission, Scheme};
