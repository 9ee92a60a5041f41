//! Hands a key over from t old holders to a new group, under new t and m, without its ever being whole.
//!
//! Each old holder shares its share among the new members (Desmedt and Jajodia, "Redistributing Secret Shares to New
//! Access Structures", 1997), under Feldman commitments of which the first must be the holder's known verifying point
//! (Wong, Wang, Wing, "Verifiable Secret Redistribution for Archive Systems", 2002). The new shares are the sums over
//! the t lowest standing holders, weighed by their Lagrange weights at 0; so the key is the same, which is asserted,
//! and old shares fit neither the new shares nor each other's sessions. Old and new group may share no member.

mod board;
mod give;
mod handover;
mod receive;
mod succession;

pub use board::{Board, Phase};
pub use give::{GiveError, Giver};
pub use handover::{Handover, decode_complaint, judge};
pub use receive::{Receiver, finish};
pub use succession::{Holders, HoldersError, Succession};
