//! Answers questions about rights of use. Nothing here writes, but for [`settled_encumbrance`].

use super::{
    grant::{self, Grant, Head, State},
    list::{List, windows},
    window::{level, peak},
};
use crate::{
    fault::Fault,
    ledger::{
        self,
        holding::{Holding, inconsistent},
    },
    store::Store,
};
use alloy_primitives::{Address, U256};

/// Is what `UINFO` tells of a grant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Info {
    /// The owner of the units, or the sublessor of a sub-grant.
    pub owner: Address,
    /// Who may use the units within the window.
    pub user: Address,
    /// Units of the asset.
    pub amount: U256,
    /// First second of the window, since 1970.
    pub start: u64,
    /// First second after the window.
    pub end: u64,
    /// Where the grant stands now.
    pub state: State,
    /// The asset.
    pub id: U256,
    /// The grant it was sublet from, 0 for a root.
    pub parent: U256,
    /// Bit 0 revocable, bit 1 sublettable.
    pub flags: u8,
    /// To whom the bare ownership is offered; zero for nobody.
    pub buyer: Address,
}

/// Describes a grant; all zero for one that never was or was cleaned.
pub fn info(store: &mut dyn Store, gid: U256) -> Result<Info, Fault> {
    let grant = Grant::read(store, gid)?;
    let state = state_now(store, &grant)?;
    let buyer = match state {
        State::Accepted => grant::buyer(store, gid)?,
        _ => Address::ZERO,
    };
    Ok(Info {
        owner: grant.grantor,
        user: grant.user,
        amount: grant.amount,
        start: grant.head.start,
        end: grant.head.end,
        state: if buyer.is_zero() { state } else { State::Moving },
        id: grant.id,
        parent: grant.parent,
        flags: grant.head.flags.bits(),
        buyer,
    })
}

/// Returns where a grant stands now: stored state, then the clock, then (for an offer) its parent.
pub(super) fn state_now(store: &mut dyn Store, grant: &Grant) -> Result<State, Fault> {
    let now = store.now();
    match grant.head.state {
        State::Offered | State::Accepted if now >= grant.head.end => Ok(State::Ended),
        State::Offered if !grant.head.is_root() && !Head::read(store, grant.parent)?.is_live(now) => {
            Ok(State::Ended)
        }
        state => Ok(state),
    }
}

/// Returns what `who` may use of `id` at instant `t`: units owned and not granted away then, plus units used
/// under grants, less those sublet. A `t` before now means now, since the ledger keeps no history.
pub fn usable(store: &mut dyn Store, id: U256, who: Address, t: U256) -> Result<U256, Fault> {
    // No window covers the last second that 64 bits can tell, so later instants equal it.
    let t = t.saturating_to::<u64>().max(store.now());
    let owned = ledger::owned(store, id, who)?;
    let granted = level(&windows(&List::owner(id, who).live(store)?), t);
    let used = level(&windows(&List::user(id, who).live(store)?), t);
    let sublet = level(&windows(&List::sublet(id, who).live(store)?), t);
    let bare = owned.checked_sub(granted).ok_or_else(inconsistent)?;
    let held = used.checked_sub(sublet).ok_or_else(inconsistent)?;
    bare.checked_add(held).ok_or_else(inconsistent)
}

/// Returns the largest amount of `id` that `who` has granted away at any instant from now on.
pub fn encumbrance(store: &mut dyn Store, id: U256, who: Address) -> Result<U256, Fault> {
    let entries = List::owner(id, who).live(store)?;
    Ok(peak(&windows(&entries), store.now(), u64::MAX))
}

/// Does as [`encumbrance`], and drops grants that are over from the owner's list.
pub(crate) fn settled_encumbrance(store: &mut dyn Store, id: U256, who: Address) -> Result<U256, Fault> {
    let entries = List::owner(id, who).settle(store)?;
    if entries.is_empty() {
        Holding::mark(store, id, who, false)?;
    }
    Ok(peak(&windows(&entries), store.now(), u64::MAX))
}
