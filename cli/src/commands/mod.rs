//! Holds one module per command: its arguments and how it is carried out.

pub(crate) mod actus;
pub(crate) mod asm;
pub(crate) mod bench;
pub(crate) mod build;
pub(crate) mod calendar;
pub(crate) mod conformance;
pub(crate) mod custody;
pub(crate) mod demo;
pub(crate) mod devnet;
pub(crate) mod explain;
pub(crate) mod genesis;
pub(crate) mod lock_in;
pub(crate) mod lock_out;
pub(crate) mod node;
pub(crate) mod opcodes;
pub(crate) mod request;
pub(crate) mod run;
pub(crate) mod sim;
pub(crate) mod snapshot;
pub(crate) mod solc;
pub(crate) mod statetest;
pub(crate) mod status;
pub(crate) mod vaults;
