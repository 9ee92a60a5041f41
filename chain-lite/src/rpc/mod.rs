//! Answers wallets and tools by Ethereum's JSON-RPC over HTTP and WebSocket.
//!
//! ```text
//! backend    what a node must offer: a view of its chain, its pool, submission, notices of changes
//! network    what a node shows of the network it is part of
//! node       a node of the network
//! single     a chain of one node that seals after each transaction
//! server     one port for HTTP and WebSocket, with limits
//! methods    one function a method, and the table of them
//! subscribe  notices over WebSocket
//! filters    filters that are polled
//! simulate   calls and gas estimates on the head's state, without changing it
//! args       parameters with messages that say what was expected
//! shape      blocks, transactions, receipts and logs as tools expect them
//! error      codes and messages
//! ```
//!
//! Methods run on threads that may block. State is kept at the head only.

mod args;
mod backend;
mod error;
mod filters;
mod methods;
mod network;
mod node;
mod server;
mod shape;
mod simulate;
mod single;
mod subscribe;

pub use backend::{Backend, ChainView, Change, SubmitError, Syncing};
pub use error::RpcError;
pub use methods::{Context, METHODS, Method, answer};
pub use network::NetworkView;
pub use node::NodeBackend;
pub use server::{RpcServer, ServerLimits, module, serve};
pub use simulate::{call, estimate_gas};
pub use single::Single;
