//! Is what the commands about nodes share.
//!
//! ```text
//! log      structured logs on standard error
//! chain    genesis and keys from files
//! client   questions to a node over HTTP
//! wallet   transactions of one account
//! ```

pub(crate) mod chain;
pub(crate) mod client;
pub(crate) mod log;
pub(crate) mod wallet;
