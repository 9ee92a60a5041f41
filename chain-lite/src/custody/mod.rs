//! Keeps shards of outer chains' keys, and lives up to what the chain asks of a custodian (whitepaper 3; design 11).
//!
//! ```text
//! keys      the one secret of a custodian, and what follows from it
//! config    what a custodian is told
//! chain     what it needs of the chain it serves
//! notes     what it must remember beside its shards
//! record    the custody account's logs, read block by block
//! sender    its transactions
//! protocol  key generation and re-sharing
//! shards    a vault's shard, and the setups by which it signs with others
//! link      an outer chain, and the keys of a vault's addresses
//! deposits  what arrives outside
//! jobs      outer transactions that are not settled
//! plan      plans of them, and approvals
//! decide    what the operator approves by hand
//! carry     sending, looking, settling, replacing
//! upkeep    sweeps
//! moving    what a retiring vault holds, to another vault
//! signing   signatures with the other members
//! reports   what members tell of attempts to sign, and who signs next
//! early     messages that came before what they belong to
//! solvency  what a vault holds against what it owes
//! wire      what custodians tell each other beside the chain
//! costs     what the protocols cost one party
//! agent     the custodian, one step at a time
//! follow    what each new block asks of it
//! hear      what members tell each other
//! work      one step with a vault's outer chain
//! host      a custodian beside a running node
//! board     what a running custodian shows, and what its operator tells it
//! sim       custody in simulated worlds
//! ```

mod agent;
mod board;
mod carry;
mod chain;
mod config;
pub mod costs;
mod decide;
mod deposits;
mod early;
mod error;
mod follow;
mod hear;
mod host;
mod jobs;
mod keys;
mod link;
mod moving;
mod notes;
mod plan;
mod protocol;
mod record;
mod reports;
mod sender;
mod shards;
mod signing;
pub mod sim;
mod solvency;
mod upkeep;
mod wire;
mod work;

pub use agent::{Custodian, OpenFiles, Parts, Post};
pub use board::Board;
pub(crate) use chain::Reader;
pub use chain::{Chain, ChainError, State};
pub use config::{ConfigError, CustodyConfig};
pub use decide::Decision;
pub use error::CustodyError;
pub use host::{CustodyNode, HostError, Hosted, Inlet, host};
pub use keys::CustodyKeys;
pub use notes::{DiskNotes, MemoryNotes, Notes, NotesError};
pub use record::RecordError;
pub use shards::ShardError;
pub use wire::{WIRE_MAX, Wire, WireError};
