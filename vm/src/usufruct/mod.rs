//! Keeps rights of use apart from ownership, as storage of
//! [`account::USUFRUCT`](crate::account::USUFRUCT).
//!
//! A grant gives `user` the use of `amount` units of an asset within `[start, end)`. During its window the
//! user, and nobody else, may use those units: they count for him, he may sublet them, he cannot send them.
//! The owner still owns them and may sell the bare ownership; the right stays with the user. Expiry is
//! computed from the block's time, never written.
//!
//! An offer encumbers nothing. It must be backed when it is accepted: the owner then owns as many units as all
//! grants over any instant of the window need, or the acceptance fails. A record lands in another account only
//! when that account accepts. A right that ends takes all its sub-grants with it, so it cannot be given back
//! while it is sublet; whoever takes a sub-grant of a revocable grant takes that risk.
//!
//! Native coin under a grant leaves the owner's balance for the ledger account's at acceptance, as much as the
//! largest encumbrance needs, and comes back at the next touch or by [`release`]. It counts as the owner's all
//! the time. A touch is: sending native coin by the ledger, the end, removal or sale of a grant on it.
//!
//! Every record is paid for by a deposit ([`GRANT_DEPOSIT`]) that the grantor leaves with the usufruct account
//! at the offer and gets back when the record is removed by [`clean`].
//!
//! Bounds: [`LIST_MAX`] live grants per (asset, account) in each role (owner, user, sublessor) and per parent,
//! [`DESCENDANTS_MAX`] live sub-grants under one root, [`DEPTH_MAX`] levels. A list is settled (entries that
//! are over are dropped) whenever an operation writes near it, so entries that are over take no room.
//!
//! Storage of the usufruct account, word by word (`slot::Table`, key parts, then words; bits low first):
//!
//! ```text
//! Grant [gid]
//!   0   start 64 | end 64 | state 8 | flags 8 | depth 8 | descendants 16
//!       state: 1 offered, 2 accepted, 3 declined, 4 ended. descendants (of a root): accepted sub-grants since
//!       they were last counted, an upper bound of those alive.
//!   1   grantor 160 | deposit in wei 96
//!       grantor: the owner, or the sublessor of a sub-grant
//!   2   user
//!   3   amount
//!   4   asset id
//!   5   parent gid, 0 for a root
//!   6   address to which the bare ownership is offered, 0 for none
//!   7   payer of the deposit once the bare ownership has moved; until then 0, the grantor paid
//! OwnerIndex [id, who]      root grants that encumber who's holding
//! UserIndex [id, who]       grants under which who is the user
//! SubletIndex [id, who]     sub-grants that who gave
//! GrantChildren [gid]       sub-grants of one grant
//!   0   length              1..=64   gids, in no order; entries of grants that are over may remain
//! GrantNonce [grantor]
//!   0   offers made; gid = keccak256(grantor, nonce)
//! ```

mod accept;
pub(crate) mod audit;
mod end;
mod event;
mod grant;
mod list;
mod native;
mod offer;
mod ownership;
mod query;
mod window;

pub use accept::{accept, decline};
pub use end::{GRANT_DEPOSIT, clean, give_back, revoke};
pub use event::*;
pub use grant::{DEPTH_MAX, DESCENDANTS_MAX, Flags, State};
pub use list::LIST_MAX;
pub use native::release;
pub use offer::{Terms, grant, sub_grant};
pub use ownership::{accept_ownership, decline_ownership, move_ownership};
pub(crate) use query::settled_encumbrance;
pub use query::{Info, encumbrance, info, usable};

use crate::{fault::Fault, store::Store};
use alloy_primitives::{Address, U256};

/// Is what `USET` may do; the number is the operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Action {
    /// The user takes the offer.
    Accept = 1,
    /// The user refuses the offer.
    Decline = 2,
    /// The user gives the right back.
    GiveBack = 3,
    /// The grantor withdraws an offer, or ends a revocable grant.
    Revoke = 4,
    /// The buyer takes the bare ownership.
    AcceptOwnership = 5,
    /// The buyer refuses the bare ownership.
    DeclineOwnership = 6,
}

impl TryFrom<U256> for Action {
    type Error = Fault;

    fn try_from(code: U256) -> Result<Self, Fault> {
        match code.saturating_to::<u8>() {
            1 => Ok(Self::Accept),
            2 => Ok(Self::Decline),
            3 => Ok(Self::GiveBack),
            4 => Ok(Self::Revoke),
            5 => Ok(Self::AcceptOwnership),
            6 => Ok(Self::DeclineOwnership),
            _ => Err(Fault::Misuse("unknown usufruct action")),
        }
    }
}

/// Does what `USET` asks for; false when `actor` or the grant's state does not allow it.
pub fn set(store: &mut dyn Store, actor: Address, gid: U256, action: Action) -> Result<bool, Fault> {
    match action {
        Action::Accept => accept(store, actor, gid),
        Action::Decline => decline(store, actor, gid),
        Action::GiveBack => give_back(store, actor, gid),
        Action::Revoke => revoke(store, actor, gid),
        Action::AcceptOwnership => accept_ownership(store, actor, gid),
        Action::DeclineOwnership => decline_ownership(store, actor, gid),
    }
}
