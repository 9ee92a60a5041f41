//! Is what the commands about custody of outer coins share.
//!
//! ```text
//! amount    amounts of coins, read and shown exactly
//! coin      the coins that a node lists
//! account   an account that acts at the custody account
//! request   what a request is, and what it waits for
//! follow    a request followed to its end
//! decide    what a custodian's operator decides about a lock-out
//! ```

pub(crate) mod account;
pub(crate) mod amount;
pub(crate) mod coin;
pub(crate) mod decide;
pub(crate) mod follow;
pub(crate) mod request;
