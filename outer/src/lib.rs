//! Watches outer chains and plans, checks and sends transactions that are signed elsewhere.
//!
//! Who holds key shards runs this beside nodes of its own: it says what arrived at the addresses of derived keys,
//! what a payment must look like, which hashes are to be signed for it, and what became of it. It knows nothing of
//! the chain that the coins are mapped to. A chain is one module behind [`OuterChain`].

pub mod bitcoin;
mod chain;
mod codec;
mod config;
mod cursor;
mod custody;
mod deposit;
mod error;
pub mod ethereum;
mod keys;
mod plan;
mod request;
mod rpc;
pub mod scan;
mod sign;
mod status;

pub use chain::{OuterChain, connect};
pub use codec::{CodecError, PLAN_BYTES_MAX};
pub use config::{BitcoinConfig, ChainConfig, ConfigError, Connection, EthereumConfig, TokenConfig};
pub use cursor::{Cursor, Scanned};
pub use custody::{Coin, FeeQuote, Holding, Lock, Next, Vault, View};
pub use deposit::{Asset, Deposit, Observation, OutPoint};
pub use error::{AddressError, OuterError, PlanError, Refusal, SignError};
pub use plan::{BitcoinPlan, EthereumPlan, Input, Output, Plan};
pub use request::{Destination, DestinationKind, FeeFrom, Request};
pub use sign::{Scheme, Sighash, Signature, Signed};
pub use status::{Broadcast, Failure, Status};
