//! Runs a node: groups hand over packages, representatives work and offer blocks, consensus decides, and what is
//! final is kept (whitepaper 5; design 10). The same code runs over real sockets and in simulation: the runtime,
//! the network and the clock are given.
//!
//! ```text
//! settings     deadlines and sizes
//! keys         who a node is
//! book         what a node has heard: packages, offers, and when each height opened
//! message      what nodes gossip
//! gossip       hearing and telling
//! fetch        asking peers for packages by digest
//! shared       the parts that tasks of a node work on together
//! observer     what whoever runs a node is told
//! voice        what a node says
//! submit       transactions of users
//! dealing      making the committee's key at the beginning of an epoch
//! reveal       the committee's signature over each height's seed
//! rates        what one peer may send
//! producer     this node's packages and offers
//! application  what consensus asks: propose, verify
//! guard        stores that end the node when they fail
//! finalizer    final blocks in order: execution, store, pool
//! report       what consensus tells: openings and proofs of cheating
//! journal      files of engines whose epoch is over
//! epochs       one engine an epoch, each with its committee
//! start        wires all of it
//! keeper       keeps what must survive a crash
//! status       how a node stands: groups, packages, offers
//! ```
//!
//! *Invariant:* votes, view changes and backfill are `commonware-consensus`'s, and its types appear in `application`,
//! `report`, `epochs` and `start` alone.

mod application;
mod book;
mod dealing;
mod epochs;
mod fetch;
mod finalizer;
mod gossip;
mod guard;
mod journal;
mod keeper;
mod keys;
mod message;
mod observer;
mod producer;
mod rates;
mod report;
mod reveal;
mod settings;
mod shared;
mod start;
mod status;
mod submit;
mod voice;

pub use book::{Book, Counts};
pub(crate) use epochs::{WAITING_MAX, namespace as vote_namespace};
pub use keeper::{Keeper, Watch};
pub use keys::NodeKeys;
pub use message::{Message, MessageError};
pub use observer::{Observer, Reason};
pub(crate) use rates::{GOSSIP, letters_quota, quota};
pub use settings::Settings;
pub use shared::Node;
pub use start::{Channels, Finality, Parts, Runtime, start};
pub use status::{GroupStatus, Status, Validator};
pub use submit::SubmitError;
pub use voice::{Honest, Voice};
